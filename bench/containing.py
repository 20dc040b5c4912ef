"""What a map shows at a place, found by trying all cells near it on the unit sphere: slow, and without any index.

Corners follow from how the grids are made; values are what netCDF4 reads.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import netCDF4
import numpy as np
from numpy.typing import NDArray

from bench import gate
from bench.field import OFFSET, SCALE
from bench.gridded import COLUMNS, CRITICAL, NODES, ROWS, icosahedral, stretched, vectors
from bench.meshes import sea as coastal
from bench.tripolar import tripolar
from bench.workload import Place

_AT_ONCE: Final = 1 << 25
"""Pairs of a place and a cell that are looked at together."""
_HAIR: Final = 1e-9
"""Of the Earth's radius: places on an edge are in both cells."""
_EDGE: Final = 1 / 8
"""Pixels: how near to a cell's edge a centre may show the cell beyond it."""
_SHIFTS: Final = ((0.0, 0.0), (_EDGE, 0.0), (-_EDGE, 0.0), (0.0, _EDGE), (0.0, -_EDGE))

Doubles = NDArray[np.float64]
Indices = NDArray[np.intp]
Found = tuple[Indices, Doubles]
"""Which place, and a value that may be shown there, NaN for land; none where no cell holds it, several on an edge."""


class Truth(Protocol):
    """What there is of one dataset."""

    def at(self, places: Doubles, step: int, height: float | None = None, level: int = 0) -> Found:
        """Return all values at vectors, shape (3, n), at a height in metres; without one, of a level by number."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polygons:
    """Cells of any shape."""

    source: Path
    """Its field `thetao` has the cells as its last dimensions."""
    centres: Doubles
    """Vectors, shape (3, n)."""
    corners: Callable[[Indices], Doubles]
    """Return the corners of cells in the order of their rings, vectors, shape (3, m, k)."""
    reach: float
    """Degrees: no corner lies further from the centre of its cell."""

    def at(self, places: Doubles, step: int, height: float | None = None, level: int = 0) -> Found:  # noqa: ARG002 -- they have one level
        """Return the values of all cells that hold vectors, shape (3, n)."""
        place, cell = self.holding(places)
        return place, _values(self.source, step).reshape(-1)[cell]

    def holding(self, places: Doubles) -> tuple[Indices, Indices]:
        """Return pairs of a place and a cell that holds it."""
        middle = places.mean(axis=1)
        middle /= np.linalg.norm(middle)
        wide = np.degrees(np.arccos(np.clip((middle @ places).min(), -1, 1))) + self.reach
        near = np.flatnonzero(middle @ self.centres >= np.cos(np.radians(min(wide, 180.0))) - _HAIR)
        pairs = [np.empty((2, 0), dtype=np.intp)]
        step = max(1, _AT_ONCE // places.shape[1])
        for start in range(0, near.size, step):
            some = near[start : start + step]
            close = places.T.astype("f4") @ self.centres[:, some].astype("f4") >= np.cos(np.radians(self.reach)) - 1e-7
            place, cell = np.nonzero(close)
            inside = _inside(self.corners(some[cell]), places[:, place])
            pairs.append(np.stack([place[inside], some[cell[inside]]]))
        place, cell = np.concatenate(pairs, axis=1)
        return place, cell


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """Cells between parallels and meridians, from 80 degrees south and from the date line on."""

    source: Path
    each: int
    """Cells to a degree."""
    deep: bool = False
    """Whether levels follow the bottom."""

    def at(self, places: Doubles, step: int, height: float | None = None, level: int = 0) -> Found:
        """Return the value of the cell around each vector, shape (3, n)."""
        longitudes, latitudes = np.degrees(np.arctan2(places[1], places[0])), np.degrees(np.arcsin(places[2]))
        rows = np.rint((latitudes + 80) * self.each).astype(int)
        columns = np.rint((longitudes + 180) * self.each).astype(int) % (360 * self.each)
        place = np.flatnonzero((rows >= 0) & (rows <= 170 * self.each))
        rows, columns = rows[place], columns[place]
        values = _values(self.source, step)
        if not self.deep:
            return place, values[rows, columns]
        levels = np.full(rows.shape, level) if height is None else self._level(rows, columns, step, height)
        return place, np.where(levels < 0, np.nan, values[levels, rows, columns])

    def _level(self, rows: Indices, columns: Indices, step: int, height: float) -> Indices:
        """Return the level that holds a height, -1 for none. Source: CF 1.11, appendix D, ocean_s_coordinate_g2."""
        with netCDF4.Dataset(self.source) as file:
            bottom = np.asarray(file["h"][:], dtype=np.float64)[rows, columns]
            top = np.asarray(file["zeta"][step], dtype=np.float64)[rows, columns]
        s, stretching = (each[:, None] for each in stretched())
        heights = top + (top + bottom) * (CRITICAL * s + bottom * stretching) / (CRITICAL + bottom)
        between = (heights[1:] + heights[:-1]) / 2
        inside = (height >= -bottom) & (height <= top)
        return np.where(inside, (between < height).sum(axis=0), -1)


def truths(files: Mapping[str, Path], names: Collection[str]) -> dict[str, Truth]:
    """Return what there is of datasets."""
    known: dict[str, Callable[[Path], Truth]] = {
        "rectilinear": lambda source: Lattice(source=source, each=12),
        "levels": lambda source: Lattice(source=source, each=6, deep=True),
        "orca": of_orca,
        "icosahedral": lambda source: _of_mesh(source, icosahedral(), 0.35),
        "coastal": lambda source: _of_mesh(source, coastal(NODES), 0.2),
    }
    return {name: known[name](files[name]) for name in names}


def of_orca(source: Path, columns: int = COLUMNS, rows: int = ROWS) -> Polygons:
    """Return the northern rows of the tripolar grid: a corner is the mean of the four centres around it.

    Neighbours follow from how the grid is made: the last row repeats the one before it, the other way round, and the
    last two columns repeat the first ones.
    """
    centres = vectors(*(each[-rows:] for each in tripolar(columns)))
    ny, nx = centres.shape[1:]

    def corners(cells: Indices) -> Doubles:
        row, column = np.divmod(cells, nx)

        def centre(down: int, across: int) -> Doubles:
            r, c = row + down, (column + across) % columns
            beyond = r >= ny
            inside = centres[
                :, np.where(beyond, 2 * ny - 3 - r, np.maximum(r, 0)), np.where(beyond, columns - 1 - c, c)
            ]
            further = centres[:, 1, c]
            return np.where(r < 0, 2 * inside - further, inside)

        found = [
            sum(centre(a, b) for a in (0, down) for b in (0, across))
            for down, across in ((-1, -1), (-1, 1), (1, 1), (1, -1))
        ]
        return np.stack([each / np.linalg.norm(each, axis=0) for each in found], axis=-1)

    return Polygons(source=source, centres=centres.reshape(3, -1), corners=corners, reach=0.12 * COLUMNS / columns)


def _of_mesh(source: Path, mesh: tuple[Indices, Doubles, Doubles], reach: float) -> Polygons:
    nodes, longitudes, latitudes = mesh
    corners = vectors(longitudes, latitudes)
    middles = corners[:, nodes].mean(axis=2)
    middles /= np.linalg.norm(middles, axis=0)
    return Polygons(source=source, centres=middles, corners=lambda cells: corners[:, nodes[cells]], reach=reach)


def _values(source: Path, step: int) -> Doubles:
    with netCDF4.Dataset(source) as file:
        field = file["thetao"]
        field.set_auto_maskandscale(False)
        codes, fill = np.asarray(field[step]), field.getncattr("_FillValue")
    return np.where(codes == fill, np.nan, codes * SCALE + OFFSET)


def _inside(corners: Doubles, places: Doubles) -> NDArray[np.bool_]:
    """Tell which places, shape (3, n), lie on one side of all edges of rings of corners, shape (3, n, k)."""
    normals = np.cross(corners, np.roll(corners, -1, axis=2), axis=0)
    above = (normals * places[:, :, None]).sum(axis=0)
    length = np.sqrt((normals * normals).sum(axis=0))
    above = np.where(length > 0, above / np.where(length > 0, length, 1.0), 0.0)
    # One without area holds nothing.
    flat = (np.abs(above) <= _HAIR).all(axis=1)
    return np.asarray(((above >= -_HAIR).all(axis=1) | (above <= _HAIR).all(axis=1)) & ~flat)


def shown(
    truth: Truth, place: Place, at: tuple[Indices, Indices], colours: NDArray[Any], height: float | None
) -> float:
    """Return the share of pixels that show what is not there.

    Args:
        truth: what there is.
        place: the picture.
        at: rows and columns of the pixels.
        colours: theirs, shape (n, 4).
        height: in metres; None where the place names a level by number.

    """
    rows, columns = at
    right = np.zeros(rows.size, dtype=np.bool_)
    for across, down in _SHIFTS:
        place_of, values = truth.at(
            middles_of(place, (rows + 0.5 + down, columns + 0.5 + across)), place.step, height, place.level
        )
        empty = np.ones(rows.size, dtype=np.bool_)
        empty[place_of] = False
        right |= empty & (colours[:, 3] == 0)
        scene = gate.Scene(values=values)
        right[place_of[gate.shown(colours[place_of], scene)]] = True
    return float(1 - right.mean())


def middles_of(place: Place, pixels: tuple[NDArray[Any], NDArray[Any]]) -> Doubles:
    """Return vectors of places in a picture that are counted in pixels from the top and from the left."""
    rows, columns = pixels
    west, south, east, north = place.bbox
    # EPSG:3857 is a sphere; Source: EPSG guidance note 7-2, 3.2.1.2.
    x = west + columns * (east - west) / place.size[0]
    y = north - rows * (north - south) / place.size[1]
    return vectors(np.degrees(x / 6378137.0), np.degrees(np.arctan(np.sinh(y / 6378137.0))))
