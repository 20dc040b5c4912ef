"""One connection: who takes its place when there are too many, who is too slow, and what is no request."""

import asyncio
import contextlib
import fcntl
import socket
import struct
import sys
import termios
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

SERVER: Final = "Halocline"
_TOO_LONG = 414
_OURS = 500
_BUSY: Final = "503 Service Unavailable"
_HEAD_TOO_LARGE: Final = "431 Request Header Fields Too Large"
_RESET: Final = struct.pack("ii", 1, 0)
"""Linger for no time."""
_AHEAD: Final = 256 * 1024
"""Bytes that the system takes beyond what is on its way."""
_LONG: Final = 256 * 1024
"""Bytes of a body that take longer to copy than a packet of its own takes for the head."""
_ACKED: Final = struct.Struct("=Q")
_ACKED_AT: Final = 120
"""Where `tcpi_bytes_acked` lies in the `tcp_info` of Linux 4.1 and later, in bytes."""


class Unsent:
    """What waits in the memory of one process for its clients to take it."""

    def __init__(self, most: int) -> None:
        """Hold up to `most` bytes."""
        self._most = most
        self._sizes: dict[Connection, int] = {}
        self._total = 0

    def add(self, connection: "Connection", size: int) -> None:
        """Count an answer that waits; where that is too much, let go of those who have not taken theirs for longest."""
        self._sizes[connection] = size
        self._total += size
        while self._total > self._most:
            slowest = next(iter(self._sizes))
            self.discard(slowest)
            slowest.let_go()

    def discard(self, connection: "Connection") -> None:
        """Count it no more."""
        self._total -= self._sizes.pop(connection, 0)


class Connection(web.RequestHandler):
    """Answers for what never reaches the application, and lets go of who takes nothing of an answer."""

    __slots__ = ("_acked", "_head", "_most_head", "_unsent")

    def __init__(self, *arguments: Any, head: int, unsent: "Unsent", **settings: Any) -> None:
        """Take heads of requests of up to `head` bytes; the rest is as of `web.RequestHandler`."""
        super().__init__(*arguments, **settings)
        self._most_head, self._unsent = head, unsent
        self._head = 0
        self._acked: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; answers wait in memory for as long as their clients leave them there."""
        super().connection_made(transport)
        # Gone already where there was no room.
        found = None if self.transport is None else _tcp(transport)
        # What waits is to wait here, where it is counted: the system's memory for it is shared with all connections.
        if found is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _AHEAD)
        # Linux alone can tell who takes nothing from who is slow (RFC 5482, 3).
        if found is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = int(self.keepalive_timeout * 1000)
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    def data_received(self, data: bytes) -> None:
        """Read on; a head of which there is no end in sight is refused, for all of it would have to be kept."""
        waiting = self._waiter is not None and not self._messages
        super().data_received(data)
        if not waiting or self._messages:
            self._head = 0
            return
        self._head += len(data)
        if self._head > self._most_head:
            self.turn_away(_HEAD_TOO_LARGE, "The headers are too long together.\n")

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; a long body goes out as it lies in memory, not as a copy of it behind the head."""
        if isinstance(resp, web.Response) and isinstance(resp.body, bytes) and len(resp.body) >= _LONG:
            # Who has gone meanwhile is found out below.
            with contextlib.suppress(ConnectionError):
                writer = await resp.prepare(request)
                if writer is not None:
                    writer.send_headers()
        return await super().finish_response(request, resp, start_time)

    def pause_writing(self) -> None:
        """Wait for the client to take what is there; how much that is counts for the whole process."""
        super().pause_writing()
        if self.transport is not None:
            self._unsent.add(self, self.transport.get_write_buffer_size() + _queued(self.transport))

    def resume_writing(self) -> None:
        """Go on."""
        self._unsent.discard(self)
        super().resume_writing()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End, and the work for the client with it."""
        self._unsent.discard(self)
        super().connection_lost(exc)

    def idle_since(self) -> float | None:
        """Return a time that is earlier the longer nothing has been asked; None where something is, or answered."""
        return None if self._head else self.waiting_since()

    def waiting_since(self) -> float | None:
        """Return a time that is earlier the longer a request has been waited for; None where one is under way.

        What has come of a head counts for nothing: it can be anybody's who keeps others out.
        """
        if self._waiter is None or self._messages or self.transport is None:
            return None
        return None if self.transport.get_write_buffer_size() else self._next_keepalive_close_time

    def let_go(self) -> None:
        """Close at once; what has not gone out yet is thrown away, by the system too."""
        if self.transport is None:
            return
        found = _tcp(self.transport)
        if found is not None and self.transport.get_write_buffer_size():
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def turn_away(self, status: str, text: str) -> None:
        """Answer without having read a request, and close."""
        if self.transport is None:
            return
        lines = (
            f"HTTP/1.1 {status}",
            f"Server: {SERVER}",
            "Connection: close",
            "Cache-Control: no-store",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(text)}",
            *(("Retry-After: 1",) if status == _BUSY else ()),
        )
        self.transport.write("\r\n".join((*lines, "", text)).encode("ascii"))
        self.force_close()

    def turn_away_busy(self) -> None:
        """Say that there is no room, and close."""
        self.turn_away(_BUSY, "All connections are in use: come back in a moment.\n")

    def too_slow(self, least: int) -> bool:
        """Tell whether an answer waits of which the client has taken less than `least` bytes since it was asked last.

        Told by what the client's system has acknowledged, for our own lets buffers of megabytes run empty unseen.
        """
        before, self._acked = self._acked, None
        if self.transport is None or not self.transport.get_write_buffer_size():
            return False
        self._acked = _acknowledged(self.transport)
        return before is not None and self._acked is not None and self._acked - before < least

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


def _tcp(transport: asyncio.BaseTransport) -> socket.socket | None:
    """Return the socket, where it is one of TCP."""
    found: socket.socket | None = transport.get_extra_info("socket")
    return found if found is not None and found.family in (socket.AF_INET, socket.AF_INET6) else None


def _queued(transport: asyncio.BaseTransport) -> int:
    """Return how many bytes the system holds: an answer stays in memory whole until its last byte has gone there."""
    found = _tcp(transport)
    if found is None:
        return 0
    return int.from_bytes(fcntl.ioctl(found.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)


def _acknowledged(transport: asyncio.BaseTransport) -> int | None:
    """Return how many bytes the other end has received so far; None where the system does not tell."""
    found = _tcp(transport)
    if found is None or not hasattr(socket, "TCP_INFO"):
        return None
    told = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKED_AT + _ACKED.size)
    return int(_ACKED.unpack_from(told, _ACKED_AT)[0]) if len(told) == _ACKED_AT + _ACKED.size else None
