"""Numbers as documents write them."""

from typing import Final

import numpy as np

_SINGLE: Final = float(np.finfo(np.float32).max)
_DEGREES: Final = 9
"""Decimals of degrees that were computed: a tenth of a millimetre."""


def shortest(value: float) -> float:
    """Return the number with the fewest digits that names the same single-precision number, if `value` is one.

    Levels are mostly stored in single precision: 0.49402499198913574 is written 0.494025. For coordinates, which
    are compared with a tolerance; values that were measured keep all their digits.
    """
    if abs(value) > _SINGLE:
        return value
    single = np.float32(value)
    return float(str(single)) if float(single) == value else value


def decimal(value: float) -> str:
    """Write a number so that it reads back the same, whole numbers without a fraction."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def computed(degrees: float) -> float:
    """Return a place without the noise of the arithmetic that found it; what is not finite stays as it is."""
    return round(degrees, _DEGREES) + 0.0


def coordinate(degrees: float) -> float:
    """Return the coordinate of a cell as the file means it: without the noise of single precision, nor of a turn.

    359.9167 in single precision is 359.91668701171875, and -0.08331298828125 to the west: -0.0833 is what is meant.
    """
    found = [computed(shortest(degrees + turn) - turn) for turn in (0.0, 360.0)]
    # What was stored a turn away is the same place in more digits here.
    return min(found, key=lambda one: len(repr(one)))
