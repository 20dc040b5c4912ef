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

_AT_ONCE: Final = 1 << 15
"""Pixels that are worked on at once: what is in between then stays in the cache of the processor."""
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
        return np.searchsorted(self.edges, places, side="right")

    def table(self, of_runs: NDArray[Any], *, mark: int, slack: float) -> NDArray[Any]:
        """Return for each step what is given for its run; `mark` where it is within `slack` steps of an edge."""
        at = (self.edges - self.first) * self.scale
        ends = np.stack([np.floor(at - slack), np.floor(at + slack) + 1.0], axis=1).reshape(-1)
        # Where edges are closer than a step, one mark goes on where the other ends.
        ends = np.maximum.accumulate(np.clip(ends, 0, self.count)).astype(np.intp)
        marked = np.full(2 * of_runs.size - 1, mark, dtype=of_runs.dtype)
        marked[::2] = of_runs
        return np.repeat(marked, np.diff(ends, prepend=0, append=self.count))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Half:
    """What lies on one side of the pole."""

    across: slice
    """Its columns of pixels."""
    x_size: Floats
    """|x|, shape (w,)."""
    side: float
    """1.0 where x is not less than the pole's, else -1.0."""
    columns: Steps
    """Of `side` * y / (|x| + |y|)."""

    def coarser(self, factor: int) -> "Half":
        """Return the same for an overview."""
        return replace(self, columns=self.columns.coarser(factor))

    def quotients(self, x_size: Floats, y: Floats) -> Floats:
        """Return what `columns` is asked for, of places; 0 for the pole, where every direction will do."""
        size = x_size + np.abs(y)
        return self.side * y / np.where(size == 0.0, 1.0, size)


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
        """Cut the squares of |x| and y into steps."""
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
    y_steps: Floats
    """Shape (h,): divided by |x| + |y|, steps from `start` on."""
    start: Any
    """Steps, of the precision of the others."""
    slack: float
    """Steps by which rounding may misplace a pixel."""

    @classmethod
    def of(cls, places: tuple[Floats, Floats], half: Half) -> "_Quotients":
        """Cut the quotients of |x| and y into steps."""
        (x_size, y), steps = places, half.columns
        start = -steps.first * steps.scale
        digits = _ROUNDINGS / 2 * max(abs(start), abs(steps.count - start))
        # Of a narrow view, quotients differ too little for single precision.
        kind = np.float32 if digits * np.finfo(np.float32).eps <= _SLACK else np.float64
        return cls(
            x_size=x_size.astype(kind),
            y_size=np.abs(y).astype(kind),
            y_steps=(half.side * steps.scale * y).astype(kind),
            start=kind(start),
            slack=float(digits * np.finfo(kind).eps),
        )

    def steps(self, down: slice, out: Floats) -> Floats:
        """Return the steps of some rows of pixels; any for the pole itself."""
        size = np.add(self.y_size[down, None], self.x_size, out=out)
        if not self.y_size[down].all():
            np.copyto(size, 1.0, where=size == 0)
        np.divide(self.y_steps[down, None], size, out=size)
        size += self.start
        return size


def look_up(
    places: tuple[Floats, Floats],
    tables: tuple[tuple[Steps, Numbers], tuple[Half, Numbers]],
    values: NDArray[Any],
    out: NDArray[Any],
) -> Indices:
    """Write what is certain to `out`, shape (h, w), and anything elsewhere.

    Args:
        places: |x|, shape (w,), and y, shape (h,).
        tables: for the runs of squares and for those of quotients, numbers that add up to a place in `values`.
        values: what is shown.
        out: what pixels show.

    Returns:
        Where that is not certain, counted row by row.

    """
    (rows, inward), (half, around) = tables
    squares, quotients, mark = _Squares.of(places, rows), _Quotients.of(places, half), -values.size - 1
    by_square = rows.table(inward, mark=mark, slack=squares.slack)
    by_quotient = half.columns.table(around, mark=mark, slack=quotients.slack)
    height, width = out.shape
    band, doubtful = min(max(1, _AT_ONCE // width), height), []
    # Asking for memory each time takes longer than the work.
    room = _Room.of((band, width), (quotients.start.dtype, inward.dtype, values.dtype))
    for start in range(0, height, band):
        down = slice(start, min(start + band, height))
        now = room if down.stop - start == band else room.first(down.stop - start)
        at = now.taken(by_square, squares.steps(down, now.single), now.at)
        at += now.taken(by_quotient, quotients.steps(down, now.number), now.other)
        doubtful.append(np.flatnonzero(np.less(at, 0, out=now.marked)) + start * width)
        np.copyto(now.place, at)
        out[down] = values.take(now.place, out=now.value, mode="clip")
    return np.concatenate(doubtful)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Room:
    """Where a few rows of pixels are worked on; all of shape (h, w)."""

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
    value: NDArray[Any]
    """What is shown."""

    @classmethod
    def of(cls, shape: tuple[int, int], kinds: tuple[Any, Any, Any]) -> "_Room":
        """Make room for `shape`, of the types of quotients, of places and of values."""
        number, at, value = kinds
        return cls(
            single=np.empty(shape, dtype=np.float32),
            number=np.empty(shape, dtype=number),
            step=np.empty(shape, dtype=np.int32),
            place=np.empty(shape, dtype=np.intp),
            at=np.empty(shape, dtype=at),
            other=np.empty(shape, dtype=at),
            marked=np.empty(shape, dtype=np.bool_),
            value=np.empty(shape, dtype=value),
        )

    def first(self, rows: int) -> "_Room":
        """Return the first rows of it."""
        return _Room(**{field.name: getattr(self, field.name)[:rows] for field in fields(self)})

    def taken(self, table: Numbers, steps: Floats, out: Numbers) -> Numbers:
        """Return what stands in a table at some steps."""
        # By way of four bytes: the processor converts several of these at a time.
        np.copyto(self.step, steps, casting="unsafe")
        np.copyto(self.place, self.step)
        # Clipped is what lies beyond the ends by a rounding error; unlike refusing, it needs no copy of the result.
        return table.take(self.place, out=out, mode="clip")
