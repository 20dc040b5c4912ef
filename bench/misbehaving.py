"""Clients that behave badly, each a coroutine that goes on until it is cancelled."""

import asyncio
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_HEAD: Final = b"GET /health HTTP/1.1\r\nHost: unit\r\n"
_WHOLE: Final = _HEAD + b"\r\n"
_LARGE: Final = b"GET /viewer/vendor/ol-10.11.0/ol.js HTTP/1.1\r\nHost: unit\r\n\r\n"
_FORM: Final = b"POST /wms HTTP/1.1\r\nHost: unit\r\nContent-Type: application/x-www-form-urlencoded\r\n"
_MANY: Final = 20
"""Large answers that are asked for at once: more than the system holds."""
_PIECE: Final = 65536
_RESET: Final = 0.5
"""The share of those who go away with a reset."""
_CLOSED: Final = 0.5
"""Seconds after which a client whose connection was closed comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom they ask."""

    host: str
    port: int
    seed: int


Client = Callable[[Target, int], Awaitable[None]]
"""One of them, by its number."""


async def _connected(target: Target, buffer: int | None = None) -> socket.socket:
    found = socket.socket()
    found.settimeout(0)
    if buffer is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    await asyncio.get_running_loop().sock_connect(found, (target.host, target.port))
    return found


async def _drip(target: Target, begun: bytes) -> None:
    """Send the beginning of something, and then a byte a second."""
    loop = asyncio.get_running_loop()
    with await _connected(target) as client:
        await loop.sock_sendall(client, begun)
        while True:
            await asyncio.sleep(1)
            await loop.sock_sendall(client, b"a")


async def heads(target: Target, _: int) -> None:
    """Send a head by the byte."""
    await _drip(target, _HEAD + b"X: ")


async def bodies(target: Target, _: int) -> None:
    """Send a body by the byte."""
    await _drip(target, _FORM + b"Content-Length: 100000\r\n\r\n")


async def answers(target: Target, _: int) -> None:
    """Take an answer by the byte."""
    loop = asyncio.get_running_loop()
    with await _connected(target, 4096) as client:
        await loop.sock_sendall(client, _LARGE * _MANY)
        got = b"a"
        while got:
            got = await loop.sock_recv(client, 1)
            await asyncio.sleep(1)


async def vanishing(target: Target, number: int) -> None:
    """Go away in the head, in the body, while waiting or amid the answer."""
    loop = asyncio.get_running_loop()
    chosen = random.Random(f"{target.seed}/{number}/{loop.time()}")
    with await _connected(target) as client:
        await loop.sock_sendall(client, chosen.choice((_HEAD, _FORM + b"Content-Length: 99\r\n\r\na", _LARGE)))
        await asyncio.sleep(chosen.uniform(0, 0.1))
        if chosen.random() < _RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def posts(target: Target, _: int) -> None:
    """Post without an end, and without saying how much."""
    loop, piece = asyncio.get_running_loop(), b"%x\r\n%s\r\n" % (_PIECE, b"a" * _PIECE)
    with await _connected(target) as client:
        await loop.sock_sendall(client, _FORM + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            await loop.sock_sendall(client, piece)
            await asyncio.sleep(0.005)


async def idle(target: Target, _: int) -> None:
    """Ask once, and stay."""
    loop = asyncio.get_running_loop()
    with await _connected(target) as client:
        await loop.sock_sendall(client, _WHOLE)
        while await loop.sock_recv(client, 4096):
            pass


async def silent(target: Target, _: int) -> None:
    """Ask nothing, and stay."""
    with await _connected(target) as client:
        await asyncio.get_running_loop().sock_recv(client, 1)


STAYING: Final = frozenset({"silent", "idle after one answer", "more than there is room for"})
"""Those who would all come again at once if the server soon lost its patience with them."""
KINDS: Final[Mapping[str, tuple[Client, int]]] = {
    "heads by the byte": (heads, 500),
    "bodies by the byte": (bodies, 500),
    "answers by the byte": (answers, 500),
    "gone amid all": (vanishing, 100),
    "posts without an end": (posts, 4),
    "silent": (silent, 10_000),
    "idle after one answer": (idle, 10_000),
    "more than there is room for": (silent, 18_000),
}
"""How they are called, and how many there are."""


async def crowd(client: Client, count: int, target: Target, *, seconds: float, midway: Callable[[], None]) -> int:
    """Let `count` of them go on for so long, and call `midway` just before the end; return how often they came."""
    came = 0

    async def again(number: int) -> None:
        nonlocal came
        while True:
            came += 1
            with suppress(OSError):
                await client(target, number)
            await asyncio.sleep(_CLOSED)

    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(again(number)))
        # Those of one moment would fill the queue of the system, which is another matter.
        if number % 50 == 0:
            await asyncio.sleep(0.01)
    await asyncio.sleep(seconds)
    midway()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return came
