"""Cells round a pole, for maps on which parallels are circles round it and meridians straight lines from it.

There the row of a cell hangs on the distance from the pole alone, and its column on the direction. Both are looked up
in tables of even steps, which costs a tenth of the trigonometry of each pixel. Of the distance the square is taken, of
the direction x / (|x| + |y|), which falls with the angle above the pole and grows below: sums and a quotient.

The few pixels on steps that hold an edge are compared with the edges themselves. So what a pixel shows hangs on nothing
but its own place, whatever view it is part of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.polar_tables import Doubtful, Floats, Half, Indices, Numbers, Steps, Tables, look_up

_FEW: Final = 1 << 10
"""Pixels that are compared with the edges one by one before a table would be made."""
_BLOCK: Final = 16
"""Pixels between those that tell which parts of an array are touched."""
_ALL: Final = 1 << 40
"""More than any row or column: of an array that is coarser by so much only what lies outside is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polar:
    """Cells of all pixels of a view round a pole, or near one."""

    x: Floats
    """Of the columns of pixels, from the pole on, ascending, shape (w,)."""
    outward: Steps
    """Rows of the array, by x * x + y * y."""
    halves: tuple[Half, ...]
    """Above and below the pole; together they are as high as the picture."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.halves[-1].down.stop, self.x.size

    def coarser(self, factor: int) -> "Polar":
        """Return the cells of the array that holds one cell for each block of `factor` x `factor`."""
        halves = tuple(replace(half, columns=half.columns.coarser(factor)) for half in self.halves)
        return replace(self, outward=self.outward.coarser(factor), halves=halves)

    @property
    def rows(self) -> Indices:
        """Row of the array for each pixel, shape (h, w); -1 outside."""
        halves = tuple(replace(half, columns=half.columns.coarser(_ALL)) for half in self.halves)
        return _along(replace(self, halves=halves), 0)

    @property
    def columns(self) -> Indices:
        """Column of the array for each pixel, shape (h, w); -1 outside, exactly where `rows` is."""
        return _along(replace(self, outward=self.outward.coarser(_ALL)), 1)

    def lines(self) -> tuple[Indices, Indices]:
        """Return the rows and the columns that pixels show, -1 among them where some lie outside, each once."""
        return _once([self.outward]), _once([half.columns for half in self.halves])

    def spread(self, block: NDArray[Any], lines: tuple[Indices, Indices]) -> NDArray[Any]:
        """Return for each pixel what `block` holds, for each row and column of `lines`, for those of its cell."""
        rows, columns = lines
        found = np.empty(self.shape, dtype=block.dtype)
        values = np.ascontiguousarray(block).reshape(-1)
        # In a type that holds the sum of both marks: the smaller, the more stays in the cache of the processor.
        kind = np.min_scalar_type(-3 * values.size)
        inward = (np.searchsorted(rows, self.outward.cells) * columns.size).astype(kind)
        for half in self.halves:
            around = np.searchsorted(columns, half.columns.cells).astype(kind)
            mine, tables = found[half.down], ((self.outward, inward), (half, around))
            if mine.size <= _FEW:
                doubtful = Doubtful.all(mine.size, values.size, kind)
            else:
                doubtful = look_up(self.x, tables, values, mine)
            mine.reshape(-1)[doubtful.pixels] = values[self._settled(doubtful, tables)]
        return found

    def _settled(self, doubtful: Doubtful, tables: Tables) -> Numbers:
        """Return the places among values of pixels that were not certain: compared with the edges themselves."""
        (outward, inward), (half, around) = tables
        down = doubtful.pixels // self.x.size
        x, y_size = self.x[doubtful.pixels - down * self.x.size], half.y_size[down]
        # A mark hides nothing of what the other coordinate has added.
        at, twice = doubtful.at.copy(), np.flatnonzero(doubtful.at < -doubtful.mark)
        at[twice] += 2 * doubtful.mark + inward[outward.runs(_squares(x[twice], y_size[twice]))]
        once = np.flatnonzero(at < 0)
        at[once] += doubtful.mark + around[half.columns.runs(half.quotients(x[once], y_size[once]))]
        return at

    def parts(self, size: tuple[int, int]) -> set[tuple[int, int]]:
        """Tell which parts of `size` the cells lie in; where pixels are few to a part, some that are beside those."""
        outward, middle = self.outward.coarser(size[0]), int(np.searchsorted(self.x, 0.0))
        found: set[tuple[int, int]] = set()
        for whole in self.halves:
            half = replace(whole, columns=whole.columns.coarser(size[1]))
            touched = np.zeros((outward.cells.size, half.columns.cells.size), dtype=np.bool_)
            for x in (self.x[:middle], self.x[middle:]):
                if x.size:
                    _touch(touched, *_runs(outward, half, (_some(x), _some(half.y_size)[:, None])))
            row, column = np.nonzero(touched)
            there = outward.cells[row], half.columns.cells[column]
            found.update(zip(*(part.tolist() for part in there), strict=True))
        return {(row, column) for row, column in found if row >= 0 and column >= 0}


def _along(cells: Polar, axis: int) -> Indices:
    """Return rows or columns of pixels, where the cells tell along the other axis no more than what lies outside."""
    lines = cells.lines()
    both = np.meshgrid(*lines, indexing="ij")
    return cells.spread(np.where((both[0] < 0) | (both[1] < 0), -1, both[axis]), lines)


def _runs(outward: Steps, half: Half, places: tuple[Floats, Floats]) -> tuple[Indices, Indices]:
    """Return the runs in which places lie that are given as x and |y|: the same in whatever view."""
    x, y_size = places
    return outward.runs(_squares(x, y_size)), half.columns.runs(half.quotients(x, y_size))


def _squares(x: Floats, y_size: Floats) -> Floats:
    squares: Floats = x * x + y_size * y_size
    return squares


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
