"""Far views of large grids: pictures of which cell is where, worked out once, so that no view reads all of a geometry.

Each is a Mercator map, since that is of one scale in all directions wherever it is; level 1 has squares twice as large
as level 0, and so on. A square holds the cell in which its centre lies. Of meshes, squares are the pixels of web map
tiles, so that a tile needs no more of them than it has pixels.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices, Picked, Scattered, Separable
from core.crs import Crs
from core.extent import Extent
from core.grids.base import Wanted
from core.grids.lattice import STRIDE
from core.grids.sphere import node_vectors, pixel_vectors, separate
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
_MARGIN: Final = 1e-6
"""Degrees."""
_FEWEST: Final = 256
"""Squares along the longer side of the last level."""
_TILE: Final = 256
"""Pixels along the side of a web map tile."""
_DEEPEST: Final = 22
"""Zoom of web maps; squares are then of 4 cm."""
_CENTRED: Final = 1e-3
"""Of a pixel; centres of pixels and of squares may differ so by rounding, in tiles that were cut as the squares are."""
_SIDES: Final = 2
"""Pixels, at least."""
_RADIUS: Final = 6378137.0
"""Metres; of the sphere of EPSG:3857."""
_BAND: Final = 1 << 20
"""Squares that are worked out together."""
_PART: Final = 1 << 10
"""Squares along the sides of what is worked out together where narrow views are quicker."""


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
    """Longitude of the left edge, degrees."""
    shape: tuple[int, int]
    """Rows and columns."""

    def view(self, first: int, last: int) -> View:
        """Return some rows as a view."""
        return self._seen(first, last, (0, self.shape[1]))

    def _seen(self, first: int, last: int, columns: tuple[int, int]) -> View:
        metre = np.radians(1.0) * _RADIUS
        west, top, side = self.west * metre, self.north * metre, self.square * metre
        box = (west + columns[0] * side, top - last * side, west + columns[1] * side, top - first * side)
        return View(crs=Crs("EPSG:3857"), bbox=box, width=columns[1] - columns[0], height=last - first)

    def reaches(self, south: float, north: float) -> bool:
        """Tell whether all that lies between two parallels is in the picture, but for its other sides."""
        return south >= -_NORTH and north <= _NORTH

    def bands(self) -> list[tuple[int, int]]:
        """Cut the rows into bands that are worked out together, first row and the one behind the last."""
        step = max(1, _BAND // self.shape[1])
        return [(first, min(first + step, self.shape[0])) for first in range(0, self.shape[0], step)]

    def parts(self) -> Iterator[tuple[tuple[slice, slice], View]]:
        """Yield parts that are worked out together, their rows and columns, and each as a view."""
        height, width = self.shape
        for top in range(0, height, _PART):
            for left in range(0, width, _PART):
                bottom, right = min(top + _PART, height), min(left + _PART, width)
                yield (slice(top, bottom), slice(left, right)), self._seen(top, bottom, (left, right))

    def down(self, sine: Floats) -> Floats:
        """Return how many squares below the upper edge latitudes are, given by their sines."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ordinate = np.degrees(np.arctanh(sine))
        found: Floats = (self.north - ordinate) / self.square
        return found

    def across(self, longitude: Floats) -> Floats:
        """Return how many squares east of the left edge longitudes are."""
        found: Floats = (longitude - self.west) % 360.0 / self.square
        return found


def levels_of(shape: tuple[int, int], buckets: int, extent: Extent) -> tuple[Level, ...]:
    """Return the levels of a grid, the finest first; none for a small one."""
    return () if min(shape) == 1 else levels_for(shape[0] * shape[1], buckets, extent)


def levels_for(cells: int, buckets: int, extent: Extent) -> tuple[Level, ...]:
    """Return the levels of so many cells, however they are arranged, the finest first; none for few."""
    ends = _ordinates(extent)
    if cells < _LEAST_CELLS or ends is None:
        return ()
    bottom, top = ends
    wide = extent.east - extent.west
    across = np.ceil(wide * buckets / 90.0 / _SQUARE)
    # Near a pole squares are much smaller than cells.
    across = min(across, np.sqrt(_MOST * cells * wide / max(top - bottom, wide / _FEWEST)))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fineness:
    """How fine the picture of the last zoom is."""

    side: float
    """Buckets along the side of a square, at most, unless there are too many squares."""
    most: int
    """Squares for each cell."""


CELLS: Final = Fineness(side=1.2, most=_MOST)
"""Of grids whose finer maps are quick without a picture."""
FACES: Final = Fineness(side=0.3, most=96)
"""Of meshes, whose faces differ in size."""


def zooms_for(cells: int, buckets: int, extent: Extent, fineness: Fineness) -> int:
    """Return for how many zooms of web maps, from 0 on, there are to be pictures of so many cells; 0 for few cells."""
    ends = _ordinates(extent)
    if cells < _LEAST_CELLS or ends is None:
        return 0
    area = (extent.east - extent.west) * (ends[1] - ends[0])
    zoom = np.log2(360.0 / _TILE / (fineness.side * 90.0 / buckets))
    most = np.log2(360.0 / _TILE * np.sqrt(fineness.most * cells / area))
    return int(np.clip(min(np.ceil(zoom), np.floor(most)), 0, _DEEPEST)) + 1


