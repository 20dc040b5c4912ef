"""Connected bodies of land or water on the cylinder."""

import numpy as np
from numpy.typing import NDArray

from demo.grid import KM_PER_DEGREE, Grid, Mask


def areas(grid: Grid, mask: Mask) -> NDArray[np.float64]:
    """Return for each cell of `mask` the area in km2 of the body it belongs to (4-connected); 0 elsewhere."""
    row, start, stop = _runs(mask)
    parent = np.arange(row.size)
    by_row = np.searchsorted(row, np.arange(mask.shape[0] + 1))
    for here in range(mask.shape[0]):
        first, last = by_row[here], by_row[here + 1]
        if last - first > 1 and start[first] == 0 and stop[last - 1] == mask.shape[1]:
            _unite(parent, first, last - 1)
        for one in range(first, last):
            above = range(by_row[here - 1], by_row[here]) if here else range(0)
            for other in above:
                if start[one] < stop[other] and start[other] < stop[one]:
                    _unite(parent, one, other)
    root = np.array([_root(parent, run) for run in range(row.size)], dtype=np.int64)
    cell = (grid.step * KM_PER_DEGREE) ** 2 * np.cos(np.radians(grid.lat))
    total = np.bincount(root, weights=(stop - start) * cell[row], minlength=row.size)
    found = np.zeros(mask.shape)
    found[mask] = np.repeat(total[root], stop - start)
    return found


def _runs(mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return row, first column and column after the last of every run of True, in reading order."""
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, start = np.nonzero(edges == 1)
    return row, start, np.nonzero(edges == -1)[1]


def _root(parent: NDArray[np.int64], run: int) -> int:
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = int(parent[run])
    return run


def _unite(parent: NDArray[np.int64], one: int, other: int) -> None:
    parent[_root(parent, one)] = _root(parent, other)
