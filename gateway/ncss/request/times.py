"""When: one step, all of them, or a range, as it was written; the calendar of a dataset says later what it means."""

from dataclasses import dataclass
from typing import Final, Literal

from core.problem import Problem
from gateway.ncss.request.parameters import Parameters

PRESENT: Final = "present"
_ALL: Final = "all"
_ENDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTime:
    """The step nearest to an instant, or at the present."""

    text: str
    """ISO 8601, or `present`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """All steps between two instants, both included. Two of the three are given."""

    start: str | None
    """ISO 8601, or `present`."""
    end: str | None
    """ISO 8601, or `present`."""
    duration: str | None
    """ISO 8601, or a number and a unit."""


Times = OneTime | TimeRange | Literal["all"]


def times_asked(given: Parameters) -> Times:
    """Read the times; without any it is the present.

    Raises:
        Problem: `missing_parameter`, `invalid_value`.

    """
    # `temporal` is what older servers knew, and siphon still sends.
    if (given.text("temporal") or "").lower() == _ALL:
        return "all"
    time = _instant(given.text("time"))
    if time is not None:
        return "all" if time.lower() == _ALL else OneTime(text=time)
    asked = TimeRange(
        start=_instant(given.text("time_start")),
        end=_instant(given.text("time_end")),
        duration=given.text("time_duration"),
    )
    count = sum(text is not None for text in (asked.start, asked.end, asked.duration))
    if count == 0:
        return OneTime(text=PRESENT)
    names = "time_start, time_end and time_duration"
    if count < _ENDS:
        raise Problem("missing_parameter", f"two of {names} are needed, and one is given", parameter="time_start")
    if count > _ENDS:
        raise Problem("invalid_value", f"two of {names} say it all, and three are given", parameter="time_duration")
    return asked


def _instant(text: str | None) -> str | None:
    # The + of a time zone arrives as a blank when it was not escaped.
    return text.replace(" ", "+") if text is not None and "T" in text else text
