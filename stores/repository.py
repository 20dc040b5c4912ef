"""One stored dataset as its readers see it: the version published now, and what comes after it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import icechunk
import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.steps import COLUMNS, StepTable
from stores.base import VersionGoneError
from stores.documents import DocumentError, read_description, read_packings, read_statistics
from stores.failures import reason_of
from stores.fetching import PATIENCE, within
from stores.halfmade import is_begun
from stores.layout import MAIN, META, STEP_ROWS, STEPS, checked_dataset_id, document, metadata_key
from stores.location import Location, settings
from stores.marker import Marker, read_marker
from stores.reader import IcechunkChunks, Offload

R = TypeVar("R")

_WITHOUT_TIME: Final = "standard"
"""The calendar of the one step of a dataset without time."""
_POINTER: Final = f"refs/branch.{MAIN}/ref.json"
"""What names the published version, in the folder of a repository."""
_ON_THE_LOOP: Final = 32 * 1024
"""Bytes of a document that is read in about a millisecond."""
_TRIES: Final = 3
"""A version may be replaced and collected while it is being opened."""


class NotPublishedError(OSError):
    """Nothing has been ingested and published for the dataset yet."""


class NoStoreError(OSError):
    """There is no store in the folder: nothing was ever ingested into it, or its disk is away, and nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opened:
    """What `StoredDataset.open` returns as long as `main` stays where it is."""

    dataset: Dataset
    chunks: IcechunkChunks


