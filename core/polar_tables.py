"""Tables of even steps along two coordinates of a view round a pole, and how pixels are looked up in them.

The step of a pixel is told in single precision. Steps that hold an edge, or lie so near to one that rounding matters,
are marked: what pixels on them show is left to `core.polar`, which compares them with the edges themselves.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Indices = NDArray[np.intp]
Numbers = NDArray[Any]
"""Whole numbers of any size."""

_AT_ONCE: Final = 1 << 16
"""Pixels that are worked on at once. More would not stay in the cache of the processor; with fewer, threads that draw
at the same time would wait for the interpreter more often."""
_BINS: Final = 1 << 11
"""Parts of a coordinate, in each of which there are few edges."""
_CROWDED: Final = 32
"""Edges in a part from which on bisecting takes less."""
_ROUNDINGS: Final = 8
"""More than there are in the step of a pixel, each by at most half the last digit."""
_SLACK: Final = 1 / 4
"""Of a step: where single precision may be off by more, double precision is taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """Edges along one coordinate of a view, and the even steps into which it is cut."""

    edges: Floats
    """Ascending, shape (n,)."""
    cells: Indices
    """Row or column of the array before the first edge, between edges, and after the last, shape (n + 1,); -1 outside.

    Each of these is called a run."""
    first: float
    """Where the first step begins."""
    scale: float
    """Steps in a unit."""
    count: int
    """Of steps."""

    def coarser(self, factor: int) -> "Steps":
        """Return the same for the array that holds one cell for each `factor`."""
        # Floor division keeps -1 at -1.
        cells = self.cells // factor
        kept = cells[1:] != cells[:-1]
        return replace(self, edges=self.edges[kept], cells=cells[np.append(True, kept)])

    def runs(self, places: Floats) -> Indices:
        """Return the run in which each place lies; one on an edge lies after it."""
        if places.size < _BINS or (inside := np.bincount(self._bins(self.edges), minlength=_BINS)).max() > _CROWDED:
            return np.searchsorted(self.edges, places, side="right")
        # A bin never falls where places rise, however they are rounded: edges in bins before that of a place are before
        # the place. Those in its own are compared one after the other, which takes a quarter of bisecting them all.
        found = (np.cumsum(inside) - inside)[self._bins(places)]
        edges = np.append(self.edges, np.inf)
        while (beyond := edges[found] <= places).any():
            found += beyond
        return found

    def _bins(self, places: Floats) -> Indices:
        return np.clip((places - self.first) * (self.scale / self.count * _BINS), 0, _BINS - 1).astype(np.intp)

    def table(self, of_runs: NDArray[Any], *, mark: int, slack: float) -> NDArray[Any]:
        """Return for each step what is given for its run; `mark` where it is within `slack` steps of an edge."""
        at = (self.edges - self.first) * self.scale
        ends = np.empty(2 * at.size + 2)
        ends[0], ends[-1] = 0.0, self.count
        ends[1:-1:2], ends[2:-1:2] = np.floor(at - slack), np.floor(at + slack) + 1.0
        # Where edges are closer than a step, one mark goes on where the other ends.
        begins: Indices = np.maximum.accumulate(ends.clip(0.0, self.count)).astype(np.intp)
        marked = np.full(2 * of_runs.size - 1, mark, dtype=of_runs.dtype)
        marked[::2] = of_runs
        return marked.repeat(begins[1:] - begins[:-1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Half:
    """What lies on one side of the pole."""

    down: slice
    """Its rows of pixels."""
    y_size: Floats
    """|y|, shape (h,)."""
    side: float
    """-1.0 where y is not less than the pole's, else 1.0."""
    columns: Steps
    """Of `side` * x / (|x| + |y|)."""

    def coarser(self, factor: int) -> "Half":
        """Return the same for an overview."""
        return replace(self, columns=self.columns.coarser(factor))

    def quotients(self, x: Floats, y_size: Floats) -> Floats:
        """Return what `columns` is asked for, of places; 0 for the pole, where every direction will do."""
        size = np.abs(x) + y_size
        return self.side * x / np.where(size == 0.0, 1.0, size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Squares:
    """Squares of the distances of pixels, as steps."""

    x_square: Floats
    """Shape (w,)."""
    y_square: Floats
    """Shape (h,)."""
    slack: float
    """Steps by which rounding may misplace a pixel."""

    @classmethod
    def of(cls, places: tuple[Floats, Floats], steps: Steps) -> "_Squares":
        """Cut the squares of x and |y| into steps."""
        x_square, y_square = (place * place for place in places)
        # Counted from the least of each, so that no digits are lost where the pole is far away.
        least = y_square.min()
        return cls(
            x_square=((x_square - (steps.first - least)) * steps.scale).astype(np.float32),
            y_square=((y_square - least) * steps.scale).astype(np.float32),
            slack=_ROUNDINGS / 2 * float(np.finfo(np.float32).eps) * steps.count,
        )

    def steps(self, down: slice, out: Floats) -> Floats:
        """Return the steps of some rows of pixels."""
        return np.add(self.y_square[down, None], self.x_square, out=out)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Quotients:
    """Directions of pixels, as steps."""

    x_size: Floats
    """|x|, shape (w,)."""
    y_size: Floats
    """|y|, shape (h,)."""
    x_steps: Floats
    """Shape (w,): divided by |x| + |y|, steps from `start` on."""
    start: Any
    """Steps, of the precision of the others."""
    slack: float
    """Steps by which rounding may misplace a pixel."""

    @classmethod
    def of(cls, x: Floats, half: Half) -> "_Quotients":
        """Cut the quotients of x and |y| into steps."""
        steps = half.columns
        start = -steps.first * steps.scale
        digits = _ROUNDINGS / 2 * max(abs(start), abs(steps.count - start))
        # Of a narrow view, quotients differ too little for single precision.
        kind = np.float32 if digits * np.finfo(np.float32).eps <= _SLACK else np.float64
        return cls(
            x_size=np.abs(x).astype(kind),
            y_size=half.y_size.astype(kind),
            x_steps=(half.side * steps.scale * x).astype(kind),
            start=kind(start),
            slack=float(digits * np.finfo(kind).eps),
        )

    def steps(self, down: slice, out: Floats) -> Floats:
        """Return the steps of some rows of pixels; any for the pole itself."""
        size = np.add(self.y_size[down, None], self.x_size, out=out)
        if not self.y_size[down].all():
            np.copyto(size, 1.0, where=size == 0)
        np.divide(self.x_steps, size, out=size)
        size += self.start
        return size


Tables = tuple[tuple[Steps, Numbers], tuple[Half, Numbers]]
"""For the runs of squares and for those of quotients, numbers that add up to a place among values."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubtful:
    """Pixels that are on marked steps of either coordinate, or of both."""

    pixels: Indices
    """Which, counted row by row."""
    at: Numbers
    """The sum of what is known of each: less `mark` where the quotient is not certain, less twice that where the square
    is not. It tells both, and what the other coordinate has added."""
    mark: int
    """More than any place among values."""

    @classmethod
    def all(cls, pixels: int, mark: int, kind: Any) -> "Doubtful":
        """Return so many pixels of which nothing is known."""
        return cls(pixels=np.arange(pixels), at=np.full(pixels, -3 * mark, dtype=kind), mark=mark)


def look_up(x: Floats, tables: Tables, values: NDArray[Any], out: NDArray[Any]) -> Doubtful:
    """Write what is certain to `out`, shape (h, w) and whole in memory, and anything elsewhere.

    Args:
        x: of the columns of pixels, shape (w,).
        tables: of a type that holds three times the number of values, negative.
        values: what is shown.
        out: what pixels show.

    Returns:
        Where that is not certain.

    """
    (rows, inward), (half, around) = tables
    squares, quotients, mark = _Squares.of((x, half.y_size), rows), _Quotients.of(x, half), values.size
    by_square = rows.table(inward, mark=-2 * mark, slack=squares.slack)
    by_quotient = half.columns.table(around, mark=-mark, slack=quotients.slack)
    height, width = out.shape
    band, left, known, shown = min(max(1, _AT_ONCE // width), height), [], [], out.reshape(-1)
    # Asking for memory each time takes longer than the work.
    room = _Room.of(band * width, (quotients.start.dtype, inward.dtype))
    for start in range(0, height, band):
        down, first = slice(start, min(start + band, height)), start * width
        now = room if down.stop - start == band else room.first((down.stop - start) * width)
        at = now.taken(by_square, squares.steps(down, now.single.reshape(-1, width)), now.at)
        at += now.taken(by_quotient, quotients.steps(down, now.number.reshape(-1, width)), now.other)
        doubtful = np.flatnonzero(np.less(at, 0, out=now.marked))
        known.append(at[doubtful])
        left.append(doubtful + first)
        np.copyto(now.place, at)
        values.take(now.place, out=shown[first : first + at.size], mode="wrap")
    return Doubtful(pixels=np.concatenate(left), at=np.concatenate(known), mark=mark)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Room:
    """Where a few rows of pixels are worked on, all of shape (n,); what is not needed at once shares memory."""

    single: Floats
    """Squares."""
    number: Floats
    """Quotients, of their precision."""
    step: Numbers
    """In a table."""
    place: Indices
    """In a table or among values."""
    at: Numbers
    """What stands in the first table, and then the sum."""
    other: Numbers
    """What stands in the second one."""
    marked: NDArray[np.bool_]
    """Whether that is not certain."""

    @classmethod
    def of(cls, pixels: int, kinds: tuple[Any, Any]) -> "_Room":
        """Make room for pixels, of the types of quotients and of places."""
        number, at = kinds
        single = np.empty(pixels, dtype=np.float32)
        return cls(
            single=single,
            number=single if number == single.dtype else np.empty(pixels, dtype=number),
            step=single.view(np.int32),
            place=np.empty(pixels, dtype=np.intp),
            at=np.empty(pixels, dtype=at),
            other=single.view(at)[:pixels] if at.itemsize <= single.itemsize else np.empty(pixels, dtype=at),
            marked=np.empty(pixels, dtype=np.bool_),
        )

    def first(self, pixels: int) -> "_Room":
        """Return the first part of it."""
        return _Room(**{field.name: getattr(self, field.name)[:pixels] for field in fields(self)})

    def taken(self, table: Numbers, steps: Floats, out: Numbers) -> Numbers:
        """Return what stands in a table at some steps."""
        # By way of four bytes: the processor converts several of these at a time.
        np.copyto(self.step, steps.reshape(-1), casting="unsafe")
        np.copyto(self.place, self.step)
        # No step is beyond the ends, and a mark, which nobody reads, is at most three turns away. Of the ways to say
        # what is done there, all of which but the usual one spare a copy of the result, this is the quickest.
        return table.take(self.place, out=out, mode="wrap")
