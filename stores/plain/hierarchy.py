"""What the metadata of a plain Zarr store says: its arrays, and what cannot be read of them.

Source: Zarr specification version 2; Zarr core specification v3.1; consolidated metadata as zarr-python writes it.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from zarr import AsyncArray
from zarr.storage import StorePath

from stores.plain.origin import Document, Origin
from stores.plain.refusal import NotServableError
from stores.plain.store import ChunkStore

_V3: Final = "zarr.json"
_GROUP: Final = ".zgroup"
_ATTRIBUTES: Final = ".zattrs"
_ARRAY: Final = ".zarray"
_CONSOLIDATED: Final = ".zmetadata"
_IN_A_GROUP: Final = "it is a group: name it as the source of a dataset of its own"

Nodes = dict[str, dict[str, Any]]
"""Metadata of arrays and groups directly in the store, each with its attributes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """One group of arrays."""

    attributes: Mapping[str, Any]
    """Of the group, as JSON."""
    arrays: Mapping[str, AsyncArray[Any]]
    left_out: Mapping[str, str]
    """What cannot be read, and why."""
    documents: Mapping[str, Document]
    """All that was read, by key."""
    listed: tuple[str, ...] | None = None
    """What lay in the store where its documents had to be looked for; None where one document names all."""

    @property
    def digest(self) -> str:
        """Names what was found: another after each writing of a document."""
        digest = blake2b(repr(self.listed).encode(), digest_size=16)
        for key, found in sorted(self.documents.items()):
            digest.update(f"{key} {found.stamp} {len(found.data)}\n".encode())
            digest.update(found.data)
        return digest.hexdigest()

    async def is_current(self, origin: Origin, *names: str) -> bool:
        """Tell whether the documents of the group, or only those that describe it and the arrays `names`, still are.

        Raises:
            OSError: a document is gone or cannot be read.

        """
        keys = [key for key in self.documents if not names or "/" not in key or key.partition("/")[0] in names]
        stamps = await asyncio.gather(*(origin.stamp(key) for key in keys))
        for key, stamp in zip(keys, stamps, strict=True):
            if stamp is None:
                raise OSError(f"{origin.name}/{key} was there and is gone")
        if not names and self.listed is not None and tuple(await origin.names() or ()) != self.listed:
            return False
        return all(self.documents[key].stamp == stamp for key, stamp in zip(keys, stamps, strict=True))


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Documents as they are read."""

    origin: Origin
    documents: dict[str, Document] = field(default_factory=dict)
    listed: tuple[str, ...] | None = None

    async def read(self, key: str) -> dict[str, Any] | None:
        """Return a document as JSON, None where there is none."""
        found = await self.origin.document(key)
        if found is None:
            return None
        self.documents[key] = found
        try:
            document = json.loads(found.data)
        except ValueError as error:
            raise OSError(f"{self.origin.name}/{key} is damaged: {error}") from error
        if not isinstance(document, dict):
            raise OSError(f"{self.origin.name}/{key} is damaged: it is no JSON object")
        return document

    async def names(self) -> tuple[str, ...]:
        """List what lies in the store."""
        found = await self.origin.names()
        if found is None:
            cure = "write consolidated metadata (zarr.consolidate_metadata)"
            raise NotServableError(self.origin.name, f"HTTP has no lists of folders: {cure}")
        self.listed = tuple(found)
        return self.listed


async def read_hierarchy(origin: Origin) -> Hierarchy:
    """Read the metadata of a store, consolidated where it is.

    Raises:
        NotServableError: there is no group of arrays.
        OSError: it cannot be read.

    """
    reading = _Reading(origin=origin)
    root = await reading.read(_V3)
    if root is not None:
        attributes, nodes = root.get("attributes") or {}, await _version_3(reading, root)
    elif await reading.read(_GROUP) is not None:
        attributes, nodes = await reading.read(_ATTRIBUTES) or {}, await _version_2(reading)
    else:
        raise NotServableError(origin.name, f"there is no Zarr group: neither {_V3} nor {_GROUP}")
    return _hierarchy(reading, attributes, nodes)


async def _version_3(reading: _Reading, root: dict[str, Any]) -> Nodes:
    if root.get("node_type") != "group":
        raise NotServableError(reading.origin.name, "it is a single array: name the group that it is in")
    consolidated = root.get("consolidated_metadata")
    if consolidated is not None:
        return {name: node for name, node in _members(reading, _V3, consolidated).items() if "/" not in name}
    names = await reading.names()
    found = await asyncio.gather(*(reading.read(f"{name}/{_V3}") for name in names))
    return {name: node for name, node in zip(names, found, strict=True) if node is not None}


async def _version_2(reading: _Reading) -> Nodes:
    consolidated = await reading.read(_CONSOLIDATED)
    if consolidated is None:
        return await _version_2_looked_for(reading)
    members = _members(reading, _CONSOLIDATED, consolidated)
    groups: Nodes = {key.partition("/")[0]: {"node_type": "group"} for key in members if key.count("/") > 1}
    arrays = {
        key.removesuffix(f"/{_ARRAY}"): node
        for key, node in members.items()
        if key.endswith(f"/{_ARRAY}") and key.count("/") == 1
    }
    with_attributes = {
        name: {**node, "attributes": members.get(f"{name}/{_ATTRIBUTES}") or {}} for name, node in arrays.items()
    }
    return groups | with_attributes


async def _version_2_looked_for(reading: _Reading) -> Nodes:
    async def node(name: str) -> dict[str, Any] | None:
        array = await reading.read(f"{name}/{_ARRAY}")
        if array is not None:
            return {**array, "attributes": await reading.read(f"{name}/{_ATTRIBUTES}") or {}}
        return None if await reading.read(f"{name}/{_GROUP}") is None else {"node_type": "group"}

    names = await reading.names()
    found = await asyncio.gather(*map(node, names))
    return {name: member for name, member in zip(names, found, strict=True) if member is not None}


def _members(reading: _Reading, key: str, consolidated: Any) -> Nodes:
    members = consolidated.get("metadata") if isinstance(consolidated, dict) else None
    if not isinstance(members, dict) or not all(isinstance(node, dict) for node in members.values()):
        raise OSError(f"{reading.origin.name}/{key} is damaged: its consolidated metadata is no table of nodes")
    return members


def _hierarchy(reading: _Reading, attributes: Any, nodes: Nodes) -> Hierarchy:
    framed: set[str] = set()
    store = ChunkStore(reading.origin, framed)
    arrays: dict[str, AsyncArray[Any]] = {}
    left_out: dict[str, str] = {}
    for name, node in nodes.items():
        if node.get("node_type") == "group":
            left_out[name] = _IN_A_GROUP
            continue
        try:
            arrays[name] = AsyncArray.from_dict(StorePath(store, name), dict(node))
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            left_out[name] = f"its metadata cannot be used: {' '.join(str(error).split())[:200]}"
            continue
        if _is_framed(node):
            framed.add(name)
    return Hierarchy(
        attributes=attributes if isinstance(attributes, dict) else {},
        arrays=arrays,
        left_out=left_out,
        documents=reading.documents,
        listed=reading.listed,
    )


def _is_framed(node: dict[str, Any]) -> bool:
    """Tell whether the last thing done to a chunk is Blosc."""
    if node.get("zarr_format") == 2:
        return (node.get("compressor") or {}).get("id") == "blosc"
    last = node["codecs"][-1]
    return (last if isinstance(last, str) else last.get("name")) in ("blosc", "numcodecs.blosc")
