"""ELEVATION and DIM_NAME as clients write them: numbers, ranges and lists of both.

Source: OGC 06-042, C.3.2 and C.3.3.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.asked.leeway import listed
from core.numbers import finite, shown
from core.problem import Problem

_MOST_PARTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRange:
    """All numbers from one to another, or those that lie `step` apart; one number where they are the same."""

    low: float
    high: float
    """At least `low`."""
    begin: float
    """Where steps are counted from: one of the two."""
    step: float
    """At least 0; 0 for all that lies between."""

    def holds(self, value: float, means: Callable[[float, float], bool]) -> bool:
        """Tell whether a value is in the range; `means` compares a number that is asked for with a value."""
        if not (self.low <= value <= self.high or means(self.low, value) or means(self.high, value)):
            return False
        if not self.step:
            return True
        count = (value - self.begin) / self.step
        return math.isfinite(count) and means(self.begin + round(count) * self.step, value)


def ranges_asked(text: str, parameter: str) -> tuple[NumberRange, ...]:
    """Read a number, BEGIN/END, BEGIN/END/STEP, or a list of them.

    The ends may come in either order: depths as elevations are often written from the surface downwards.

    Raises:
        Problem: `invalid_dimension`, `too_large`.

    """
    return tuple(_range(member, parameter) for member in listed(text, parameter))


def _range(text: str, parameter: str) -> NumberRange:
    parts = text.split("/", _MOST_PARTS)
    if len(parts) > _MOST_PARTS:
        message = f"{parameter}={shown(text)} is none of NUMBER, BEGIN/END and BEGIN/END/STEP"
        raise Problem("invalid_dimension", message, parameter=parameter)
    begin, *rest = (_number(part, parameter) for part in parts)
    end = rest[0] if rest else begin
    step = abs(rest[1]) if rest[1:] else 0.0
    return NumberRange(low=min(begin, end), high=max(begin, end), begin=begin, step=step)


def _number(text: str, parameter: str) -> float:
    try:
        return finite(text, parameter)
    except Problem as problem:
        raise Problem("invalid_dimension", str(problem), parameter=parameter) from problem
