"""Makes the chart of a curvilinear grid (see `core.grids.chart`), once, at ingest, and measures how far it departs.

It is compared with the corners of all cells, and the middles of the edges of some: each lies on whole rows and columns.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.curvilinear_grid import Straight
from core.grids.atlas import Level
from core.grids.between import laid_out
from core.grids.chart import EMPTY, over_fold
from core.grids.chart_axes import PAD, chart_shape
from core.grids.chart_reading import Marks, Reading
from core.grids.chart_squares import (
    Flags,
    Floats,
    boxes_of,
    cover,
    covered_by,
    joined,
    placed_on,
    sizes_of,
    squares_of,
    worst_around,
)
from core.grids.corners import EDGES, corners_of, unit
from core.grids.layout import Layout
from core.grids.patches import TILE, uneven
from core.grids.sphere import vectors

Chart = NDArray[np.float32]
"""Shape (rows + 2 PAD, columns + 2 PAD, 3): row and column of a node, and how far off is what lies behind it."""

_BLOCK: Final = 1 << 17
"""Cells or nodes that are worked on together; about 1 kB each."""
_SOME: Final = 4
"""Of so many rows and columns of small cells the middles of edges are looked at in one: they bend alike all around."""
_SMALL: Final = 0.5
"""Squares along the longer side of a cell."""
_LONG: Final = 4.0
"""Likewise: of longer ones there are squares with no mark beside them, at a corner or in the middle of an edge."""
_BEYOND: Final = 3
"""Nodes outside of the grid that are known by those inside."""
_NEAR_FOLD: Final = 64
"""Rows."""
_BESIDE: Final = 2 * TILE
"""Rows."""


def chart_of(
    arrays: Mapping[str, NDArray[Any]], level: Level, find: Callable[[Floats], Indices], layout: Layout
) -> Chart:
    """Lay the centres of the squares of a level out in their cells, and measure what is between them.

    What is straight needs no chart: it ends where that begins, as it does at the border of the grid.

    Args:
        arrays: of the geometry, as `with_patches` leaves it.
        level: of the lattice.
        find: returns which cells hold vectors (3, n), flat, -1 for none.
        layout: of the grid.

    """
    skipped = _skipped(layout)
    chart, fold = _nodes((arrays["edges"], skipped), level, find), layout.fold
    plain = Reading.of(chart[..., 0], chart[..., 1], layout.period)
    over = None if fold is None else Reading.of(*fold.unfolded(chart[..., 0], chart[..., 1])[:2], 0)
    covered = np.zeros_like(plain.torn)
    apart = _apart(arrays, skipped) | _beside_missing(arrays["centres"], layout)
    for rows, placed, marks in _scanned(arrays, skipped, level):
        alone = apart[rows] | (sizes_of(placed, level) > _LONG).reshape(-1, apart.shape[1])
        boxes, of_cell = boxes_of(placed, level)
        cover(covered, boxes)
        cover(plain.torn, boxes[:, (alone | _wrong(plain, marks)).ravel()[of_cell]])
        if over is not None and fold is not None:
            # Of what is far from the fold nothing is to be read over it.
            near = rows.stop > apart.shape[0] - _NEAR_FOLD
            wrong = alone | _wrong(over, [mark.unfolded(fold) for mark in marks]) if near else np.ones_like(alone)
            cover(over.torn, boxes[:, wrong.ravel()[of_cell]])
    known = joined(covered_by(covered), level)
    off = _departures(plain, over, level)
    # What is told of squares in which there are only straight rows was compared with nothing.
    off[~known] = np.inf
    # Numbers that nothing needs and that are far from all others would take the digits of those in single precision.
    chart[~worst_around(known & np.isfinite(off), np.logical_or, (2, 1)), :2] = np.nan
    chart[..., 2] = np.where(_touched(known, layout.straight, level), off, EMPTY)
    return chart


def _departures(plain: Reading, over: Reading | None, level: Level) -> Floats:
    """Return how many squares each is off; where only what is read over the fold tells, as `over_fold` has it."""
    off = plain.departures(level)
    if over is None:
        return off
    beyond = over.departures(level)
    return np.where(np.isinf(off) & np.isfinite(beyond), over_fold(beyond), off)


def _touched(known: Flags, straight: Straight | None, level: Level) -> Flags:
    """Tell in which squares there are cells, by those with some that are not straight."""
    if straight is None:
        return known
    touched, squares = known.copy(), squares_of(straight, level)
    touched[squares.start : squares.stop] = True
    return touched


def _wrong(reading: Reading, marks: list[Marks]) -> Flags:
    """Compare marks; tell which cells have a corner that is off by too much, shape (rows, nx)."""
    wrong, *_ = [reading.compare(some) for some in marks]
    found: Flags = wrong[:-1, :-1] | wrong[:-1, 1:] | wrong[1:, :-1] | wrong[1:, 1:]
    return found


def _skipped(layout: Layout) -> range:
    """Return the rows that are straight."""
    straight = layout.straight
    return range(0) if straight is None else range(straight.first, straight.first + len(straight.latitudes) - 1)


def _nodes(grid: tuple[Floats, range], level: Level, find: Callable[[Floats], Indices]) -> Chart:
    """Return rows and columns of the nodes, by edges, and of some that are just outside of the grid.

    `grid`: edges, and the rows that are left out.
    """
    edges, skipped = grid
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
        cells[(rows >= skipped.start) & (rows < skipped.stop)] = -1
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


def _apart(arrays: Mapping[str, NDArray[Any]], skipped: range) -> Flags:
    """Tell which cells do not follow those around them smoothly, but for those that are skipped, shape (ny, nx)."""
    ny, nx = arrays["edges"].shape[:2]
    tiles = np.diff(np.diff(arrays["breaks"][..., 0], axis=0), axis=1) > 0
    found = tiles.repeat(TILE, axis=0).repeat(TILE, axis=1)[:ny, :nx]
    if skipped:
        # Beside those there need be nothing that is smooth across.
        before = slice(max(skipped.start - _BESIDE - 1, 0), skipped.start)
        behind = slice(skipped.stop, min(skipped.stop + _BESIDE + 1, ny))
        for rows, inner in ((before, np.s_[1:] if before.start else np.s_[:]), (behind, np.s_[:_BESIDE])):
            if rows.start < rows.stop:
                middle = vectors(arrays["centres"][rows, :, 0], arrays["centres"][rows, :, 1])
                found[rows][inner] = uneven(arrays["edges"][rows], middle)[inner]
    return found


def _beside_missing(centres: Floats, layout: Layout) -> Flags:
    """Tell which cells lie beside one without a place, over the seam and the fold as well, or are the same as one."""
    missing = np.isnan(centres[..., 0])
    (ny, nx), period, fold = missing.shape, layout.period, layout.fold
    behind = np.zeros(nx, dtype=np.bool_)
    if period:
        again = missing[:, period:] | missing[:, : nx - period]
        missing[:, period:] |= again
        missing[:, : nx - period] |= again
    if fold is not None:
        other = (fold.columns - np.arange(nx)) % period
        same = np.arange(max(fold.rows - ny + 1, 0), ny)
        missing[same] |= missing[fold.rows - same][:, other]
        behind = missing[fold.rows - ny, other]
    tall = np.concatenate([missing, behind[None]])
    tall[1:] |= missing
    tall = tall[:-1] | tall[1:]
    before, after = (tall[:, period - 1], tall[:, nx % period]) if period else (tall[:, 0], tall[:, -1])
    wide = np.concatenate([before[:, None], tall, after[:, None]], axis=1)
    found: Flags = wide[:, :-2] | wide[:, 1:-1] | wide[:, 2:]
    return found


def _scanned(
    arrays: Mapping[str, NDArray[Any]], skipped: range, level: Level
) -> Iterator[tuple[slice, tuple[Floats, Floats], list[Marks]]]:
    """Go through the cells, but for some rows: yield rows, where corners are, shape (4, cells) each way, and marks.

    The first are the corners of all cells, each once: one row and one column more than there are cells.
    """
    edges, centres = arrays["edges"], arrays["centres"]
    ny, nx = edges.shape[:2]
    step = max(1, _BLOCK // nx // _SOME) * _SOME
    kept = [range(skipped.start), range(skipped.stop, ny)] if skipped else [range(ny)]
    for first, last in ((first, rows.stop) for rows in kept for first in rows[::step]):
        count = min(step, last - first)
        # The row behind has the lower corners of the last.
        wide = slice(first, min(first + count + 1, last))
        middle = vectors(centres[wide, :, 0], centres[wide, :, 1])
        corners = corners_of(edges[wide], middle)
        placed = np.stack(placed_on(corners, level))
        lattice = np.empty((2, count + 1, nx + 1))
        lattice[:, : placed.shape[2], :nx], lattice[:, : placed.shape[2], nx] = placed[:, 0], placed[:, 1, :, -1]
        if placed.shape[2] == count:
            lattice[:, count, :nx], lattice[:, count, nx] = placed[:, 3, -1], placed[:, 2, -1, -1]
        row, column = np.meshgrid(first + np.arange(count + 1), np.arange(nx + 1), indexing="ij")
        some = sizes_of(placed[:, :, :count], level) > _SMALL
        some[::_SOME, ::_SOME] = True
        corners, row_of, column_of = corners[:, :, :count], row[:count, :nx][some], column[:count, :nx][some]
        above, beside = (placed_on(unit((corners[:, 0] + corners[:, other])[:, some]), level) for other in (1, 3))
        marks = [
            Marks(placed=(lattice[0], lattice[1]), row=row, column=column, exact=(True, True)),
            Marks(placed=above, row=row_of, column=column_of + 0.5, exact=(True, False)),
            Marks(placed=beside, row=row_of + 0.5, column=column_of, exact=(False, True)),
        ]
        down, across = placed[:, :, :count].reshape(2, EDGES, -1)
        yield slice(first, first + count), (down, across), marks
