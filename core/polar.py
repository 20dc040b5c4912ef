"""Cells round a pole, for maps on which parallels are circles round it and meridians straight lines from it.

There the row of a cell hangs on the distance from the pole alone, and its column on the direction. Both are looked up
in tables of even steps, which costs a tenth of the trigonometry of each pixel. Of the distance the square is taken, of
the direction y / (|x| + |y|), which grows with the angle on either side of the pole: sums and a quotient.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Indices = NDArray[np.intp]

_AT_ONCE: Final = 1 << 15
"""Pixels that are worked on at once: what is in between then stays in the cache of the processor."""
_BLOCK: Final = 16
"""Pixels between those that tell which parts of an array are touched."""
_MOST: Final = 2**31 - 1
"""What fits into four bytes, of which twice as many stay in the cache of the processor."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """A table of even steps, as runs of one cell each: most of what is asked of it is asked of the runs."""

    cells: Indices
    """Row or column of the array of each run; -1 outside."""
    counts: Indices
    """Steps of each run, which may be 0."""

    def table(self, of_runs: NDArray[Any]) -> NDArray[Any]:
        """Return for each step what is given for its run."""
        return np.repeat(of_runs, self.counts)

    def coarser(self, factor: int) -> "Steps":
        """Return the same for the array that holds one cell for each `factor`."""
        # Floor division keeps -1 at -1.
        return Steps(cells=self.cells // factor, counts=self.counts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sector:
    """A rectangle of pixels on one side of the pole. All floats are of one precision."""

    down: slice
    """Its rows of pixels."""
    across: slice
    """Its columns of pixels."""
    x_square: Floats
    """Shape (w,): with `y_square`, adds up to the step in `rows`."""
    y_square: Floats
    """Shape (h,)."""
    x_size: Floats
    """|x|, shape (w,)."""
    y: Floats
    """Shape (h,), descending."""
    turn: tuple[float, float]
    """Factor of y / (|x| + |y|), and what is added to it, to be the step in `columns`."""
    rows: Steps
    """Outward, of the square of the distance."""
    columns: Steps
    """Of the quotient."""

    @property
    def northern(self) -> int:
        """How many rows of pixels lie above the pole."""
        return int(np.count_nonzero(self.y >= 0))

    def coarser(self, factor: int) -> "Sector":
        """Return the same for an overview."""
        return replace(self, rows=self.rows.coarser(factor), columns=self.columns.coarser(factor))

    def distance_steps(self, down: Any, across: Any, room: "_Room | None" = None) -> Indices:
        """Return steps in `rows`, which may lie beyond its ends, of some rows and columns of pixels."""
        room = room or _Room.of((self.y_square[down].size, self.x_square[across].size), self.y.dtype)
        np.add(self.y_square[down, None], self.x_square[across], out=room.number)
        np.copyto(room.place, room.number, casting="unsafe")
        return room.place

    def direction_steps(self, down: Any, across: Any, room: "_Room | None" = None) -> Indices:
        """Return steps in `columns`, likewise; any at the pole itself."""
        factor, start = self.turn
        y = self.y[down]
        room = room or _Room.of((y.size, self.x_size[across].size), self.y.dtype)
        size = np.add(np.abs(y)[:, None], self.x_size[across], out=room.number)
        if not y.all():
            # At the pole itself every direction will do.
            np.copyto(size, 1.0, where=size == 0)
        np.divide((y * factor)[:, None], size, out=size)
        size += start
        np.copyto(room.place, size, casting="unsafe")
        return room.place

    def parts(self, size: tuple[int, int]) -> set[tuple[int, int]]:
        """Tell which parts of `size` the cells lie in; where pixels are few to a part, some that are beside those."""
        rows, columns = _Stretches.of(self.rows, size[0]), _Stretches.of(self.columns, size[1])
        touched = np.zeros((rows.part.size, columns.part.size), dtype=np.bool_)
        for down in (np.arange(self.northern), np.arange(self.northern, self.y.size)):
            if down.size:
                self._touch(touched, _lattice(down), (rows, columns))
        row, column = np.nonzero(touched)
        found = zip(rows.part[row].tolist(), columns.part[column].tolist(), strict=True)
        return {(row, column) for row, column in found if row >= 0 and column >= 0}

    def _touch(self, touched: NDArray[np.bool_], down: Indices, along: "tuple[_Stretches, _Stretches]") -> None:
        across = _lattice(np.arange(self.x_size.size))
        # In a quarter of the plane distance and direction are greatest and least at the corners of any rectangle.
        rows, columns = along
        low, high = _reach(rows.number.take(self.distance_steps(down, across), mode="clip"))
        left, right = _reach(columns.number.take(self.direction_steps(down, across), mode="clip"))
        touched[low, left] = True
        spans = (high > low) | (right > left)
        reaches = (part[spans].tolist() for part in (low, high, left, right))
        # Few blocks lie in several parts, but those near the pole may lie in many.
        for first, last, start, stop in set(zip(*reaches, strict=True)):
            touched[first : last + 1, start : stop + 1] = True

    def fill(self, out: NDArray[Any], values: NDArray[Any], row_start: Indices, column_at: Indices) -> None:
        """Write to each pixel what stands in `values` at the sum of what the tables tell for its two places."""
        mine, (height, width) = out[self.down, self.across], (self.y.size, self.x_size.size)
        band, everything = max(1, _AT_ONCE // width), slice(None)
        whole = _Room.of((min(band, height), width), self.y.dtype)
        inward, around, at = (np.empty(whole.place.shape, dtype=kind) for kind in (row_start.dtype,) * 2 + (np.intp,))
        for start in range(0, height, band):
            down = slice(start, min(start + band, height))
            room, here = whole.first(down.stop - start), slice(0, down.stop - start)
            # Clipped is what lies beyond the ends by a rounding error; unlike refusing, it needs no copy of the result.
            row_start.take(self.distance_steps(down, everything, room), out=inward[here], mode="clip")
            column_at.take(self.direction_steps(down, everything, room), out=around[here], mode="clip")
            np.add(inward[here], around[here], out=at[here])
            mine[down] = values.take(at[here], mode="clip")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Room:
    """Where a few rows of pixels are worked on: asking for memory each time takes longer than the work."""

    number: Floats
    """Shape (h, w)."""
    place: Indices
    """In a table, shape (h, w)."""

    @classmethod
    def of(cls, shape: tuple[int, int], real: np.dtype[Any]) -> "_Room":
        """Make room for `shape`."""
        return cls(number=np.empty(shape, dtype=real), place=np.empty(shape, dtype=np.intp))

    def first(self, rows: int) -> "_Room":
        """Return the first rows of it."""
        return _Room(number=self.number[:rows], place=self.place[:rows])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polar:
    """Cells of all pixels of a view round a pole, or near one."""

    shape: tuple[int, int]
    """Height and width of the picture."""
    sectors: tuple[Sector, ...]
    """Together they cover the picture; a later one counts where they overlap."""

    def coarser(self, factor: int) -> "Polar":
        """Return the cells of the array that holds one cell for each block of `factor` x `factor`."""
        return Polar(shape=self.shape, sectors=tuple(sector.coarser(factor) for sector in self.sectors))

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
        return _once([sector.rows for sector in self.sectors]), _once([sector.columns for sector in self.sectors])

    def spread(self, block: NDArray[Any], lines: tuple[Indices, Indices]) -> NDArray[Any]:
        """Return for each pixel what `block` holds, for each row and column of `lines`, for those of its cell."""
        rows, columns = lines
        found = np.empty(self.shape, dtype=block.dtype)
        values = np.ascontiguousarray(block).reshape(-1)
        for sector in self.sectors:
            starts = _positions(rows, sector.rows, values.size) * columns.size
            sector.fill(found, values, starts, _positions(columns, sector.columns, values.size))
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stretches:
    """The stretches of a table within which all is in one part of an array."""

    number: Indices
    """Of the stretch, for each place in the table."""
    part: Indices
    """Of the array, for each stretch."""

    @classmethod
    def of(cls, steps: Steps, size: int) -> "_Stretches":
        """Cut the array into parts of `size`."""
        parts = steps.cells // size
        begins = parts[1:] != parts[:-1]
        number = np.concatenate([[0], np.cumsum(begins)])
        return cls(number=steps.table(number), part=parts[np.concatenate([[True], begins])])


def _once(along: list[Steps]) -> Indices:
    """Return the cells of any of the runs, ascending: marking is five times as fast as sorting."""
    found = [steps.cells[steps.counts > 0] for steps in along]
    seen = np.zeros(2 + max(int(cells.max()) for cells in found), dtype=np.bool_)
    for cells in found:
        seen[cells + 1] = True
    return np.flatnonzero(seen) - 1


def _positions(once: Indices, steps: Steps, most: int) -> Indices:
    """Return where the cell of each step stands in `once`, in a type that holds `most`."""
    return steps.table(np.searchsorted(once, steps.cells).astype(np.int32 if most <= _MOST else np.intp))


def _lattice(pixels: Indices) -> Indices:
    """Return every 8th of some pixels, and the first and the last."""
    return np.append(pixels[::_BLOCK], pixels[-1])


def _reach(corners: Indices) -> tuple[Indices, Indices]:
    """Return the least and the greatest of the four corners of each block."""
    four = list(_four(corners))
    return np.minimum.reduce(four), np.maximum.reduce(four)


def _four(corners: Indices) -> Iterator[Indices]:
    for down in (slice(None, -1), slice(1, None)):
        for across in (slice(None, -1), slice(1, None)):
            yield corners[down, across]
