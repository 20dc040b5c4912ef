"""Between the socket and the application: how many connections there are, and what holds for each of their answers."""

import asyncio
import contextlib
from typing import Any, Final, cast

from aiohttp import web

from gateway.http.connections import SERVER, Connection, Unsent
from gateway.http.descriptors import within
from gateway.keys import CONFIG

_AT_ONCE: Final = 64
"""One in so many of all connections is closed at once to make room, so that idle ones need not be looked for often."""
_HEADS: Final = 2
"""How much longer all of a head may be than one line of it."""


async def say_little(_: web.Request, response: web.StreamResponse) -> None:
    """Name ourselves and no more, and let nothing be taken for another type than it says."""
    # Which versions of what are used here helps nobody but an attacker.
    response.headers["Server"] = SERVER
    # Titles come from files, and parts of refusals from the request: text stays text.
    response.headers["X-Content-Type-Options"] = "nosniff"


class UnitRunner(web.AppRunner):
    """Serves a unit; a client that goes away ends the work for it."""

    def __init__(self, app: web.Application, **settings: Any) -> None:
        """Serve `app`; `settings` are those of `web.AppRunner`."""
        super().__init__(app, handler_cancellation=True, **settings)
        self._watching: asyncio.Task[None] | None = None

    async def _make_server(self) -> web.Server:
        # aiohttp offers no way to choose what answers in place of the application.
        made = await super()._make_server()
        made.__class__ = _UnitServer
        server = cast("_UnitServer", made)
        limits = self.app[CONFIG].limits
        server.most = within(limits.connections)
        server.head = _HEADS * limits.request_line
        server.unsent = Unsent(limits.unsent_bytes)
        least = int(limits.client_rate * limits.client_timeout)
        self._watching = asyncio.create_task(_watch(server, limits.client_timeout, least))
        return server

    def connections(self) -> list[Connection]:
        """Return the connections that are open."""
        return [] if self.server is None else [one for one in self.server.connections if isinstance(one, Connection)]

    async def cleanup(self) -> None:
        """End as `web.AppRunner` does."""
        await super().cleanup()
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching


class _UnitServer(web.Server):
    """Makes a connection of ours for each client, and keeps their number."""

    most: int
    """Connections."""
    head: int
    """Bytes of the head of a request."""
    unsent: Unsent
    """Answers that wait for their clients."""

    def __call__(self) -> web.RequestHandler:
        return Connection(self, loop=self._loop, head=self.head, unsent=self.unsent, **self._kwargs)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self._connections) > self.most and isinstance(handler, Connection):
            self._make_room(handler)

    def _make_room(self, newcomer: Connection) -> None:
        """Close the connections that have been idle for longest; where none is, turn the newcomer away.

        Clients expect that of a connection they do not use (RFC 9112, 9.5), and idle ones may be anybody's who
        wants to keep others out.
        """
        idle = [
            (since, number, connection)
            for number, connection in enumerate(self._connections)
            if isinstance(connection, Connection) and (since := connection.waiting_since()) is not None
        ]
        for _, _, connection in sorted(idle)[: max(1, self.most // _AT_ONCE)]:
            connection.let_go()
        if not idle:
            newcomer.turn_away_busy()


async def _watch(server: _UnitServer, every: float, least: int) -> None:
    """Let go of who takes answers too slowly: whole pictures wait in memory for them."""
    while True:
        await asyncio.sleep(every)
        for connection in server.connections:
            if isinstance(connection, Connection) and connection.too_slow(least):
                connection.let_go()
