"""Longitude and latitude axes as circles and rays round a pole: from a view to the tables of `core.polar`.

Source: EPSG Guidance Note 7-2, 3.2.2 (polar stereographic) and 3.3.1 (azimuthal equal area, polar aspect): distances
hang on latitude alone, directions are longitudes. The distances themselves are PROJ's.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.azimuthal import Azimuthal
from core.grids.intervals import Intervals
from core.polar import Indices, Polar, Sector, Steps
from core.view import View

Floats = NDArray[np.float64]

_STEPS: Final = 128
"""Of a table for each pixel of the longer side: directions are then off by at most 1/32 pixel."""
_FEWEST: Final = 1 << 16
_TOLERANCE: Final = 1 / 16
"""Pixels by which a distance may be off."""
_SLIM: Final = 2.0
"""Times as wide as high."""
_WIDE: Final = 0.05
"""Of the quotient y / (|x| + |y|): single precision is then off by less than half a step."""
_TURN: Final = 360.0
_NEAR: Final = 1e-3
"""Pixels: nearer to the pole a table of its own is not worth it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """Where cells begin along one coordinate."""

    edges: Floats
    """Ascending, shape (n,)."""
    cells: Indices
    """Before the first edge, between edges, and after the last, shape (n + 1,); -1 for what lies outside."""
    after: bool
    """Whether what lies on an edge belongs to what comes after it, else to what comes before."""

    def steps(self, first: float, last: float, steps: int) -> Steps:
        """Return the cells at `steps` even steps from `first` to `last`."""
        start, stop = np.searchsorted(self.edges, (first, last))
        at = (self.edges[start:stop] - first) * (steps / (last - first))
        # The step in which an edge lies goes to the side that has the edge: many a pixel lies just there.
        at = (np.floor(at) if self.after else np.minimum(np.floor(at) + 1.0, steps)).astype(np.intp)
        counts = np.diff(np.concatenate([[0], at, [steps]]))
        return Steps(cells=self.cells[start : stop + 1], counts=counts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Circles:
    """Rows and columns of a grid on the map of one system."""

    pole: tuple[float, float]
    """X and y."""
    rows: Bounds
    """By the square of the distance from the pole."""
    right: Bounds
    """Columns where x is not less than the pole's, by y / (|x| + |y|)."""
    left: Bounds
    """Columns where it is, by -y / (|x| + |y|)."""

    @classmethod
    def of(cls, system: Azimuthal, rows: Intervals, columns: Intervals) -> "Circles":
        """Lay the edges of cells out on the map."""
        distances = system.distances(np.clip(rows.edges, -90.0, 90.0))
        outward = slice(None, None, -1 if system.northern else 1)
        directions = _directions(system, columns)
        return cls(
            pole=system.pole,
            rows=Bounds(edges=distances[outward] ** 2, cells=rows.order[outward], after=not system.northern),
            right=_half(directions, -90.0),
            left=_half(directions, 90.0),
        )

    @staticmethod
    def suits(view: View) -> bool:
        """Tell whether pixels are about as high as wide: else few of them would be as near as tables of steps ask."""
        wide, high = _sides(view)
        return max(wide, high) <= _SLIM * min(wide, high)

    def cells(self, view: View) -> Polar:
        """Find the cell that contains the centre of each pixel, to 1/16 pixel."""
        x, y = view.x_centres() - self.pole[0], view.y_centres() - self.pole[1]
        pixel = min(_sides(view))
        down, across = slice(0, y.size), slice(0, x.size)
        sectors: list[Sector] = []
        while down.stop > down.start and across.stop > across.start:
            near = self._add(sectors, (x, y), (down, across), pixel)
            if near < _NEAR * pixel:
                break
            # So near to the pole the steps of the table are too coarse: these few pixels have one of their own.
            down, across = _within(y, near), _within(x, near)
        return Polar(shape=(y.size, x.size), sectors=tuple(sectors))

    def _add(
        self, sectors: list[Sector], places: tuple[Floats, Floats], where: tuple[slice, slice], pixel: float
    ) -> float:
        """Add the sectors of a rectangle; return the distance from the pole within which they are not good enough."""
        (down, across), (x, y) = where, (places[0][where[1]], places[1][where[0]])
        steps = max(_FEWEST, _STEPS * max(x.size, y.size))
        x_square, y_square = x * x, y * y
        first, last = x_square.min() + y_square.min(), x_square.max() + y_square.max()
        last += (last - first) / steps or pixel * pixel
        rows, scale = self.rows.steps(first, last, steps), steps / (last - first)
        middle = int(np.searchsorted(x, 0.0))
        for half, part, side in ((self.left, slice(0, middle), -1.0), (self.right, slice(middle, x.size), 1.0)):
            if part.stop == part.start:
                continue
            least, most = _quotients(np.abs(x[part]), side * y)
            most += (most - least) / steps or 1.0 / steps
            turn = steps / (most - least)
            # Of a narrow view, quotients differ too little for single precision.
            real = np.float32 if most - least > _WIDE else np.float64
            sectors.append(
                Sector(
                    down=down,
                    across=slice(across.start + part.start, across.start + part.stop),
                    # Counted from the least of each, so that no digits are lost where the pole is far away.
                    x_square=((x_square[part] - x_square.min()) * scale).astype(real),
                    y_square=((y_square - y_square.min()) * scale).astype(real),
                    x_size=np.abs(x[part]).astype(real),
                    y=y.astype(real),
                    turn=(side * turn, -least * turn),
                    rows=rows,
                    columns=half.steps(least, most, steps),
                )
            )
        # Of r, a step of the square is its 2 r-th part, and edges are off by up to a step.
        near = (last - first) / steps / (2.0 * _TOLERANCE * pixel)
        return float(near) if near > np.sqrt(first) else 0.0


def _sides(view: View) -> tuple[float, float]:
    """Return the width and the height of a pixel."""
    west, south, east, north = view.bbox
    return (east - west) / view.width, (north - south) / view.height


def _directions(system: Azimuthal, columns: Intervals) -> Bounds:
    """Return the columns by the angle from the x axis in degrees, counted from -90 to 270."""
    edges, cells = columns.edges, columns.order[1:]
    if not system.eastward:
        cells = columns.order[:-1]
    angles = (system.angles(edges) + 90.0) % _TURN - 90.0
    if edges[-1] - edges[0] == _TURN:
        # The seam is one edge.
        kept = slice(0, -1) if system.eastward else slice(1, None)
        angles, cells = angles[kept], cells[kept]
    order = np.argsort(angles, kind="stable")
    cells = cells[order]
    return Bounds(edges=angles[order], cells=np.concatenate([cells[-1:], cells]), after=system.eastward)


def _half(directions: Bounds, start: float) -> Bounds:
    """Return what begins in the half turn from `start` on, by the quotient that grows with the angle there."""
    first, last = np.searchsorted(directions.edges, (start, start + _TURN / 2))
    angles = np.radians(directions.edges[first:last] - start - _TURN / 4)
    quotients = np.sin(angles) / (np.abs(np.sin(angles)) + np.abs(np.cos(angles)))
    return Bounds(edges=quotients, cells=directions.cells[first : last + 1], after=directions.after)


def _quotients(x_size: Floats, y: Floats) -> tuple[float, float]:
    """Return the least and the greatest of y / (|x| + |y|), which are at the corners of each quarter."""
    corners = [(x, each) for x in (x_size.min(), x_size.max()) for each in (y.min(), y.max())]
    found = [each / (x + abs(each)) for x, each in corners if x + abs(each)]
    return float(min(found, default=0.0)), float(max(found, default=0.0))


def _within(places: Floats, near: float) -> slice:
    """Return which of the places, in order, lie so near to 0."""
    at = np.flatnonzero(np.abs(places) <= near)
    return slice(int(at[0]), int(at[-1]) + 1) if at.size else slice(0, 0)
