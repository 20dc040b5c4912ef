"""TIME as clients write it: instants of some precision, ranges and lists of both.

Source: OGC 06-042, C.3.2 and annex D; ISO 8601.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.asked.leeway import listed
from core.numbers import shown
from core.periods import Period, later, period
from core.problem import Problem
from core.time import Calendar, Precision, instant, precision

CURRENT: Final = "current"
_UNITS: Final[dict[Precision, Period]] = {
    "fraction": Period(milliseconds=1),
    "second": Period(milliseconds=1000),
    "minute": Period(milliseconds=60_000),
    "hour": Period(milliseconds=3_600_000),
    "day": Period(milliseconds=86_400_000),
    "month": Period(months=1),
    "year": Period(months=12),
}
_MOST_PARTS: Final = 2
"""Of a range, after its begin: END/PERIOD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time of some precision: 2014-12 is the whole month."""

    begin: int
    """Milliseconds; the instant that is meant where there is such a step."""
    unit: Period
    """How long it lasts."""
    end: int
    """The first millisecond that is not part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From the begin of one moment to the end of another, with both."""

    first: Moment
    last: Moment
    every: Period | None
    """Only the moments that lie this far apart; None for all that lies between."""


Member = Moment | Range
"""Of a list."""


def times_asked(text: str, calendar: Calendar, last: int) -> tuple[Member, ...]:
    """Read TIME; `current` is `last`, the time of the last step.

    Raises:
        Problem: `invalid_dimension`, `too_large`.

    """
    return tuple(_member(member, calendar, last) for member in listed(text, "TIME"))


def _member(text: str, calendar: Calendar, last: int) -> Member:
    """Read one member of a list.

    Raises:
        Problem: `invalid_dimension`.

    """
    first, *rest = text.split("/", 3)
    begin = _moment(first, calendar, last)
    if not rest:
        return begin
    if len(rest) > _MOST_PARTS:
        message = f"TIME={shown(text)} is none of INSTANT, BEGIN/END and BEGIN/END/PERIOD"
        raise Problem("invalid_dimension", message, parameter="TIME")
    end = _moment(rest[0], calendar, last)
    if end.end <= begin.begin:
        raise Problem("invalid_dimension", f"TIME={shown(text)} ends before it begins", parameter="TIME")
    every = period(rest[1]) if rest[1:] else Period()
    return Range(first=begin, last=end, every=None if every == Period() else every)


def _moment(text: str, calendar: Calendar, last: int) -> Moment:
    written = text.strip()
    if written.lower() == CURRENT:
        return Moment(begin=last, unit=_UNITS["fraction"], end=last + 1)
    return moment(written, calendar)


@lru_cache(maxsize=1 << 12)
def moment(text: str, calendar: Calendar, parameter: str = "TIME") -> Moment:
    """Read an instant of some precision.

    Raises:
        Problem: `invalid_dimension`.

    """
    begin, unit = instant(text, calendar, parameter), _UNITS[precision(text, parameter)]
    return Moment(begin=begin, unit=unit, end=later(begin, unit, calendar))
