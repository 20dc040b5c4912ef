"""What the nodes of a chart tell (see `core.grids.charting`), and how far that is off."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.atlas import Level
from core.grids.chart_axes import NODES, weights_of
from core.grids.chart_squares import Flags, Floats, Placed, covered_by, joined, worst_around
from core.grids.fold import Fold

_WORST: Final = 0.1
"""Squares; where the chart departs by more, cells do not follow each other."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """Places whose row and column are known; arrays of one shape."""

    placed: Placed
    row: Floats
    column: Floats
    exact: tuple[bool, bool]
    """Whether row and column are so exactly."""

    def unfolded(self, fold: Fold) -> "Marks":
        """Return the same as if columns went on over the fold."""
        row, column, _ = fold.unfolded(self.row, self.column)
        return replace(self, row=row, column=column)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What nodes tell, read one way, and how far that is off."""

    nodes: tuple[Floats, Floats]
    """Rows and columns."""
    periods: tuple[int, int]
    """Of rows and of columns, 0 for none."""
    slopes: tuple[Floats, Floats]
    off: Floats
    """Squares that each square of the chart is off."""
    marked: Flags
    """Where that is known."""
    torn: NDArray[np.int32]
    """How many cells cover squares that do not follow those around them: as differences."""

    @classmethod
    def of(cls, rows: Floats, columns: Floats, period: int) -> "Reading":
        """Begin to measure."""
        slopes = [
            np.hypot(*(_slope(nodes, axis, each) for axis in range(2)))
            for nodes, each in ((rows, 0), (columns, period))
        ]
        height, width = rows.shape
        return cls(
            nodes=(rows, columns),
            periods=(0, period),
            slopes=(slopes[0], slopes[1]),
            off=np.zeros((height, width)),
            marked=np.zeros((height, width), dtype=np.bool_),
            torn=np.zeros((height + 1, width + 1), dtype=np.int32),
        )

    def compare(self, marks: Marks) -> Flags:
        """Note by how much nodes are off in squares with marks; return where it is too much."""
        shape = self.off.shape
        with np.errstate(invalid="ignore"):
            ends = [(part >= 1.0) & (part < most - 2) for part, most in zip(marks.placed, shape, strict=True)]
        inside = ends[0] & ends[1]
        placed = [part[inside] for part in marks.placed]
        first = [part.astype(np.intp) for part in placed]
        weights = [weights_of(part - before) for part, before in zip(placed, first, strict=True)]
        squares = first[0] * shape[1] + first[1]
        worst = np.zeros(squares.size)
        for part, whole in enumerate((marks.row, marks.column)):
            if marks.exact[part]:
                departure = _departure(
                    self.nodes[part].reshape(-1), squares, (weights, shape[1], whole[inside], self.periods[part])
                )
                with np.errstate(invalid="ignore", divide="ignore"):
                    departure /= self.slopes[part].reshape(-1).take(squares)
                worst = np.maximum(worst, np.nan_to_num(departure, nan=np.inf))
        np.maximum.at(self.off.reshape(-1), squares, worst)
        self.marked.reshape(-1)[squares] = True
        wrong = np.zeros(inside.shape, dtype=np.bool_)
        wrong[inside] = worst >= _WORST
        return wrong

    def departures(self, level: Level) -> Floats:
        """Return how many squares each is off, infinite where nodes tell nothing."""
        broken = joined(covered_by(self.torn), level)
        off, marked = joined(self.off, level), joined(self.marked, level)
        known = ~broken & worst_around(marked, np.logical_or, (1, 1)) & (off < _WORST)
        known &= np.isfinite(worst_around(self.nodes[0] + self.nodes[1], np.maximum, (1, 2)))
        # Where there are few marks, those of the squares around tell as well.
        return np.where(known, worst_around(np.where(off < _WORST, off, 0.0), np.maximum, (1, 1)), np.inf)


def _departure(nodes: NDArray[np.float32], squares: Indices, how: tuple[list[Floats], int, Floats, int]) -> Floats:
    """Return how far from what it is what nodes of a flat array tell of places in squares is, in rows or columns.

    `how`: weights down and across, columns of nodes, what it is, and the period of that, 0 for none.
    """
    weights, wide, whole, period = how
    found = np.zeros(squares.size)
    for down in range(NODES):
        along = np.zeros(squares.size)
        for across in range(NODES):
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
