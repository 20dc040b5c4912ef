"""Periods of ISO 8601 and the instants they lead to. Source: ISO 8601, 5.5.2.4; OGC 06-042, D.2.3."""

import re
from dataclasses import dataclass
from typing import Final

import cftime

from core.numbers import shown
from core.problem import Problem
from core.time import EPOCH, HISTORIC, Calendar, counted, dates_of, years_before_one

_PERIOD: Final = re.compile(
    r"P(?=[0-9T])(?:(?P<years>[0-9]{1,4})Y)?(?:(?P<months>[0-9]{1,5})M)?(?:(?P<weeks>[0-9]{1,5})W)?"
    r"(?:(?P<days>[0-9]{1,6})D)?(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,7})H)?(?:(?P<minutes>[0-9]{1,9})M)?"
    r"(?:(?P<seconds>[0-9]{1,10})(?:\.(?P<fraction>[0-9]{1,3}))?S)?)?",
    re.ASCII,
)
_SIZES: Final = (
    ("weeks", 604_800_000),
    ("days", 86_400_000),
    ("hours", 3_600_000),
    ("minutes", 60_000),
    ("seconds", 1000),
)
_YEAR: Final = 12
"""Months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of time; months are as long as the calendar makes them."""

    months: int = 0
    """At least 0."""
    milliseconds: int = 0
    """At least 0; what comes on top of the months."""

    def times(self, count: int) -> "Period":
        """Return the period `count` times."""
        return Period(months=self.months * count, milliseconds=self.milliseconds * count)


def period(text: str, parameter: str = "TIME") -> Period:
    """Read a period such as P1D, PT6H or P1M; `0` and every other period of nothing is that of a continuum.

    Raises:
        Problem: `invalid_dimension`.

    """
    written = text.strip()
    found = _PERIOD.fullmatch(written)
    if found is None and written != "0":
        message = f"{parameter}: {shown(written)} is not an ISO 8601 period such as P1D or PT6H"
        raise Problem("invalid_dimension", message, parameter=parameter)
    if found is None:
        return Period()
    fraction = int((found["fraction"] or "").ljust(3, "0"))
    return Period(
        months=int(found["years"] or 0) * _YEAR + int(found["months"] or 0),
        milliseconds=sum(int(found[name] or 0) * size for name, size in _SIZES) + fraction,
    )


def later(time: int, by: Period, calendar: Calendar) -> int:
    """Return the instant that lies `by` after `time`, both in milliseconds.

    Months are added first; a day that the month does not have is its last one.
    """
    if not by.months:
        return time + by.milliseconds
    date = dates_of(time, EPOCH, calendar)
    # Calendars without a year 0 go from -1 to 1.
    bare = calendar in HISTORIC
    year = date.year + (1 if bare and date.year < 0 else 0)
    year, month = divmod(year * _YEAR + date.month - 1 + by.months, _YEAR)
    if bare and year <= 0:
        year -= 1
    with years_before_one():
        first = cftime.datetime(year, month + 1, 1, calendar=calendar)
        day = min(date.day, first.daysinmonth)
        moved = date.replace(year=year, month=month + 1, day=day, microsecond=0)
    return int(counted(moved, EPOCH, calendar)) + int(date.microsecond) // 1000 + by.milliseconds
