"""Grids whose axes count in the plane of a projection, or in degrees about another pole than the Earth's.

A pixel is brought into that plane, where rows and columns separate. Source: CF Conventions 1.11, 5.6 and appendix F.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Scattered, Separable, steps_between
from core.crs import Crs
from core.dataset import ProjectedGrid
from core.extent import Extent
from core.grids.axes import latitude_rows, longitude_columns, plane_cells
from core.grids.base import Locating, Places, Placing
from core.grids.lattice import STRIDE
from core.grids.lines import Line
from core.grids.plane import Cap, plane_of_pixels
from core.grids.rim import rim
from core.grids.sphere import thick, vectors
from core.interpolation import Surroundings
from core.native import native
from core.view import View

Floats = NDArray[np.float64]

_LONE: Final = 0.25
"""Degrees, or the number of units: the size of a cell of a grid of one cell, which nothing tells."""
_SAME: Final = 1e-8
"""Of a span: closer than this, planes are one."""
_SHARES: Final = np.array([0.0, 0.13, 0.41, 0.68, 1.0])
_MIDDLE: Final = 0.01
"""Of a cell: so near, the scale is the same."""
_OUTLINE: Final = 1025
"""Points along a side that are followed to tell where the cells lie."""
_SKETCH: Final = 33
"""Likewise, where less will do."""
_BESIDE_POLE: Final = 90.0 - 1e-6
_AROUND: Final = np.arange(-165.0, 180.0, 30.0)


class Projected:
    """A grid whose axes are x and y of a coordinate system that is not the view's."""

    __slots__ = ("_aligned", "_cap", "_columns", "_description", "_lines", "_native", "_rows", "_xs", "_ys")

    def __init__(self, description: ProjectedGrid) -> None:
        """Build a grid from its axes as the file has them.

        Cells end halfway between centres, or at the bounds where these fit together and hold their centres.

        Raises:
            ValueError: no grid can be made of them; the message says why.

        """
        self._description = description
        self._native = native(description.crs)
        self._xs, self._ys = (np.asarray(axis) * description.unit for axis in (description.xs, description.ys))
        bounds = [
            np.asarray(bounds) * description.unit if bounds else None
            for bounds in (description.x_bounds, description.y_bounds)
        ]
        lone = [_step(axis) for axis in (self._ys, self._xs)]
        if self._native.geographic:
            self._columns = longitude_columns(self._xs, bounds[0], lone=lone[0])
            self._rows = latitude_rows(self._ys, bounds[1], lone=lone[1])
        else:
            self._columns = plane_cells(description.x, self._xs, bounds[0], lone=lone[0])
            self._rows = plane_cells(description.y, self._ys, bounds[1], lone=lone[1])
        self._aligned: dict[str, bool] = {}
        self._cap: Cap | None = None
        self._lines: dict[int, tuple[Line, Line]] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self._description.shape

    @property
    def extent(self) -> Extent:
        """Where there are cells."""
        west, south, east, north = self._description.extent
        return Extent(west=west, south=south, east=east, north=north)

    def surveyed(self) -> Extent:
        """Work out where there are cells, following the outline of the grid.

        Raises:
            ValueError: no cell lies on the Earth.

        """
        around = rim(self._native, _followed(self._columns.edges, _OUTLINE), _followed(self._rows.edges, _OUTLINE))
        return around.extent(south_pole=self._is_round(-_BESIDE_POLE), north_pole=self._is_round(_BESIDE_POLE))

    def _is_round(self, latitude: float) -> bool:
        """Tell whether there are cells all round a pole, of the places beside it that lead there and back."""
        x, y = self._plane(_AROUND, np.full(_AROUND.size, latitude))
        # On the way back PROJ does not settle everywhere.
        known = np.isfinite(x)
        rows, columns = self._find(x[known], y[known])
        return bool(known.any() and ((rows >= 0) & (columns >= 0)).all())

    def locate(self, view: View) -> Locating:
        """Find the cell that contains the centre of each pixel; asks for nothing."""
        yield from ()
        if self.by_tables(view):
            x, y = self._along(view)
            return Separable(rows=self._rows.find(y), columns=self._columns.find(x))
        return _scattered(*self._find(*self._pixels(view)))

    def locate_places(self, longitude: Floats, latitude: Floats) -> Locating:
        """Find the cell that contains each of some places; asks for nothing."""
        yield from ()
        return _scattered(*self._find(*self._plane(longitude[None], latitude[None])))

    def centres(self, cells: Cells) -> Placing:
        """Find the centres of cells; asks for nothing."""
        yield from ()
        if isinstance(cells, Separable):
            rows, columns = np.broadcast_arrays(cells.rows[:, None], cells.columns[None, :])
        else:
            rows, columns = cells.rows, cells.columns
        return self.places(rows, columns)

    def places(self, rows: Indices, columns: Indices) -> Places:
        """Return the centres of cells, of the shape of the indices; NaN where these are -1 or the Earth is not seen."""
        longitude, latitude = self._native.to_places(self._xs[columns], self._ys[rows])
        inside = (rows >= 0) & (columns >= 0)
        return Places(longitude=np.where(inside, longitude, np.nan), latitude=np.where(inside, latitude, np.nan))

    def cells_apart(self, view: View, cells: Cells) -> float:
        """Tell how many rows or columns, whichever are fewer, lie between neighbouring pixels.

        Of a view whose rows and columns are the grid's, or whose scale has no bounds, where the view is. Else by the
        sizes of a pixel in the middle of what the view's system is made for, and of a cell in the middle of the grid.
        """
        if isinstance(cells, Separable) or view.crs.separable:
            return steps_between(cells)
        west, south, east, north = view.bbox
        along_x, along_y = view.crs.scale
        pixel = min(along_x * (east - west) / view.width, along_y * (north - south) / view.height)
        apart = pixel / self._size()
        return float(apart) if np.isfinite(apart) else steps_between(cells)

    def by_tables(self, view: View) -> bool:
        """Tell whether the view's rows are the grid's, and its columns: one plane, or parallel axes."""
        name = view.crs.name
        found = self._aligned.get(name)
        return self._aligned.setdefault(name, self._parallel(view.crs)) if found is None else found

    def around(self, view: View, factor: int) -> Surroundings:
        """Find the four cells, of the overview with one cell for `factor` x `factor`, around each pixel centre."""
        x, y = self._along(view) if self.by_tables(view) else self._pixels(view)
        rows, columns = self._lines.get(factor) or self._lines.setdefault(factor, self._laid(factor))
        down, across = rows.around(y), columns.around(x)
        if x.ndim == 2:
            outside = (down.low < 0) | (across.low < 0)
            for indices in (down.low, down.high, across.low, across.high):
                indices[outside] = -1
        return Surroundings(rows=down, columns=across)

    def _laid(self, factor: int) -> tuple[Line, Line]:
        """Lay out the rows and the columns of an overview."""
        return (
            Line.of(self._rows, self._ys, factor, ring=False),
            Line.of(self._columns, self._xs, factor, ring=self._native.geographic),
        )

    def _along(self, view: View) -> tuple[Floats, Floats]:
        """Return x of the columns and y of the rows of a view whose axes are parallel to the grid's."""
        x, y = view.x_centres(), view.y_centres()
        middle_x, middle_y = view.crs.from_geographic(*self._native.to_places(*self._lattice(np.array([0.5]))))
        along_x, _ = self._plane(*view.crs.to_geographic(x, np.full_like(x, middle_y.item())))
        _, along_y = self._plane(*view.crs.to_geographic(np.full_like(y, middle_x.item()), y))
        return self._turned(along_x), along_y

    def _pixels(self, view: View) -> tuple[Floats, Floats]:
        """Return x and y of pixel centres in the grid's plane, shape (h, w); NaN where there is certainly no cell."""

        def exact(x: Floats, y: Floats) -> Floats:
            longitude, latitude = view.crs.to_geographic(x, y)
            plane = self._plane(longitude, latitude)
            return np.stack([self._turned(plane[0]), plane[1], longitude, latitude])

        if min(view.width, view.height) <= 2 * STRIDE:
            x, y, _, _ = exact(*np.meshgrid(view.x_centres(), view.y_centres()))
            return x, y
        self._cap = self._cap or self._sketched()
        x, y = plane_of_pixels(view, exact, self._cap if thick(view) else None)
        return x, y

    def _find(self, x: Floats, y: Floats) -> tuple[Indices, Indices]:
        return self._rows.find(y), self._columns.find(self._turned(x))

    def _plane(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return x and y of places; NaN where they cannot lie in the grid though it seems so."""
        x, y = self._native.from_places(longitude, latitude)
        if self._native.geographic:
            return x, y
        seen = _between(x, self._columns.edges) & _between(y, self._rows.edges)
        if seen.any():
            plane = x[seen], y[seen]
            astray = ~self._native.returning((longitude[seen], latitude[seen]), plane)
            x[seen] = np.where(astray, np.nan, plane[0])
            y[seen] = np.where(astray, np.nan, plane[1])
        return x, y

    def _turned(self, x: Floats) -> Floats:
        """Return longitudes about the grid's pole in the turn of the columns."""
        if not self._native.geographic:
            return x
        first = self._columns.edges[0]
        turned: Floats = first + (x - first) % 360.0
        # The remainder of a place a hair west of the seam is rounded up to a whole turn.
        turned -= 360.0 * (turned >= first + 360.0)
        return turned

    def _parallel(self, crs: Crs) -> bool:
        x, y = crs.from_geographic(*self._native.to_places(*self._lattice(_SHARES)))
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            return False
        return bool(
            np.ptp(x, axis=0).max() <= _SAME * np.ptp(x, axis=1).min()
            and np.ptp(y, axis=1).max() <= _SAME * np.ptp(y, axis=0).min()
        )

    def _lattice(self, shares: Floats) -> tuple[Floats, Floats]:
        """Return x and y in the grid's plane, at shares of its width and height."""
        across, down = self._columns.edges, self._rows.edges
        x = across[0] + (across[-1] - across[0]) * shares
        return tuple(np.meshgrid(x, down[0] + (down[-1] - down[0]) * shares))

    def _sketched(self) -> Cap:
        """Return a part of the sphere that holds all cells."""
        around = rim(self._native, _followed(self._columns.edges, _SKETCH), _followed(self._rows.edges, _SKETCH))
        (longitude,), (latitude,) = (part[0] for part in self._native.to_places(*self._lattice(np.array([0.5]))))
        middle = vectors(longitude, latitude)
        opposite = np.array([(longitude + 360.0) % 360.0 - 180.0]), np.array([-latitude])
        if not np.isfinite(longitude) or min(each.item() for each in self._find(*self._plane(*opposite))) >= 0:
            return Cap(middle=middle, reach=np.pi)
        least = float((middle @ vectors(around.longitudes, around.latitudes)).min(initial=1.0))
        return Cap(middle=middle, reach=float(np.arccos(np.clip(least, -1.0, 1.0))))

    def _size(self) -> float:
        """Return the longer side of a cell in the middle of the grid, degrees along the Earth; NaN off the Earth."""
        (x,), (y,) = (part[0] for part in self._lattice(np.array([0.5])))
        wide, high = _MIDDLE * _step(self._xs), _MIDDLE * _step(self._ys)
        here, right, up = vectors(*self._native.to_places(np.array([x, x + wide, x]), np.array([y, y, y + high]))).T
        longer = max(float(np.linalg.norm(right - here)), float(np.linalg.norm(up - here)))
        return float(np.degrees(longer)) / _MIDDLE


def _scattered(rows: Indices, columns: Indices) -> Scattered:
    outside = (rows < 0) | (columns < 0)
    rows[outside] = columns[outside] = -1
    return Scattered(rows=rows, columns=columns)


def _between(values: Floats, edges: Floats) -> NDArray[np.bool_]:
    return np.asarray((values >= edges[0]) & (values <= edges[-1]), dtype=np.bool_)


def _followed(edges: Floats, count: int) -> Floats:
    return np.linspace(edges[0], edges[-1], count)


def _step(axis: Floats) -> float:
    return _LONE if axis.size < 2 else float(np.median(np.abs(np.diff(axis))))
