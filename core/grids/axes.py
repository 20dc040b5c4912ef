"""Longitude and latitude axes, in whatever order, convention and turn a file has them, as cells in a row."""

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.intervals import Intervals, from_bounds, midpoints, snapped

Floats = NDArray[np.float64]

_SAME = 1e-4
"""Degrees; a column nearer than this to another, one turn away, repeats it (float32 near 360 is exact to 3e-5)."""
_CLOSING = 1.1
"""Widest columns; a ring whose last gap is no wider goes round the Earth."""


def check(name: str, axis: Floats) -> None:
    """Refuse an axis that is not a row of numbers.

    Raises:
        ValueError: it is empty, has several dimensions, or has missing values.

    """
    if axis.ndim != 1 or axis.size == 0:
        raise ValueError(f"{name} has shape {axis.shape}, not one value for each cell")
    if not np.isfinite(axis).all():
        raise ValueError(f"{name} has missing values")


def latitude_rows(latitudes: Floats, bounds: Floats | None, *, lone: float) -> Intervals:
    """Return the rows from south to north; one that is alone is `lone` degrees high.

    Raises:
        ValueError: the latitudes are repeated, not monotonic or beyond a pole.

    """
    _check_order("latitude", latitudes)
    if np.abs(latitudes).max() > 90.0 + _SAME:
        raise ValueError(f"latitude {latitudes[int(np.abs(latitudes).argmax())]:g} is beyond the pole")
    order = np.argsort(latitudes)
    centres = latitudes[order]
    edges = None if bounds is None else from_bounds(centres, bounds[order])
    edges = midpoints(centres, lone=lone) if edges is None else edges
    edges = np.clip(snapped(edges, -90.0, 90.0), -90.0, 90.0)
    if edges[-1] == 90.0:
        # The pole belongs to the row that ends there.
        edges[-1] = np.nextafter(90.0, np.inf)
    return Intervals.of(edges, order)


def plane_cells(name: str, axis: Floats, bounds: Floats | None, *, lone: float) -> Intervals:
    """Return the cells along x or y of a plane, ascending; one that is alone is `lone` wide.

    Raises:
        ValueError: no row of cells can be made of them; the message says why.

    """
    check(name, axis)
    _check_order(name, axis)
    order = np.argsort(axis)
    edges = None if bounds is None else from_bounds(axis[order], bounds[order])
    return Intervals.of(midpoints(axis[order], lone=lone) if edges is None else edges, order)


def longitude_columns(longitudes: Floats, bounds: Floats | None, *, lone: float) -> Intervals:
    """Return the columns from west to east, within one turn from the widest gap on; one alone is `lone` degrees wide.

    Columns may be in any order; those that repeat others one turn away are left out. A ring is closed when the gap
    that is left is about a column wide.

    Raises:
        ValueError: longitudes are repeated, or their cells span more than one turn.

    """
    order, centres = _ring(longitudes)
    gap = centres[0] + 360.0 - centres[-1]
    edges = None if bounds is None else from_bounds(centres, _turned(bounds[order], longitudes[order], centres))
    if edges is None:
        edges = midpoints(centres, lone=lone)
        if centres.size > 1 and gap <= _CLOSING * np.diff(centres).max():
            edges[0] = centres[0] - gap / 2
            edges[-1] = edges[0] + 360.0
    edges = snapped(edges, edges[0], edges[0] + 360.0)
    if edges[-1] > edges[0] + 360.0:
        raise ValueError(f"longitude has cells that overlap: together they span {edges[-1] - edges[0]:g} degrees")
    return Intervals.of(edges, order)


def _check_order(name: str, axis: Floats) -> None:
    steps = np.diff(axis)
    if (steps == 0).any():
        raise ValueError(f"{name} {axis[int(np.argmax(steps == 0))]:g} is repeated")
    if not ((steps > 0).all() or (steps < 0).all()):
        raise ValueError(f"{name} neither rises nor falls all along")


def _ring(longitudes: Floats) -> tuple[Indices, Floats]:
    """Return the columns in eastward order from the widest gap on, and their centres, ascending from there."""
    if np.unique(longitudes).size < longitudes.size:
        raise ValueError("longitude has repeated values")
    wrapped = longitudes % 360.0
    order = _without_repeats(np.argsort(wrapped), longitudes)
    ascending = wrapped[order]
    gaps = np.diff(np.append(ascending, ascending[0] + 360.0))
    start = int(np.argmax(gaps)) + 1
    turned = np.concatenate([ascending[start:], ascending[:start] + 360.0])
    return np.roll(order, -start), turned - 360.0 if turned[0] >= 180.0 else turned


def _without_repeats(order: Indices, longitudes: Floats) -> Indices:
    """Leave out the columns that lie where an earlier column of the file does, one or more turns away."""
    following = np.roll(order, -1)
    apart = longitudes[following] - longitudes[order]
    turns = np.rint(apart / 360.0)
    same = (np.abs(apart - 360.0 * turns) < _SAME) & (turns != 0)
    if not same.any():
        return order
    dropped = np.maximum(order, following)[same]
    return order[~np.isin(order, dropped)]


def _turned(bounds: Floats, raw: Floats, centres: Floats) -> Floats:
    """Return bounds in the turn of their centres, also where the two follow different conventions."""
    moved = bounds + (centres - raw)[:, None]
    outside = (moved.min(axis=1) > centres) | (moved.max(axis=1) < centres)
    nearest = centres[:, None] + (moved - centres[:, None] + 180.0) % 360.0 - 180.0
    return np.where(outside[:, None], nearest, moved)
