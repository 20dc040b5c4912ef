"""A few cells that stand for a whole map-shaped array, and the range in which most of their values lie. Pure."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices, Separable
from core.chunking import sides

Ends = tuple[float, float]
"""Low and high end of a range, in the units of the values."""

_TAILS: Final = (2.0, 98.0)
"""Percentiles between which most values lie: those of the default ranges."""


def spread(shape: tuple[int, int], *, chunks: int, cells: int) -> Separable:
    """Choose cells evenly from evenly chosen chunks of an array of `shape` (ny, nx).

    Args:
        shape: of the array; at least one cell.
        chunks: to be touched at most; at least 1.
        cells: to be chosen at most, about; at least 1. A single row or column has more.

    """
    size = sides(shape)
    there = [-(-length // side) for length, side in zip(shape, size, strict=True)]
    down = min(there[0], max(1, math.isqrt(chunks)))
    across = min(there[1], max(1, chunks // down))
    down = min(there[0], max(1, chunks // across))
    rows, columns = _within(shape[0], size[0], down), _within(shape[1], size[1], across)
    step = math.ceil(math.sqrt(rows.size * columns.size / cells))
    return Separable(rows=_every(rows, step), columns=_every(columns, step))


def usual_ends(values: NDArray[Any]) -> Ends | None:
    """Return the range in which most values lie; None where none is finite.

    Args:
        values: floats, any shape; NaN where there is no value.

    """
    found = values[np.isfinite(values)]
    if not found.size:
        return None
    # In double precision: between two values of single precision, numpy would interpolate coarsely.
    low, high = np.percentile(found.astype(np.float64), _TAILS)
    return float(low), float(high)


def _every(indices: Indices, step: int) -> Indices:
    """Return the middle one of every `step` indices; of fewer, the middle one."""
    return indices[min(step, indices.size) // 2 :: step]


def _within(length: int, side: int, parts: int) -> Indices:
    """Return the indices in `parts` evenly chosen chunks of `side` cells along one dimension."""
    there = -(-length // side)
    chosen = [(2 * part + 1) * there // (2 * parts) for part in range(parts)]
    return np.concatenate([np.arange(chunk * side, min((chunk + 1) * side, length)) for chunk in chosen])
