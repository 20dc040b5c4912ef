"""The one step of a layer that TIME means.

Source: OGC 06-042, C.2 (`current`, nearest values) and C.3.2 (TIME).
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from core.asked.leeway import EXACT, Found, Leeway
from core.asked.time import Member, Moment, Range, times_asked
from core.numbers import shown
from core.periods import Period, later
from core.problem import Problem
from core.steps import StepTable
from core.time import EPOCH, Calendar, dates_of

JITTER: Final = 500
"""Milliseconds: times that files hold as days in floating point are off by less."""
_INSTANTS: Final = 256
"""Instants of periods with months that one request may lead to: each takes about 0.1 ms to work out."""
_STEPS: Final = 1 << 20
"""Steps that one request may have compared with other periods: about 10 ms."""
_BLOCK: Final = 1 << 12
"""Steps compared at once."""


def step_asked(steps: StepTable, text: str, leeway: Leeway = EXACT) -> Found:
    """Return the step that TIME means; of several the latest.

    Raises:
        Problem: `invalid_dimension`, naming the nearest step; `too_large`.

    """
    members = times_asked(text, steps.calendar, int(steps.times[-1]))
    shares = max(1, sum(isinstance(member, Range) and member.every is not None for member in members))
    index = _latest(_among(steps, member, shares) for member in members)
    if index is not None:
        return Found(index=index, how="asked")
    index = _latest(_near(steps, member, leeway) for member in members)
    if index is not None:
        return Found(index=index, how="nearest")
    nearest = steps.iso(steps.nearest(_aim(members[-1])))
    said = "is not on the time axis" if len(members) == 1 and isinstance(members[0], Moment) else "holds no step"
    message = f"TIME={shown(text.strip())} {said}; the nearest step is {nearest}"
    raise Problem("invalid_dimension", message, parameter="TIME")


def step_near(steps: StepTable, text: str) -> int:
    """Return the index of the step that TIME means, else of the one nearest to it, however far that is.

    Raises:
        Problem: `invalid_dimension`, where it is no time; `too_large`.

    """
    members = times_asked(text, steps.calendar, int(steps.times[-1]))
    shares = len(members)
    index = _latest(_among(steps, member, shares) for member in members)
    return steps.nearest(_aim(members[-1])) if index is None else index


def _latest(found: Iterable[int | None]) -> int | None:
    return max((index for index in found if index is not None), default=None)


def _aim(member: Member) -> int:
    """Return the instant that a step should have been near to."""
    return member.begin if isinstance(member, Moment) else member.last.begin


def _near(steps: StepTable, member: Member, leeway: Leeway) -> int | None:
    """Return the step nearest to a moment, if it is near enough; a range means what lies in it, never what is near."""
    if isinstance(member, Range) or not leeway.time:
        return None
    index = steps.nearest(member.begin)
    return index if abs(int(steps.times[index]) - member.begin) <= leeway.time else None


def _among(steps: StepTable, member: Member, shares: int) -> int | None:
    """Return the latest step of one member; None where it has none."""
    if isinstance(member, Moment):
        return _at(steps, member)
    if member.every is None:
        return _between(steps, member)
    if member.every.months:
        return _by_months(steps, member, member.every, _INSTANTS // shares)
    return _by_length(steps, member, member.every.milliseconds, _STEPS // shares)


def _at(steps: StepTable, moment: Moment) -> int | None:
    """Return the step at the begin of a moment, else the first within it."""
    found = _exactly(steps, moment.begin)
    if found is not None:
        return found
    index = int(np.searchsorted(steps.times, moment.begin))
    return index if index < len(steps) and int(steps.times[index]) < moment.end else None


def _exactly(steps: StepTable, time: int) -> int | None:
    """Return the step at an instant: half a second off is the same, where no other step could be meant."""
    index = steps.nearest(time)
    off = abs(int(steps.times[index]) - time)
    if off == 0:
        return index
    around = steps.times[max(index - 1, 0) : index + 2]
    alone = around.size == 1 or int(np.diff(around).min()) > 2 * JITTER
    return index if off <= JITTER and alone else None


def _between(steps: StepTable, asked: Range) -> int | None:
    """Return the latest step of a range without a period."""
    index = int(np.searchsorted(steps.times, asked.last.end)) - 1
    if index >= 0 and int(steps.times[index]) >= asked.first.begin:
        return index
    return _latest(_exactly(steps, end) for end in (asked.first.begin, asked.last.begin) if end >= asked.first.begin)


def _by_length(steps: StepTable, asked: Range, length: int, most: int) -> int | None:
    """Return the latest step of a range whose moments lie `length` milliseconds apart.

    Raises:
        Problem: `too_large`: more than `most` steps would have to be looked at.

    """
    begin, slack = asked.first.begin, JITTER if length > 2 * JITTER else 0
    low, high = (int(found) for found in np.searchsorted(steps.times, (begin - slack, asked.last.end)))
    if high - low > most:
        raise _too_much("steps", most)
    tried = 0
    # From the latest on: mostly one of the first fits.
    for stop in range(high, low, -_BLOCK):
        times = steps.times[max(low, stop - _BLOCK) : stop] + slack - begin
        numbers = times[times % length < asked.first.end - begin + slack] // length
        for number in numbers[np.diff(numbers, prepend=-1) > 0][::-1]:
            found = _at(steps, _moved(asked, begin + int(number) * length, steps.calendar))
            tried += 1
            if found is not None:
                return found
            if tried == _INSTANTS:
                raise _too_much("instants", _INSTANTS)
    return None


def _by_months(steps: StepTable, asked: Range, every: Period, most: int) -> int | None:
    """Return the latest step of a range whose moments lie months apart.

    Raises:
        Problem: `too_large`: more than `most` moments would have to be looked at.

    """
    begin, calendar = asked.first.begin, steps.calendar
    end = min(asked.last.end, int(steps.times[-1]) + JITTER + 1)
    count = (_month(end, calendar) - _month(begin, calendar)) // every.months
    if every.milliseconds:
        count = min(count, (end - begin) // every.milliseconds)
    for number in range(count, max(count - most, -1), -1):
        place = later(begin, every.times(number), calendar)
        found = _at(steps, _moved(asked, place, calendar)) if place < end else None
        if found is not None or place < int(steps.times[0]) - JITTER:
            return found
    if count >= most:
        raise _too_much("instants", most)
    return None


def _moved(asked: Range, begin: int, calendar: Calendar) -> Moment:
    """Return the moment of a range that begins at `begin`; what lies beyond the range is not part of it."""
    unit = asked.first.unit
    return Moment(begin=begin, unit=unit, end=min(later(begin, unit, calendar), asked.last.end))


def _month(time: int, calendar: Calendar) -> int:
    """Count the months up to an instant."""
    date = dates_of(time, EPOCH, calendar)
    return int(date.year) * 12 + int(date.month)


def _too_much(what: str, most: int) -> Problem:
    message = f"TIME would have more than {most} {what} looked at: ask for a shorter range, or for fewer at once"
    return Problem("too_large", message, parameter="TIME")
