"""How many datasets are opened at a time where a list asks for all of them."""

import asyncio
from typing import Final, Protocol

_AT_ONCE: Final = 16
"""Each takes some milliseconds of the event loop: so many hold it for less than 50 ms together."""
_ROOM_AFTER: Final = 0.05
"""Seconds after which one that waits for its store makes room for the next: dead stores are asked all together."""


class Opened(Protocol):
    """What can be opened."""

    async def tried(self) -> Exception | None:
        """Open it if that can be done; return why not."""
        ...


class Openings:
    """Lets a few datasets be opened at a time, whoever asks."""

    def __init__(self) -> None:
        """Begin with none."""
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def tried(self, served: Opened) -> Exception | None:
        """Open it when its turn comes, if that can be done; return why not.

        Whoever is cancelled before its turn has opened nothing.
        """
        async with self._free:
            attempt = asyncio.ensure_future(served.tried())
            await asyncio.wait({attempt}, timeout=_ROOM_AFTER)
        return await attempt
