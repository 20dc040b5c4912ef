"""Places for work: how much is done at once, how much waits for it, and what is refused."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from core.problem import Problem
from gateway.config.unit import LimitsConfig
from gateway.metrics import Metrics

_QUICK: Final = 512 * 512
"""Pixels of all layers together that are drawn by the way; what is larger goes the long way."""
_PIXELS: Final = 2**22
"""Pixels for which a picture has one place: drawing one takes up to 25 bytes each."""
_PLACES: Final = 32
"""Of quick work: while one waits for the store, others are drawn."""
_EACH_PASS: Final = 2
"""Pieces of quick work begun in one pass of the event loop, which takes but one new connection in each."""
_READ_EACH_PASS: Final = 8
"""Requests of which reading is begun in one pass, of some 0.3 ms each."""
_HELD: Final = 4
"""Refusals that are held back, to each that may wait."""
_MOMENT: Final = 1.0
"""Seconds that a refusal is held back: who comes back at once whatever is said costs others little then."""
_SLOW: Final = 0.5
"""Seconds after which quick work that still has not ended can only be waiting for its store."""


@dataclass(slots=True, eq=False)
class _Waiter:
    """Who waits, and what for."""

    who: str
    share: int
    """Places that are wanted."""
    told: asyncio.Future[bool]
    """Whether there is room now, or is no hope any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much a lane holds."""

    places: int
    queue: int
    """Pieces of work that may wait."""
    seconds: float
    """That each may wait."""
    slow: float | None = None
    """Seconds after which work lends its place to another, since it waits for a store; None: it keeps it to its end."""


class Lane:
    """Places for one sort of work. Callers take turns; each caller's work begins in the order in which it came."""

    def __init__(self, room: Room, *, each_pass: int, waited: Callable[[float], None]) -> None:
        """Begin at most `each_pass` pieces in one pass of the loop; `waited` is told the seconds of what had to."""
        self.waiting = 0
        """Pieces of work that wait now."""
        self.refused = 0
        """Pieces of work for which there was no room, so far."""
        self._room, self._each_pass, self._waited = room, each_pass, waited
        self._free = room.places
        self._queues: OrderedDict[str, deque[_Waiter]] = OrderedDict()
        self._begun = 0
        self._held = 0
        self._lent: set[object] = set()

    @asynccontextmanager
    async def place(self, who: str, share: int = 1) -> AsyncGenerator[None]:
        """Hold a place, or `share` of them but never more than there are, for a caller; wait where none is free.

        Who is cancelled leaves the queue at once.

        Raises:
            Problem: `busy`: too many wait already, or it took too long.

        """
        share = min(share, self._room.places)
        if self._queues or not self._fits(share):
            await self._wait(_Waiter(who, share, asyncio.get_running_loop().create_future()))
        else:
            self._take(share)
        piece, slow = object(), self._room.slow
        timer = None if slow is None else asyncio.get_running_loop().call_later(slow, self._lend, piece, share)
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()
            if piece in self._lent:
                self._lent.remove(piece)
            else:
                self._give_back(share)

    def _lend(self, piece: object, share: int) -> None:
        """Let others have the places of a piece of work."""
        # As many may do without as may wait: memory stays bounded.
        if len(self._lent) < self._room.queue:
            self._lent.add(piece)
            self._give_back(share)

    def _fits(self, share: int) -> bool:
        return share <= self._free and self._begun < self._each_pass

    def _take(self, share: int) -> None:
        self._free -= share
        if not self._begun:
            asyncio.get_running_loop().call_soon(self._next_pass)
        self._begun += 1

    def _give_back(self, share: int) -> None:
        self._free += share
        self._let_in()

    def _next_pass(self) -> None:
        self._begun = 0
        self._let_in()

    def _let_in(self) -> None:
        """Let in whose turn it is, caller by caller."""
        while self._queues:
            who, queue = next(iter(self._queues.items()))
            # What is large is not overtaken, else it would wait for ever.
            if not self._fits(queue[0].share):
                return
            waiter = queue[0]
            self._leave(waiter)
            if who in self._queues:
                self._queues.move_to_end(who)
            if waiter.told.done():
                continue  # it was cancelled just now
            self._take(waiter.share)
            waiter.told.set_result(True)

    async def _wait(self, waiter: _Waiter) -> None:
        loop = asyncio.get_running_loop()
        if not self._enter(waiter):
            await self._refuse(f"{self._room.queue} requests wait already")
        since = loop.time()
        patience = loop.call_later(self._room.seconds, self._turn_away, waiter)
        try:
            let_in = await waiter.told
        except asyncio.CancelledError:
            if not waiter.told.cancelled() and waiter.told.result():
                self._give_back(waiter.share)
            self._leave(waiter)
            # What is behind it may fit where it did not.
            self._let_in()
            raise
        finally:
            patience.cancel()
        self._waited(loop.time() - since)
        if not let_in:
            await self._refuse("others were there before, and it took too long")

    def _enter(self, waiter: _Waiter) -> bool:
        """Queue up; where there is no room, in the place of what came last of the caller with the most waiting."""
        own = self._queues.get(waiter.who, ())
        # Who has to wait for the next pass alone takes nobody's room.
        if self.waiting >= self._room.queue + self._free:
            longest = max(self._queues.values(), key=len, default=deque[_Waiter]())
            if len(longest) <= len(own) + 1:
                return False
            self._turn_away(longest[-1])
        self._queues.setdefault(waiter.who, deque()).append(waiter)
        self.waiting += 1
        return True

    def _leave(self, waiter: _Waiter) -> None:
        queue = self._queues.get(waiter.who, deque())
        with suppress(ValueError):
            queue.remove(waiter)
            self.waiting -= 1
        if not queue:
            self._queues.pop(waiter.who, None)

    def _turn_away(self, waiter: _Waiter) -> None:
        if not waiter.told.done():
            self._leave(waiter)
            waiter.told.set_result(False)
            # What is behind it may fit where it did not.
            self._let_in()

    async def _refuse(self, why: str) -> None:
        self.refused += 1
        if self._held < _HELD * self._room.queue:
            self._held += 1
            try:
                await asyncio.sleep(_MOMENT)
            finally:
                self._held -= 1
        raise Problem("busy", f"the unit has more to do than it can, {why}: ask again in a moment")


