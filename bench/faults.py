"""A proxy that does to requests what networks and busy object stores do to them."""

import asyncio
import random
import threading
from collections import Counter
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

FAULTS: Final = ("delay", "internal error", "slow down", "reset", "lost answer", "cut", "stall")
"""What happens to a request; `lost answer`: it is done, and the connection is reset before the answer."""

_STATUS: Final = {"internal error": (500, "InternalError"), "slow down": (503, "SlowDown")}
_DELAY: Final = 0.1
_STALL: Final = 60.0
_DROPPED: Final = frozenset({"transfer-encoding", "connection", "content-length", "content-encoding"})
_LARGEST: Final = 2**30


class FaultyProxy:
    """Forwards to an HTTP server, from a thread of its own; `share` of the requests meet with one of `kinds`."""

    def __init__(self, target: str, *, seed: int = 0) -> None:
        """Forward to `target`, an address without a path, and do no harm yet."""
        self.share = 0.0
        self.kinds: tuple[str, ...] = FAULTS
        self.most = 2**62
        """Faults still to come."""
        self.done: Counter[str] = Counter()
        """Faults so far, by kind."""
        self.address = ""
        self._target = target
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faulty-proxy", daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen at `address`."""
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop, self._released = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_route("*", "/{path:.*}", self._answer)
        # A runner that waits for nobody: whoever is stalled is let go.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        async with ClientSession(
            auto_decompress=False, timeout=ClientTimeout(total=None), connector=TCPConnector(limit=0)
        ) as session:
            self._session = session
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._ready.set()
            await self._stop.wait()
            await runner.cleanup()

    def release(self) -> None:
        """Let requests that are stalled go on."""
        self._loop.call_soon_threadsafe(self._released.set)

    def _fault(self) -> str:
        if self.most <= 0 or self._random.random() >= self.share:
            return ""
        self.most -= 1
        fault = self._random.choice(self.kinds)
        self.done[fault] += 1
        return fault

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._released.wait(), seconds)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        fault = self._fault()
        if fault in _STATUS:
            return _error(*_STATUS[fault])
        if fault == "reset":
            return _hung_up(request)
        if fault in ("delay", "stall"):
            await self._wait(_DELAY if fault == "delay" else _STALL)
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _DROPPED}
        async with self._session.request(
            request.method, self._target + request.raw_path, data=body, headers=headers, allow_redirects=False
        ) as answer:
            content = await answer.read()
            if fault == "lost answer":
                return _hung_up(request)
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _DROPPED}
            length = answer.headers.get("Content-Length", str(len(content)))
            if fault == "cut" and len(content) > 1:
                return await _cut(request, answer.status, kept | {"Content-Length": length}, content)
            if request.method == "HEAD":
                kept["Content-Length"] = length
            return web.Response(status=answer.status, headers=kept, body=content)


def _error(status: int, code: str) -> web.Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>try again</Message></Error>'
    return web.Response(status=status, text=text, content_type="application/xml")


def _hung_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, status: int, headers: dict[str, str], content: bytes) -> web.StreamResponse:
    """Send half of the body and hang up."""
    answer = web.StreamResponse(status=status, headers=headers)
    await answer.prepare(request)
    await answer.write(content[: len(content) // 2])
    return _hung_up(request)