def zoom_levels(zooms: int, extent: Extent) -> tuple[Level, ...]:
    """Return the levels of so many zooms, the finest first, whose squares are the pixels of web map tiles.

    Source: OGC 17-083r4 (Two Dimensional Tile Matrix Set), D.1 (WebMercatorQuad).
    """
    ends = _ordinates(extent)
    if ends is None:
        return ()
    found = []
    for zoom in reversed(range(zooms)):
        square = 360.0 / (_TILE << zoom)
        top, left = np.floor((180.0 - ends[1]) / square), np.floor((extent.west + 180.0) / square)
        bottom, right = np.ceil((180.0 - ends[0]) / square), np.ceil((extent.east + 180.0) / square)
        shape = int(max(bottom - top, 1)), int(np.clip(right - left, 1, _TILE << zoom))
        north, west = float(180.0 - top * square), float(left * square - 180.0)
        found.append(Level(name=f"zoom{zoom}", square=square, north=north, west=west, shape=shape))
    return tuple(found)


def zooms_of(arrays: Iterable[str]) -> int:
    """Return of how many zooms there are pictures among the arrays of a geometry."""
    return sum(name.startswith("zoom") for name in arrays)


def _ordinates(extent: Extent) -> tuple[float, float] | None:
    """Return Mercator ordinates, degrees, of the lower and the upper end of pictures; None where there are none."""
    ends = (np.radians(np.clip(end, -_NORTH, _NORTH)) for end in (extent.south, extent.north))
    bottom, top = (float(np.degrees(np.arctanh(np.sin(end)))) for end in ends)
    return (bottom, top) if bottom < top else None


def pictured(view: View, levels: tuple[Level, ...]) -> Wanted | None:
    """Ask for the square in which the centre of each pixel lies, of the coarsest level that is good enough.

    None where none is. -1 is asked for outside.
    """
    if not view.crs.separable:
        level = _coarsest(levels, _slimmest(view)) if levels else None
        return None if level is None else _asked(level, _places_on(level, view))
    # Of one pixel alone it cannot be told how large it is.
    if not levels or view.width < _SIDES:
        return None
    longitude, latitude = separate(view)
    wide = float((longitude[1] - longitude[0]) % 360.0)
    # Of all levels one has squares of a width, and no coarser one is as good.
    cut = next((level for level in levels if abs(wide - level.square) <= _CENTRED * level.square), None)
    if cut is not None:
        places = _placed_on(cut, longitude, latitude)
        if all(np.abs(place % 1.0 - 0.5).max() < _CENTRED for place in places):
            return _asked(cut, places)
    if view.height < _SIDES or not _SQUARES * levels[0].square <= wide:
        return None
    level = _coarsest(levels, _least_side(longitude, latitude))
    return None if level is None else _asked(level, _placed_on(level, longitude, latitude))


def _coarsest(levels: tuple[Level, ...], pixel: float) -> Level | None:
    """Return the coarsest level of which a pixel, so wide at least, spans enough squares."""
    return next((level for level in reversed(levels) if _SQUARES * level.square <= pixel), None)


def _placed_on(level: Level, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Return where on a level rows and columns are, in squares below and beside its upper left corner."""
    return level.down(np.sin(np.radians(latitude))), level.across(longitude)


def _places_on(level: Level, view: View) -> tuple[Floats, Floats]:
    """Return likewise where the centre of each pixel is, shape (h, w)."""
    x, y, z = pixel_vectors(view)
    return level.down(z / np.sqrt(x * x + y * y + z * z)), level.across(np.degrees(np.arctan2(y, x)))


def _asked(level: Level, places: tuple[Floats, Floats]) -> Wanted:
    """Ask for squares by their places: of rows and of columns, or of each pixel."""
    rows, columns = (_within(some, count) for some, count in zip(places, level.shape, strict=True))
    if rows.ndim == 1:
        return Wanted(array=level.name, shape=level.shape, cells=Separable(rows=rows, columns=columns))
    outside = (rows < 0) | (columns < 0)
    rows[outside] = columns[outside] = -1
    return Wanted(array=level.name, shape=level.shape, cells=Scattered(rows=rows, columns=columns))


def unknown(view: View, absent: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which of the pixels that no square was picked for may still show a cell, shape (h, w).

    A picture holds all of a grid but what lies nearer to a pole than pictures reach.
    """
    if not view.crs.separable:
        return absent
    _, latitude = separate(view)
    return absent & (np.abs(latitude) >= _NORTH - _MARGIN)[:, None]


def cells_of(picked: Picked, nx: int) -> tuple[Indices, Indices]:
    """Return rows and columns of the cells of what was picked, -1 for none."""
    found = numbers_of(picked)
    rows = found // nx
    columns = found - rows * nx
    columns[rows < 0] = -1
    return rows, columns


def numbers_of(picked: Picked) -> NDArray[np.int32]:
    """Return the numbers of the cells of what was picked, row * nx + column, -1 for none."""
    found: NDArray[np.int32] = picked.values[..., 0]
    return found if picked.absent is None else np.where(picked.absent, np.int32(-1), found)


def _within(squares_: Floats, count: int) -> Indices:
    with np.errstate(invalid="ignore"):
        inside = (squares_ >= 0) & (squares_ < count)
    return np.where(inside, squares_, -1.0).astype(np.int32)


def _least_side(longitude: Floats, latitude: Floats) -> float:
    """Return the least side of a pixel, degrees of longitude where it is."""
    sides = np.diff(longitude) % 360.0, np.diff(latitude) / np.cos(np.radians(latitude[1:]))
    return float(min(np.abs(side).min() for side in sides))


def _slimmest(view: View) -> float:
    """Return likewise of a view whose rows are no parallels; 0 where that cannot be told."""
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
