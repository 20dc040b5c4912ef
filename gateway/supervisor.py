"""Keeps several processes at the same work: replaces those that die or hang, renews them, and ends them."""

import contextlib
import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, Final

from gateway.processes import END, END_NOW, LEAVE, Member, Work

_LOG = logging.getLogger(__name__)
_HEEDED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LOOK: Final = 1.0
"""Seconds between two looks at who was heard."""
_BEGINNING: Final = 60
"""Looks that a process is given for its first word: it reads many files before."""
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0
"""Seconds before another one is started for one that could not begin, doubled each time."""
_AT_ONCE: Final = 5.0
"""Seconds for what is to end without finishing."""
_SILENT: Final = 3
"""Looks without a word after which a process is taken for busy, and gets no more to do."""
_LEAVING: Final = 3600.0
"""Seconds for one whose place was taken: nobody waits for it, and a large download may last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What all processes are to do, and how long they are waited for."""

    what: Any
    hang: float
    """Seconds without a word after which a process is killed; 0 is never."""
    end: float
    """Seconds in which it must have ended, once it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A work to be kept up."""

    work: Work
    places: tuple[Any, ...]
    """What the process at each place is handed, one after the other."""
    ready: Callable[[], None]
    """Called once all places do their work, or one of them where the others cannot."""
    attended: Callable[[Sequence[int]], None]
    """Called with the numbers of the places whose processes answer, when they change and there are some."""
    renewed: Callable[[Any], Order | None] | None
    """Called on SIGHUP with what is done now, for a new order; None changes nothing. Without it, SIGHUP is an end."""


class _Place:
    """One place, and who is there."""

    def __init__(self, has: Any) -> None:
        self.has = has
        self.member: Member | None = None
        self.coming: Member | None = None
        """Takes over once it is ready."""
        self.failures = 0
        """Processes in a row that could not begin."""
        self.due = 0.0
        """When the next one is started, on the clock `time.monotonic`."""

    @property
    def attended(self) -> bool:
        """Whether the process here answers."""
        return self.member is not None and self.member.ready and self.member.missed < _SILENT


def supervise(job: Job, order: Order) -> bool:
    """Keep a job up until SIGTERM or SIGINT; the second one ends all at once. SIGHUP renews the order.

    False: no process could begin.
    """
    with _signals() as heard:
        return _Supervisor(job, order, heard).run()


