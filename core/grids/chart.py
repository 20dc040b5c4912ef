"""A chart of a curvilinear grid: where the nodes of a Mercator lattice lie in its rows and columns.

Where a grid is smooth, rows and columns of all places between nodes follow from them, as two products of small matrices
for a whole tile. Where it is not, the chart says so. Source: Abramowitz and Stegun, 25.2.13 (Lagrange's formula with
four points).
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices, Picked, Separable
from core.extent import Extent
from core.grids.atlas import Level
from core.grids.base import Wanted
from core.grids.sphere import separate
from core.view import View

Floats = NDArray[Any]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int32]

PAD: Final = 12
"""Nodes of the array beyond the pictures' squares, on each side."""
EMPTY: Final = -1.0
"""In place of a departure: no cell is near."""
_TOLERANCE: Final = 0.1
"""Pixels that the border of a cell may be off; with rounding it stays below 1/8."""
_SPARSE: Final = 2
"""Pixels to a node along each side, at least: of finer lattices pictures are quicker."""
_COARSER: Final = 2
"""Zooms from the finest picture to the lattice: a square is then 2.4 to 4.8 usual cells wide."""
_ROUND: Final = 359.9
"""Degrees; what is wider goes round."""
_NODES: Final = 4
"""That a cubic needs along each axis."""
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
    period: int = 0
    """Columns after which the grid begins again; 0 where it does not go round."""


