"""What a request means for one dataset: its calendar, its steps and its grids settle what was written. Pure."""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from core.asked.numbers import ranges_asked
from core.asked.time import Moment, moment
from core.dataset import ProjectedGrid, RectilinearGrid
from core.layer import Layer
from core.numbers import shown
from core.periods import Period, later, period
from core.problem import Problem
from core.selection import asked as selection
from core.steps import StepTable
from core.time import Calendar
from gateway.ncss.levels import chosen_levels
from gateway.ncss.request.place import Box, Place, Point
from gateway.ncss.request.subset import Subset
from gateway.ncss.request.times import PRESENT, OneTime, TimeRange
from gateway.opened import OpenDataset

_MOST_NAMED: Final = 12
"""Variables that a refusal lists."""
_COUNTED: Final = re.compile(r"([0-9]{1,6}) ?([a-z]+)", re.ASCII | re.IGNORECASE)
_UNITS: Final[Mapping[str, int]] = {
    "s": 1000, "sec": 1000, "second": 1000, "min": 60_000, "minute": 60_000, "h": 3_600_000, "hr": 3_600_000,
    "hour": 3_600_000, "day": 86_400_000, "d": 86_400_000, "week": 604_800_000,
}  # fmt: skip
"""Milliseconds of the units that UDUNITS and people write; longer ones have no one length."""


def settled(source: OpenDataset, asked: Subset) -> selection.Subset:
    """Return what is to be cut out of a dataset.

    Raises:
        Problem: `invalid_value`: a variable or dimension is not there; `invalid_dimension`: no step is meant.

    """
    layers = _layers(source, asked.variables)
    vertical, height = chosen_levels(layers, asked)
    return selection.Subset(
        variables=asked.variables or (),
        place=_place(source, layers, asked.place),
        stride=asked.horizontal_stride,
        time=_times(source, layers, asked),
        vertical=vertical,
        height=height,
        others=_others(layers, asked.others),
    )


def _layers(source: OpenDataset, names: tuple[str, ...] | None) -> list[Layer]:
    if names is None:
        return list(source.layers())
    for name in names:
        if name not in source.offered:
            there = ", ".join([*source.offered][:_MOST_NAMED]) + (", ..." if len(source.offered) > _MOST_NAMED else "")
            message = f"there is no variable {shown(name)} in dataset {source.dataset.id!r}: it has {there}"
            raise Problem("invalid_value", message, parameter="var")
    return [source.offered[name] for name in names]


def _place(
    source: OpenDataset, layers: list[Layer], place: Place
) -> selection.Box | selection.OnAxes | selection.Point | None:
    if isinstance(place, Point):
        return selection.Point(longitude=place.longitude, latitude=place.latitude)
    if not isinstance(place, Box):
        return None
    grids = source.dataset.description.grids
    if place.projected and all(isinstance(grids[layer.variable.grid or ""], ProjectedGrid) for layer in layers):
        return selection.OnAxes(left=place.west, low=place.south, right=place.east, high=place.north)
    if place.projected and any(not isinstance(grids[layer.variable.grid or ""], RectilinearGrid) for layer in layers):
        message = "the grid has no coordinates of its own: ask by west, east, south and north"
        raise Problem("invalid_value", message, parameter="minx")
    return selection.Box(west=place.west, east=place.east, south=place.south, north=place.north)


def _times(source: OpenDataset, layers: list[Layer], asked: Subset) -> selection.Along | None:
    if not any(layer.has_time for layer in layers):
        return None
    steps, present, times = source.dataset.steps, source.dataset.published, asked.times
    if times == "all":
        return selection.Between(stride=asked.time_stride)
    if isinstance(times, OneTime):
        return selection.Nearest(value=_one(steps, times.text, present))
    begin, end = _ends(times, steps.calendar, present)
    low, high = (int(place) for place in np.searchsorted(steps.times, (begin, end)))
    if low == high:
        raise _outside(steps, f"{_written(times)} holds no step", begin)
    return selection.Between(low=begin, high=end - 1, stride=asked.time_stride)


