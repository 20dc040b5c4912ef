"""The dimensions of a field that are neither time nor place, and the place along each that a request asks for.

Source: OGC 06-042, annexes C.2 and C.3 (names, values and defaults of dimensions).
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.asked.leeway import Found
from core.asked.numbers import NumberRange, ranges_asked
from core.dataset import Axis
from core.numbers import shown
from core.problem import Problem

_TOLERANCE: Final = 1e-4
"""Relative: levels such as 0.49402499 are written back by clients with fewer digits."""
_APART: Final = 0.5
"""Whole numbers (years, members, dates as 20150301) are written in full: the next one is never meant."""
_ODD: Final = re.compile(r"[^\w.-]")
_TAKEN: Final = ("TIME", "ELEVATION")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension as clients see it."""

    name: str
    """`elevation`, or after the axis; unique in its layer whatever the case, of letters, digits, `_`, `.` and `-`."""
    parameter: str
    """Under which a request names a place along it: `ELEVATION`, `DIM_member`."""
    axis: Axis
    values: tuple[float, ...]
    """As offered, in stored order: elevations counted upwards, anything else as the file has it."""
    default: int
    """Index into `values` of the place that is meant when none is named."""

    def find(self, text: str | None, leeway: float = 0.0) -> Found:
        """Return the place along the axis that a client names; None or "" is the default.

        Of a list and of a range the place is taken that the default would be: of levels the one nearest to the
        surface, else the first.

        Args:
            text: a number, BEGIN/END, BEGIN/END/STEP, or a list of them.
            leeway: how far a number may lie from the value that is taken for it.

        Raises:
            Problem: `invalid_dimension`, naming the nearest value; `too_large`.

        """
        if text is None or not text.strip():
            return Found(index=self.default, how="default")
        asked = ranges_asked(text, self.parameter)
        places = [place for one in asked for place in self._places(one)]
        if places:
            return Found(index=min(places, key=self._preference), how="asked")
        if leeway:
            near = [self._nearest(one.low) for one in asked if one.low == one.high]
            places = [place for place, off in near if off <= leeway]
            if places:
                return Found(index=min(places, key=self._preference), how="nearest")
        raise self._refused(text, asked)

    def _places(self, asked: NumberRange) -> list[int]:
        """Return the places that a number or a range means."""
        if asked.low == asked.high:
            place, _ = self._nearest(asked.low)
            return [place] if _means(asked.low, self.values[place]) else []
        return [place for place, value in enumerate(self.values) if asked.holds(value, _means)]

    def _nearest(self, asked: float) -> tuple[int, float]:
        """Return the place nearest to a number, and how far off it is."""
        place = min(range(len(self.values)), key=lambda place: abs(self.values[place] - asked))
        return place, abs(self.values[place] - asked)

    def _preference(self, place: int) -> tuple[float, int]:
        return (abs(self.values[place]) if self.name == "elevation" else 0.0), place

    def _refused(self, text: str, asked: Sequence[NumberRange]) -> Problem:
        word = "level" if self.axis.kind == "vertical" else "value"
        one = asked[0]
        nearest, _ = self._nearest(one.high)
        message = f"{self.parameter}={shown(text)} is not a {word}; the nearest is {self.values[nearest]!r}"
        if len(asked) > 1 or one.low != one.high:
            message = f"{self.parameter}={shown(text)} holds no {word}; the nearest is {self.values[nearest]!r}"
        if self.name == "elevation" and self.axis.positive == "down":
            turned, _ = self._nearest(-one.low)
            if _means(-one.low, self.values[turned]):
                message += f"; levels are counted upwards: a depth of {text.strip()} is {self.values[turned]!r}"
        return Problem("invalid_dimension", message, parameter=self.parameter)


def _means(asked: float, value: float) -> bool:
    """Tell whether a client that writes `asked` means `value`."""
    distance = abs(value - asked)
    slack = _TOLERANCE * max(abs(asked), abs(value))
    return distance <= slack and (distance < _APART or not value.is_integer())


def dimensions_of(axes: Iterable[Axis]) -> tuple[Dimension, ...]:
    """Return the dimensions of a field in the order of its axes: the first in metres or pressures is the elevation."""
    found: list[Dimension] = []
    taken = set(_TAKEN)
    elevation = False
    for axis in axes:
        if axis.dimensionless:
            found.append(_counted(axis, taken))
            taken.add(found[-1].name.upper())
        elif axis.kind == "vertical" and not elevation:
            elevation = True
            found.append(_elevation(axis))
        else:
            found.append(_other(axis, taken))
            taken.add(found[-1].name.upper())
    return tuple(found)


def _elevation(axis: Axis) -> Dimension:
    values = axis.elevations
    # The level nearest to the surface.
    default = min(range(len(values)), key=lambda level: abs(values[level]))
    return Dimension(name="elevation", parameter="ELEVATION", axis=axis, values=values, default=default)


def _counted(axis: Axis, taken: set[str]) -> Dimension:
    """Return the levels of s and sigma coordinates by number from 0: their own values would pass for metres."""
    values = tuple(map(float, range(len(axis.values))))
    default = min(range(len(values)), key=lambda level: abs(axis.values[level]))
    name = _name(axis, taken)
    return Dimension(name=name, parameter=f"DIM_{name}", axis=axis, values=values, default=default)


def _other(axis: Axis, taken: set[str]) -> Dimension:
    name = _name(axis, taken)
    # A value that stands twice would hide a place: places are counted then, as where there are no numbers.
    apart = len(set(axis.values)) == len(axis.values) and all(map(math.isfinite, axis.values))
    values = axis.values if apart else tuple(map(float, range(len(axis.values))))
    return Dimension(name=name, parameter=f"DIM_{name}", axis=axis, values=values, default=0)


def _name(axis: Axis, taken: set[str]) -> str:
    # Names hold no white space (01-068r3, C.1) and differ by more than case; clients write them into addresses.
    plain = name = _ODD.sub("_", axis.name) or "_"
    number = 1
    while name.upper() in taken:
        number += 1
        name = f"{plain}_{number}"
    return name
