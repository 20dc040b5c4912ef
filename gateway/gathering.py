"""What all processes of a unit have counted: whichever is asked by Prometheus asks the others."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from aiohttp import web

from gateway.keys import METRICS
from gateway.operations.exposition import together

_PATIENCE: Final = 3.0
"""Seconds for a process that is busy; one that says nothing is left out, and its series have a gap."""


class Gathering:
    """One process among those of a unit."""

    def __init__(self, number: int, sockets: tuple[socket.socket, ...]) -> None:
        """Answer at the socket of that number; the others are answered at by the other processes."""
        self._number = number
        self._own = sockets[number]
        self._others = {place: os.fsdecode(one.getsockname()) for place, one in enumerate(sockets) if place != number}

    async def background(self, app: web.Application) -> AsyncIterator[None]:
        """Tell whoever connects what this process has counted, as long as the unit runs."""

        async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                writer.write(app[METRICS].exposition())
                await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(tell, sock=self._own)
        yield
        server.close()

    async def exposition(self, own: bytes) -> bytes:
        """Return the counts of all processes, of which this one's are given."""
        asked = await asyncio.gather(*map(_told, self._others.values()))
        found = {place: said for place, said in zip(self._others, asked, strict=True) if said is not None}
        return together({self._number: own.decode(), **found}).encode()


GATHERING: Final = web.AppKey("GATHERING", Gathering)
"""Not there in a unit of one process."""


async def _told(address: str) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_unix_connection(address)
            said = await reader.read()
            writer.close()
    except (OSError, TimeoutError):
        return None
    # One that ends meanwhile says half of it, or nothing.
    return said.decode() if said.endswith(b"\n") else None
