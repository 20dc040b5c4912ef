"""Bodies that are made, or read from a file, while they are sent."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeVar

from aiohttp import web

from stores.base import VersionGoneError

T = TypeVar("T")

_RESET: Final = struct.pack("ii", 1, 0)
"""Linger for no time: closing throws away what waits, and tells the other end so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is to be sent, begun already: what goes wrong at once has gone wrong while it could still be said."""

    first: Sequence[bytes]
    """Pieces that have been made."""
    rest: AsyncGenerator[bytes]
    """The pieces after them."""
    whole: bool
    """Whether `first` is all."""
    length: int | None
    """Bytes of all pieces together; None where that shows in the end: the body then goes in chunks."""


async def begun(pieces: AsyncGenerator[bytes], *, length: int | None, least: int) -> Body:
    """Make the first pieces of a body, of `least` bytes together where there are as many.

    Raises:
        Exception: whatever making them raises; it can be answered like any other fault.

    """
    first: list[bytes] = []
    size = 0
    async for piece in pieces:
        first.append(piece)
        size += len(piece)
        if size >= least:
            return Body(first=first, rest=pieces, whole=False, length=length)
    if length is not None and size != length:
        raise RuntimeError(f"{size} bytes were made of {length}")
    return Body(first=first, rest=pieces, whole=True, length=size)


async def send(
    request: web.Request, body: Body, headers: Mapping[str, str], *, status: int = 200
) -> web.StreamResponse:
    """Send a body; a fault on the way resets the connection.

    Some clients take for whole what merely ended early: a reset is taken for whole by none.

    Raises:
        asyncio.CancelledError: the client has gone.
        OSError: the body could not be made whole; nobody can be told any more.

    """
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = body.length
    async with aclosing(body.rest) as rest:
        await _gone_or(response.prepare(request))
        sent = 0
        for piece in body.first:
            await _gone_or(response.write(piece))
            sent += len(piece)
        while (made := await _next(rest, request)) is not None:
            await _gone_or(response.write(made))
            sent += len(made)
        if body.length is not None and sent != body.length:
            _cut(request)
            raise RuntimeError(f"{sent} bytes were made of {body.length}")
        await _gone_or(response.write_eof())
    return response


async def _next(rest: AsyncGenerator[bytes], request: web.Request) -> bytes | None:
    """Return the next piece; None after the last."""
    try:
        return await anext(rest, None)
    except VersionGoneError as error:
        _cut(request)
        # Not to be begun again from a newer version: half of this one is with the client.
        raise OSError("the version was collected while it was sent") from error
    except Exception:
        _cut(request)
        raise


async def _gone_or(sending: Awaitable[T]) -> T:
    """Send something; a client that has gone is no fault of anybody's."""
    try:
        return await sending
    except ConnectionError as error:
        raise asyncio.CancelledError from error


def _cut(request: web.Request) -> None:
    """End the connection so that no client takes what it has for the whole."""
    transport = request.transport
    if transport is None:
        return
    found: socket.socket | None = transport.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
