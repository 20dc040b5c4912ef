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
from core.grids.sphere import vectors

Floats = NDArray[Any]
Flags = NDArray[np.bool_]
Chart = NDArray[np.float32]
"""Shape (rows + 2 PAD, columns + 2 PAD, 3): row and column of a node, and how far off is what lies behind it."""
Placed = tuple[Floats, Floats]
"""How many nodes of the array below and right of the first places are; NaN for none."""

_BLOCK: Final = 1 << 17
"""Cells or nodes that are worked on together; about 1 kB each."""
_SOME: Final = 4
"""Of so many rows and columns of small cells the middles of edges are looked at in one: they bend alike all around."""
_SMALL: Final = 0.5
"""Squares along the longer side of a cell."""
_LONG: Final = 4.0
"""Likewise: of longer ones there are squares with no mark beside them, at a corner or in the middle of an edge."""
_WORST: Final = 0.1
"""Squares; where the chart departs by more, cells do not follow each other."""
_BEYOND: Final = 3
"""Nodes outside of the grid that are known by those inside."""
_EDGES: Final = 4
_NODES: Final = 4
"""Around a place, along each axis."""
_CIRCLE: Final = 360


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Marks:
    """Places whose row and column, or one of them, is known; arrays of one shape."""

    placed: Placed
    row: Floats | None
    column: Floats | None


def chart_of(arrays: Mapping[str, NDArray[Any]], level: Level, find: Callable[[Floats], Indices], period: int) -> Chart:
    """Lay the centres of the squares of a level out in their cells, and measure what is between them.

    Args:
        arrays: of the geometry, as `with_patches` leaves it.
        level: of the lattice.
        find: returns which cells hold vectors (3, n), flat, -1 for none.
        period: see `core.grids.period`.

    """
    chart = _nodes(arrays["edges"], level, find)
    slopes = [np.hypot(*(_slope(chart[..., part], axis, part * period) for axis in range(2))) for part in range(2)]
    shape = chart.shape[:2]
    off, marked = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    # How many cells cover squares, and how many that do not follow those around them: as differences.
    covered, torn = np.zeros((2, shape[0] + 1, shape[1] + 1), dtype=np.int32)
    apart = _apart(arrays)
    for rows, placed, marks in _scanned(arrays, level):
        wrong, *_ = [_compared((chart, slopes, period), some, (off, marked)) for some in marks]
        bad = apart[rows] | wrong[:-1, :-1] | wrong[:-1, 1:] | wrong[1:, :-1] | wrong[1:, 1:]
        bad |= (_sizes(placed, level) > _LONG).reshape(bad.shape)
        boxes, of_cell = _boxes(placed, level)
        _cover(covered, boxes)
        _cover(torn, boxes[:, bad.ravel()[of_cell]])
    touched, broken = (_joined(differences.cumsum(0).cumsum(1)[:-1, :-1] > 0, level) for differences in (covered, torn))
    off, marked = _joined(off, level), _joined(marked, level)
    known = touched & ~broken & _around(marked, np.logical_or, (1, 1)) & (off < _WORST)
    known &= np.isfinite(_around(chart[..., 0] + chart[..., 1], np.maximum, (1, 2)))
    # Where there are few marks, those of the squares around tell as well.
    chart[..., 2] = np.where(known, _around(np.where(off < _WORST, off, 0.0), np.maximum, (1, 1)), np.inf)
    chart[~touched, 2] = EMPTY
    # Numbers that nothing needs and that are far from all others would take the digits of those in single precision.
    chart[~_around(known, np.logical_or, (2, 1)), :2] = np.nan
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


