"""Numbers as documents write them."""

from typing import Final

import numpy as np

_SINGLE: Final = float(np.finfo(np.float32).max)


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