class Turns:
    """Lets requests begin a few at a time: hundreds that come at the same moment would hold the event loop."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._begun = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Return once the request may be read; soon, whatever the load is."""
        if self._begun < _READ_EACH_PASS and not self._queue:
            self._count()
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        await turn

    def _count(self) -> None:
        if not self._begun:
            asyncio.get_running_loop().call_soon(self._next_pass)
        self._begun += 1

    def _next_pass(self) -> None:
        self._begun = 0
        while self._queue and self._begun < _READ_EACH_PASS:
            turn = self._queue.popleft()
            if not turn.done():
                self._count()
                turn.set_result(None)


class Admission:
    """The two lanes of a process: large pictures, legends and small downloads never keep tiles and values waiting."""

    def __init__(self, quick: Lane, long: Lane) -> None:
        """Let work in by two lanes."""
        self.quick = quick
        """Work of a few milliseconds."""
        self.long = long
        """Work that keeps a thread busy, or reads much."""

    def drawing(self, who: str, pixels: int) -> AbstractAsyncContextManager[None]:
        """Hold a place for drawing a map; `pixels` counts those of all its layers."""
        return self.quick.place(who) if pixels <= _QUICK else self.large(who, pixels)

    def large(self, who: str, pixels: int) -> AbstractAsyncContextManager[None]:
        """Hold places for a picture that is never drawn by the way."""
        return self.long.place(who, -(-pixels // _PIXELS))


def admission(limits: LimitsConfig, metrics: Metrics) -> Admission:
    """Make the lanes of a process."""
    quick = Room(places=_PLACES, queue=limits.queue, seconds=limits.queue_seconds, slow=_SLOW)
    # One thread is left for the short work that tiles have for threads.
    long = Room(places=max(1, limits.threads - 1), queue=limits.queue, seconds=limits.queue_seconds)
    return Admission(
        quick=Lane(quick, each_pass=_EACH_PASS, waited=metrics.waited_quick),
        long=Lane(long, each_pass=_EACH_PASS, waited=metrics.waited_long),
    )
