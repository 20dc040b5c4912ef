"""Between the socket and the application: what is no HTTP is refused in words of ours."""

import asyncio
import socket
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

SERVER: Final = "Halocline"
_TOO_LONG = 414
_OURS = 500


async def say_little(_: web.Request, response: web.StreamResponse) -> None:
    """Name ourselves and no more, and let nothing be taken for another type than it says."""
    # Which versions of what are used here helps nobody but an attacker.
    response.headers["Server"] = SERVER
    # Titles come from files, and parts of refusals from the request: text stays text.
    response.headers["X-Content-Type-Options"] = "nosniff"


class UnitRunner(web.AppRunner):
    """Serves an application; a client that goes away ends the work for it."""

    def __init__(self, app: web.Application, **settings: Any) -> None:
        """Serve `app`; `settings` are those of `web.AppRunner`."""
        super().__init__(app, handler_cancellation=True, **settings)

    async def _make_server(self) -> web.Server:
        # aiohttp offers no way to choose what answers in place of the application.
        server = await super()._make_server()
        server.__class__ = _UnitServer
        return server


class _UnitServer(web.Server):
    """Makes a handler of ours for each connection."""

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    """Answers for what never reaches the application, and lets go of who takes nothing of an answer."""

    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; answers wait in memory for as long as their clients leave them there."""
        super().connection_made(transport)
        # Linux alone can tell who takes nothing from who is slow (RFC 5482, 3).
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = int(self.keepalive_timeout * 1000)
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = _OURS,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 -- repeats what was sent, which is nobody else's business
    ) -> web.StreamResponse:
        """Refuse in one line and close; what is no HTTP is its sender's affair, and fills no log of ours."""
        if not isinstance(exc, HttpProcessingError):
            self.log_exception("A request failed outside the application", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if isinstance(exc, LineTooLong):
            status, text = _TOO_LONG, "The address or a header is too long. Send long requests by POST.\n"
        elif status < _OURS:
            text = "This is not a request in HTTP that can be read.\n"
        else:
            text = "The answer could not be made.\n"
        response = web.Response(status=status, text=text, headers={"Cache-Control": "no-store", "Server": SERVER})
        response.force_close()
        return response
