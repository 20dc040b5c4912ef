"""Time as one number: milliseconds since 1970-01-01T00:00:00 in the calendar of the source.

Source: CF Conventions 1.11, 4.4 (time coordinate) and 4.4.1 (calendars); ISO 8601; OGC 06-042, annex D.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, Literal, cast

import cftime
import numpy as np
from numpy.typing import NDArray

from core.numbers import shown
from core.problem import Problem

Calendar = Literal[
    "standard", "gregorian", "proleptic_gregorian", "noleap", "365_day", "all_leap", "366_day", "360_day", "julian"
]
CALENDARS: Final[tuple[str, ...]] = (
    "standard",
    "gregorian",
    "proleptic_gregorian",
    "noleap",
    "365_day",
    "all_leap",
    "366_day",
    "360_day",
    "julian",
)
Precision = Literal["year", "month", "day", "hour", "minute", "second", "fraction"]
PRECISIONS: Final[tuple[Precision, ...]] = ("fraction", "second", "minute", "hour", "day", "month", "year")
"""From the finest to the coarsest."""
EPOCH: Final = "milliseconds since 1970-01-01T00:00:00"
_GREGORIAN: Final = ("standard", "gregorian", "proleptic_gregorian")
HISTORIC: Final = ("standard", "gregorian", "julian")
"""Their year 1 follows the year -1."""
_INSTANT: Final = re.compile(
    r"(?P<year>-?[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?"
    r"(?P<zone>Z|[+ -](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?)?)?",
    re.ASCII,
)


def calendar_of(text: str | None) -> Calendar:
    """Return the calendar that an attribute names; `standard` where there is none (CF 4.4.1).

    Raises:
        ValueError: CF knows no such calendar.

    """
    name = (text or "standard").strip().lower()
    if name not in CALENDARS:
        raise ValueError(f"calendar {shown(name)} is not one of {', '.join(CALENDARS)}")
    return cast("Calendar", name)


def units_of(calendar: Calendar) -> str:
    """Return what WMS calls the units of time: ISO8601, or a calendar that it does not know, as ncWMS writes it."""
    return "ISO8601" if calendar in _GREGORIAN else calendar


def milliseconds(values: NDArray[np.number], units: str, calendar: Calendar) -> NDArray[np.int64]:
    """Turn values of a time coordinate into milliseconds, rounded to the nearest; any shape.

    Raises:
        ValueError: the units are not "UNIT since DATE" or the calendar has no such date.

    """
    dates = dates_of(values.astype(np.float64) if values.dtype.kind == "f" else values, units, calendar)
    return np.rint(np.asarray(counted(dates, EPOCH, calendar), dtype=np.float64)).astype(np.int64)


def dates_of(values: Any, units: str, calendar: Calendar) -> Any:
    """Return the dates that values in `units` stand for, one or an array of them.

    Raises:
        ValueError: the units are not "UNIT since DATE" or the calendar has no such date.

    """
    with years_before_one():
        return cftime.num2date(values, units, calendar)


def counted(dates: Any, units: str, calendar: Calendar) -> Any:
    """Return the values in `units` that stand for dates.

    Raises:
        ValueError: the units are not "UNIT since DATE" or the calendar has no such date.

    """
    with years_before_one():
        return cftime.date2num(dates, units, calendar)


@contextmanager
def years_before_one() -> Iterator[None]:
    """Take dates before the year 1 as they are: the library warns that CF's older calendars do not foresee them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cftime.CFWarning)
        yield


@lru_cache(maxsize=1 << 16)
def iso(instant: int, calendar: Calendar) -> str:
    """Write milliseconds as ISO 8601 in UTC, without a fraction where there is none: 2014-12-17T12:00:00Z."""
    date = dates_of(instant, EPOCH, calendar)
    year = f"-{-date.year:04d}" if date.year < 0 else f"{date.year:04d}"
    fraction = f".{date.microsecond // 1000:03d}" if date.microsecond else ""
    return f"{year}-{date.month:02d}-{date.day:02d}T{date.hour:02d}:{date.minute:02d}:{date.second:02d}{fraction}Z"


@lru_cache(maxsize=1 << 12)
def instant(text: str, calendar: Calendar, parameter: str = "TIME") -> int:
    """Read an ISO 8601 instant as milliseconds; what is left out is the beginning (2014-12 is 2014-12-01T00:00:00Z).

    Raises:
        Problem: it is not ISO 8601, or the calendar has no such day.

    """
    found = _found(text, parameter)
    try:
        whole = int(counted(_date(found, calendar), EPOCH, calendar))
    except ValueError as error:
        message = f"{parameter}={shown(text)}: the calendar {calendar} has no such instant"
        raise Problem("invalid_dimension", message, parameter=parameter) from error
    fraction = int((found["fraction"] or "").ljust(3, "0")[:3])
    return whole + fraction - _zone(found["zone"])


def precision(text: str, parameter: str = "TIME") -> Precision:
    """Return the smallest unit that an ISO 8601 instant is written with.

    Raises:
        Problem: it is not ISO 8601.

    """
    found = _found(text, parameter)
    return next(unit for unit in PRECISIONS if found[unit] is not None)


def _found(text: str, parameter: str) -> re.Match[str]:
    found = _INSTANT.fullmatch(text.strip()) if len(text) <= 64 else None
    if found is None:
        message = f"{parameter}={shown(text)} is not an ISO 8601 instant such as 2014-12-17T12:00:00Z"
        raise Problem("invalid_dimension", message, parameter=parameter)
    return found


def _date(found: re.Match[str], calendar: Calendar) -> cftime.datetime:
    """Return the date that an instant begins with, without fraction and zone.

    Raises:
        ValueError: the calendar has no such day.

    """
    year, month, day, hour, minute, second = (
        int(found[name] or least)
        for name, least in (("year", 0), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
    )
    if year == 0 and calendar in HISTORIC:
        # cftime would only warn.
        raise ValueError("there is no year 0")
    with years_before_one():
        return cftime.datetime(year, month, day, hour, minute, second, calendar=calendar)


def _zone(text: str | None) -> int:
    if text is None or text == "Z":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = (int(digits[:2]) * 60 + int(digits[2:])) * 60_000
    # The + of a time zone arrives as a blank where it was not escaped.
    return -size if text[0] == "-" else size
