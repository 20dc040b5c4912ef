"""One plain Zarr store as a dataset: what its metadata says, read again whenever that was written anew."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from numpy.typing import NDArray

from core.dataset import Dataset
from stores.base import VersionGoneError
from stores.cache import ChunkCache
from stores.layout import checked_dataset_id
from stores.plain.chunks import PlainChunks, StoredBlocks, parts_of, whole
from stores.plain.description import Described, described
from stores.plain.header import header_of
from stores.plain.hierarchy import Hierarchy, read_hierarchy
from stores.plain.origin import Origin
from stores.plain.refusal import NotServableError
from stores.plain.sample import sampled
from stores.reader import Offload

_LOG = logging.getLogger(__name__)
_TRIES: Final = 3
"""The metadata may be written while it is read."""
_PATIENCE: Final = 10.0
"""Seconds that the look for default colours may take."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opened:
    """What `PlainDataset.open` returns as long as the metadata stays as it is."""

    hierarchy: Hierarchy
    dataset: Dataset
    chunks: PlainChunks
    left_out: Mapping[str, str]


class PlainDataset:
    """A `stores.base.DatasetSource`: one plain Zarr store, which has no versions but what its metadata tells."""

    def __init__(self, dataset_id: str, origin: Origin, *, cache: ChunkCache, offload: Offload) -> None:
        """Name it; nothing is read.

        Raises:
            DatasetIdError: the id is not one.

        """
        self._id = checked_dataset_id(dataset_id)
        self._origin = origin
        self._cache = cache
        self._offload = offload
        self._opened: _Opened | None = None
        self._refused = ""
        self._opening = asyncio.Lock()

    @property
    def id(self) -> str:
        """As the configuration names it."""
        return self._id

    @property
    def left_out(self) -> Mapping[str, str]:
        """What of the store that was opened last is not served, and why; nothing before that."""
        return {} if self._opened is None else self._opened.left_out

    async def open(self) -> tuple[Dataset, PlainChunks]:
        """Return what is there now and a reader of it; the same objects until the metadata is written again.

        Raises:
            NotServableError: it holds nothing that can be served.
            OSError: it cannot be read now.

        """
        async with self._opening:
            if self._opened is None or not await self._opened.hierarchy.is_current(self._origin):
                self._opened = await self._told()
            return self._opened.dataset, self._opened.chunks

    async def close(self) -> None:
        """Let go of connections; what is under way fails."""
        await self._origin.close()

    async def _told(self) -> _Opened:
        """Open it; the operator is told once why it cannot be served, for those who list datasets pass over it."""
        try:
            return await self._whole()
        except NotServableError as refusal:
            if refusal.reason != self._refused:
                _LOG.warning("dataset %s is not served: %s", self._id, refusal)
            self._refused = refusal.reason
            raise

    async def _whole(self) -> _Opened:
        for _ in range(_TRIES):
            hierarchy = await read_hierarchy(self._origin)
            found = await described(header_of(hierarchy, self._id), partial(self._fetched, hierarchy))
            if await hierarchy.is_current(self._origin):
                try:
                    return await self._made(hierarchy, found)
                except VersionGoneError:
                    continue
        raise OSError(f"dataset {self._id}: the metadata in {self._origin.name} is written while it is read")

    async def _fetched(self, hierarchy: Hierarchy, name: str) -> NDArray[Any]:
        return await whole(hierarchy.arrays[name], f"{self._origin.name}: {name}")

    async def _made(self, hierarchy: Hierarchy, found: Described) -> _Opened:
        version = hierarchy.digest
        steps = found.steps(version)
        parts = parts_of(hierarchy.arrays, found.description, len(found.times))
        chunks = PlainChunks(
            StoredBlocks(parts, version=version, name=self._origin.name),
            parts,
            cache=(self._cache, self._id),
            is_current=lambda name: hierarchy.is_current(self._origin, name),
            offload=self._offload,
        )
        dataset = Dataset(
            id=self._id,
            version=version,
            published=_published(hierarchy),
            description=found.description,
            steps=steps,
            packings=(found.packings,),
            statistics={},
        )
        for name, reason in found.left_out.items():
            _LOG.warning("dataset %s: %s is not served: %s", self._id, name, reason)
        statistics = await sampled(dataset, chunks, patience=_PATIENCE)
        dataset = replace(dataset, statistics=statistics)
        return _Opened(hierarchy=hierarchy, dataset=dataset, chunks=chunks, left_out=found.left_out)


def _published(hierarchy: Hierarchy) -> int:
    """Return when the metadata was last written, now where nobody says: milliseconds since 1970-01-01T00:00:00Z."""
    said = [found.modified for found in hierarchy.documents.values() if found.modified is not None]
    return max(said, default=time.time_ns() // 1_000_000)
