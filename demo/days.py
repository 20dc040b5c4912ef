"""Dates as the numbers that motion and seasons are made of."""

from datetime import date

import numpy as np

_START = date(2000, 1, 1)


def elapsed(day: date) -> int:
    """Return days since the start of the year 2000: small enough for float32, and the same whenever it is asked."""
    return (day - _START).days


def angle(day: date) -> float:
    """Return the time of year in radians, 0 at the start of January."""
    return 2 * np.pi * day.timetuple().tm_yday / 365.25


def summer(day: date) -> float:
    """Return how far the sea is into northern summer: 1 at the end of August, -1 at the end of February."""
    return float(np.cos(angle(day) - 4.09))
