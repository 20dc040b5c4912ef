"""Follows requests to the end of their answers, and notes what was used."""

import asyncio
import time
from typing import Final

from aiohttp import hdrs, web

from gateway.accounting.journal import Journal
from gateway.accounting.use import Outcome, Use
from gateway.keys import CALLER, OPERATION, REFUSAL, VISIBLE
from gateway.metrics import GONE, NAMELESS
from gateway.protocol import Protocol

_UNCHANGED: Final = 304
_REFUSED: Final = 400
_FAILED: Final = 500


class Followed:
    """What has become of one request so far. It does not know the request, which knows it."""

    __slots__ = (
        "_began",
        "_caller",
        "_cut",
        "_operation",
        "_protocol",
        "_refusal",
        "_response",
        "_seconds",
        "_size",
        "_status",
        "_time",
        "_visit",
        "_whole",
    )

    def __init__(self, protocol: str) -> None:
        """Begin with the request read."""
        self._began = time.perf_counter()
        self._protocol = protocol
        self._response: web.StreamResponse | None = None
        self._size = 0
        self._cut = False

    def answered(self, request: web.Request, response: web.StreamResponse) -> None:
        """Note an answer whose headers are about to go out, and count its body from here on."""
        if self._response is None:
            self._response = response
            request.writer.on_body_write = self._wrote
        else:
            # What the middleware says of a fault on the way, which nobody hears any more.
            self._cut = True

    def ended(self, request: web.Request) -> None:
        """Note what the request has come to, now that nothing more is sent."""
        self._time = time.time()
        self._seconds = time.perf_counter() - self._began
        response = self._response
        self._status = GONE if response is None else response.status
        # The length of what was sent, with headers: it is set once the last byte was handed over.
        self._whole = response is not None and response.body_length > 0
        # Its body is not to wait for the disk.
        self._response = None
        visible = request.get(VISIBLE)
        self._visit = None if visible is None else visible.visit
        self._caller = request.get(CALLER)
        self._operation = request.get(OPERATION, NAMELESS)
        self._refusal = request.get(REFUSAL)

    def use(self) -> Use:
        """Return the use that it was. This is done where it is written, so that no answer waits for it."""
        visit, caller = self._visit, self._caller
        return Use(
            time=self._time,
            subject=None if caller is None else caller.subject,
            protocol=self._protocol,
            operation=self._operation,
            datasets=() if visit is None else tuple(visit.datasets),
            action=None if visit is None else visit.action,
            status=self._status,
            outcome=self._outcome(),
            refusal=self._refusal,
            size=self._size,
            seconds=self._seconds,
        )

    def _wrote(self, size: int, _: int) -> None:
        self._size += size

    def _outcome(self) -> Outcome:
        if not self._whole:
            return "cut" if self._cut else "gone"
        if self._status == _UNCHANGED:
            return "unchanged"
        if self._refusal is not None:
            return "refused"
        return "answered" if self._status < _REFUSED else "refused" if self._status < _FAILED else "failed"


FOLLOWED: Final = web.RequestKey("FOLLOWED", Followed)


def follow(request: web.Request, protocol: Protocol, journal: Journal) -> None:
    """Follow a request from its beginning to its end, if it is one for data or for what describes them."""
    task = asyncio.current_task()
    # Who asks whether they may ask has used nothing.
    if task is None or not protocol.accounted or request.method == hdrs.METH_OPTIONS:
        return
    request[FOLLOWED] = followed = Followed(protocol.name)
    # The server answers each request in a task of its own, which ends with the last byte, or when the client has gone.
    task.add_done_callback(lambda _: _noted(followed, request, journal))


async def note_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Note an answer whose headers are about to go out."""
    followed = request.get(FOLLOWED)
    if followed is not None:
        followed.answered(request, response)


def _noted(followed: Followed, request: web.Request, journal: Journal) -> None:
    followed.ended(request)
    journal.add(followed.use)
