"""The dimensions of a field that are neither time nor place, and the place along each that a request asks for.

Source: OGC 06-042, annexes C.2 and C.3 (names, values and defaults of dimensions).
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.dataset import Axis
from core.numbers import finite, shown
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

    def index(self, text: str | None) -> int:
        """Return the place along the axis that a client names; None or "" is the default.

        Raises:
            Problem: `invalid_dimension`, naming the nearest value.

        """
        if text is None or not text.strip():
            return self.default
        try:
            asked = finite(text, self.parameter)
        except Problem as problem:
            raise Problem("invalid_dimension", str(problem), parameter=self.parameter) from problem
        index = min(range(len(self.values)), key=lambda place: abs(self.values[place] - asked))
        if self._means(asked, self.values[index]):
            return index
        word = "level" if self.axis.kind == "vertical" else "value"
        message = f"{self.parameter}={shown(text)} is not a {word}; the nearest is {self.values[index]!r}"
        raise Problem("invalid_dimension", message, parameter=self.parameter)

    @staticmethod
    def _means(asked: float, value: float) -> bool:
        distance = abs(value - asked)
        slack = _TOLERANCE * max(abs(asked), abs(value))
        return distance <= slack and (distance < _APART or not value.is_integer())


def dimensions_of(axes: Iterable[Axis]) -> tuple[Dimension, ...]:
    """Return the dimensions of a field in the order of its axes: the first vertical one is the elevation."""
    found: list[Dimension] = []
    taken = set(_TAKEN)
    elevation = False
    for axis in axes:
        if axis.kind == "vertical" and not elevation:
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


def _other(axis: Axis, taken: set[str]) -> Dimension:
    # Names hold no white space (01-068r3, C.1) and differ by more than case; clients write them into addresses.
    plain = name = _ODD.sub("_", axis.name) or "_"
    number = 1
    while name.upper() in taken:
        number += 1
        name = f"{plain}_{number}"
    # A value that stands twice would hide a place: places are counted then, as where there are no numbers.
    apart = len(set(axis.values)) == len(axis.values) and all(map(math.isfinite, axis.values))
    values = axis.values if apart else tuple(map(float, range(len(axis.values))))
    return Dimension(name=name, parameter=f"DIM_{name}", axis=axis, values=values, default=0)
