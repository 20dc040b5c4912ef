"""Cells round a pole, for maps on which parallels are circles round it and meridians straight lines from it.

There the row of a cell hangs on the distance from the pole alone, and its column on the direction. Both are looked up
in tables of even steps, which costs a tenth of the trigonometry of each pixel. Of the distance the square is taken, of
the direction y / (|x| + |y|), which grows with the angle on either side of the pole: sums and a quotient.

The few pixels on steps that hold an edge are compared with the edges themselves. So what a pixel shows hangs on nothing
but its own place, whatever view it is part of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.polar_tables import Floats, Half, Indices, Steps, look_up

_FEW: Final = 1 << 10
"""Pixels that are compared with the edges one by one before a table would be made."""
_BLOCK: Final = 16
"""Pixels between those that tell which parts of an array are touched."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polar:
    """Cells of all pixels of a view round a pole, or near one."""

    y: Floats
    """Of the rows of pixels, from the pole on, descending, shape (h,)."""
    outward: Steps
    """Rows of the array, by x * x + y * y."""
    halves: tuple[Half, ...]
    """Left and right of the pole; together they are as wide as the picture."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.y.size, self.halves[-1].across.stop

    def coarser(self, factor: int) -> "Polar":
        """Return the cells of the array that holds one cell for each block of `factor` x `factor`."""
        halves = tuple(replace(half, columns=half.columns.coarser(factor)) for half in self.halves)
        return replace(self, outward=self.outward.coarser(factor), halves=halves)

    @property
    def rows(self) -> Indices:
        """Row of the array for each pixel, shape (h, w); -1 outside."""
        return self._each()[0]

    @property
    def columns(self) -> Indices:
        """Column of the array for each pixel, shape (h, w); -1 outside, exactly where `rows` is."""
        return self._each()[1]

    def _each(self) -> tuple[Indices, Indices]:
        lines = self.lines()
        both = np.meshgrid(*lines, indexing="ij")
        outside = (both[0] < 0) | (both[1] < 0)
        found = [self.spread(np.where(outside, -1, part), lines) for part in both]
        return found[0], found[1]

    def lines(self) -> tuple[Indices, Indices]:
        """Return the rows and the columns that pixels show, -1 among them where some lie outside, each once."""
        return _once([self.outward]), _once([half.columns for half in self.halves])

    def repeats(self) -> bool:
        """Tell whether there are more pixels than crossings of `lines`."""
        rows, columns = self.lines()
        return rows.size * columns.size < self.shape[0] * self.shape[1]

    def spread(self, block: NDArray[Any], lines: tuple[Indices, Indices]) -> NDArray[Any]:
        """Return for each pixel what `block` holds, for each row and column of `lines`, for those of its cell."""
        rows, columns = lines
        found = np.empty(self.shape, dtype=block.dtype)
        values = np.ascontiguousarray(block).reshape(-1)
        # In a type that holds the sum of two marks: the smaller, the more stays in the cache of the processor.
        kind = np.min_scalar_type(-2 * values.size - 2)
        inward = (np.searchsorted(rows, self.outward.cells) * columns.size).astype(kind)
        for half in self.halves:
            around = np.searchsorted(columns, half.columns.cells).astype(kind)
            mine, places = found[:, half.across], (half.x_size, self.y)
            if mine.size <= _FEW:
                left = np.arange(mine.size)
            else:
                left = look_up(places, ((self.outward, inward), (half, around)), values, mine)
            down, across = np.divmod(left, half.x_size.size)
            row, column = _runs(self.outward, half, (half.x_size[across], self.y[down]))
            mine[down, across] = values[inward[row] + around[column]]
        return found

    def parts(self, size: tuple[int, int]) -> set[tuple[int, int]]:
        """Tell which parts of `size` the cells lie in; where pixels are few to a part, some that are beside those."""
        outward, above = self.outward.coarser(size[0]), int(np.count_nonzero(self.y >= 0))
        found: set[tuple[int, int]] = set()
        for whole in self.halves:
            half = replace(whole, columns=whole.columns.coarser(size[1]))
            touched = np.zeros((outward.cells.size, half.columns.cells.size), dtype=np.bool_)
            for y in (self.y[:above], self.y[above:]):
                if y.size:
                    _touch(touched, *_runs(outward, half, (_some(half.x_size), _some(y)[:, None])))
            row, column = np.nonzero(touched)
            there = outward.cells[row], half.columns.cells[column]
            found.update(zip(*(part.tolist() for part in there), strict=True))
        return {(row, column) for row, column in found if row >= 0 and column >= 0}


def _runs(outward: Steps, half: Half, places: tuple[Floats, Floats]) -> tuple[Indices, Indices]:
    """Return the runs in which places lie that are given as |x| and y: the same in whatever view."""
    x_size, y = places
    return outward.runs(x_size * x_size + y * y), half.columns.runs(half.quotients(x_size, y))


def _once(along: list[Steps]) -> Indices:
    """Return the cells of any of the runs, ascending: marking is five times as fast as sorting."""
    seen = np.zeros(2 + max(int(steps.cells.max()) for steps in along), dtype=np.bool_)
    for steps in along:
        seen[steps.cells + 1] = True
    return np.flatnonzero(seen) - 1


def _some(places: Floats) -> Floats:
    """Return every 16th of some places, and the last."""
    return np.append(places[::_BLOCK], places[-1])


def _touch(touched: NDArray[np.bool_], rows: Indices, columns: Indices) -> None:
    """Mark the runs that lie in blocks of pixels with such corners."""
    # In a quarter of the plane distance and direction are greatest and least at the corners of any rectangle.
    low, high = _reach(rows)
    left, right = _reach(columns)
    touched[low, left] = True
    spans = (high > low) | (right > left)
    reaches = (part[spans].tolist() for part in (low, high, left, right))
    # Few blocks lie in several parts, but those near the pole may lie in many.
    for first, last, start, stop in set(zip(*reaches, strict=True)):
        touched[first : last + 1, start : stop + 1] = True


def _reach(corners: Indices) -> tuple[Indices, Indices]:
    """Return the least and the greatest of the four corners of each block."""
    four = list(_four(corners))
    return np.minimum.reduce(four), np.maximum.reduce(four)


def _four(corners: Indices) -> Iterator[Indices]:
    for down in (slice(None, -1), slice(1, None)):
        for across in (slice(None, -1), slice(1, None)):
            yield corners[down, across]
