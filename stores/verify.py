"""Reads everything that the served version of a dataset refers to, and names what is damaged or missing."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import icechunk

from stores.arrays import ArrayMetadata, read_array
from stores.bridge import Bridge
from stores.codec import decode
from stores.consistency import Due, due_arrays, table_faults
from stores.damage import Chunk, Damage, Fault
from stores.documents import DocumentError
from stores.failures import named_failures, reason_of
from stores.fetching import fetch
from stores.layout import MAIN, SLOT, STEPS, chunk_key, document, metadata_key, series
from stores.location import Location
from stores.reader import IcechunkChunks
from stores.repository import NotPublishedError, StoredDataset
from stores.taken import files_taken

_AT_ONCE: Final = 32
_COPIES: Final = ("data/", "overviews/", "series/")
"""Where arrays may be left that nothing describes any more."""

Report = Callable[[int, int], None]
"""Told how many chunks of how many are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a verification found."""

    version: str
    chunks: int
    """Read."""
    bytes: int
    """Read, as stored."""
    faults: tuple[Fault, ...]
    sources: tuple[tuple[str, str], ...]
    """Path and checksum of each file that the version was made of."""
    revisions: Mapping[int, int]
    """By slot."""

    @property
    def damage(self) -> Damage:
        """Return what may be read again from the files."""
        chunks = tuple((fault.path, fault.chunk) for fault in self.faults if fault.chunk is not None)
        arrays = tuple(fault.path for fault in self.faults if fault.chunk is None)
        return Damage(chunks=chunks, arrays=arrays, revisions=self.revisions)


def verify(location: Location, dataset_id: str, report: Report) -> Verified:
    """Read every chunk of the served version, and compare what the version says of itself with what is there.

    Raises:
        NotPublishedError: there is none yet.
        OSError: the version cannot be opened at all.

    """
    stop = threading.Event()
    with named_failures(location, dataset_id), closing(Bridge()) as bridge:
        try:
            return bridge.run(_verified(StoredDataset(location, dataset_id), report, stop))
        finally:
            # Who waits may have been interrupted, and the bridge waits for what was begun.
            stop.set()


async def _verified(source: StoredDataset, report: Report, stop: threading.Event) -> Verified:
    repository = await source.repository()
    version = await repository.lookup_branch_async(MAIN)
    snapshot = await repository.lookup_snapshot_async(version)
    total = sum(manifest.num_chunk_refs for manifest in snapshot.manifests)
    session = await repository.readonly_session_async(snapshot_id=version)
    reading = _Reading(session, lambda done: report(done, total), stop)
    try:
        dataset, chunks = await source.at(version)
    except NotPublishedError:
        raise
    except OSError:
        # It does not say what it is; so all that is there is read.
        await reading.all({})
        if not reading.faults:
            raise
        return reading.verified(version)
    revisions = dict(dataset.steps.rows[:, [1, 2]].tolist())
    due = list(due_arrays(dataset))
    described = {each.path: None if each.slots is None else revisions.keys() for each in due}
    await reading.all(dict.fromkeys(map(series, dataset.description.variables)) | described)
    for each in due:
        await reading.expect(each)
    sources = await _sources(chunks, reading.faults)
    reading.faults += [Fault(path=STEPS, reason=reason) for reason in table_faults(dataset, sources=len(sources))]
    return reading.verified(version, sources=sources, revisions=revisions)


async def _sources(chunks: IcechunkChunks, faults: list[Fault]) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((file.path, file.checksum) for file in await files_taken(chunks))
    except (OSError, DocumentError) as error:
        faults.append(Fault(path=document("sources"), reason=str(error)))
        return ()


@dataclass(slots=True)
class _Reading:
    """One version that is being read."""

    session: icechunk.Session
    report: Callable[[int], None]
    stop: threading.Event
    chunks: int = 0
    passed: int = 0
    """That mean nothing and are not read."""
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)
    metadata: dict[str, ArrayMetadata] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    """Arrays of which it cannot be told which chunks there are."""

    def verified(
        self,
        version: str,
        *,
        sources: tuple[tuple[str, str], ...] = (),
        revisions: Mapping[int, int] = MappingProxyType({}),
    ) -> Verified:
        """Return what was found."""
        return Verified(
            version=version,
            chunks=self.chunks,
            bytes=self.bytes,
            faults=tuple(self.faults),
            sources=sources,
            revisions=revisions,
        )

    async def all(self, described: Mapping[str, AbstractSet[int] | None]) -> None:
        """Read all arrays, with what those that are described have in slots; no copies that nothing describes."""
        async for path in self.arrays(""):
            if path in described or not described or not path.startswith(_COPIES):
                await self.read(path, slots=described.get(path))

    async def arrays(self, group: str) -> AsyncIterator[str]:
        """Yield the paths of all arrays in a group, at any depth."""
        async for name in self.session.store.list_dir(group):
            path = f"{group}/{name}" if group else name
            if name == "zarr.json":
                continue
            raw = await fetch(self.session.store, metadata_key(path))
            if raw is None:
                continue
            if json.loads(raw.to_bytes()).get("node_type") == "group":
                async for inner in self.arrays(path):
                    yield inner
                continue
            try:
                self.metadata[path] = read_array(raw.to_bytes())
                yield path
            except ValueError as error:
                self.faults.append(Fault(path=path, reason=str(error)))

    async def read(self, path: str, *, slots: AbstractSet[int] | None) -> None:
        """Read the chunks of an array that the version refers to; of those with slots the `slots` that are not free."""
        waiting: list[Chunk] = []
        async for index in self._indices(path):
            if slots is not None and index[0] not in slots:
                self.passed += 1
                continue
            waiting.append(index)
            if len(waiting) == _AT_ONCE:
                await self._read_some(path, waiting)
                waiting = []
        await self._read_some(path, waiting)

    async def _indices(self, path: str) -> AsyncIterator[Chunk]:
        """Yield the index of each chunk of an array that the version refers to, as far as that can be told."""
        if path in self.unlisted:
            return
        try:
            async for index in self.session.chunk_coordinates(f"/{path}"):
                yield tuple(index)
        except icechunk.IcechunkError as error:
            self.unlisted.add(path)
            self.faults.append(Fault(path=path, reason=f"its chunks cannot be told: {reason_of(error)}"))

    async def _read_some(self, path: str, indices: list[Chunk]) -> None:
        self.faults += filter(None, await asyncio.gather(*(self._read_one(path, index) for index in indices)))
        self.report(self.chunks + self.passed)
        if self.stop.is_set():
            raise asyncio.CancelledError

    async def _read_one(self, path: str, index: Chunk) -> Fault | None:
        self.chunks += 1
        array = self.metadata[path]
        try:
            found = await fetch(self.session.store, chunk_key(path, index))
            if found is None:
                return Fault(path=path, chunk=index, reason="it is missing")
            encoded = found.to_bytes()
            self.bytes += len(encoded)
            await asyncio.to_thread(decode, encoded, array.chunk)
        except icechunk.IcechunkError as error:
            return Fault(path=path, chunk=index, reason=reason_of(error))
        except (OSError, ValueError, RuntimeError) as error:
            return Fault(path=path, chunk=index, reason=f"it is damaged: {error}")
        return None

    async def expect(self, due: Due) -> None:
        """Compare an array with what it should be, and find the chunks that it lacks."""
        array = self.metadata.get(due.path)
        if array is None:
            self.faults.append(Fault(path=due.path, reason="the array is missing"))
            return
        shape = array.shape[1:] if array.dimensions[:1] == (SLOT,) else array.shape
        if (shape, array.chunks) != (due.shape, due.chunks):
            reason = f"shape {array.shape} in chunks {array.chunks}, and {due.shape} in {due.chunks} is described"
            self.faults.append(Fault(path=due.path, reason=reason))
            return
        there = {index async for index in self._indices(due.path)}
        if due.path in self.unlisted:
            return
        # Of what has no time, a dataset may describe more than any file has given.
        wanted = due.indices() if due.slots is not None or there else ()
        self.faults += [
            Fault(path=due.path, chunk=index, reason="it was never written") for index in wanted if index not in there
        ]
