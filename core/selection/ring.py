"""Whether the columns of a curvilinear grid go round, so that a box over their seam is one run of them.

The first and the last column are then neighbours, or a halo repeats some at the ends, which ocean models keep for their
own ease. Source: NEMO Ocean Engine, "Lateral boundary condition", cyclic east-west.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.grids.sphere import vectors
from core.selection.cut import Cut, Floats, Indices

_WIDEST: Final = 4
"""Columns that a halo repeats, two at either end."""
_SAME: Final = 2e-6
"""Of the Earth's radius, some 10 m: places in single precision differ by less."""
_NEXT: Final = 1.5
"""Columns; farther apart, the ends of a row do not join."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Columns that go round."""

    first: int
    """The first that is no halo."""
    period: int
    """Columns once round."""

    def run(self, columns: Indices) -> Cut:
        """Return the shortest run round the ring that has all of some columns, or others in their places; each once."""
        there = np.unique((columns - self.first) % self.period)
        gaps = np.diff(there, append=there[0] + self.period)
        if gaps[-1] == gaps.max():
            runs = [(int(there[0]), int(there[-1]) + 1)]
        else:
            last = int(gaps.argmax())
            runs = [(int(there[last + 1]), self.period), (0, int(there[last]) + 1)]
        return Cut(pieces=tuple(range(self.first + start, self.first + stop) for start, stop in runs))


class Ends:
    """What the two ends of the rows of a grid tell, looked at band by band."""

    def __init__(self) -> None:
        """Begin with no row."""
        self._columns = 0
        self._seen = np.zeros(_WIDEST + 1, dtype=np.intp)
        self._fitting = np.zeros(_WIDEST + 1, dtype=np.intp)
        self._unlike = np.zeros(_WIDEST + 1, dtype=np.bool_)

    def add(self, longitudes: Floats, latitudes: Floats) -> None:
        """Look at the centres of some rows, shape (n, nx), NaN where there are none."""
        self._columns = longitudes.shape[1]
        some = _WIDEST + 1
        if self._columns < 2 * some:
            return
        left, right = (
            vectors(longitudes[:, end], latitudes[:, end]) for end in (np.s_[:some], np.s_[self._columns - some :])
        )
        step = np.fmax(_apart(left[:, :, 0], left[:, :, 1]), _apart(right[:, :, -1], right[:, :, -2]))
        self._count(0, _apart(left[:, :, 0], right[:, :, -1]), step, _NEXT * step)
        for halo in range(1, some):
            one, other = left[:, :, :halo], right[:, :, some - halo :]
            apart = _apart(one, other)
            self._count(halo, apart.max(axis=1), step, _SAME)
            # What is left out must not be the only one that has a place.
            dropped = np.where(np.arange(halo) < halo // 2, one[0], other[0])
            self._unlike[halo] |= bool((np.isfinite(dropped) & ~(apart <= _SAME)).any())

    def _count(self, halo: int, apart: Floats, step: Floats, most: Floats | float) -> None:
        """Count rows whose ends have places, and those of them where these are not too far apart."""
        known = np.isfinite(apart) & (step > 2 * _SAME)
        self._seen[halo] += int(known.sum())
        self._fitting[halo] += int((known & (apart <= most)).sum())

    @property
    def ring(self) -> Ring | None:
        """How the columns go round; None where they do not."""
        fitting = 2 * self._fitting > self._seen
        if not fitting.any():
            return None
        # The ends of a halo of two columns are neighbours too.
        halo = int(np.flatnonzero(fitting & ~self._unlike).max(initial=0))
        return Ring(first=halo // 2, period=self._columns - halo)


def _apart(one: Floats, other: Floats) -> Floats:
    """Return the chords between vectors."""
    chords: Floats = np.sqrt(((one - other) ** 2).sum(axis=0))
    return chords
