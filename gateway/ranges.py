"""Ranges of values that were found by reading: kept in memory, bounded, shared by all datasets of a process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from cachetools import LRUCache

from core.spread import Ends

_MOST: Final = 4096
"""Ranges kept, of some hundred bytes each."""


class RangeKey(NamedTuple):
    """Names a two-dimensional slice of a field by its content, whatever the version."""

    dataset: str
    array: str
    """Path in the store."""
    indices: tuple[int, ...]
    revision: int
    """Of the content."""


class Ranges:
    """The least recently used ranges leave first; who asks for one range at the same time shares one reading."""

    def __init__(self, most: int = _MOST) -> None:
        """Keep at most `most` ranges."""
        self._kept: LRUCache[RangeKey, Ends | None] = LRUCache(most)
        self._in_flight: dict[tuple[str, RangeKey], asyncio.Task[Ends | None]] = {}

    async def of(self, version: str, key: RangeKey, read: Callable[[], Awaitable[Ends | None]]) -> Ends | None:
        """Return a range from memory, else by `read`ing it from `version`; None where there is no value at all.

        A caller that is cancelled disturbs no other that waits for the same range.

        Raises:
            VersionGoneError, OSError: as `read` does, to all who wait; nothing is remembered of it.

        """
        if key in self._kept:
            return self._kept[key]
        # Per version: one that was collected must not fail a read of its successor.
        flight = (version, key)
        task = self._in_flight.get(flight)
        if task is None:
            task = self._in_flight[flight] = asyncio.create_task(self._found(flight, read))
            task.add_done_callback(_heard)
        return await asyncio.shield(task)

    async def _found(self, flight: tuple[str, RangeKey], read: Callable[[], Awaitable[Ends | None]]) -> Ends | None:
        try:
            ends = await read()
        finally:
            del self._in_flight[flight]
        self._kept[flight[1]] = ends
        return ends


def _heard(task: asyncio.Task[Ends | None]) -> None:
    """Take note of a failure that nobody waited for: asyncio would log it as forgotten."""
    if not task.cancelled():
        task.exception()