def _one(steps: StepTable, text: str, present: int) -> int:
    """Return the step at the begin of a moment, else the first within it, else the nearest."""
    if text.lower() == PRESENT:
        return int(steps.times[steps.nearest(present)])
    found = moment(text, steps.calendar, "time")
    within = int(np.searchsorted(steps.times, found.begin))
    if within < len(steps) and steps.times[within] < found.end:
        return int(steps.times[within])
    if not steps.times[0] <= found.begin <= steps.times[-1]:
        raise _outside(steps, f"time={shown(text)} lies outside the dataset", found.begin)
    return int(steps.times[steps.nearest(found.begin)])


def _ends(times: TimeRange, calendar: Calendar, present: int) -> tuple[int, int]:
    """Return the first millisecond of a range, and the first after it."""
    start = None if times.start is None else _moment(times.start, calendar, present, "time_start")
    end = None if times.end is None else _moment(times.end, calendar, present, "time_end")
    span = None if times.duration is None else _duration(times.duration)
    if start is not None and end is not None:
        if end.end <= start.begin:
            message = f"time_end={shown(times.end or '')} lies before time_start={shown(times.start or '')}"
            raise Problem("invalid_value", f"{message}: exchange them", parameter="time_end")
        return start.begin, end.end
    if start is not None and span is not None:
        return start.begin, later(start.begin, span, calendar) + 1
    if end is not None and span is not None:
        return _earlier(end.begin, span), end.end
    raise Problem("missing_parameter", "time_start or time_end is required", parameter="time_start")


def _moment(text: str, calendar: Calendar, present: int, parameter: str) -> Moment:
    if text.lower() == PRESENT:
        return Moment(begin=present, unit=Period(milliseconds=1), end=present + 1)
    return moment(text, calendar, parameter)


def _earlier(end: int, span: Period) -> int:
    if span.months:
        message = "time_duration with months or years counts from time_start; give that instead of time_end"
        raise Problem("invalid_value", message, parameter="time_duration")
    return end - span.milliseconds


def _duration(text: str) -> Period:
    counted = _COUNTED.fullmatch(text)
    if counted is not None:
        unit = counted[2].lower()
        length = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
        if length is not None:
            return Period(milliseconds=int(counted[1]) * length)
    return period(text, "time_duration")


def _outside(steps: StepTable, what: str, at: int) -> Problem:
    last, nearest = len(steps) - 1, steps.nearest(at)
    message = f"{what}: steps go from {steps.iso(0)} to {steps.iso(last)}; the nearest is {steps.iso(nearest)}"
    return Problem("invalid_dimension", message, parameter="time")


def _written(times: TimeRange) -> str:
    named = (("time_start", times.start), ("time_end", times.end), ("time_duration", times.duration))
    return ", ".join(f"{name}={shown(text)}" for name, text in named if text is not None)


def _others(layers: list[Layer], given: tuple[tuple[str, str], ...]) -> dict[str, selection.Along]:
    """Return what is asked for along further dimensions, by the name that the file gives them."""
    known = {one.name.lower(): one.axis.name for layer in layers for one in layer.others}
    found: dict[str, selection.Along] = {}
    for name, text in given:
        if name not in known:
            there = ", ".join(f"DIM_{one}" for one in known) or "none"
            message = f"there is no dimension DIM_{name} for these variables: they have {there}"
            raise Problem("invalid_value", message, parameter=f"DIM_{name}")
        asked, *more = ranges_asked(text, f"DIM_{name}")
        if more or asked.step:
            message = f"DIM_{name}={shown(text)} is neither VALUE nor LOW/HIGH"
            raise Problem("invalid_value", message, parameter=f"DIM_{name}")
        one = asked.low == asked.high
        found[known[name]] = (
            selection.Nearest(value=asked.low) if one else selection.Between(low=asked.low, high=asked.high)
        )
    return found
