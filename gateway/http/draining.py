"""How a process leaves its clients without losing a request."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from aiohttp import hdrs, web

_PATIENCE: Final = 1.0
"""Seconds that a connection is left open for a request that may be on its way."""
_LOOK: Final = 0.05
"""Seconds."""


class Leavable(Protocol):
    """A connection."""

    def idle_since(self) -> float | None:
        """Return None where something is asked or being answered."""
        ...

    def force_close(self) -> None:
        """Close it."""
        ...


class Farewell:
    """Makes each answer the last one of its connection, from the moment at which the process is to end."""

    def __init__(self) -> None:
        """Change nothing yet."""
        self._begun = False

    def begin(self) -> None:
        """Let the connections run out."""
        self._begun = True

    async def told(self, _: web.Request, response: web.StreamResponse) -> None:
        """Say with an answer that no more will come this way (RFC 9112, 9.6): the client goes elsewhere by itself."""
        if self._begun:
            response.force_close()
            response.headers[hdrs.CONNECTION] = "close"


async def run_out(connections: Callable[[], Sequence[Leavable]], over: Callable[[], bool]) -> None:
    """Wait until all connections are closed, or it is `over`; close those that are idle for long.

    One that was closed while its client sends would be a request without an answer: so it is not closed at once.
    """
    loop = asyncio.get_running_loop()
    idle: dict[Leavable, float] = {}
    while (there := connections()) and not over():
        now = loop.time()
        idle = {one: idle.get(one, now) for one in there if one.idle_since() is not None}
        for one, since in idle.items():
            if now - since >= _PATIENCE:
                one.force_close()
        await asyncio.sleep(_LOOK)
