"""Where a curvilinear grid is straight: rows are parallels and columns meridians, as in the south of tripolar grids.

There a cell is found by its two axes, as those of rectilinear grids are.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices, Separable
from core.curvilinear_grid import Straight
from core.extent import Extent
from core.grids.intervals import Intervals
from core.grids.sphere import separate
from core.view import View

Floats = NDArray[Any]
Flags = NDArray[np.bool_]

SPREAD: Final = 1 / 1024
"""Of a cell, that a corner may be off."""
ROUNDED: Final = 2.3e-5
"""Degrees likewise, about 2.5 m: edges are in single precision, and a search takes a metre outside as inside."""
_EIGHTH: Final = 8.0
"""Pixels that are shown may be off by one of so many parts."""
_TWICE: Final = 2.0
"""A corner may be off from the line of its row, and that from the line of the row beside it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """What two axes tell of a view."""

    pixels: slice
    """Rows of pixels."""
    cells: Separable
    """Those of these rows."""
    doubtful: tuple[Flags | None, Flags | None] | None
    """Rows of these, and columns, of which each pixel has to be searched; None where none has to be."""

    def searched(self) -> tuple[Indices, Indices]:
        """Return rows, of these, and columns of the pixels that have to be searched."""
        if self.doubtful is None:
            nothing = np.empty(0, dtype=np.intp)
            return nothing, nothing
        rows, columns = (
            np.zeros(count, dtype=np.bool_) if flags is None else flags
            for flags, count in zip(self.doubtful, self.cells.shape, strict=True)
        )
        down, across = np.nonzero(rows[:, None] | columns)
        return down, across


class Axes:
    """The cells of the part of a grid that is straight, by longitude and latitude."""

    __slots__ = ("_bent", "_columns", "_north", "_rows", "_south", "rows")

    def __init__(self, straight: Straight, extent: Extent) -> None:
        """Lay out what was found; `extent` is that of the grid: beyond, there is nothing."""
        latitudes, longitudes = np.asarray(straight.latitudes), np.asarray(straight.longitudes)
        self.rows = range(straight.first, straight.first + latitudes.size - 1)
        self._rows, self._columns = _ascending(latitudes, straight.first), _ascending(longitudes, 0)
        widest = float(np.abs(np.diff(longitudes)).max())
        # Between corners, edges of cells are great circles: at 45 degrees so far from parallels.
        self._bent = widest * np.radians(widest) / 16.0
        south, north = float(latitudes.min()), float(latitudes.max())
        self._south = -np.inf if south <= extent.south + ROUNDED else south
        self._north = np.inf if north >= extent.north - ROUNDED else north

    def shown(self, view: View) -> Shown | None:
        """Find the cell under each pixel of the rows that lie there; None where there are none."""
        if not view.crs.separable:
            return None
        longitude, latitude = separate(view)
        inside = np.flatnonzero((latitude >= self._south) & (latitude <= self._north))
        if longitude.size == 1 or inside.size < 2:
            return None
        some = slice(int(inside[0]), int(inside[-1]) + 1)
        first = self._columns.edges[0]
        turned = first + (longitude - first) % 360.0
        doubtful = _doubtful(latitude[some], self._rows.edges, self._bent), _doubtful(turned, self._columns.edges, 0.0)
        return Shown(
            pixels=some,
            cells=Separable(rows=self._rows.find(latitude[some]), columns=self._columns.find(turned)),
            doubtful=None if all(flags is None for flags in doubtful) else doubtful,
        )


def _doubtful(places: Floats, edges: Floats, bent: float) -> Flags | None:
    """Tell which places are so near to an edge that they may be beyond it; None where that could not be seen."""
    behind = np.searchsorted(edges, places).clip(1, edges.size - 1)
    off = _TWICE * (SPREAD * (edges[behind] - edges[behind - 1]) + ROUNDED) + bent
    if np.abs(np.diff(places)).min() >= _EIGHTH * off.max():
        return None
    near: Flags = np.minimum(np.abs(places - edges[behind - 1]), np.abs(edges[behind] - places)) <= off
    return near if near.any() else None


def _ascending(edges: Floats, first: int) -> Intervals:
    """Lay out cells between edges, which are numbered from the first on."""
    order = np.arange(first, first + edges.size - 1)
    return Intervals.of(edges, order) if edges[0] < edges[-1] else Intervals.of(edges[::-1], order[::-1])
