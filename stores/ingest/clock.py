"""Which variable of a file holds its time, and what it says.

Source: CF Conventions 1.11, 4.4 (time coordinate), 5.7 (scalar coordinates).
"""

from collections.abc import Iterable
from typing import Any, Final

import cftime
import numpy as np
from numpy.typing import NDArray

from core.attributes import text_of
from core.dataset import TimeAxis
from core.packing import packing_of
from core.time import EPOCH, Calendar, calendar_of, milliseconds
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.refusal import Unreadable

_NOT_THE_TIME: Final = ("forecast_reference_time", "forecast_period")


def time_of(file: RawFile, dimensions: Iterable[str]) -> TimeAxis | None:
    """Find the time axis of fields that have `dimensions` besides place; None for a file without time.

    The coordinate variable of a dimension comes first, then an auxiliary coordinate along it, then a scalar; its
    units must read "UNIT since DATE". With a scalar the axis takes that variable's name.

    Raises:
        Unreadable: the calendar is none of CF's.

    """
    along = [
        (dimension, variable)
        for dimension in dimensions
        for variable in _along(file, dimension)
        if is_time(variable) and variable.standard_name not in _NOT_THE_TIME
    ]
    along.sort(key=lambda found: found[1].standard_name != "time")
    scalars = [(name, variable) for name, variable in file.variables.items() if _is_scalar_time(variable)]
    if not along and not scalars:
        return None
    dimension, variable = (along or scalars)[0]
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
    raw = np.atleast_1d(values(time.variable))
    if raw.size == 0:
        raise Unreadable(file.name, f"{time.variable} holds no time: the file has no step")
    packing = packing_of(raw.dtype, file.variables[time.variable].attributes)
    scaled = packing.scaled(raw)
    if packing.is_missing(raw).any() or not np.isfinite(scaled).all():
        raise Unreadable(file.name, f"a value of {time.variable} is missing")
    try:
        return _instants(scaled, time.units, time.calendar)
    except (ValueError, OverflowError, TypeError) as error:
        # "days since 2020" is a TypeError in the library, about something else.
        reason = "its date is not whole" if isinstance(error, TypeError) else str(error)
        raise Unreadable(file.name, f"{time.variable} in {time.units!r} cannot be decoded yet: {reason}") from error


def _along(file: RawFile, dimension: str) -> list[RawVariable]:
    found = [variable for variable in file.variables.values() if variable.dimensions == (dimension,)]
    return sorted(found, key=lambda variable: variable.name != dimension)


def is_time(variable: RawVariable) -> bool:
    """Tell whether a variable holds times: its units read "UNIT since DATE"."""
    return variable.numeric and " since " in f" {variable.units.lower()} "


def _is_scalar_time(variable: RawVariable) -> bool:
    if variable.dimensions or not is_time(variable) or variable.standard_name in _NOT_THE_TIME:
        return False
    axis = (text_of(variable.attributes, "axis") or "").upper()
    return variable.standard_name == "time" or axis == "T" or variable.name.lower() in ("time", "mt", "ocean_time")


def recoded(file: str, raw: NDArray[Any], units: str, time: TimeAxis) -> NDArray[Any]:
    """Turn times in the units of one file into the units of the dataset, in the same type.

    Raises:
        Unreadable: that type cannot hold them.

    """
    try:
        instants = _instants(np.asarray(raw), units, time.calendar)
        dates = cftime.num2date(instants, EPOCH, time.calendar)
        found = np.asarray(cftime.date2num(dates, time.units, time.calendar)).astype(raw.dtype)
    except (ValueError, OverflowError, TypeError) as error:
        raise Unreadable(file, f"its times in {units!r} cannot be told in {time.units!r}: {error}") from error
    if not np.array_equal(_instants(found, time.units, time.calendar), instants):
        raise Unreadable(file, f"its times in {units!r} do not fit {raw.dtype} in {time.units!r}, as the dataset has")
    return found


def _instants(values: NDArray[Any], units: str, calendar: Calendar) -> NDArray[np.int64]:
    """Turn times into milliseconds; also whole calendar months, which CF discourages and climatologies use.

    The fraction of a month is taken of that month. Only a first day of a month can be counted from.
    """
    unit, _, since = units.strip().partition(" since ")
    if unit.strip().lower() not in ("month", "months"):
        return milliseconds(values, units, calendar)
    epoch = cftime.num2date(0, f"days since {since}", calendar)
    if epoch.day != 1:
        raise ValueError("months are counted from the first day of a month only")
    whole = np.floor(np.asarray(values, dtype=np.float64))
    edges = [
        [epoch.replace(year=epoch.year + month // 12, month=month % 12 + 1) for month in (first, first + 1)]
        for first in (int(months) + epoch.month - 1 for months in whole.ravel())
    ]
    starts, ends = np.asarray(cftime.date2num(edges, EPOCH, calendar), dtype=np.float64).reshape(-1, 2).T
    found = starts + (np.ravel(values) - whole.ravel()) * (ends - starts)
    return np.rint(found).astype(np.int64).reshape(whole.shape)
