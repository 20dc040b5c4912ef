"""Which variable of a file holds its time, and what it says.

Source: CF Conventions 1.11, 4.4 (time coordinate), 5.7 (scalar coordinates).
"""

from collections.abc import Iterable
from math import prod
from typing import Any, Final

import cftime
import numpy as np
from numpy.typing import NDArray

from core.attributes import text_of
from core.dataset import Description, TimeAxis
from core.time import EPOCH, Calendar, calendar_of, counted, dates_of, milliseconds, years_before_one
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.packings import packing_in
from stores.ingest.refusal import Unreadable

_NOT_THE_TIME: Final = ("forecast_reference_time", "forecast_period")
_NAMES: Final = ("time", "mt", "ocean_time")
_PERPETUAL: Final = "none"
"""The calendar of a simulated fixed time of year: it has differences, and no dates (CF 4.4.1)."""
_MONTHS: Final = {"month": 1, "months": 1, "year": 12, "years": 12}
"""Units that are counted in whole calendar months."""
_LAST_DAY: Final = 28
"""That every month of every calendar has."""


def time_of(file: RawFile, dimensions: Iterable[str]) -> TimeAxis | None:
    """Find the time axis of fields that have `dimensions` besides place; None for a file without time.

    The coordinate variable of a dimension comes first, then an auxiliary coordinate along it, then a variable with
    one value; its units must read "UNIT since DATE". With the last the axis takes that variable's name.

    Raises:
        Unreadable: the calendar is none of CF's.

    """
    along = [
        (dimension, variable)
        for dimension in dimensions
        for variable in file.along(dimension)
        if is_time(variable) and variable.standard_name not in _NOT_THE_TIME
    ]
    along.sort(key=lambda found: found[1].standard_name != "time")
    single = [(name, variable) for name, variable in file.variables.items() if _is_single_time(variable)]
    if not along and not single:
        return None
    dimension, variable = (along or single)[0]
    try:
        calendar = calendar_of(text_of(variable.attributes, "calendar"))
    except ValueError as error:
        raise Unreadable(file.name, f"{variable.name}: {error}") from error
    return TimeAxis(dimension=dimension, variable=variable.name, units=variable.units, calendar=calendar)


def times_of(file: RawFile, time: TimeAxis, values: Values) -> NDArray[np.int64]:
    """Return the times of a file in milliseconds, shape (n,), in file order.

    Raises:
        Unreadable: there are none, one is missing, or the units cannot be decoded.

    """
    found = instants_of(file, file.variables[time.variable], time.calendar, values)
    if found.size == 0:
        raise Unreadable(file.name, f"{time.variable} holds no time: the file has no step")
    return np.ravel(found)


def instants_of(file: RawFile, variable: RawVariable, calendar: Calendar, values: Values) -> NDArray[np.int64]:
    """Return the times that a variable holds in milliseconds, in its shape.

    Raises:
        Unreadable: one is missing, or the units cannot be decoded.

    """
    raw = values(variable.name)
    if raw.size == 0:
        return np.zeros(raw.shape, dtype=np.int64)
    packing = packing_in(file, variable)
    scaled = packing.scaled(raw)
    if packing.is_missing(raw).any() or not np.isfinite(scaled).all():
        raise Unreadable(file.name, f"a value of {variable.name} is missing")
    try:
        return _instants(scaled, variable.units, calendar)
    except (ValueError, OverflowError, TypeError) as error:
        # "days since 2020" is a TypeError in the library, about something else.
        reason = "its date is not whole" if isinstance(error, TypeError) else str(error)
        raise Unreadable(file.name, f"{variable.name} in {variable.units!r} cannot be decoded yet: {reason}") from error


