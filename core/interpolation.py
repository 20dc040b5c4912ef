"""Bilinear interpolation between cell centres that never mixes land in.

Whether there is data at a place is decided by the cell that contains it, as without interpolation. Of its neighbours
those that are missing have no weight, and the others share it. Indices address arrays as in `core.cells`.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered, Separable
from core.dataset import Variable
from core.packing import Packing

Floats = NDArray[Any]
Interpolation = Literal["nearest", "bilinear"]
"""What a pixel shows: the cell that contains its centre, or what lies between the centres of four cells."""

_CODES: Final = ("flag_values", "flag_masks", "flag_meanings")
_ANGLES: Final = frozenset(("degree", "degrees", "deg", "°", "radian", "radians", "rad"))
_CORNERS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Along:
    """The two cells along one axis between whose centres each place lies; all arrays of one shape."""

    low: Indices
    """The cell before; -1 where the place is outside. Where there is no neighbour, it is the place's own."""
    high: Indices
    """The cell after; likewise."""
    share: NDArray[np.float64]
    """Of `high`, 0 to 1."""
    own_is_high: NDArray[np.bool_]
    """Whether the place lies in `high`; else it lies in `low`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """The four cells around each pixel centre."""

    rows: Along
    """Shape (h,) where the cells of a picture are separable, else (h, w)."""
    columns: Along
    """Shape (w,) where the cells of a picture are separable, else (h, w)."""

    @property
    def separable(self) -> bool:
        """Whether rows depend on the pixel's row alone, and columns on its column."""
        return self.rows.low.ndim == 1

    def cells(self) -> Cells:
        """Return the cells that `mixed` needs: each row and column once, or four for each pixel, under each other."""
        if self.separable:
            return Separable(rows=_once(self.rows), columns=_once(self.columns))
        rows, columns = self.rows, self.columns
        return Scattered(
            rows=np.concatenate([rows.low, rows.low, rows.high, rows.high]),
            columns=np.concatenate([columns.low, columns.high, columns.low, columns.high]),
        )


def can_mix(variable: Variable) -> bool:
    """Tell whether a value between two of a field's values means anything.

    It does not for codes (CF 3.5), nor for angles, among them all directions: halfway from 359 to 1 degree is 0, not
    180.
    """
    coded = any(name in variable.attributes for name in _CODES)
    standard = variable.standard_name or ""
    coded = coded or standard.endswith(("status_flag", "_mask", "area_type"))
    units = variable.units.strip().lower()
    angular = units in _ANGLES or units.startswith(("degrees true", "degree true", "degree_true", "degrees_true"))
    return not (coded or angular or "direction" in standard)


def mixed(surroundings: Surroundings, picked: Picked, packing: Packing) -> Floats:
    """Return the values at the pixel centres, unpacked, shape (h, w); NaN where there is none.

    They lie between the least and the greatest of the four cells, and are those of a constant field exactly.

    Args:
        surroundings: of the pixels.
        picked: what is stored in `surroundings.cells()`.
        packing: what the codes mean; values that it gives as float32 are mixed in float32.

    """
    # Missing codes may be anything. Neighbours may be infinite, or too far apart for single precision: such pixels are
    # worked out again below.
    with np.errstate(invalid="ignore", over="ignore"):
        values = packing.unpack(picked.values)
        if picked.absent is not None:
            values[picked.absent] = np.nan
        return _of_block(surroundings, values) if surroundings.separable else _of_corners(surroundings, values)


def _once(along: Along) -> Indices:
    found: Indices = np.unique(np.concatenate([along.low, along.high]))
    return found[found >= 0]


def _of_block(around: Surroundings, block: Floats) -> Floats:
    """Mix what was picked for rows and columns, each once."""
    rows, columns = _within(around.rows), _within(around.columns)
    share = columns.share.astype(block.dtype)
    across = _between(block.take(columns.low, axis=1), block.take(columns.high, axis=1), share)
    share = rows.share.astype(block.dtype)[:, None]
    found = _between(across.take(rows.low, axis=0), across.take(rows.high, axis=0), share)
    doubtful = ~np.isfinite(found)
    if doubtful.any():
        own = block.take(_own(rows), axis=0).take(_own(columns), axis=1)
        down, right = at = _left_over(found, own, doubtful)
        corners = [
            block[row[down], column[right]] for row in (rows.low, rows.high) for column in (columns.low, columns.high)
        ]
        found[at] = _settled(corners, _taken(rows, down), _taken(columns, right))
    found[around.rows.low < 0] = np.nan
    found[:, around.columns.low < 0] = np.nan
    return found


def _of_corners(around: Surroundings, values: Floats) -> Floats:
    """Mix what was picked for four cells of each pixel."""
    rows, columns = around.rows, around.columns
    corners = list(values.reshape(_CORNERS, *rows.low.shape))
    share = columns.share.astype(values.dtype)
    upper, lower = _between(corners[0], corners[1], share), _between(corners[2], corners[3], share)
    found = _between(upper, lower, rows.share.astype(values.dtype))
    doubtful = ~np.isfinite(found)
    if doubtful.any():
        own = np.where(
            rows.own_is_high,
            np.where(columns.own_is_high, corners[3], corners[2]),
            np.where(columns.own_is_high, corners[1], corners[0]),
        )
        at = _left_over(found, own, doubtful)
        found[at] = _settled([corner[at] for corner in corners], _taken(rows, at), _taken(columns, at))
    return found


def _left_over(found: Floats, own: Floats, doubtful: NDArray[np.bool_]) -> tuple[Indices, ...]:
    """Let places without a number of their own keep that, and return where the others are that are doubtful.

    Most of what is doubtful is land: what is left is along its coast.
    """
    numbers = np.isfinite(own)
    # What is mixed with no number is none: nothing but doubtful places is changed here.
    np.copyto(found, own, where=~numbers)
    return np.nonzero(doubtful & numbers)


def _between(before: Floats, after: Floats, share: Floats) -> Floats:
    """Go `share` of the way; exactly nowhere where both are the same."""
    step = after - before
    step *= share
    step += before
    return step


def _settled(corners: list[Floats], rows: Along, columns: Along) -> Floats:
    """Mix places, shape (n,), some of whose four cells are missing; one whose own is missing stays so."""
    own_at = 2 * rows.own_is_high.astype(np.intp) + columns.own_is_high
    values = np.stack(corners).astype(np.float64)
    own = np.take_along_axis(values, own_at[None], axis=0)[0]
    down, across = np.stack([1 - rows.share, rows.share]), np.stack([1 - columns.share, columns.share])
    weights = (down[:, None] * across[None]).reshape(_CORNERS, -1)
    weights[~np.isfinite(values)] = 0.0
    departures = np.where(weights > 0, values - own, 0.0)
    whole = weights.sum(axis=0)
    found = own + (weights * departures).sum(axis=0) / np.where(whole > 0, whole, 1.0)
    settled: Floats = np.where(np.isfinite(own), found, own).astype(corners[0].dtype)
    return settled


def _within(along: Along) -> Along:
    """Return the same places by position among the cells of `_once`; what is outside takes any."""
    cells = _once(along)
    return Along(
        low=np.maximum(np.searchsorted(cells, along.low), 0),
        high=np.maximum(np.searchsorted(cells, along.high), 0),
        share=along.share,
        own_is_high=along.own_is_high,
    )


def _own(along: Along) -> Indices:
    """Return the cell in which each place lies."""
    return np.where(along.own_is_high, along.high, along.low)


def _taken(along: Along, at: Any) -> Along:
    return Along(low=along.low[at], high=along.high[at], share=along.share[at], own_is_high=along.own_is_high[at])
