"""The steps that a document shows: every one that TIME means, where a map shows one of them. Pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.asked.leeway import listed
from core.asked.steps import JITTER, step_asked
from core.asked.time import Moment, Range, times_asked
from core.layer import Layer
from core.numbers import shown
from core.periods import Period, later
from core.problem import Problem
from core.steps import StepTable
from core.time import Calendar, instant, iso
from renderers.kml.described import Step
from renderers.kml.features import Span

_UNDERSTOOD: Final[tuple[Calendar, ...]] = ("standard", "gregorian", "proleptic_gregorian", "noleap", "365_day")
"""Calendars whose days are all days of ISO 8601, as viewers know it."""
_SECOND: Final = 1000
"""Milliseconds."""


def steps_asked(layer: Layer, time: str | None, most: int) -> tuple[int, ...]:
    """Return the places of all steps that TIME means, ascending: a range is all of it; without TIME the default one.

    Raises:
        Problem: `invalid_dimension`, where it means none; `too_large`, where it means more than `most`.

    """
    if not layer.has_time:
        return (0,)
    if time is None:
        return (layer.default_step,)
    found: set[int] = set()
    for member in listed(time, "TIME"):
        found.update(_meant(layer, member, most))
        if len(found) > most:
            raise _too_many(time, most)
    return tuple(sorted(found))


def shown_steps(layer: Layer, places: Sequence[int]) -> tuple[Step, ...]:
    """Return steps as documents show them: each from its time on, until a second before the next one shown.

    The last one lasts as long as the step before it in the layer; one that is alone, for ever.
    """
    if not layer.has_time:
        return (Step(time=None, number=0, span=None),)
    following: list[int | None] = [*places[1:], None]
    return tuple(
        shown_step(layer, place, _until(layer.steps, place, after))
        for place, after in zip(places, following, strict=True)
    )


def shown_step(layer: Layer, place: int, until: int | None) -> Step:
    """Return one step that is shown until an instant, in milliseconds; None for ever."""
    steps = layer.steps
    begin = steps.iso(place)
    if steps.calendar not in _UNDERSTOOD or begin.startswith("-"):
        return Step(time=begin, number=place, span=None)
    end = None if until is None else iso(until, steps.calendar)
    return Step(time=begin, number=place, span=Span(begin=begin, end=end))


def until_asked(text: str | None, begin: int, calendar: Calendar) -> int | None:
    """Read UNTIL.

    Raises:
        Problem: `invalid_dimension`, where it is no instant or lies before the step.

    """
    if text is None:
        return None
    until = instant(text, calendar, "UNTIL")
    if until < begin:
        raise Problem("invalid_dimension", f"UNTIL={shown(text)} lies before TIME", parameter="UNTIL")
    return until


def _until(steps: StepTable, place: int, after: int | None) -> int | None:
    """Return the last instant of a step: both ends of a time span belong to it."""
    begin = int(steps.times[place])
    if after is not None:
        end = int(steps.times[after])
    elif place + 1 < len(steps):
        end = int(steps.times[place + 1])
    elif place > 0:
        end = 2 * begin - int(steps.times[place - 1])
    else:
        return None
    return end - _SECOND if end - begin > _SECOND else end


def _meant(layer: Layer, member: str, most: int) -> Sequence[int]:
    """Return the steps that one member of a list means."""
    steps = layer.steps
    (asked,) = times_asked(member, steps.calendar, int(steps.times[-1]))
    if isinstance(asked, Moment):
        return (step_asked(steps, member, layer.leeway).index,)
    if asked.every is None:
        found: Sequence[int] = _between(steps, asked.first.begin, asked.last.end)
    else:
        found = _periodic(steps, asked, asked.every, member, most)
    if not found:
        nearest = steps.iso(steps.nearest(asked.last.begin))
        message = f"TIME={shown(member)} holds no step; the nearest step is {nearest}"
        raise Problem("invalid_dimension", message, parameter="TIME")
    if len(found) > most:
        raise _too_many(member, most)
    return found


def _between(steps: StepTable, begin: int, end: int) -> range:
    """Return the steps from an instant, or half a second before it, up to another one, which is not part of it."""
    low, high = (int(place) for place in np.searchsorted(steps.times, (begin - JITTER, end)))
    return range(low, high)


def _periodic(steps: StepTable, asked: Range, every: Period, member: str, most: int) -> list[int]:
    """Return the first step of each of the moments of a range.

    Raises:
        Problem: `too_large`: there are more than `most` moments.

    """
    found: list[int] = []
    begin, end = asked.first.begin, min(asked.last.end, int(steps.times[-1]) + JITTER + 1)
    for count in range(most + 1):
        moment = later(begin, every.times(count), steps.calendar)
        if moment >= end:
            return found
        within = _between(steps, moment, max(later(moment, asked.first.unit, steps.calendar), moment + JITTER + 1))
        found.extend(within[:1])
    raise _too_many(member, most)


def _too_many(time: str, most: int) -> Problem:
    message = f"TIME={shown(time)} is more than the {most} steps that one document may show here"
    message = f"{message}: ask for a shorter range, or a longer period such as BEGIN/END/P1M"
    return Problem("too_large", message, parameter="TIME")
