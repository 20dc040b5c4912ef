"""Text goes over the wire packed where the client takes that. Source: RFC 9110, 8.4, 8.8.3, 12.5.3; RFC 1952."""

import asyncio
import re
from typing import Final

from aiohttp import web
from cachetools import LRUCache
from isal import igzip

from gateway.http.conditional import packed_tag
from gateway.workers import Workers

SMALLEST: Final = 1024
"""Bytes: less than this fits into one packet anyway."""
_ON_THE_LOOP: Final = 256 * 1024
"""Bytes that are packed in well under 2 ms."""
_WORTH_KEEPING: Final = 16 * 1024
"""Bytes from which on looking a body up is cheaper than packing it again."""
_KEPT: Final = 64 * 2**20
"""Bytes of bodies kept, as they are and packed."""
_LEVEL: Final = 3
"""Of ISA-L: within a seventh of the size that zlib reaches at its best on lists of times, for a tenth of its time."""

_TEXT: Final = re.compile(r"text/|application/(?:[a-z0-9.-]+\+)?(?:json|xml)\b|application/vnd\.ogc\.|image/svg\+xml")
_ELEMENT: Final = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def gzip_accepted(accept_encoding: str | None) -> bool:
    """Tell whether a client wants gzip rather than the bytes as they are (RFC 9110, 12.5.3).

    Without the header it may be anything, old tools among it: they get the bytes as they are.
    """
    if not accept_encoding:
        return False
    weights: dict[str, float] = {}
    for element in accept_encoding.split(","):
        found = _ELEMENT.fullmatch(element)
        if found is not None:
            weights[found[1].lower()] = float(found[2] or 1)
    # x-gzip is another name for gzip (8.4.1.3); what is not named may have the weight of all others.
    packed = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return packed > 0 and packed >= weights.get("identity", 0.0)


def is_text(content_type: str) -> bool:
    """Tell whether a media type is text that gains by packing; pictures are packed already."""
    return _TEXT.match(content_type) is not None


class Packer:
    """Packs answers, and keeps what it packed of large ones: capabilities are packed once, not once per request."""

    def __init__(self, workers: Workers) -> None:
        """Pack what is large in `workers`, the rest at once."""
        self._workers = workers
        self._kept: LRUCache[str, tuple[bytes, bytes]] = LRUCache(
            _KEPT, getsizeof=lambda pair: len(pair[0]) + len(pair[1])
        )
        self._in_flight: dict[int, asyncio.Task[bytes]] = {}

    async def pack(self, request: web.Request, response: web.StreamResponse) -> None:
        """Pack the body of `response` where it is text and the client takes it."""
        headers = response.headers
        if not isinstance(response, web.Response) or not is_text(response.content_type):
            return
        if "Content-Encoding" in headers:
            return
        add_vary(response, "Accept-Encoding")
        body = response.body
        if not isinstance(body, bytes) or len(body) < SMALLEST:
            return
        if not gzip_accepted(request.headers.get("Accept-Encoding")):
            return
        tag = headers.get("ETag")
        response.body = await self._packed(tag, body)
        headers["Content-Encoding"] = "gzip"
        if tag is not None:
            headers["ETag"] = packed_tag(tag)

    async def _packed(self, tag: str | None, body: bytes) -> bytes:
        if len(body) < _WORTH_KEEPING:
            return _gzip(body)
        kept = self._kept.get(tag) if tag is not None else None
        # A tag is unique to its address only: the bytes themselves decide.
        if kept is not None and kept[0] == body:
            return kept[1]
        packed = _gzip(body) if len(body) <= _ON_THE_LOOP else await self._in_workers(body)
        if tag is not None and len(body) + len(packed) <= self._kept.maxsize:
            self._kept[tag] = body, packed
        return packed

    async def _in_workers(self, body: bytes) -> bytes:
        """Pack off the loop; all who ask for one body at the same time wait for one packing."""
        # Which object it is tells enough, and megabytes need not be hashed; while it is packed no other is called so.
        task = self._in_flight.get(id(body))
        if task is None:
            task = self._in_flight[id(body)] = asyncio.create_task(self._workers.run(_gzip, body))
            task.add_done_callback(lambda _: self._in_flight.pop(id(body)))
        return await asyncio.shield(task)


def add_vary(response: web.StreamResponse, name: str) -> None:
    """Say that the answer depends on the request's header `name` (RFC 9110, 12.5.5)."""
    given = response.headers.get("Vary")
    if given is None:
        response.headers["Vary"] = name
    elif name.lower() not in (one.strip().lower() for one in given.split(",")):
        response.headers["Vary"] = f"{given}, {name}"


def _gzip(body: bytes) -> bytes:
    # A time in the header would make the bytes differ under one strong tag (RFC 1952, 2.3.1).
    return bytes(igzip.compress(body, _LEVEL, mtime=0))