class StoredDataset:
    """A `stores.base.DatasetSource`: one dataset in a store."""

    def __init__(
        self, location: Location, dataset_id: str, *, offload: Offload | None = None, patience: float = PATIENCE
    ) -> None:
        """Name it; nothing is read.

        `offload` runs the decoding of large chunks off the event loop; `patience` is how many seconds to wait for the
        store.

        Raises:
            DatasetIdError: the id is not one.

        """
        self._location = location
        self._id = checked_dataset_id(dataset_id)
        self._offload = offload
        self._patience = patience
        self._repository: icechunk.Repository | None = None
        self._opened: _Opened | None = None
        self._opening = asyncio.Lock()

    @property
    def id(self) -> str:
        """As the configuration names it."""
        return self._id

    @property
    def published(self) -> int | None:
        """When the version last opened was published: milliseconds since 1970-01-01T00:00:00Z; None before that."""
        return None if self._opened is None else self._opened.dataset.published

    async def open(self) -> tuple[Dataset, IcechunkChunks]:
        """Return the version that is published now and a reader of it; the same objects until the next one.

        Raises:
            NotPublishedError: there is none yet. Once there was one, its absence is another OSError.
            NoStoreError: nor is there a store.
            OSError: it cannot be read now.

        """
        async with self._opening:
            try:
                opened = await within(self._patience, self._whole())
            except (icechunk.IcechunkError, DocumentError, TimeoutError) as error:
                reason = reason_of(error)
                raise OSError(f"dataset {self._id} in {self._location} cannot be read: {reason}") from error
            self._opened = opened
            return opened.dataset, opened.chunks

    @property
    def watched(self) -> bool:
        """Whether `newest` can tell: in a folder it can."""
        return self._location.folder is not None

    def newest(self) -> bool:
        """Tell, by reading the branch in its folder, that the version last opened is the one published now.

        Icechunk itself needs several times as long. False where that is not certain.
        """
        folder = self._location.repository_folder(self._id)
        if folder is None or self._opened is None:
            return False
        try:
            named = (folder / _POINTER).read_bytes()
        except OSError:
            return False
        return f'"{self._opened.dataset.version}"'.encode() in named

    async def at(self, version: str) -> tuple[Dataset, IcechunkChunks]:
        """Return one version, served or not, and a reader of it.

        Raises:
            NotPublishedError: there is no version yet.
            OSError: there is no such version, or it cannot be read.

        """
        try:
            repository = await self.repository()
            chunks = await self._chunks(repository, version)
            return await self._read(chunks), chunks
        except (icechunk.IcechunkError, DocumentError, VersionGoneError) as error:
            reason = reason_of(error)
            raise OSError(f"dataset {self._id} in {self._location}: version {version}: {reason}") from error

    async def _chunks(self, repository: icechunk.Repository, version: str) -> IcechunkChunks:
        session = await repository.readonly_session_async(snapshot_id=version)
        return IcechunkChunks(
            session, self._id, is_kept=lambda: self._is_kept(version), offload=self._offload, patience=self._patience
        )

    async def _whole(self) -> _Opened:
        for _ in range(_TRIES):
            try:
                return await self._now()
            except VersionGoneError:
                continue
        raise OSError(f"dataset {self._id} in {self._location}: its versions are collected while they are opened")

    async def _now(self) -> _Opened:
        if self._repository is None:
            self._repository = await self.repository()
        version = await self._repository.lookup_branch_async(MAIN)
        if self._opened is not None and self._opened.dataset.version == version:
            return self._opened
        chunks = await self._chunks(self._repository, version)
        return _Opened(dataset=await self._read(chunks), chunks=chunks)

    async def repository(self) -> icechunk.Repository:
        """Open the repository.

        Raises:
            NotPublishedError: there is none yet.
            NoStoreError: nor is there a store.
            OSError: its folder cannot be read.

        """
        folder = self._location.repository_folder(self._id)
        # Icechunk would make the folder.
        if folder is not None and not await asyncio.to_thread(is_begun, folder):
            if self._opened is None and not await asyncio.to_thread(self._location.is_written):
                raise NoStoreError(f"{self._location} holds no store: mount its disk, or ingest what it is to hold")
            raise self._not_published()
        storage = self._location.storage(self._id)
        if folder is not None or await icechunk.Repository.exists_async(storage):
            return await icechunk.Repository.open_async(storage, config=settings())
        raise self._not_published()

    async def _read(self, chunks: IcechunkChunks) -> Dataset:
        marker = await self._marker(chunks)
        description = await _read_from(chunks, "description", read_description)
        calendar = _WITHOUT_TIME if description.time is None else description.time.calendar
        return Dataset(
            id=self._id,
            version=chunks.version,
            published=marker.published or 0,
            description=description,
            steps=StepTable(calendar=calendar, rows=await _steps(chunks)),
            packings=await _read_from(chunks, "packings", read_packings),
            statistics=await _read_from(chunks, "statistics", read_statistics),
        )

    async def _marker(self, chunks: IcechunkChunks) -> Marker:
        raw = await chunks.get(metadata_key(META), f"the metadata of {META}")
        if raw is None:
            raise self._not_published()
        return read_marker(bytes(raw), self._id)

    def _not_published(self) -> OSError:
        if self._opened is None:
            return NotPublishedError(f"dataset {self._id} in {self._location} has not been published yet")
        return OSError(f"dataset {self._id} in {self._location} was there and is gone")

    async def _is_kept(self, version: str) -> bool:
        """Tell whether a version is still part of the history, without what this process remembers of it."""
        try:
            repository = await self.repository()
            async for snapshot in repository.async_ancestry(branch=MAIN):
                if snapshot.id == version:
                    return True
        except (icechunk.IcechunkError, OSError):
            # A history that cannot be read is a fault of its own, and no sign that the version was collected.
            return True
        return False


async def _read_from(chunks: IcechunkChunks, name: str, read: Callable[[bytes], R]) -> R:
    """Read a document; a long one off the loop: it may hold the axes of a fine grid, or thousands of packings."""
    path = document(name)
    found = await chunks.read(path, (0,))
    if found is None:
        raise OSError(f"the document {path} of version {chunks.version} is empty")
    text = found.tobytes()
    return read(text) if len(text) <= _ON_THE_LOOP else await asyncio.to_thread(read, text)


async def _steps(chunks: IcechunkChunks) -> NDArray[np.int64]:
    length = (await chunks.array(STEPS)).shape[0]
    parts = await asyncio.gather(*(chunks.read(STEPS, (part, 0)) for part in range(-(-length // STEP_ROWS))))
    if any(part is None for part in parts):
        raise OSError(f"the step table of version {chunks.version} is not whole")
    rows = np.concatenate([np.empty((0, len(COLUMNS)), dtype=np.int64), *(part for part in parts if part is not None)])
    # A part of the chunk would keep all of it in memory.
    rows = rows[:length].copy()
    rows.flags.writeable = False
    return rows
