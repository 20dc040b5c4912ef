"""Gives memory back that the C library holds free.

What reading a chunk takes for a moment leaves holes between the chunks that are kept, and so do those that leave the
cache. Small things settle in them, the next chunk does not fit, and the heap grows to half as much again as is kept.
Source: malloc_trim(3) of the GNU C library, which since 2.8 gives back whole pages from anywhere in the heap; proc(5).
"""

import asyncio
import ctypes
import mmap
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Final

from aiohttp import web

_GROWN: Final = 2**25
"""Bytes: to give back so many takes some 5 ms, for which others may have to wait for memory."""
_EVERY: Final = 0.5
"""Seconds between two looks, which take some microseconds."""
_USED: Final = Path("/proc/self/statm")


class Heap:
    """Looks after the memory of the process, for as long as the unit runs."""

    def __init__(self, grown: int = _GROWN, every: float = _EVERY) -> None:
        """Look every so many seconds whether the process has grown by `grown` bytes since what was free went back."""
        self._grown, self._every = grown, every
        # Other C libraries have no such function.
        self._trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)

    async def background(self, _: web.Application) -> AsyncIterator[None]:
        """Give back what is free whenever the process has grown."""
        if self._trim is None:
            yield
            return
        stop = asyncio.Event()
        looking = asyncio.create_task(self._look(self._trim, stop))
        yield
        stop.set()
        await looking

    async def _look(self, trim: Callable[[int], int], stop: asyncio.Event) -> None:
        least = inf
        while not stop.is_set():
            # Where that cannot be told, or not now, since no more files may be opened, nothing is given back.
            with suppress(OSError):
                least = min(least, now := used())
                if now - least >= self._grown:
                    # In a thread, as it does not need the interpreter.
                    await asyncio.to_thread(trim, 0)
                    least = used()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every)


def used() -> int:
    """Return the bytes in memory that are the process's own, without files that are mapped.

    Raises:
        OSError: the system does not tell, or not now.

    """
    _, resident, shared, *_ = _USED.read_text(encoding="ascii").split()
    return (int(resident) - int(shared)) * mmap.PAGESIZE