def _scanned(
    arrays: Mapping[str, NDArray[Any]], level: Level
) -> Iterator[tuple[slice, tuple[Floats, Floats], list[_Marks]]]:
    """Go through the cells: yield rows, where their corners are, shape (4, cells) each way, and marks.

    The first are the corners of all cells, each once: one row and one column more than there are cells.
    """
    edges, centres = arrays["edges"], arrays["centres"]
    ny, nx = edges.shape[:2]
    step = max(1, _BLOCK // nx // _SOME) * _SOME
    for first in range(0, ny, step):
        count = min(step, ny - first)
        # The row behind has the lower corners of the last.
        wide = slice(first, min(first + count + 1, ny))
        middle = vectors(centres[wide, :, 0], centres[wide, :, 1])
        corners = _corners(edges[wide].reshape(-1, nx, _EDGES, 3), middle)
        placed = np.stack(_placed(corners, level))
        lattice = np.empty((2, count + 1, nx + 1))
        lattice[:, : placed.shape[2], :nx], lattice[:, : placed.shape[2], nx] = placed[:, 0], placed[:, 1, :, -1]
        if placed.shape[2] == count:
            lattice[:, count, :nx], lattice[:, count, nx] = placed[:, 3, -1], placed[:, 2, -1, -1]
        row, column = np.meshgrid(first + np.arange(count + 1), np.arange(nx + 1), indexing="ij")
        some = _sizes(placed[:, :, :count], level) > _SMALL
        some[::_SOME, ::_SOME] = True
        corners, row_of, column_of = corners[:, :, :count], row[:count, :nx][some], column[:count, :nx][some]
        above, beside = (_placed(_unit((corners[:, 0] + corners[:, other])[:, some]), level) for other in (1, 3))
        marks = [
            _Marks(placed=(lattice[0], lattice[1]), row=row, column=column),
            _Marks(placed=above, row=row_of, column=None),
            _Marks(placed=beside, row=None, column=column_of),
        ]
        down, across = placed[:, :, :count].reshape(2, _EDGES, -1)
        yield slice(first, first + count), (down, across), marks


def _sizes(placed: Floats | Placed, level: Level) -> Floats:
    """Return how many squares cells span by their corners, (4, ...) each way, along the axis where these are more."""
    with np.errstate(invalid="ignore"):
        down, across = (part.max(axis=0) - part.min(axis=0) for part in placed)
        longer: Floats = np.maximum(down, np.minimum(across, _CIRCLE / level.square - across))
    return longer


def _corners(normals: Floats, middle: Floats) -> Floats:
    """Return where the edges (rows, nx, 4, 3) of cells meet: each with the one before it, vectors (3, 4, rows, nx)."""
    sides = np.moveaxis(normals.astype(np.float64), (3, 2), (0, 1))
    corners = np.cross(np.roll(sides, 1, axis=1), sides, axis=0)
    # Of the two places where great circles meet it is the one that is near.
    corners *= np.sign((corners * middle[:, None]).sum(axis=0))
    return _unit(corners)


def _unit(places: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        places /= np.sqrt((places * places).sum(axis=0))
    return places


def _placed(places: Floats, level: Level) -> Placed:
    x, y, z = places
    return level.down(z) - 0.5 + PAD, level.across(np.degrees(np.arctan2(y, x))) - 0.5 + PAD


def _compared(known: tuple[Chart, list[Floats], int], marks: _Marks, into: tuple[Floats, Flags]) -> Flags:
    """Note by how much the chart is off in squares with marks, and that these have; return where it is too much."""
    chart, slopes, period = known
    shape = chart.shape[:2]
    with np.errstate(invalid="ignore"):
        ends = [(part >= 1.0) & (part < most - 2) for part, most in zip(marks.placed, shape, strict=True)]
    inside = ends[0] & ends[1]
    placed = [part[inside] for part in marks.placed]
    first = [part.astype(np.intp) for part in placed]
    weights = [weights_of(part - before) for part, before in zip(placed, first, strict=True)]
    squares = first[0] * shape[1] + first[1]
    worst = np.zeros(squares.size)
    for part, whole in enumerate((marks.row, marks.column)):
        if whole is not None:
            departure = _departure(
                chart[..., part].reshape(-1), squares, (weights, shape[1], whole[inside], part * period)
            )
            with np.errstate(invalid="ignore", divide="ignore"):
                departure /= slopes[part].reshape(-1).take(squares)
            worst = np.maximum(worst, np.nan_to_num(departure, nan=np.inf))
    off, marked = into
    np.maximum.at(off.reshape(-1), squares, worst)
    marked.reshape(-1)[squares] = True
    wrong = np.zeros(inside.shape, dtype=np.bool_)
    wrong[inside] = worst >= _WORST
    return wrong


def _departure(nodes: NDArray[np.float32], squares: Indices, how: tuple[list[Floats], int, Floats, int]) -> Floats:
    """Return how far from what it is what nodes of a flat array tell of places in squares is, in rows or columns.

    `how`: weights down and across, columns of nodes, what it is, and the period of that, 0 for none.
    """
    weights, wide, whole, period = how
    found = np.zeros(squares.size)
    for down in range(_NODES):
        along = np.zeros(squares.size)
        for across in range(_NODES):
            off = nodes.take(squares + (down - 1) * wide + across - 1) - whole
            along += weights[1][across] * _shortest(off, period)
        found += weights[0][down] * along
    return np.abs(found)


def _shortest(steps: Floats, period: int) -> Floats:
    """Return steps the shorter way round."""
    return steps - period * np.round(steps / period) if period else steps


def _slope(nodes: Floats, axis: int, period: int) -> Floats:
    """Return by how much nodes change from one to the next."""
    step = _shortest(np.diff(nodes, axis=axis), period)
    first, last = np.take(step, [0], axis=axis), np.take(step, [-1], axis=axis)
    slope: Floats = (np.concatenate([first, step], axis=axis) + np.concatenate([step, last], axis=axis)) / 2
    return slope


def _boxes(placed: Placed, level: Level) -> tuple[Indices, Indices]:
    """Return squares around cells by their corners (4, n): first and last row and column, (4, m), and of which cell.

    What lies on both sides of where the level begins has two parts.
    """
    down, across = placed
    half = _CIRCLE / level.square / 2
    # Where edges meet nowhere a cell has a corner less.
    ends = np.stack([end.reduce(part) for part in (down, across) for end in (np.fmin, np.fmax)])
    of_cell = np.arange(ends.shape[1])
    with np.errstate(invalid="ignore"):
        over = np.flatnonzero(ends[3] - ends[2] > half)
        if over.size:
            west = across[:, over] < half
            late = ends[:, over]
            late[2], late[3] = np.fmin.reduce(np.where(west, np.nan, across[:, over])), np.inf
            ends[2, over], ends[3, over] = 0.0, np.fmax.reduce(np.where(west, across[:, over], np.nan))
            ends, of_cell = np.concatenate([ends, late], axis=1), np.concatenate([of_cell, over])
        most = np.repeat(chart_shape(level), 2)[:, None] - 1
        there = (ends[1] >= 0) & (ends[0] <= most[0]) & (ends[3] >= 0) & (ends[2] <= most[2])
    return ends[:, there].clip(0, most).astype(np.intp), of_cell[there]


def _cover(differences: NDArray[np.int32], boxes: Indices) -> None:
    """Count boxes: sums of differences along both axes are then how many there are at each square."""
    top, bottom, left, right = boxes
    wide, flat = differences.shape[1], differences.reshape(-1)
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
