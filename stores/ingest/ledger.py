"""Writes states and chunks through the store's writer, and reads back what was written."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

import icechunk
from zarr.core.buffer import default_buffer_prototype

from core.chunking import coarse, sides
from core.dataset import Description, Variable
from core.packing import Packing
from stores.arrays import ArrayMetadata
from stores.bridge import Bridge
from stores.documents import read_description, read_packings, write_description, write_packings, write_statistics
from stores.ingest.geometry import Built
from stores.ingest.manifest import State, read_entries, steps_of, write_entries
from stores.ingest.parts import stored_order
from stores.ingest.reading import Chunks
from stores.ingest.statistics import statistics_of
from stores.layout import SLOT, chunk_key, data, geometry, overview
from stores.location import Location, settings
from stores.writer import Writer

_AT_ONCE: Final = 64
_DIGEST: Final = 8


class LostChunkError(OSError):
    """The store does not give back what was written to it."""


def load(writer: Writer) -> State:
    """Return the state of the last commit."""
    description, entries, packings = (writer.read_document(name) for name in ("description", "sources", "packings"))
    if description is None or entries is None or packings is None:
        return State()
    found = read_entries(entries)
    return State(
        description=read_description(description),
        entries={entry.path: entry for entry in found},
        steps=steps_of(writer.read_steps(), found),
        packings=tuple(read_packings(packings)),
    )


def save(writer: Writer, before: State, after: State) -> None:
    """Write what differs between two states; nothing is committed."""
    if after.description is None:
        return
    if after.description != before.description:
        writer.put_document("description", write_description(after.description))
    if after.packings != before.packings:
        writer.put_document("packings", write_packings(after.packings))
    if after.entries != before.entries:
        entries = after.ranked
        writer.put_document("sources", write_entries(entries))
        writer.put_document("statistics", write_statistics(statistics_of([entry.statistics for entry in entries])))
    writer.put_steps(after.rows())


def make_arrays(writer: Writer, description: Description, packings: Mapping[str, Packing], slots: int) -> None:
    """Make all arrays of a dataset, or give those that are there room for `slots`."""
    for variable in description.variables.values():
        packing = packings.get(variable.name)
        base = ArrayMetadata(
            shape=variable.shape,
            chunks=variable.chunks,
            dtype=variable.dtype,
            dimensions=stored_order(description, variable),
            fill=_fill(variable, packing),
        )
        _make(writer, data(variable.name), base, slots if variable.stepped else None)
        for factor in variable.overviews:
            plane = coarse((variable.shape[-2], variable.shape[-1]), factor)
            coarser = replace(base, shape=(*variable.shape[:-2], *plane), chunks=(*variable.chunks[:-2], *sides(plane)))
            _make(writer, overview(factor, variable.name), coarser, slots if variable.stepped else None)


def _make(writer: Writer, path: str, array: ArrayMetadata, slots: int | None) -> None:
    """Make an array, whose `shape` and `dimensions` are without the slot."""
    there = writer.array(path)
    before = () if slots is None else (max(slots, 0 if there is None else there.shape[0]),)
    shape = (*before, *array.shape)
    if there is None:
        names = array.dimensions if slots is None else (SLOT, *array.dimensions)
        writer.create_array(
            path, shape=shape, chunks=array.chunks, dtype=array.dtype, dimensions=names, fill=array.fill
        )
    elif there.shape != shape:
        writer.resize(path, shape)


def _fill(variable: Variable, packing: Packing | None) -> int | float | str:
    if variable.dtype == "str":
        return ""
    return 0 if packing is None or not packing.missing else packing.missing[0]


def put_geometry(writer: Writer, grid: str, built: Built) -> None:
    """Write the arrays of one curvilinear grid."""
    for array in built.arrays:
        path = geometry(grid, array.name)
        writer.create_array(
            path,
            shape=array.shape,
            chunks=array.chunk,
            dtype=array.dtype,
            dimensions=("y", "x", *(f"part{number}" for number in range(len(array.shape) - 2))),
            fill=0,
        )
        writer.put_chunks(path, array.chunks)


class Written:
    """Remembers what was written since the last commit, to compare it with what the store gives back."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._digests: dict[str, bytes] = {}

    def add(self, path: str, chunks: Chunks) -> None:
        """Remember chunks."""
        for index, encoded in chunks.items():
            self._digests[chunk_key(path, index)] = _digest(encoded)

    def check(self, location: Location, dataset_id: str, version: str) -> None:
        """Read everything back from a commit, and forget it.

        Raises:
            LostChunkError: a chunk is absent or other than written.

        """
        repository = icechunk.Repository.open(location.storage(dataset_id), config=settings())
        store = repository.readonly_session(snapshot_id=version).store
        bridge = Bridge()
        try:
            for keys in batched(self._digests, _AT_ONCE):
                for key, digest in zip(keys, bridge.run(_digests(store, keys)), strict=True):
                    if digest != self._digests[key]:
                        raise LostChunkError(f"dataset {dataset_id}: {key} of {version} is not what was written")
        finally:
            bridge.close()
            self._digests = {}


def batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield the items in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


async def _digests(store: icechunk.IcechunkStore, keys: list[str]) -> list[bytes | None]:
    return list(await asyncio.gather(*(_read_back(store, key) for key in keys)))


async def _read_back(store: icechunk.IcechunkStore, key: str) -> bytes | None:
    try:
        found = await store.get(key, default_buffer_prototype())
    except icechunk.IcechunkError:
        # So the library tells that the object of a chunk is gone.
        return None
    return None if found is None else _digest(found.to_bytes())


def _digest(encoded: bytes) -> bytes:
    return hashlib.blake2b(encoded, digest_size=_DIGEST).digest()
