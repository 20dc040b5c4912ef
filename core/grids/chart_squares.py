"""The squares between the nodes of a chart (see `core.grids.charting`): where cells lie, and what covers them."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.curvilinear_grid import Straight
from core.grids.atlas import Level
from core.grids.chart_axes import PAD, chart_shape

Floats = NDArray[Any]
Flags = NDArray[np.bool_]
Placed = tuple[Floats, Floats]
"""How many nodes of the array below and right of the first places are; NaN for none."""

_CIRCLE: Final = 360


def placed_on(places: Floats, level: Level) -> Placed:
    """Lay vectors (3, ...) between the nodes of the array."""
    x, y, z = places
    return level.down(z) - 0.5 + PAD, level.across(np.degrees(np.arctan2(y, x))) - 0.5 + PAD


def sizes_of(placed: Floats | Placed, level: Level) -> Floats:
    """Return how many squares cells span by their corners, (4, ...) each way, along the axis where these are more."""
    with np.errstate(invalid="ignore"):
        down, across = (part.max(axis=0) - part.min(axis=0) for part in placed)
        longer: Floats = np.maximum(down, np.minimum(across, _CIRCLE / level.square - across))
    return longer


def boxes_of(placed: Placed, level: Level) -> tuple[Indices, Indices]:
    """Return squares around cells by their corners (4, n): first and last row and column, (4, m), and of which cell.

    What lies on both sides of where the level begins has two parts.
    """
    down, across = placed
    half = _CIRCLE / level.square / 2
    # Where edges meet nowhere a cell has a corner less.
    ends = np.stack([end.reduce(part) for part in (down, across) for end in (np.fmin, np.fmax)])
    of_cell = np.arange(ends.shape[1])
    with np.errstate(invalid="ignore"):
        over = np.flatnonzero(ends[3] - ends[2] > half)
        if over.size:
            west = across[:, over] < half
            late = ends[:, over]
            late[2], late[3] = np.fmin.reduce(np.where(west, np.nan, across[:, over])), np.inf
            ends[2, over], ends[3, over] = 0.0, np.fmax.reduce(np.where(west, across[:, over], np.nan))
            ends, of_cell = np.concatenate([ends, late], axis=1), np.concatenate([of_cell, over])
        most = np.repeat(chart_shape(level), 2)[:, None] - 1
        there = (ends[1] >= 0) & (ends[0] <= most[0]) & (ends[3] >= 0) & (ends[2] <= most[2])
    return ends[:, there].clip(0, most).astype(np.intp), of_cell[there]


def squares_of(straight: Straight, level: Level) -> range:
    """Return rows of squares that a grid that goes round covers where it is straight."""
    ends = level.down(np.sin(np.radians([max(straight.latitudes), min(straight.latitudes)]))) - 0.5 + PAD
    first, last = ends.clip(0, chart_shape(level)[0] - 1).astype(np.intp)
    return range(int(first), int(last) + 1)


def cover(differences: NDArray[np.int32], boxes: Indices) -> None:
    """Count boxes: sums of differences along both axes are then how many there are at each square."""
    top, bottom, left, right = boxes
    wide, flat = differences.shape[1], differences.reshape(-1)
    for sign, at in (
        (1, top * wide + left),
        (-1, top * wide + right + 1),
        (-1, (bottom + 1) * wide + left),
        (1, (bottom + 1) * wide + right + 1),
    ):
        np.add.at(flat, at, np.int32(sign))


def covered_by(differences: NDArray[np.int32]) -> Flags:
    """Tell which squares are covered."""
    found: Flags = differences.cumsum(0).cumsum(1)[:-1, :-1] > 0
    return found


def joined(values: NDArray[Any], level: Level) -> NDArray[Any]:
    """Let what is beyond either side be what is within the other, where a level goes round."""
    if round(level.shape[1] * level.square) == _CIRCLE:
        # A square between the last column and the first is known in two halves.
        values[:, -PAD - 1] = np.maximum(values[:, -PAD - 1], values[:, PAD - 1])
        values[:, :PAD], values[:, -PAD:] = values[:, -2 * PAD : -PAD].copy(), values[:, PAD : 2 * PAD].copy()
    return values


def worst_around(values: NDArray[Any], worst: np.ufunc, reach: tuple[int, int]) -> NDArray[Any]:
    """Return the worst of the values from so many rows and columns before each to as many behind."""
    found = values
    for axis in range(2):
        padded = np.pad(found, [(reach[0], reach[1]) if axis == each else (0, 0) for each in range(2)], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, sum(reach) + 1, axis=axis)
        found = worst.reduce(windows, axis=-1)
    return found
