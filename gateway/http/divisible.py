"""Bodies of which a client may ask for a part, to go on with a download that broke off. Source: RFC 9110, 14."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from gateway.http.parts import Part, part_asked
from gateway.http.sending import begun, send

ACCEPTED: Final[Mapping[str, str]] = {"Accept-Ranges": "bytes"}
_NOT_THERE: Final = 416


@dataclass(frozen=True, slots=True, kw_only=True)
class Divisible:
    """A body any part of which can be made by itself."""

    size: int
    """Bytes of the whole."""
    make: Callable[[Part], AsyncGenerator[bytes]]
    least: int
    """Bytes that are made before anything is sent."""


async def send_divisible(request: web.Request, body: Divisible, headers: Mapping[str, str]) -> web.StreamResponse:
    """Send a body, or the part of it that is asked for; `headers` hold its strong tag.

    Raises:
        Exception: as `gateway.http.sending.begun` and `send`.

    """
    given, condition = request.headers.get("Range"), request.headers.get("If-Range")
    part = part_asked(given, condition, size=body.size, tag=headers["ETag"])
    if part is not None and part.start == part.stop:
        said = {**ACCEPTED, "Content-Range": f"bytes */{body.size}", "Cache-Control": "no-store"}
        return web.Response(status=_NOT_THERE, text=f"The file has {body.size} bytes.\n", headers=said)
    sent = part or Part(start=0, stop=body.size)
    begin = await begun(body.make(sent), length=sent.stop - sent.start, least=body.least)
    if part is None:
        return await send(request, begin, {**headers, **ACCEPTED})
    where = {"Content-Range": f"bytes {part.start}-{part.stop - 1}/{body.size}"}
    return await send(request, begin, {**headers, **ACCEPTED, **where}, status=206)
