"""A plain Zarr store behind HTTP. Source: RFC 9110, 13 (conditional requests), 14 (range requests), 15.4 (redirection).

The address is the provider's, from the configuration; no request of a client makes another, and no answer leads to one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp
from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest

from stores.plain.origin import LARGEST, Document, bounds, checked_key

_CONNECTIONS: Final = 16
"""To one server at the same time."""
_OK: Final = 200
_PARTIAL: Final = 206
_NOT_MODIFIED: Final = 304
_ABSENT: Final = (404, 410)
_BLOCK: Final = 2**20
_SURELY_OLD: Final = 60.0
"""Seconds."""
_HEADERS: Final = {"Accept-Encoding": "identity"}
"""Chunks are compressed by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What the server says of one key."""

    what: str
    """Address and key, for messages."""
    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes


class Web:
    """A `stores.plain.origin.Origin` behind HTTP."""

    def __init__(self, address: str, *, timeout: float) -> None:
        """Name the address; nothing is asked. `timeout` is in seconds, for each request."""
        self._base = urlsplit(address)
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._known: dict[str, tuple[dict[str, str], Document]] = {}
        self._closed = False

    @property
    def name(self) -> str:
        """The address without user, password and query."""
        host = self._base.netloc.rpartition("@")[2]
        return urlunsplit((self._base.scheme, host, self._base.path.rstrip("/"), "", ""))

    async def document(self, key: str) -> Document | None:
        """Return a metadata document, None where there is none; one that was read before is but confirmed.

        Raises:
            OSError: it cannot be read.

        """
        conditions, known = self._known.get(key, ({}, None))
        answer = await self._get(key, {**conditions, "Cache-Control": "no-cache"})
        if answer.status == _NOT_MODIFIED and known is not None:
            return known
        if answer.status in _ABSENT:
            self._known.pop(key, None)
            return None
        if answer.status != _OK:
            raise _refused(answer)
        found = _document(answer)
        self._known[key] = (_conditions(answer), found)
        return found

    async def stamp(self, key: str) -> str | None:
        """Return the stamp that `document` would give, None where there is no such document.

        Raises:
            OSError: it cannot be told.

        """
        found = await self.document(key)
        return None if found is None else found.stamp

    async def read(self, key: str, request: ByteRequest | None) -> bytes | None:
        """Return a chunk, or exactly the part of it that `request` names; None where it was never written.

        Raises:
            OSError: it cannot be read, or ends before the part does.

        """
        answer = await self._get(key, {} if request is None else {"Range": _range(request)})
        if answer.status in _ABSENT:
            return None
        try:
            if answer.status == _OK:
                # A server may pass over the range.
                start, length = bounds(request, len(answer.body))
                return answer.body[start : start + length]
            if answer.status == _PARTIAL and request is not None:
                return _part(answer, request)
        except OSError as error:
            raise OSError(f"{answer.what}: {error}") from error
        raise _refused(answer)

    async def names(self) -> None:
        """Tell that HTTP has no lists."""
        return

    async def close(self) -> None:
        """Close the connections; what is under way fails."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def _get(self, key: str, headers: dict[str, str]) -> _Answer:
        what = f"{self.name}/{checked_key(key)}"
        path = f"{self._base.path.rstrip('/')}/{quote(key)}"
        address = urlunsplit((self._base.scheme, self._base.netloc, path, self._base.query, ""))
        try:
            # Not redirected: the configuration alone says which host is asked.
            async with self._opened().get(address, headers=headers, allow_redirects=False) as response:
                body = await _body(response)
                return _Answer(what=what, status=response.status, headers=response.headers, body=body)
        except TimeoutError as error:
            raise OSError(f"{what}: no whole answer within {self._timeout.total:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise OSError(f"{what}: {str(error) or type(error).__name__}") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            raise OSError("the unit is being stopped")
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
            self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector, headers=_HEADERS)
        return self._session


async def _body(response: aiohttp.ClientResponse) -> bytes:
    blocks = []
    size = 0
    async for block in response.content.iter_chunked(_BLOCK):
        size += len(block)
        if size > LARGEST:
            raise OSError(f"it has more than {LARGEST} bytes")
        blocks.append(block)
    return b"".join(blocks)


def _refused(answer: _Answer) -> OSError:
    target = answer.headers.get("Location")
    where = f" and names {target}; it is not followed, configure the address that answers" if target else ""
    return OSError(f"{answer.what}: the server answers {answer.status}{where}")


def _document(answer: _Answer) -> Document:
    # Proxies weaken tags that they pass on.
    tag = answer.headers.get("ETag", "").removeprefix("W/") or answer.headers.get("Last-Modified", "")
    content = blake2b(answer.body, digest_size=16).hexdigest()
    written = _instant(answer, "Last-Modified")
    return Document(
        data=answer.body, stamp=f"{tag} {content}", modified=None if written is None else int(written * 1000)
    )


def _conditions(answer: _Answer) -> dict[str, str]:
    """Return the headers of a request that is answered in full only if the document is another by then."""
    if tag := answer.headers.get("ETag"):
        return {"If-None-Match": tag}
    now, written = _instant(answer, "Date"), _instant(answer, "Last-Modified")
    # What was written a moment ago may be written again in the same second (RFC 9110, 8.8.2.2).
    if now is not None and written is not None and now - written >= _SURELY_OLD:
        return {"If-Modified-Since": answer.headers["Last-Modified"]}
    return {}


def _instant(answer: _Answer, header: str) -> float | None:
    """Return the time that a header tells, in seconds since 1970-01-01T00:00:00Z; None where it tells none."""
    try:
        return parsedate_to_datetime(answer.headers[header]).timestamp()
    except (KeyError, ValueError):
        return None


def _range(request: ByteRequest) -> str:
    if isinstance(request, RangeByteRequest):
        # The last byte belongs to it (RFC 9110, 14.1.2).
        return f"bytes={request.start}-{request.end - 1}"
    return f"bytes={request.offset}-" if isinstance(request, OffsetByteRequest) else f"bytes=-{request.suffix}"


def _part(answer: _Answer, request: ByteRequest) -> bytes:
    """Return the part if it is the one that was asked for (RFC 9110, 14.4).

    Raises:
        OSError: it is another, or not whole.

    """
    said = answer.headers.get("Content-Range", "")
    unit, _, rest = said.partition(" ")
    span, _, size = rest.partition("/")
    first, _, last = span.partition("-")
    if unit != "bytes" or not (first.isdigit() and last.isdigit() and size.isdigit()):
        raise OSError(f"the server answers with Content-Range {said[:80]!r}, which tells no part")
    length = int(last) + 1 - int(first)
    if (int(first), length) != bounds(request, int(size)) or len(answer.body) != length:
        raise OSError(f"the server answers with {len(answer.body)} bytes, {said}: not the part that was asked for")
    return answer.body
