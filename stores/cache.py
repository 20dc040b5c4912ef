"""Decoded chunks, still packed, kept in memory: bounded in bytes, shared by all datasets of a process."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cachetools import LRUCache
from numpy.typing import NDArray

from stores.base import ChunkReader


class CacheKey(NamedTuple):
    """Names the content of a chunk, whatever the version: a new forecast day empties nothing else.

    A tuple, for it is hashed on every look-up.
    """

    dataset: str
    array: str
    """Path in the store."""
    chunk: tuple[int, ...]
    revision: int
    """Of the content: where it is equal, the chunk is equal in every version."""


def _nobody(_: float) -> None:
    """Tell nobody."""


class _Counting(LRUCache[CacheKey, NDArray[Any]]):
    """Counts what leaves to make room."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes, getsizeof=lambda chunk: chunk.nbytes)
        self.evicted = 0

    def popitem(self) -> tuple[CacheKey, NDArray[Any]]:
        self.evicted += 1
        return super().popitem()


class ChunkCache:
    """The least recently used chunks leave first; reads of one chunk at the same time are one read.

    An absent chunk is not kept: asking again costs a look into a manifest in memory, and nothing that a fault may
    have touched is remembered. A chunk larger than the whole cache is not kept either.
    """

    def __init__(self, max_bytes: int, took: Callable[[float], None] = _nobody) -> None:
        """Keep at most `max_bytes` of decoded chunks; `took` is told the seconds of each read that a reader did."""
        self.hits = 0
        """Reads answered from memory."""
        self.misses = 0
        """Reads passed on to a reader."""
        self.joined = 0
        """Reads that waited for the same one, begun by another."""
        self._kept = _Counting(max_bytes)
        self._took = took
        self._in_flight: dict[tuple[str, CacheKey], asyncio.Task[NDArray[Any] | None]] = {}

    @property
    def bytes(self) -> int:
        """What is kept now."""
        return int(self._kept.currsize)

    @property
    def evicted(self) -> int:
        """Chunks that left to make room for others."""
        return self._kept.evicted

    def __len__(self) -> int:
        """Return the number of chunks kept now."""
        return len(self._kept)

    def held(self, key: CacheKey) -> NDArray[Any] | None:
        """Return a chunk from memory, None where it is not there: the way for a tile that finds all of its chunks."""
        chunk = self._kept.get(key)
        if chunk is not None:
            self.hits += 1
        return chunk

    async def read(self, reader: ChunkReader, key: CacheKey) -> NDArray[Any] | None:
        """Return a chunk from memory, else from `reader`; None where nothing was ever written.

        A caller that is cancelled disturbs no other that waits for the same chunk.

        Raises:
            VersionGoneError, OSError: as the reader does, to all who wait; nothing is remembered of it.

        """
        try:
            chunk = self._kept[key]
        except KeyError:
            return await self._shared(reader, key)
        self.hits += 1
        return chunk

    async def read_all(self, reader: ChunkReader, keys: Sequence[CacheKey]) -> list[NDArray[Any] | None]:
        """Return chunks that are not `held`, in the order of `keys`, all read at once.

        Raises:
            VersionGoneError, OSError: as `read` does, of the first that fails; the others are read to their end.

        """
        flights = [self._flight(reader, key) for key in keys]
        # Waiting cancels nothing, so that a task of its own for each is spared.
        done, _ = await asyncio.wait(flights, return_when=asyncio.FIRST_EXCEPTION)
        for flight in done:
            if (fault := flight.exception()) is not None:
                raise fault
        return [flight.result() for flight in flights]

    async def _shared(self, reader: ChunkReader, key: CacheKey) -> NDArray[Any] | None:
        return await asyncio.shield(self._flight(reader, key))

    def _flight(self, reader: ChunkReader, key: CacheKey) -> asyncio.Task[NDArray[Any] | None]:
        """Return the read of a chunk that is under way, begun now if there was none."""
        # Per version: one that was collected must not fail a read of its successor.
        flight = (reader.version, key)
        task = self._in_flight.get(flight)
        if task is None:
            self.misses += 1
            task = asyncio.create_task(self._fetch(reader, flight))
            task.add_done_callback(_retrieved)
            self._in_flight[flight] = task
        else:
            self.joined += 1
        return task

    async def _fetch(self, reader: ChunkReader, flight: tuple[str, CacheKey]) -> NDArray[Any] | None:
        key, asked = flight[1], time.perf_counter()
        try:
            chunk = await reader.read(key.array, key.chunk)
            self._took(time.perf_counter() - asked)
        finally:
            del self._in_flight[flight]
        if chunk is not None and chunk.nbytes <= self._kept.maxsize:
            self._kept[key] = chunk
        return chunk


def _retrieved(task: asyncio.Task[NDArray[Any] | None]) -> None:
    """Take note of a failure that nobody waited for: asyncio would log it as forgotten."""
    if not task.cancelled():
        task.exception()
