"""Entries that wait for a moment, and are then written together in a thread of their own."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final, Generic, TypeVar

from aiohttp import web

from gateway.workers import Workers

E = TypeVar("E")

_BEAT: Final = 0.5
"""Seconds between two writes."""


class Buffered(ABC, Generic[E]):
    """Holds entries, so many at most, and has them written every half second."""

    def __init__(self, most: int) -> None:
        """Hold `most` entries; what comes beyond is dropped, and counted."""
        self._most = most
        self._entries: deque[E] = deque()
        # Each is changed by one thread alone, so that none is lost in counting.
        self._dropped = 0
        self._told = 0

    def __len__(self) -> int:
        """Return the number of entries held."""
        return len(self._entries)

    def add(self, entry: E) -> None:
        """Hold an entry until the next write."""
        if len(self._entries) < self._most:
            self._entries.append(entry)
        else:
            self._dropped += 1

    def taken(self) -> tuple[list[E], int]:
        """Return all entries held now, and how many were dropped since the last time."""
        entries = [self._entries.popleft() for _ in range(len(self._entries))]
        dropped = self._dropped - self._told
        self._told += dropped
        return entries, dropped

    @abstractmethod
    def write(self) -> None:
        """Write what is held. Called in one thread, never twice at the same time."""

    def begin(self) -> None:
        """Do what comes before the first write, in the same thread: here nothing."""
        return

    def end(self) -> None:
        """Do what comes after the last write, in the same thread: here nothing."""
        return

    async def background(self, _: web.Application) -> AsyncIterator[None]:
        """Write as long as the unit runs, and what is left at its end."""
        # A thread of its own: a disk that hangs must not take one from those that draw.
        workers, stop = Workers(1), asyncio.Event()
        await workers.run(self.begin)
        writing = asyncio.create_task(self._run(workers, stop))
        yield
        stop.set()
        await writing
        await workers.run(self.end)
        workers.close()

    async def _run(self, workers: Workers, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BEAT)
            if self.due:
                await workers.run(self.write)

    @property
    def due(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._entries)
