"""A chart of a curvilinear grid: where the nodes of a Mercator lattice lie in its rows and columns.

Where a grid is smooth, rows and columns of all places between nodes follow from them, as two products of small matrices
for a whole tile. Where it is not, the chart says so.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Picked, Separable
from core.extent import Extent
from core.grids.atlas import Level
from core.grids.base import Wanted
from core.grids.chart_axes import NODES, Axes, Part, axes_of, chart_shape
from core.grids.fold import Fold
from core.grids.layout import Layout
from core.view import View

Floats = NDArray[Any]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int32]

EMPTY: Final = -1.0
"""In place of a departure: no cell is near."""
_TOLERANCE: Final = 0.1
"""Pixels that the border of a cell may be off; with rounding it stays below 1/8."""
_SPARSE: Final = 0.5
"""Nodes from one pixel to the next, on average, at most: of finer lattices pictures are quicker."""
_COARSER: Final = 2
"""Zooms from the finest picture to the lattice: a square is then 2.4 to 4.8 usual cells wide."""
_DOWN: Final = 256
_ACROSS: Final = 64
"""Pixels that are worked on together: of fewer columns, fewer of the weights are zero."""
_MOST: Final = 1 << 24
"""Rows or columns."""
_MULTIPLIED: Final = 1 << 17
"""Products of two numbers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Charted:
    """The cells of a view, as far as the chart tells them."""

    rows: Numbers
    """Shape (h, w); -1 where there is no cell, any number where `unknown`."""
    columns: Numbers
    """Likewise."""
    unknown: Flags | None
    """Pixels that have to be searched; None where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """What was drawn of a grid once, so that cells are found quickly."""

    levels: tuple[Level, ...] = ()
    """Pictures from afar, the finest first (see `core.grids.atlas`)."""
    chart: Level | None = None
    """That whose squares' centres are the nodes of the chart; None where there is no chart."""
    layout: Layout = field(default_factory=Layout)


def charted(
    view: View, maps: Maps, grid: tuple[tuple[int, int], Extent]
) -> Generator[Wanted, Picked | None, Charted | None]:
    """Find cells of a grid, by its shape and extent, by its chart.

    None where there is none, or that is not possible, or not quick.
    """
    shape, extent = grid
    axes = _quick_axes(view, maps.chart, extent)
    if axes is None or maps.chart is None:
        return None
    cells = Separable(rows=axes[0].nodes, columns=axes[1].nodes)
    picked = yield Wanted(array="chart", shape=chart_shape(maps.chart), cells=cells)
    nodes = None if picked is None or picked.absent is not None else _read(picked.values, maps.layout)
    return None if nodes is None else _shown(nodes, axes, (shape, maps.layout))


def _quick_axes(view: View, level: Level | None, extent: Extent) -> Axes | None:
    """Lay a view between the nodes of a chart; None where that is not possible, or there would be many for a pixel."""
    axes = None if level is None or not view.crs.separable else axes_of(view, level, extent)
    sparse = axes is not None and all(axis.nodes.size < _SPARSE * axis.first.size + NODES for axis in axes)
    return axes if sparse else None


def _shown(nodes: "_Nodes", axes: Axes, grid: tuple[tuple[int, int], Layout]) -> Charted:
    """Work out which cells of a grid, of that shape and layout, are shown between nodes."""
    (down, across), (shape, layout) = axes, grid
    parts = down.parts(_DOWN), across.parts(_ACROSS)
    rows, columns = _between(nodes.rows, parts), _between(nodes.columns, parts)
    if nodes.fold is not None:
        nodes.fold.folded(rows, columns)
    elif layout.period:
        columns[columns < 0] += layout.period
    # Without a sign, what is before the first is behind the last.
    _emptied((rows, columns), (rows.view(np.uint32) >= shape[0]) | (columns.view(np.uint32) >= shape[1]))
    known = nodes.off <= _TOLERANCE * min(down.pixel, across.pixel)
    if known.all() and nodes.off.min() >= 0.0:
        return Charted(rows=rows, columns=columns, unknown=None)
    at = np.ix_(down.squares, across.squares)
    _emptied((rows, columns), (nodes.off == EMPTY)[at])
    unknown = ~known[at]
    return Charted(rows=rows, columns=columns, unknown=unknown if unknown.any() else None)


