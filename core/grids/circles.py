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
from core.polar import Polar
from core.polar_tables import Half, Indices, Steps
from core.view import View

Floats = NDArray[np.float64]

_STEPS: Final = 256
"""Of a table for each edge: hardly any pixel is on a step that holds an edge."""
_FEWEST: Final = 1 << 12
_MOST: Final = 1 << 17
"""Steps: more take longer to write than they save."""
_TURN: Final = 360.0
_HAIR: Final = 2e-11
"""Radians, and of a square: so much an edge is moved to where its cell does not reach. A pixel whose centre is on the
edge but for a rounding error, another one in each view that it is part of, then always shows that cell."""
_FINEST: Final = 2.0**-20
"""Metres, to which places from the pole on are rounded: then those on an axis or a diagonal are on it, likewise."""
_FARTHEST: Final = 1e17
"""Metres: no map shows anything so far from its pole, and the square is a number in single precision as well."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """Where cells begin along one coordinate."""

    edges: Floats
    """Ascending, shape (n,)."""
    cells: Indices
    """Before the first edge, between edges, and after the last, shape (n + 1,); -1 for what lies outside."""

    def steps(self, first: float, last: float, pixels: int) -> Steps:
        """Return the cells from `first` to `last`, for so many pixels."""
        # A little more at either end: the last digits of a place may lie beyond it.
        more = ((last - first) or max(abs(last), 1.0)) / _FEWEST
        start, stop = np.searchsorted(self.edges, (first - more, last + more))
        count = max(_FEWEST, min(_STEPS * int(stop - start), pixels // 2, _MOST))
        edges, cells = self.edges[start:stop], self.cells[start : stop + 1]
        return Steps(edges=edges, cells=cells, first=first, scale=count / (last - first + more), count=count)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Circles:
    """Rows and columns of a grid on the map of one system."""

    pole: tuple[float, float]
    """X and y."""
    rows: Bounds
    """By the square of the distance from the pole."""
    above: Bounds
    """Columns where y is not less than the pole's, by -x / (|x| + |y|)."""
    below: Bounds
    """Columns where it is, by x / (|x| + |y|)."""

    @classmethod
    def of(cls, system: Azimuthal, rows: Intervals, columns: Intervals) -> "Circles":
        """Lay the edges of cells out on the map."""
        distances = system.distances(np.clip(rows.edges, -90.0, 90.0))
        outward, hair = (slice(None, None, -1), _HAIR) if system.northern else (slice(None), -_HAIR)
        directions = _directions(system, columns)
        return cls(
            pole=system.pole,
            rows=Bounds(edges=distances[outward] ** 2 * (1.0 + hair), cells=rows.order[outward]),
            above=_between(directions, 0.0),
            below=_between(directions, _TURN / 2),
        )

    def cells(self, view: View) -> Polar:
        """Find the cell that contains the centre of each pixel."""
        x, y = _from_pole(view.x_centres() - self.pole[0]), _from_pole(view.y_centres() - self.pole[1])
        middle = int(np.count_nonzero(y >= 0.0))
        halves = ((slice(0, middle), -1.0, self.above), (slice(middle, y.size), 1.0, self.below))
        x_square, y_square = x * x, y * y
        first, last = float(x_square.min() + y_square.min()), float(x_square.max() + y_square.max())
        return Polar(
            x=x,
            outward=self.rows.steps(first, last, x.size * y.size),
            halves=tuple(
                _half(bounds, side, down, (x, np.abs(y[down])))
                for down, side, bounds in halves
                if down.stop > down.start
            ),
        )


def _from_pole(places: Floats) -> Floats:
    """Return places from the pole on without their rounding errors, those too far to be squared nearer."""
    return np.rint(np.clip(places, -_FARTHEST, _FARTHEST) / _FINEST) * _FINEST


def _directions(system: Azimuthal, columns: Intervals) -> Bounds:
    """Return the columns by the angle from the x axis in degrees, counted from 0 to 360."""
    edges, cells = columns.edges, columns.order[1:]
    hair = -np.degrees(_HAIR)
    if not system.eastward:
        cells, hair = columns.order[:-1], -hair
    # Twice, since a hair less than nothing is rounded to a whole turn.
    angles = (system.angles(edges) + hair) % _TURN % _TURN
    if edges[-1] - edges[0] == _TURN:
        # The seam is one edge.
        kept = slice(0, -1) if system.eastward else slice(1, None)
        angles, cells = angles[kept], cells[kept]
    order = np.argsort(angles, kind="stable")
    cells = cells[order]
    return Bounds(edges=angles[order], cells=np.concatenate([cells[-1:], cells]))


def _between(directions: Bounds, start: float) -> Bounds:
    """Return what begins in the half turn from `start` on, by the quotient that grows with the angle there."""
    first, last = np.searchsorted(directions.edges, (start, start + _TURN / 2))
    angles = np.radians(directions.edges[first:last] - start - _TURN / 4)
    quotients = np.sin(angles) / (np.abs(np.sin(angles)) + np.abs(np.cos(angles)))
    return Bounds(edges=quotients, cells=directions.cells[first : last + 1])


def _half(bounds: Bounds, side: float, down: slice, places: tuple[Floats, Floats]) -> Half:
    """Cut the directions of x and |y|, on one side of the pole, into steps."""
    x, y_size = places
    # The least and the greatest are at the corners of each quarter.
    corners = [(side * each, y) for y in (y_size.min(), y_size.max()) for each in (x.min(), x.max())]
    found = [float(each / (abs(each) + y)) for each, y in corners if abs(each) + y]
    columns = bounds.steps(min(found, default=0.0), max(found, default=0.0), x.size * y_size.size)
    return Half(down=down, y_size=y_size, side=side, columns=columns)
