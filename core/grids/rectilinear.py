"""Grids of longitude by column and latitude by row, in whatever order and convention the file has them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.azimuthal import Azimuthal, azimuthal
from core.cells import Cells, Indices, Scattered, Separable, steps_between
from core.extent import Extent
from core.grids.axes import check, latitude_rows, longitude_columns
from core.grids.base import Locating, Places, Placing
from core.grids.circles import Circles
from core.grids.lines import Line
from core.grids.sphere import degrees_of, pixel_vectors, separate
from core.interpolation import Surroundings
from core.view import View

Floats = NDArray[np.float64]

NOMINAL_STEP: Final = 0.25
"""Degrees; the size of a cell of a grid of one cell, which nothing tells."""


class Rectilinear:
    """A grid whose axes are longitude and latitude."""

    __slots__ = ("_circles", "_columns", "_latitudes", "_lines", "_longitudes", "_rows", "_size")

    def __init__(
        self,
        longitudes: Floats,
        latitudes: Floats,
        longitude_bounds: Floats | None = None,
        latitude_bounds: Floats | None = None,
    ) -> None:
        """Build a grid from its axes as the file has them, shapes (nx,) and (ny,), in degrees.

        Longitudes may be in any order, convention and turn; columns that repeat others one turn away are not shown.
        Cells end halfway between centres, or at the bounds, shape (n, 2), where these fit together and hold their
        centres. A lone row or column is as wide as the cells of the other axis; a lone cell measures 0.25 degrees.

        Raises:
            ValueError: no grid can be made of them; the message says why.

        """
        check("longitude", longitudes)
        check("latitude", latitudes)
        self._longitudes = longitudes
        self._latitudes = latitudes
        self._rows = latitude_rows(latitudes, latitude_bounds, lone=_step(longitudes))
        self._columns = longitude_columns(longitudes, longitude_bounds, lone=_step(latitudes))
        self._size = _size(longitudes, latitudes)
        self._lines: dict[int, tuple[Line, Line]] = {}
        self._circles: dict[str, Circles] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self._latitudes.size, self._longitudes.size

    @property
    def extent(self) -> Extent:
        """Where there are cells."""
        south, north = float(self._rows.edges[0]), min(float(self._rows.edges[-1]), 90.0)
        first, last = float(self._columns.edges[0]), float(self._columns.edges[-1])
        west = (first + 180.0) % 360.0 - 180.0
        east = west + last - first
        # A column is never so narrow that a thousandth of it could matter to a catalogue.
        if east > 180.0 + 1e-4:
            return Extent(west=-180.0, south=south, east=180.0, north=north)
        return Extent(west=west, south=south, east=min(east, 180.0), north=north)

    def locate(self, view: View) -> Locating:
        """Find the cell that contains the centre of each pixel; asks for nothing."""
        yield from ()
        return self._cells(view)

    def locate_places(self, longitude: Floats, latitude: Floats) -> Locating:
        """Find the cell that contains each of some places; asks for nothing."""
        yield from ()
        return _scattered(self._rows.find(latitude[None]), self._columns.find(self._turned(longitude[None])))

    def centres(self, cells: Cells) -> Placing:
        """Find the centres of cells; asks for nothing."""
        yield from ()
        if isinstance(cells, Separable):
            rows, columns = np.broadcast_arrays(cells.rows[:, None], cells.columns[None, :])
        else:
            rows, columns = cells.rows, cells.columns
        inside = (rows >= 0) & (columns >= 0)
        wrapped = (self._longitudes[columns] + 180.0) % 360.0 - 180.0
        return Places(
            longitude=np.where(inside, wrapped, np.nan),
            latitude=np.where(inside, self._latitudes[rows], np.nan),
        )

    def cells_apart(self, view: View, cells: Cells) -> float:
        """Tell how many rows or columns, whichever are fewer, lie between neighbouring pixels.

        Where the view is, if its system is separable: Mercator maps stretch the north without bounds. Else in the
        middle of the area for which the system is made.
        """
        if view.crs.separable:
            return steps_between(cells)
        west, south, east, north = view.bbox
        along_x, along_y = view.crs.scale
        pixel = min(along_x * (east - west) / view.width, along_y * (north - south) / view.height)
        return pixel / self._size if np.isfinite(pixel) else steps_between(cells)

    def by_tables(self, view: View) -> bool:
        """Tell whether the cells of a view are found without working out each pixel."""
        return view.crs.separable or azimuthal(view.crs.name) is not None

    def around(self, view: View, factor: int) -> Surroundings:
        """Find the four cells, of the overview with one cell for `factor` x `factor`, around each pixel centre."""
        longitude, latitude = self._places(view)
        rows, columns = self._lines.get(factor) or self._lines.setdefault(factor, self._laid(factor))
        system = azimuthal(view.crs.name)
        own_rows = own_columns = None
        if system is not None:
            # Places between those that PROJ found are not exact: whether there is data is told as without mixing.
            cells = self._round(system).cells(view)
            own_rows, own_columns = cells.rows, cells.columns
        down, across = rows.around(latitude, own_rows), columns.around(longitude, own_columns)
        if not view.crs.separable:
            outside = (down.low < 0) | (across.low < 0)
            for indices in (down.low, down.high, across.low, across.high):
                indices[outside] = -1
        return Surroundings(rows=down, columns=across)

    def _laid(self, factor: int) -> tuple[Line, Line]:
        """Lay out the rows and the columns of an overview."""
        return (
            Line.of(self._rows, self._latitudes, factor, ring=False),
            Line.of(self._columns, self._longitudes, factor, ring=True),
        )

    def _round(self, system: Azimuthal) -> Circles:
        """Lay rows and columns out round a pole."""
        found = self._circles.get(system.name)
        return found or self._circles.setdefault(system.name, Circles.of(system, self._rows, self._columns))

    def _cells(self, view: View) -> Cells:
        system = azimuthal(view.crs.name)
        if system is not None:
            return self._round(system).cells(view)
        longitude, latitude = self._places(view)
        rows, columns = self._rows.find(latitude), self._columns.find(longitude)
        if view.crs.separable:
            return Separable(rows=rows, columns=columns)
        return _scattered(rows, columns)

    def _places(self, view: View) -> tuple[Floats, Floats]:
        """Return longitudes, in the turn of the columns, and latitudes: of columns and rows, or of each pixel."""
        first = self._columns.edges[0]
        if view.crs.separable:
            longitude, latitude = separate(view)
            return self._turned(longitude), latitude
        longitude, latitude = degrees_of(pixel_vectors(view))
        # Two comparisons cost a quarter of a remainder.
        turned = longitude + 360.0 * (longitude < first)
        turned -= 360.0 * (turned >= first + 360.0)
        return turned, latitude

    def _turned(self, longitude: Floats) -> Floats:
        """Return longitudes in the turn of the columns."""
        first = self._columns.edges[0]
        turned: Floats = first + (longitude - first) % 360.0
        # The remainder of a place a hair west of the seam is rounded up to a whole turn.
        turned -= 360.0 * (turned >= first + 360.0)
        return turned


def _scattered(rows: Indices, columns: Indices) -> Scattered:
    outside = (rows < 0) | (columns < 0)
    rows[outside] = columns[outside] = -1
    return Scattered(rows=rows, columns=columns)


def _size(longitudes: Floats, latitudes: Floats) -> float:
    """Return the longer side of a usual cell in the middle of the grid, degrees along the Earth."""
    level = float(np.cos(np.radians((latitudes[0] + latitudes[-1]) / 2)))
    return max(_step(latitudes), _step(longitudes) * level)


def _step(axis: Floats) -> float:
    return NOMINAL_STEP if axis.size == 1 else float(np.median(np.abs(np.diff(axis))))