class _Supervisor:
    """The places, and those that have left them."""

    def __init__(self, job: Job, order: Order, heard: "_Heard") -> None:
        self._job, self._order, self._heard = job, order, heard
        self._places = [_Place(has) for has in job.places]
        self._leaving: list[Member] = []
        self._told = 0
        """How often it was told to end."""
        self._asked = False
        """Whether the order is to be renewed."""
        self._next = order
        self._renewing: deque[_Place] = deque()
        self._began = self._failed = False
        self._looked = time.monotonic()
        self._attended: list[int] = []

    def run(self) -> bool:
        while True:
            self._fill()
            members = list(self._members())
            if not members and self._told:
                return not self._failed
            self._listen(members)
            self._obey()
            self._bury()
            self._look()
            self._renew()
            self._share()
            self._begin()

    def _members(self) -> Iterator[Member]:
        for place in self._places:
            yield from (one for one in (place.member, place.coming) if one is not None)
        yield from self._leaving

    def _listen(self, members: list[Member]) -> None:
        """Wait for a word, an end, a signal or the next look."""
        sources = [source for one in members for source in (one.receiver, one.sentinel)]
        wait([self._heard.waking, *sources], timeout=max(0.0, self._looked + _LOOK - time.monotonic()))
        for one in members:
            one.hear()

    def _fill(self) -> None:
        now = time.monotonic()
        for place in self._places:
            if not self._told and place.member is None and place.coming is None and place.due <= now:
                place.member = Member(self._job.work, self._order.what, place.has)

    def _obey(self) -> None:
        for number in self._heard.taken():
            if number == signal.SIGHUP and self._job.renewed is not None:
                self._asked = True
            elif number in _HEEDED:
                self._end()

    def _end(self) -> None:
        self._told += 1
        word, within = (END, self._order.end) if self._told == 1 else (END_NOW, _AT_ONCE)
        for one in self._members():
            one.tell(word, within=within)

    def _bury(self) -> None:
        """Take note of those that have ended."""
        for one in [one for one in self._leaving if one.ended is not None]:
            self._leaving.remove(one)
            one.close()
        for place in self._places:
            if place.coming is not None and place.coming.ended is not None:
                place.coming.close()
                place.coming = None
                self._renewing.clear()
                if not self._told:
                    _LOG.error("a process cannot begin by the configuration as it is now: that in force stays")
            if place.member is not None and (code := place.member.ended) is not None:
                self._lost(place, place.member, code)

    def _lost(self, place: _Place, member: Member, code: int) -> None:
        place.member = None
        if not self._told:
            place.failures = 0 if member.ready else place.failures + 1
            wait_for = min(_FIRST_WAIT * 2 ** (place.failures - 1), _LONGEST_WAIT) if place.failures else 0.0
            place.due = time.monotonic() + wait_for
            _LOG.error("process %d ended (%d); another one is started in %g s", member.number, code, wait_for)
        member.close()

    def _look(self) -> None:
        """See who was not heard for long, or did not end in time. Looks are counted, not seconds: clocks may jump."""
        if time.monotonic() < self._looked + _LOOK:
            return
        self._looked = time.monotonic()
        for one in self._members():
            missed, most = one.look(), self._order.hang if one.begun else max(_BEGINNING, self._order.hang)
            late = one.deadline is not None and self._looked > one.deadline
            if late or (self._order.hang and missed >= most and not self._told):
                _LOG.error("process %d %s: it is killed", one.number, "did not end in time" if late else "hangs")
                one.kill()

    def _renew(self) -> None:
        """Put the new order in force, one place after the other."""
        for place in self._places:
            if place.coming is not None and place.coming.ready and not self._told:
                if place.member is not None:
                    place.member.tell(LEAVE, within=_LEAVING)
                    self._leaving.append(place.member)
                place.member, place.coming, place.failures = place.coming, None, 0
                self._order = self._next
                if not self._renewing:
                    _LOG.warning("the configuration as it is now is in force")
        if self._told or any(place.coming is not None for place in self._places):
            return
        if self._asked and not self._renewing and self._job.renewed is not None:
            self._asked = False
            if (order := self._job.renewed(self._order.what)) is not None:
                self._next = order
                self._renewing.extend(self._places)
        if self._renewing:
            place = self._renewing.popleft()
            place.coming = Member(self._job.work, self._next.what, place.has)

    def _share(self) -> None:
        """Tell where there is somebody, so that nobody waits where there is nobody."""
        attended = [number for number, place in enumerate(self._places) if place.attended]
        if attended and attended != self._attended:
            self._attended = attended
            self._job.attended(attended)

    def _begin(self) -> None:
        """Say once that the work is done, or give up where no process could ever begin."""
        if self._began or self._told:
            return
        states = [place.member is not None and place.member.ready for place in self._places]
        if all(state or place.failures for state, place in zip(states, self._places, strict=True)):
            self._began = True
            if any(states):
                self._job.ready()
            else:
                self._failed = True
                self._end()


class _Heard:
    """Signals that have come, and something to wake up from."""

    def __init__(self, waking: socket.socket) -> None:
        self.waking = waking

    def taken(self) -> list[int]:
        """Return those that have come since."""
        with contextlib.suppress(BlockingIOError):
            return list(self.waking.recv(4096))
        return []


@contextlib.contextmanager
def _signals() -> Iterator[_Heard]:
    """Have signals written where they wake up who waits."""
    waking, waker = socket.socketpair()
    with waking, waker:
        for one in (waking, waker):
            os.set_blocking(one.fileno(), False)
        before = signal.set_wakeup_fd(waker.fileno())
        handlers = {number: signal.signal(number, lambda _number, _frame: None) for number in _HEEDED}
        try:
            yield _Heard(waking)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before)