_Part = tuple[slice, slice, NDArray[np.float32]]
"""Some pixels, which of the nodes these need, and the weights of those, shape (pixels, nodes)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Along:
    """Pixels along one axis, between nodes."""

    first: NDArray[np.intp]
    """Index of the node before each, ascending."""
    share: Floats
    """Of the way from there to the next."""
    pixel: float
    """Nodes from one pixel to the next, at least."""

    @classmethod
    def of(cls, places: Floats, count: int) -> "_Along | None":
        """Lay places, in nodes of the array from the first on, between `count` nodes; None where that does not pay."""
        steps = np.diff(places)
        if not (steps.size and (steps > 0.0).all() and steps.sum() * _SPARSE < steps.size):
            return None
        # What is beyond is as far from all cells as the ends are.
        inside = places.clip(1.0, count - 3.0)
        first = inside.astype(np.intp)
        return cls(first=first, share=inside - first, pixel=float(steps.min()))

    @property
    def nodes(self) -> Indices:
        """Those that are needed."""
        found: Indices = np.arange(self.first[0] - 1, self.first[-1] + 3)
        return found

    @property
    def squares(self) -> Indices:
        """In which each pixel is, counted from the first."""
        found: Indices = self.first - self.first[0]
        return found

    def parts(self, count: int) -> list[_Part]:
        """Cut the pixels into parts of so many."""
        found: list[_Part] = []
        all_squares, all_weights, four = self.squares, weights_of(self.share).T, np.arange(_NODES)
        for begin in range(0, self.first.size, count):
            pixels = slice(begin, begin + count)
            squares = all_squares[pixels]
            nodes = slice(int(squares[0]), int(squares[-1]) + _NODES)
            weights = np.zeros((squares.size, nodes.stop - nodes.start), dtype=np.float32)
            at = np.arange(squares.size) * weights.shape[1] + (squares - squares[0])
            weights.reshape(-1)[at[:, None] + four] = all_weights[pixels]
            found.append((pixels, nodes, weights))
        return found


def charted(
    view: View, maps: Maps, grid: tuple[tuple[int, int], Extent]
) -> Generator[Wanted, Picked | None, Charted | None]:
    """Find cells of a grid, by its shape and extent, by its chart.

    None where there is none, or that is not possible, or not quick.
    """
    shape, extent = grid
    axes = None if maps.chart is None or not view.crs.separable else _axes(view, maps.chart, extent)
    if axes is None or maps.chart is None:
        return None
    down, across = axes
    whole = chart_shape(maps.chart)
    picked = yield Wanted(array="chart", shape=whole, cells=Separable(rows=down.nodes, columns=across.nodes))
    beside = None if picked is None else _together(picked.values[..., 1], maps.period)
    if picked is None or beside is None or picked.absent is not None:
        return None
    off = picked.values[1:-2, 1:-2, 2]
    known = off <= _TOLERANCE * min(down.pixel, across.pixel)
    parts = down.parts(_DOWN), across.parts(_ACROSS)
    rows, columns = (_between(part, parts) for part in (picked.values[..., 0], beside))
    if maps.period:
        columns[columns < 0] += maps.period
    # Without a sign, what is before the first is behind the last.
    nowhere = (rows.view(np.uint32) >= shape[0]) | (columns.view(np.uint32) >= shape[1])
    if nowhere.any():
        rows[nowhere] = columns[nowhere] = -1
    if known.all() and off.min() >= 0.0:
        return Charted(rows=rows, columns=columns, unknown=None)
    at = np.ix_(down.squares, across.squares)
    nowhere = (off < 0.0)[at]
    rows[nowhere] = columns[nowhere] = -1
    unknown = ~known[at]
    return Charted(rows=rows, columns=columns, unknown=unknown if unknown.any() else None)


def _axes(view: View, level: Level, extent: Extent) -> tuple[_Along, _Along] | None:
    """Lay the rows and columns of a separable view between nodes; None where they are not, or that does not pay."""
    longitude, latitude = separate(view)
    whole = chart_shape(level)
    places = level.down(np.sin(np.radians(latitude))) - 0.5 + PAD, _onward(longitude, level) - 0.5 + PAD
    # Beyond the sides of a chart there is nothing, but for what is nearer to a pole, or where it begins again.
    closed = level.shape[1] * level.square < _ROUND
    if closed and places[1][-1] > 360.0 / level.square - 0.5 + PAD:
        return None
    ends = (level.reaches(0.0, extent.north), level.reaches(extent.south, 0.0)), (closed, closed)
    if not all(_told(part, most, end) for end, part, most in zip(ends, places, whole, strict=True)):
        return None
    down, across = (_Along.of(part, most) for part, most in zip(places, whole, strict=True))
    return None if down is None or across is None else (down, across)


def _told(places: Floats, count: int, ends: tuple[bool, bool]) -> bool:
    """Tell whether there are nodes around all places, or nothing beyond the first and the last of `count` nodes."""
    return bool((ends[0] or places.min() >= 1.0) and (ends[1] or places.max() <= count - 3.0))


def _onward(longitude: Floats, level: Level) -> Floats:
    """Return how many squares east of the left edge columns are, ascending, negative for some that lie west of it."""
    around = 360.0 / level.square
    first = float(level.across(longitude[0]))
    # Between where a level ends and where it begins again, a view begins before it or behind it.
    if first > (level.shape[1] + around) / 2:
        first -= around
    found: Floats = first + (longitude - longitude[0]) % 360.0 / level.square
    return found


def _together(columns: NDArray[np.float32], period: int) -> NDArray[np.float32] | None:
    """Return columns of nodes without a jump where the grid begins again; None where that could be anywhere."""
    if not period or not (late := columns > 0.75 * period).any() or not (columns < 0.25 * period).any():
        return columns
    if ((columns >= 0.25 * period) & ~late).any():
        return None
    return np.where(late, columns - np.float32(period), columns)


def _between(nodes: NDArray[np.float32], parts: tuple[list[_Part], list[_Part]]) -> Numbers:
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


def weights_of(share: Floats) -> Floats:
    """Return the weights of the four nodes around places that are so far from the second to the third, shape (4, n)."""
    before, after, beyond = share + 1.0, share - 1.0, share - 2.0
    return np.stack(
        [
            -share * after * beyond / 6.0,
            before * after * beyond / 2.0,
            -before * share * beyond / 2.0,
            before * share * after / 6.0,
        ]
    )


def chart_level(levels: tuple[Level, ...]) -> Level | None:
    """Return on which of the levels, the finest first, there is to be a chart; None where there are none."""
    return levels[min(_COARSER, len(levels) - 1)] if levels else None


def maps_of(levels: tuple[Level, ...], period: int, *, with_chart: bool) -> Maps:
    """Describe the maps of a grid that has these levels, and a chart or none."""
    return Maps(levels=levels, chart=chart_level(levels) if with_chart else None, period=period)


def chart_shape(level: Level) -> tuple[int, int]:
    """Return rows and columns of the array."""
    return level.shape[0] + 2 * PAD, level.shape[1] + 2 * PAD
