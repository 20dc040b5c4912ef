"""Far views of large grids: pictures of which cell is where, worked out once, so that no view reads all of a geometry.

Each is a Mercator map, since that is of one scale in all directions wherever it is; level 1 has squares twice as large
as level 0, and so on. A square holds the cell in which its centre lies.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered, Separable
from core.crs import Crs
from core.extent import Extent
from core.grids.base import Wanted
from core.grids.lattice import STRIDE
from core.grids.sphere import degrees_of, node_vectors, pixel_vectors, separate
from core.view import View

Floats = NDArray[np.float64]

_LEAST_CELLS: Final = 1 << 12
"""Smaller grids are searched as quickly."""
_MOST: Final = 4
"""Squares of level 0 for each cell."""
_SQUARES: Final = 5.7
"""Along the side of a pixel, at least: the centre of a pixel is then within 1/8 pixel of that of its square."""
_SQUARE: Final = 1.2
"""Usual cells along the side of a square of level 0."""
_NORTH: Final = 85.0
"""Degrees; nearer to a pole, Mercator maps grow without bounds."""
_FEWEST: Final = 256
"""Squares along the longer side of the last level."""
_RADIUS: Final = 6378137.0
"""Metres; of the sphere of EPSG:3857."""
_BAND: Final = 1 << 20
"""Squares that are worked out together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One picture."""

    name: str
    """Of the geometry array, shape (rows, columns, 1) int32: row * nx + column of the cell, -1 for none."""
    square: float
    """Degrees of longitude along the side of a square."""
    north: float
    """Mercator ordinate of the upper edge, degrees."""
    west: float
    shape: tuple[int, int]

    def view(self, first: int, last: int) -> View:
        """Return some rows as a view."""
        metre = np.radians(1.0) * _RADIUS
        west, top, side = self.west * metre, self.north * metre, self.square * metre
        box = (west, top - last * side, west + self.shape[1] * side, top - first * side)
        return View(crs=Crs("EPSG:3857"), bbox=box, width=self.shape[1], height=last - first)

    def reaches(self, south: float, north: float) -> bool:
        """Tell whether all that lies between two parallels is in the picture, but for its other sides."""
        return south >= -_NORTH and north <= _NORTH

    def bands(self) -> list[tuple[int, int]]:
        """Cut the rows into bands that are worked out together, first row and the one behind the last."""
        step = max(1, _BAND // self.shape[1])
        return [(first, min(first + step, self.shape[0])) for first in range(0, self.shape[0], step)]

    def rows(self, latitude: Floats) -> Indices:
        """Return in which row of squares latitudes lie; -1 for none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ordinate = np.degrees(np.arctanh(np.sin(np.radians(latitude))))
        return _within((self.north - ordinate) / self.square, self.shape[0])

    def columns(self, longitude: Floats) -> Indices:
        """Return in which column of squares longitudes lie; -1 for none."""
        return _within((longitude - self.west) % 360.0 / self.square, self.shape[1])


def levels_of(shape: tuple[int, int], buckets: int, extent: Extent) -> tuple[Level, ...]:
    """Return the levels of a grid, the finest first; none for a small one."""
    return () if min(shape) == 1 else levels_for(shape[0] * shape[1], buckets, extent)


def levels_for(cells: int, buckets: int, extent: Extent, *, finer: int = 1) -> tuple[Level, ...]:
    """Return the levels of so many cells, however they are arranged, the finest first; none for few.

    Those of level 0 are `finer` times as small along their sides as usual.
    """
    if cells < _LEAST_CELLS:
        return ()
    south, north = (float(np.clip(end, -_NORTH, _NORTH)) for end in (extent.south, extent.north))
    bottom, top = (float(np.degrees(np.arctanh(np.sin(np.radians(end))))) for end in (south, north))
    if bottom >= top:
        return ()
    wide = extent.east - extent.west
    across = np.ceil(wide * buckets / 90.0 / _SQUARE * finer)
    # Near a pole squares are much smaller than cells.
    across = min(across, np.sqrt(_MOST * finer * finer * cells * wide / max(top - bottom, wide / _FEWEST)))
    # A whole number of them goes round.
    square = wide / max(np.floor(across), 1.0)
    found: list[Level] = []
    while not found or max(found[-1].shape) > _FEWEST:
        rows = int(np.ceil((top - bottom) / square))
        columns = int(np.ceil(wide / square - 1e-6))
        name = f"far{len(found)}"
        found.append(Level(name=name, square=float(square), north=top, west=extent.west, shape=(rows, columns)))
        square *= 2
    return tuple(found)


def level_for(view: View, levels: tuple[Level, ...]) -> Level | None:
    """Return the coarsest level that is good enough for a view; None where none is."""
    if not levels:
        return None
    pixel = _pixel(view)
    good = [level for level in levels if _SQUARES * level.square <= pixel]
    return good[-1] if good else None


def squares(view: View, level: Level) -> Cells:
    """Return the square in which the centre of each pixel lies; -1 outside."""
    if view.crs.separable:
        longitude, latitude = separate(view)
        return Separable(rows=level.rows(latitude), columns=level.columns(longitude))
    longitude, latitude = degrees_of(pixel_vectors(view))
    rows, columns = level.rows(latitude), level.columns(longitude)
    outside = (rows < 0) | (columns < 0)
    rows[outside] = columns[outside] = -1
    return Scattered(rows=rows, columns=columns)


def wanted(level: Level, cells: Cells) -> Wanted:
    """Ask for squares."""
    return Wanted(array=level.name, shape=level.shape, cells=cells)


def cells_of(picked: Picked, nx: int) -> tuple[Indices, Indices]:
    """Return rows and columns of the cells of what was picked, -1 for none."""
    found = picked.values[..., 0]
    if picked.absent is not None:
        found = np.where(picked.absent, -1, found)
    rows = found // nx
    columns = found - rows * nx
    columns[rows < 0] = -1
    return rows.astype(np.intp), columns.astype(np.intp)


def _within(squares_: Floats, count: int) -> Indices:
    with np.errstate(invalid="ignore"):
        inside = (squares_ >= 0) & (squares_ < count)
    return np.where(inside, squares_, -1.0).astype(np.intp)


def _pixel(view: View) -> float:
    """Return the least side of a pixel, degrees of longitude where it is; 0 where that cannot be told."""
    if view.crs.separable:
        longitude, latitude = separate(view)
        if min(longitude.size, latitude.size) < 2:
            return 0.0
        sides = np.diff(longitude) % 360.0, np.diff(latitude) / np.cos(np.radians(latitude[1:]))
        return float(min(np.abs(side).min() for side in sides))
    nodes = node_vectors(view)
    if min(nodes.shape[1:]) < 2:
        return 0.0
    down, across = np.diff(nodes, axis=1)[:, :, 1:], np.diff(nodes, axis=2)[:, 1:]
    high, wide, slant = ((one * other).sum(axis=0) for one, other in ((down, down), (across, across), (down, across)))
    # The least singular value: a pixel may be slim along neither of its sides.
    slim = (high + wide - np.sqrt((high - wide) ** 2 + 4 * slant * slant)) / 2
    level = 1.0 - nodes[2, 1:, 1:] ** 2
    least = float(np.nanmin(slim / level, initial=np.inf))
    return float(np.degrees(np.sqrt(max(least, 0.0)))) / STRIDE if np.isfinite(least) else 0.0
