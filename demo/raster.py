"""Which cell centres lie inside polygons: the even-odd rule, row by row, on a cylinder."""

from collections.abc import Iterable

import numpy as np

from demo.grid import Field, Grid, Mask


def inside(grid: Grid, rings: Iterable[Field]) -> Mask:
    """Return the cells whose centre is inside an odd number of rings.

    Rings may cross the antimeridian, cut there or not; one that runs round the Earth encloses the nearer pole.

    Args:
        grid: the cells.
        rings: each of shape (n, 2): degrees east, degrees north; closed or not.

    """
    rows, columns = grid.shape
    toggles = np.zeros((rows, columns + 1), dtype=np.int32)
    for ring in rings:
        row, lon = _crossings(grid, _unrolled(ring))
        turns, along = np.divmod(lon - grid.lon[0], 360.0)
        column = np.ceil(along / grid.step).astype(np.int64)
        np.add.at(toggles, (row, column), 1)
        # A crossing moved back by whole turns also separates the first column from where it was seen.
        np.add.at(toggles, (row, np.zeros_like(column)), np.abs(turns).astype(np.int32))
    odd: Mask = np.cumsum(toggles[:, :-1], axis=1) % 2 == 1
    return odd


def _unrolled(ring: Field) -> Field:
    """Make longitude continuous along the ring, and close it, over the pole if it runs round the Earth."""
    ring = np.concatenate([ring, ring[:1]])
    lon = np.degrees(np.unwrap(np.radians(ring[:, 0])))
    ring = np.column_stack([lon, ring[:, 1]])
    if abs(lon[-1] - lon[0]) < 180.0:
        return ring
    pole = np.copysign(90.0, ring[:, 1].mean())
    return np.concatenate([ring, [[lon[-1], pole], [lon[0], pole], ring[0]]])


def _crossings(grid: Grid, ring: Field) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Field]:
    """Return row and longitude of every crossing of an edge with a row of centres."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    # Half-open in latitude, so a vertex on a row counts once.
    first = np.searchsorted(grid.lat, np.minimum(y0, y1), side="left")
    last = np.searchsorted(grid.lat, np.maximum(y0, y1), side="left")
    count = last - first
    edge = np.repeat(np.arange(count.size), count)
    row = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    part = (grid.lat[row] - y0[edge]) / (y1[edge] - y0[edge])
    return row, x0[edge] + part * (x1[edge] - x0[edge])
