"""The fold of a tripolar grid: its last row lies along itself, so that what is beyond a row is a row before it.

Source: Murray 1996 (J. Comput. Phys. 126); rows that repeat others behind the fold are as NEMO has them (NEMO 4.2
reference manual, 7.2: T-point and F-point pivot).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.corners import unit
from core.grids.sphere import vectors

Floats = NDArray[Any]
Both = tuple[Floats, Floats]
"""Rows and columns."""

_SAMPLES: Final = 64
"""Columns that are looked at."""
_ALIKE: Final = 0.25
"""Of the step to it: so near is a cell to where the next row would have one."""
_REPEATED: Final = 5
"""Rows: fewer are repeated."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Which cells are one and the same, or would be if there were more rows."""

    rows: int
    """What the rows of two that are the same add up to."""
    columns: int
    """Likewise, but for whole periods."""
    period: int
    """Columns after which the grid begins again."""

    def unfolded(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return rows and columns of places, with fractions, as if the first half of all columns went on over the fold.

        And which of them are in the other half.
        """
        middle = (self.columns + 1) / 2
        turn = (columns - middle) % self.period
        beyond = turn > self.period / 2
        return (
            np.where(beyond, self.rows + 1.0 - rows, rows),
            middle + np.where(beyond, self.period - turn, turn),
            beyond,
        )

    def folded(self, rows: Indices, columns: Indices) -> None:
        """Turn rows and columns of cells that go on over the fold into those of the grid, in place.

        Of two cells that are the same, the first.
        """
        beyond = rows > self.rows // 2
        np.subtract(self.rows, rows, out=rows, where=beyond)
        np.subtract(self.columns, columns, out=columns, where=beyond)
        columns %= self.period
        if self.rows % 2 == 0:
            same = rows == self.rows // 2
            columns[same] = np.minimum(columns[same], (self.columns - columns[same]) % self.period)


def fold_of(centres: Floats, period: int, find: Callable[[Floats], Indices]) -> Fold | None:
    """Return where a grid that goes round is folded behind its last row, by its `centres`; None where it is not.

    `find` returns which cells hold vectors (3, n), flat, -1 for none.
    """
    ny, nx = centres.shape[:2]
    if not period or ny < 2 * _REPEATED:
        return None
    columns = np.arange(0, period, max(1, period // _SAMPLES))
    before, last = (vectors(*centres[row, columns].T) for row in (-2, -1))
    beyond = unit(2.0 * last - before)
    some = np.isfinite(beyond).all(axis=0)
    columns, before, last, beyond = columns[some], before[:, some], last[:, some], beyond[:, some]
    row, column = np.divmod(find(beyond), nx)
    there = vectors(*centres[row, column].T)
    with np.errstate(invalid="ignore"):
        near = _length(there - beyond) <= _ALIKE * _length(last - before)
    near &= (row >= ny - _REPEATED) & (row < ny)
    if np.count_nonzero(near) * 2 <= columns.size:
        return None
    sums = np.stack([ny + row, (columns + column) % period])[:, near]
    kinds, counts = np.unique(sums, axis=1, return_counts=True)
    most = int(counts.argmax())
    if counts[most] * 2 <= columns.size:
        return None
    return Fold(rows=int(kinds[0, most]), columns=int(kinds[1, most]), period=period)


def _length(steps: Floats) -> Floats:
    length: Floats = np.sqrt((steps * steps).sum(axis=0))
    return length
