"""Corners of cells worked out from their centres, for files without bounds.

A corner is the mean of the four centres around it. Round the edge of a grid, and of what is masked, centres go on as
the nearest two do, except where the grid meets itself: at a seam of columns, or folded along its last row.
Source: CF Conventions 1.11, 7.1; Madec et al., NEMO ocean engine, 8.2 (tripolar ORCA grids and their halo).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_OVERLAP = 3
"""Most columns that a periodic grid repeats at its end."""
_REACH = 4
"""Rows that a corner may hang on beyond the four centres around it: two are looked at each time that one goes on."""
_BLOCK = 1 << 18
"""Cells that are worked on together; about 300 bytes each."""
_NEAR = 0.3
"""Of a cell: how near a neighbour must lie to where it is expected."""


def vertices_of(centres: Floats) -> Floats:
    """Return the corners between cells, shape (3, ny + 1, nx + 1), of centres (3, ny, nx); NaN where masked."""
    _, ny, nx = centres.shape
    around = np.full((3, ny + 2, nx + 2), np.nan)
    around[:, 1:-1, 1:-1] = centres
    period = _period(centres)
    if period is not None:
        around[:, 1:-1, 0] = centres[:, :, period - 1]
        around[:, 1:-1, -1] = centres[:, :, nx - period]
        for last in (True, False):
            folded = _folded(centres if last else centres[:, ::-1], period)
            if folded is not None:
                around[:, -1 if last else 0, 1:-1] = folded
                around[:, -1 if last else 0, 0] = folded[:, period - 1]
                around[:, -1 if last else 0, -1] = folded[:, nx - period]
    vertices = np.empty((3, ny + 1, nx + 1))
    step = max(1, _BLOCK // nx)
    for first in range(0, ny + 1, step):
        last = min(first + step, ny + 1)
        margin = min(first, _REACH)
        # Once for the neighbours along rows and columns, once more for those across corners.
        some = _continued(_continued(around[:, first - margin : last + 1 + _REACH]))[:, margin:][:, : last + 1 - first]
        total = some[:, :-1, :-1] + some[:, 1:, :-1] + some[:, :-1, 1:] + some[:, 1:, 1:]
        with np.errstate(invalid="ignore"):
            vertices[:, first:last] = total / np.sqrt((total * total).sum(axis=0))
    return vertices


def _continued(around: Floats) -> Floats:
    """Fill what is missing, where two known neighbours in a line lead to it, with the mean of all that do."""
    wide = np.pad(around, ((0, 0), (2, 2), (2, 2)), constant_values=np.nan)
    ny, nx = around.shape[1:]
    total, count = np.zeros_like(around), np.zeros((ny, nx))
    for down, across in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        near = wide[:, 2 + down : 2 + down + ny, 2 + across : 2 + across + nx]
        next_but_one = wide[:, 2 + 2 * down : 2 + 2 * down + ny, 2 + 2 * across : 2 + 2 * across + nx]
        guess = 2 * near - next_but_one
        known = np.isfinite(guess[0])
        total += np.where(known, guess, 0.0)
        count += known
    mean = np.where(count > 0, total, np.nan) / np.maximum(count, 1)
    length = np.sqrt((mean * mean).sum(axis=0))
    return np.where(np.isfinite(around), around, mean / np.where(length > 0, length, np.nan))


def _period(centres: Floats) -> int | None:
    """Return how many columns lead once round, or None where the last does not meet the first."""
    nx: int = centres.shape[2]
    if nx <= 2 * _OVERLAP:
        return None
    step = _typical(centres[:, :, 1:] - centres[:, :, :-1])
    for overlap in range(1, _OVERLAP + 1):
        if _typical(centres[:, :, :overlap] - centres[:, :, nx - overlap :]) < _NEAR * step:
            return nx - overlap
    expected = 2 * centres[:, :, -1:] - centres[:, :, -2:-1]
    return nx if _typical(expected - centres[:, :, :1]) < _NEAR * step else None


def _folded(centres: Floats, period: int) -> Floats | None:
    """Return the row beyond the last, shape (3, nx), where the grid is folded along it; None where it is not."""
    _, ny, nx = centres.shape
    if ny <= _OVERLAP + 1:
        return None
    expected = 2 * centres[:, -1] - centres[:, -2]
    step = _typical((centres[:, -1] - centres[:, -2])[:, None])
    columns = np.arange(nx)
    rows = [
        centres[:, ny - 1 - back, (shift - columns) % period]
        for back in range(_OVERLAP + 1)
        for shift in range(-_OVERLAP, _OVERLAP + 1)
    ]
    best = min(rows, key=lambda row: _typical((row - expected)[:, None]))
    return best if _typical((best - expected)[:, None]) < _NEAR * step else None


def _typical(difference: Floats) -> float:
    """Return the median length of vectors (3, rows, columns), leaving out what is missing; infinite for none."""
    length = np.sqrt((difference * difference).sum(axis=0))
    known = length[np.isfinite(length)]
    return float(np.median(known)) if known.size else np.inf
