"""HTTP/1.1 as bytes on a socket: requests that no library would send, and answers as they come."""

import asyncio
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_BODILESS: Final = frozenset({204, 304})
_LARGEST: Final = 2**28


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One whole answer."""

    status: int
    head: bytes
    """Status line and headers, as they came."""
    headers: Mapping[str, str]
    """Names in lower case; of a name that comes again, the last value."""
    body: bytes
    """Without chunks and packing."""
    closes: bool
    """Whether the connection is of no further use."""


class BrokenError(Exception):
    """What came is no whole answer."""


async def told(reader: asyncio.StreamReader, method: str) -> Told | None:
    """Read one answer; None where the connection was closed before it began.

    Raises:
        BrokenError: it is not whole, or no HTTP.

    """
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise BrokenError(f"the head ends after {error.partial[-200:]!r}") from error
            return None
        except asyncio.LimitOverrunError as error:
            raise BrokenError("the head is too long") from error
        status, headers = _read_head(head)
        if status >= 200 or status == 101:
            break
    body = b""
    if method != "HEAD" and status not in _BODILESS:
        body = await _body(reader, headers)
    closes = headers.get("connection", "").lower() == "close" or not head.startswith(b"HTTP/1.1")
    return Told(status=status, head=head, headers=headers, body=_unpacked(headers, body), closes=closes)


def _read_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    parts = first.split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not (parts[1].isascii() and parts[1].isdigit()):
        raise BrokenError(f"no status line: {first[:200]!r}")
    if "\n" in head.decode("latin-1").replace("\r\n", ""):
        raise BrokenError("a header holds a line feed")
    return int(parts[1]), {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    try:
        if "chunked" in headers.get("transfer-encoding", ""):
            return await _chunks(reader)
        if "content-length" in headers:
            return await reader.readexactly(int(headers["content-length"]))
    except (asyncio.IncompleteReadError, ValueError) as error:
        raise BrokenError("the body is not whole") from error
    return await reader.read(_LARGEST)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        parts.append(await reader.readexactly(size))
        await reader.readuntil(b"\r\n")
        if not size:
            return b"".join(parts)


def _unpacked(headers: Mapping[str, str], body: bytes) -> bytes:
    if headers.get("content-encoding") != "gzip" or not body or headers.get("content-range"):
        return body
    try:
        return zlib.decompress(body, wbits=31)
    except zlib.error as error:
        raise BrokenError("the body is not packed as it says") from error


class Line:
    """One connection, opened anew when it is needed."""

    def __init__(self, port: int, *, patience: float) -> None:
        """Talk to the port on this machine, waiting `patience` seconds for each answer."""
        self._port, self._patience = port, patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, raw: bytes, method: str, *, alone: bool) -> Told | None:
        """Send bytes and return the answer; None where the other side hangs up instead.

        `alone`: what is sent may leave a connection that is of no further use.

        Raises:
            BrokenError: the answer is not whole.
            TimeoutError: there is none in time.

        """
        used = self._streams is not None
        async with asyncio.timeout(self._patience):
            try:
                found = await self._once(raw, method)
                if found is None and used:
                    # It may have been closed for being idle, as HTTP allows.
                    found = await self._once(raw, method)
            except ConnectionError:
                self.close()
                found = await self._once(raw, method) if used else None
        if alone or found is None or found.closes:
            self.close()
        return found

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _once(self, raw: bytes, method: str) -> Told | None:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        writer.write(raw)
        with suppress(ConnectionError):
            # Who refuses a request early need not read it whole.
            await writer.drain()
        found = await told(reader, method)
        if found is None:
            self.close()
        return found
