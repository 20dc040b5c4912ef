"""Tells after how many columns a curvilinear grid that goes round begins again."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.grids.sphere import vectors

Floats = NDArray[Any]

_REPEATED: Final = 5
"""Fewer columns than that are repeated at the end of a grid."""
_ALIKE: Final = 0.1
"""Of a cell: so near is one place to another that is meant to be the same."""


def period_of(centres: Floats) -> int:
    """Return after how many columns a grid begins again, by its `centres`; 0 where it does not go round.

    There may be columns at its end that repeat the first ones.
    """
    nx = centres.shape[1]
    if nx < 2 * _REPEATED:
        return 0
    first, second, *last = (vectors(*centres[:, column].T) for column in (0, 1, *range(nx - _REPEATED, nx)))
    with np.errstate(invalid="ignore"):
        step = second - first
        wide = _length(step)
        beyond = [*last, last[-1] + step]
        for period in range(nx, nx - _REPEATED, -1):
            near = _length(first - beyond[period - nx + _REPEATED]) <= _ALIKE * wide
            if np.count_nonzero(near) * 2 > np.count_nonzero(np.isfinite(wide)):
                return period
    return 0


def _length(steps: Floats) -> Floats:
    length: Floats = np.sqrt((steps * steps).sum(axis=0))
    return length