def _emptied(cells: tuple[Numbers, Numbers], nowhere: Flags) -> None:
    """Note where there is no cell, in rows and columns."""
    if nowhere.any():
        for part in cells:
            part[nowhere] = -1


def over_fold(off: Floats) -> Floats:
    """Return in place of departures of squares that are read over the fold how these are told from others; and back."""
    return 2.0 * EMPTY - off


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Nodes:
    """Nodes whose rows and columns go on without a jump, shape (m, n)."""

    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    off: NDArray[np.float32]
    """Departure of squares, from the second node on to the last but one; infinite where nodes do not tell."""
    fold: Fold | None
    """Over which columns go on; None where they do not."""


def _read(values: NDArray[np.float32], layout: Layout) -> _Nodes | None:
    """Let rows and columns of nodes go on without a jump; None where there could be one anywhere."""
    rows, columns, off, fold = values[..., 0], values[..., 1], values[1:-2, 1:-2, 2], layout.fold
    if fold is None or not off.min() < EMPTY:
        onward = _together(columns, layout.period)
        return None if onward is None else _Nodes(rows=rows, columns=onward, off=off, fold=None)
    rows, columns, beyond = fold.unfolded(rows, columns)
    # Beside the fold, columns of one half end where those of the other do: a square there cannot be read like this.
    four = np.lib.stride_tricks.sliding_window_view(beyond, (NODES, NODES)).reshape(*off.shape, -1)
    torn = (off >= 0.0) & (four.any(axis=2) != four.all(axis=2))
    off = np.where(torn, np.float32(np.inf), np.where(off < EMPTY, over_fold(off), off))
    return _Nodes(rows=rows, columns=columns, off=off, fold=fold)


def _together(columns: NDArray[np.float32], period: int) -> NDArray[np.float32] | None:
    """Return columns of nodes without a jump where the grid begins again; None where that could be anywhere."""
    if not period or not (late := columns > 0.75 * period).any() or not (columns < 0.25 * period).any():
        return columns
    if ((columns >= 0.25 * period) & ~late).any():
        return None
    return np.where(late, columns - np.float32(period), columns)


def _between(nodes: NDArray[np.float32], parts: tuple[list[Part], list[Part]]) -> Numbers:
    """Return rows or columns of all pixels; any where nodes are not known."""
    # Counted from less than all, single precision is good to 1/1000 of a cell, and what is cut off is a fraction.
    base = np.floor(np.fmin.reduce(nodes, axis=None, initial=_MOST)) - 1.0
    some = np.where(np.isnan(nodes), 0.0, nodes - base)
    height, width = (sum(weights.shape[0] for _, _, weights in each) for each in parts)
    found = np.empty((height, width), dtype=np.int32)
    for rows, above, weights in parts[0]:
        for columns, beside, across in parts[1]:
            found[rows, columns] = _product(_product(weights, some[above, beside]), across.T)
    found += int(base)
    return found


def _product(one: Floats, other: Floats) -> Floats:
    """Multiply matrices some rows at a time: for larger ones BLAS starts threads, which wait longer than this takes."""
    rows, inner = one.shape
    # A power of two: there is hardly a picture whose parts it does not divide.
    together = 1 << max(0, (_MULTIPLIED // (inner * other.shape[1])).bit_length() - 1)
    if rows % together:
        one = np.concatenate([one, np.zeros((-rows % together, inner), dtype=one.dtype)])
    found: Floats = np.matmul(one.reshape(-1, together, inner), other).reshape(-1, other.shape[1])[:rows]
    return found


def chart_level(levels: tuple[Level, ...]) -> Level | None:
    """Return on which of the levels, the finest first, there is to be a chart; None where there are none."""
    return levels[min(_COARSER, len(levels) - 1)] if levels else None


def maps_of(levels: tuple[Level, ...], layout: Layout | None) -> Maps:
    """Describe the maps of a grid that has these levels, and a chart if its layout was looked for."""
    return Maps(levels=levels) if layout is None else Maps(levels=levels, chart=chart_level(levels), layout=layout)