def remarks_on(file: RawFile, description: Description) -> tuple[str, ...]:
    """Say which dimensions are meant as time, and are served as numbers because no dates can be told from them."""
    found = []
    for name in description.axes:
        meant = next((variable for variable in file.along(name) if says_time(variable)), None)
        if meant is not None:
            units = f"its units are {meant.units!r}" if meant.units else "it has no units"
            found.append(f"{name} is served as numbers, not as time: {units}, where UNIT since DATE is needed")
        elif name.rpartition("/")[2].lower() in _NAMES:
            found.append(f"{name} is served as numbers, not as time: no variable holds its values")
    return tuple(found)


def is_time(variable: RawVariable) -> bool:
    """Tell whether a variable holds times: its units read "UNIT since DATE", in a calendar that has dates."""
    dated = (text_of(variable.attributes, "calendar") or "").lower() != _PERPETUAL
    return dated and variable.numeric and " since " in f" {variable.units.lower()} "


def says_time(variable: RawVariable) -> bool:
    """Tell whether a variable is meant as a time, though no dates may be told from it."""
    axis = (text_of(variable.attributes, "axis") or "").upper()
    return variable.standard_name == "time" or axis == "T" or variable.short in _NAMES


def bounds_of_time(file: RawFile, time: RawVariable) -> list[RawVariable]:
    """Return the bounds of a time coordinate, those of a climatology too (CF 7.4)."""
    return [*file.named(time, "bounds"), *file.named(time, "climatology")]


def _is_single_time(variable: RawVariable) -> bool:
    if prod(variable.shape) != 1 or not is_time(variable) or variable.standard_name in _NOT_THE_TIME:
        return False
    return says_time(variable)


def recoded(file: str, raw: NDArray[Any], units: str, time: TimeAxis) -> NDArray[Any]:
    """Turn times in the units of one file into the units of the dataset, in the same type.

    Raises:
        Unreadable: that type cannot hold them.

    """
    try:
        instants = _instants(np.asarray(raw), units, time.calendar)
        dates = dates_of(instants, EPOCH, time.calendar)
        found = np.asarray(counted(dates, time.units, time.calendar)).astype(raw.dtype)
    except (ValueError, OverflowError, TypeError) as error:
        raise Unreadable(file, f"its times in {units!r} cannot be told in {time.units!r}: {error}") from error
    if not np.array_equal(_instants(found, time.units, time.calendar), instants):
        raise Unreadable(file, f"its times in {units!r} do not fit {raw.dtype} in {time.units!r}, as the dataset has")
    return found


def _instants(values: NDArray[Any], units: str, calendar: Calendar) -> NDArray[np.int64]:
    """Turn times into milliseconds; also whole calendar months and years, which CF discourages and climatologies use.

    The fraction of a month is taken of that month, that of a year of that year. They can only be counted from a day
    that every month has.
    """
    unit, _, since = units.strip().partition(" since ")
    months = _MONTHS.get(unit.strip().lower())
    if months is None:
        return milliseconds(values, units, calendar)
    epoch = dates_of(0, f"days since {since}", calendar)
    if epoch.day > _LAST_DAY:
        raise ValueError(f"months and years are counted from a day up to the {_LAST_DAY}th of a month only")
    whole = np.floor(np.asarray(values, dtype=np.float64))
    with years_before_one():
        edges = [
            [_months_later(epoch, months * count) for count in (int(first), int(first) + 1)] for first in whole.ravel()
        ]
    starts, ends = np.asarray(counted(edges, EPOCH, calendar), dtype=np.float64).reshape(-1, 2).T
    found = starts + (np.ravel(values) - whole.ravel()) * (ends - starts)
    return np.rint(found).astype(np.int64).reshape(whole.shape)


def _months_later(date: cftime.datetime, months: int) -> cftime.datetime:
    years, month = divmod(date.month - 1 + months, 12)
    year = date.year + years
    if not date.has_year_zero and date.year < 0 <= year:
        year += 1
    elif not date.has_year_zero and year <= 0 < date.year:
        year -= 1
    return date.replace(year=year, month=month + 1)
