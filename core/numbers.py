"""Numbers in requests, read once for everybody: ASCII only, of bounded length, always finite."""

import math
import re

from core.problem import Problem

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_LONGEST = 64
"""Characters; clients write up to 17 significant digits and an exponent."""


def finite(text: str, parameter: str) -> float:
    """Read one decimal number.

    Raises:
        Problem: it is not a number, too long, or too large for a double ("nan", "inf", "1_000"
            and digits of other scripts are not numbers).

    """
    stripped = text.strip()
    if len(stripped) <= _LONGEST and _DECIMAL.fullmatch(stripped):
        value = float(stripped)
        if math.isfinite(value):
            return value
    raise Problem("invalid_value", f"{parameter}={shown(text)} is not a finite number", parameter=parameter)


def integer(text: str, parameter: str) -> int:
    """Read one whole number of at most 18 digits.

    Raises:
        Problem: it is anything else.

    """
    stripped = text.strip()
    if _INTEGER.fullmatch(stripped):
        return int(stripped)
    raise Problem("invalid_value", f"{parameter}={shown(text)} is not a whole number", parameter=parameter)


def positive(text: str, parameter: str, *, most: int) -> int:
    """Read one whole number between 1 and `most`.

    Raises:
        Problem: `too_large` above `most`, else `invalid_value`.

    """
    value = integer(text, parameter)
    if value < 1:
        raise Problem("invalid_value", f"{parameter}={value} must be at least 1", parameter=parameter)
    if value > most:
        raise Problem("too_large", f"{parameter}={value} is more than the {most} allowed here", parameter=parameter)
    return value


def shown(text: str) -> str:
    """Return `text` quoted and cut to a length that is safe to repeat in an answer."""
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "...")
