"""Makes the chart of a curvilinear grid (see `core.grids.chart`), once, at ingest, and measures how far it departs.

It is compared with the corners of all cells, and the middles of the edges of some: each lies on whole rows and columns.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.atlas import Level
from core.grids.between import laid_out
from core.grids.chart import EMPTY, PAD, chart_shape, weights_of
from core.grids.patches import TILE
from core.grids.sphere import degrees_of, vectors

Floats = NDArray[Any]
Flags = NDArray[np.bool_]
Chart = NDArray[np.float32]
"""Shape (rows + 2 PAD, columns + 2 PAD, 3): row and column of a node, and how far off is what lies behind it."""
Placed = tuple[Floats, Floats]
"""How many nodes of the array below and right of the first places are; NaN for none."""

_BLOCK: Final = 1 << 17
"""Cells or nodes that are worked on together; about 1 kB each."""
_SOME: Final = 4
"""Of so many rows and columns the middles of edges are looked at in one: they bend alike all around."""
_WORST: Final = 0.1
"""Squares; where the chart departs by more, cells do not follow each other."""
_BEYOND: Final = 3
"""Nodes outside of the grid that are known by those inside."""
_EDGES: Final = 4
_CIRCLE: Final = 360


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Marks:
    """Places whose row and column, or one of them, is known; arrays of one shape."""

    placed: Placed
    row: Floats | None
    column: Floats | None
    step: int = 0
    """Along a row, to the cell whose opposite corner lies there too; 0 where it is not one for each cell."""


def chart_of(arrays: Mapping[str, NDArray[Any]], level: Level, find: Callable[[Floats], Indices]) -> Chart:
    """Lay the centres of the squares of a level out in their cells, and measure what is between them.

    Args:
        arrays: of the geometry, as `with_patches` leaves it.
        level: of the lattice.
        find: returns which cells hold vectors (3, n), flat, -1 for none.

    """
    chart = _nodes(arrays["edges"], level, find)
    slopes = [np.hypot(*np.gradient(chart[..., part])) for part in range(2)]
    shape = chart.shape[:2]
    off, marked = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    # By how many cells squares are covered, and by how many that do not follow those around them: as differences.
    covered, torn = np.zeros((2, shape[0] + 1, shape[1] + 1), dtype=np.int32)
    apart = _apart(arrays)
    for rows, placed, marks in _scanned(arrays, level):
        bad = apart[rows].copy()
        for some in marks:
            at, departures, inside = _departures(chart, slopes, some)
            np.maximum.at(off.reshape(-1), at, departures)
            marked.reshape(-1)[at] = True
            if some.step:
                wrong = np.zeros(inside.shape, dtype=np.bool_)
                wrong[inside] = departures >= _WORST
                bad |= wrong
                # Cells beside each other share corners.
                ends = (np.s_[:-1], np.s_[1:]) if some.step > 0 else (np.s_[1:], np.s_[:-1])
                bad[:, ends[0]] |= wrong[:, ends[1]]
        boxes = _boxes(placed, level)
        _cover(covered, boxes)
        _cover(torn, boxes[:, np.tile(bad.ravel(), 2)])
    touched, broken = (_joined(differences.cumsum(0).cumsum(1)[:-1, :-1] > 0, level) for differences in (covered, torn))
    off, marked = _joined(off, level), _joined(marked, level)
    known = touched & ~broken & _around(marked, np.logical_or, (1, 1)) & (off < _WORST)
    known &= np.isfinite(_around(chart[..., 0] + chart[..., 1], np.maximum, (1, 2)))
    # Where there are few marks, those of the squares around tell as well.
    chart[..., 2] = np.where(known, _around(np.where(off < _WORST, off, 0.0), np.maximum, (1, 1)), np.inf)
    chart[~touched, 2] = EMPTY
    return chart


def _nodes(edges: Floats, level: Level, find: Callable[[Floats], Indices]) -> Chart:
    """Return rows and columns of the nodes, and of some that are just outside of the grid."""
    shape = chart_shape(level)
    chart = np.full((*shape, 3), np.nan, dtype=np.float32)
    ordinates = level.north - (np.arange(shape[0]) - PAD + 0.5) * level.square
    latitudes = np.degrees(np.arcsin(np.tanh(np.radians(ordinates))))
    longitudes = level.west + (np.arange(shape[1]) - PAD + 0.5) * level.square
    step = max(1, _BLOCK // shape[1])
    for first in range(0, shape[0], step):
        some = slice(first, first + step)
        places = vectors(*np.meshgrid(longitudes, latitudes[some]))
        cells = find(places.reshape(3, -1)).reshape(places.shape[1:])
        rows, columns = np.divmod(cells, edges.shape[1])
        found = laid_out((rows, columns), np.where(cells[..., None] < 0, np.nan, edges[rows, columns]), places)
        chart[some, :, :2] = np.stack(found, axis=-1)
    for axis in (0, 1):
        for turned in (chart, np.flip(chart, axis)):
            _extend(np.moveaxis(turned[..., :2], axis, 0))
    return chart


def _extend(nodes: NDArray[np.float32]) -> None:
    """Go on behind the last node of each line that is known, by the cubic through the last four; in place."""
    unknown = np.isnan(nodes[..., 0])
    for _ in range(_BEYOND):
        one, two, three, four = (nodes[4 - back : nodes.shape[0] - back] for back in range(1, 5))
        beyond = 4.0 * one - 6.0 * two + 4.0 * three - four
        row, column = np.nonzero(unknown[4:] & np.isfinite(beyond[..., 0]))
        nodes[row + 4, column] = beyond[row, column]


def _apart(arrays: Mapping[str, NDArray[Any]]) -> Flags:
    """Tell which cells do not follow those around them smoothly, shape (ny, nx)."""
    ny, nx = arrays["edges"].shape[:2]
    tiles = np.diff(np.diff(arrays["breaks"][..., 0], axis=0), axis=1) > 0
    return tiles.repeat(TILE, axis=0).repeat(TILE, axis=1)[:ny, :nx]


def _scanned(arrays: Mapping[str, NDArray[Any]], level: Level) -> Iterator[tuple[slice, Placed, list[_Marks]]]:
    """Go through the cells: yield rows, where their corners are, shape (4, cells) each way, and marks."""
    edges, centres = arrays["edges"], arrays["centres"]
    ny, nx = edges.shape[:2]
    step = max(1, _BLOCK // nx // _SOME) * _SOME
    some = np.s_[::_SOME, ::_SOME]
    for first in range(0, ny, step):
        rows = slice(first, min(first + step, ny))
        middle = vectors(centres[rows, :, 0], centres[rows, :, 1])
        corners = _corners(edges[rows].reshape(-1, nx, _EDGES, 3), middle)
        row, column = np.meshgrid(np.arange(ny)[rows], np.arange(nx), indexing="ij")
        down, across = _placed(corners, level)
        above, beside = ((corners[:, 0] + corners[:, other])[:, *some] for other in (1, 3))
        marks = [
            _Marks(placed=(down[0], across[0]), row=row, column=column, step=1),
            _Marks(placed=(down[2], across[2]), row=row + 1, column=column + 1, step=-1),
            _Marks(placed=_placed(above, level), row=row[some], column=None),
            _Marks(placed=_placed(beside, level), row=None, column=column[some]),
        ]
        yield rows, (down.reshape(_EDGES, -1), across.reshape(_EDGES, -1)), marks


def _corners(normals: Floats, middle: Floats) -> Floats:
    """Return where the edges (rows, nx, 4, 3) of cells meet: each with the one before it, vectors (3, 4, rows, nx)."""
    sides = np.moveaxis(normals.astype(np.float64), (3, 2), (0, 1))
    corners = np.cross(np.roll(sides, 1, axis=1), sides, axis=0)
    # Of the two places where great circles meet it is the one that is near.
    corners *= np.sign((corners * middle[:, None]).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        corners /= np.sqrt((corners * corners).sum(axis=0))
    return corners


def _placed(places: Floats, level: Level) -> Placed:
    longitude, latitude = degrees_of(places)
    return level.down(np.sin(np.radians(latitude))) - 0.5 + PAD, level.across(longitude) - 0.5 + PAD


def _departures(chart: Chart, slopes: list[Floats], marks: _Marks) -> tuple[Indices, Floats, Flags]:
    """Return squares of marks, flat, how far from its mark, in squares, is what the chart has for it, and of which."""
    shape = chart.shape[:2]
    with np.errstate(invalid="ignore"):
        ends = [(part >= 1.0) & (part < most - 2) for part, most in zip(marks.placed, shape, strict=True)]
    inside = ends[0] & ends[1]
    placed = [part[inside] for part in marks.placed]
    first = [part.astype(np.intp) for part in placed]
    weights = [weights_of(part - before) for part, before in zip(placed, first, strict=True)]
    worst = np.zeros(placed[0].size)
    flat = first[0] * shape[1] + first[1]
    for part, known in enumerate((marks.row, marks.column)):
        if known is None:
            continue
        nodes = chart[..., part].reshape(-1)
        found = np.zeros_like(worst)
        for down in range(_EDGES):
            for across in range(_EDGES):
                at = flat + (down - 1) * shape[1] + across - 1
                found += weights[0][down] * weights[1][across] * nodes.take(at)
        with np.errstate(invalid="ignore", divide="ignore"):
            departure = np.abs(found - known[inside]) / slopes[part].reshape(-1).take(flat)
        worst = np.maximum(worst, departure)
    return flat, np.nan_to_num(worst, nan=np.inf), inside


def _boxes(placed: Placed, level: Level) -> Indices:
    """Return the squares around cells by their corners (4, n): first and last row and column, shape (4, 2 n).

    What lies on both sides of where the level begins has two parts. A box that is none ends before it begins.
    """
    shape = chart_shape(level)
    down, across = placed
    # Where edges meet nowhere a cell has a corner less.
    top, bottom = np.fmin.reduce(down), np.fmax.reduce(down)
    left, right = np.fmin.reduce(across), np.fmax.reduce(across)
    half = _CIRCLE / level.square / 2
    with np.errstate(invalid="ignore"):
        over = right - left > half
        early = np.fmax.reduce(np.where(across < half, across, np.nan))
        late = np.fmin.reduce(np.where(across < half, np.nan, across))
    first = [top, bottom, np.where(over, 0.0, left), np.where(over, early, right)]
    second = [top, bottom, np.where(over, late, 1.0), np.where(over, np.inf, 0.0)]
    ends = np.concatenate([np.stack(first), np.stack(second)], axis=1)
    most = np.repeat(shape, 2)[:, None] - 1
    there = np.isfinite(ends[0] + ends[1] + ends[2]) & (ends[1] >= 0) & (ends[0] <= most[0])
    there &= (ends[3] >= 0) & (ends[2] <= most[2]) & (ends[3] >= ends[2])
    ends[:, ~there] = [[1.0], [0.0], [1.0], [0.0]]
    return ends.clip(0, most).astype(np.intp)


def _cover(differences: NDArray[np.int32], boxes: Indices) -> None:
    """Count boxes: sums of differences along both axes are then how many there are at each square."""
    top, bottom, left, right = boxes[:, boxes[1] >= boxes[0]]
    wide = differences.shape[1]
    flat = differences.reshape(-1)
    for sign, at in (
        (1, top * wide + left),
        (-1, top * wide + right + 1),
        (-1, (bottom + 1) * wide + left),
        (1, (bottom + 1) * wide + right + 1),
    ):
        np.add.at(flat, at, np.int32(sign))


def _joined(values: NDArray[Any], level: Level) -> NDArray[Any]:
    """Let what is beyond either side be what is within the other, where a level goes round."""
    if round(level.shape[1] * level.square) == _CIRCLE:
        # A square between the last column and the first is known in two halves.
        values[:, -PAD - 1] = np.maximum(values[:, -PAD - 1], values[:, PAD - 1])
        values[:, :PAD], values[:, -PAD:] = values[:, -2 * PAD : -PAD].copy(), values[:, PAD : 2 * PAD].copy()
    return values


def _around(values: NDArray[Any], worst: np.ufunc, reach: tuple[int, int]) -> NDArray[Any]:
    """Return the worst of the values from so many rows and columns before each to as many behind."""
    found = values
    for axis in range(2):
        padded = np.pad(found, [(reach[0], reach[1]) if axis == each else (0, 0) for each in range(2)], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, sum(reach) + 1, axis=axis)
        found = worst.reduce(windows, axis=-1)
    return found
