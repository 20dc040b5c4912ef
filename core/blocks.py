"""The cells that a picture shows, each once: what takes long is done for them, then spread over the pixels. Pure."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered, Separable, box_of
from core.polar import Polar

_WORTH: Final = 2
"""Pixels to a cell, on an average, from which on it is quicker to work on all cells around those that are shown."""
_ROOMY: Final = 8
"""Times as many cells as pixels; up to there it is quicker to copy what lies around the cells than to sort them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Some rows and columns of an array, and where among them each pixel of a picture finds its cell."""

    cells: Separable
    """-1 among them where pixels lie outside of the array."""
    at: tuple[Indices, Indices] | Indices | Polar
    """Where in the block: row for each row of pixels and column for each column of them; or, for each pixel, its place
    counted row by row, negative outside of the array."""

    @property
    def few(self) -> bool:
        """Whether there are so few cells that it pays to work on them before they are spread."""
        if isinstance(self.at, tuple):
            return True
        height, width = self.at.shape
        return bool(self.cells.rows.size * self.cells.columns.size * _WORTH <= height * width)

    @property
    def seen(self) -> NDArray[np.bool_] | None:
        """Which of the cells a pixel shows, of the shape of `cells`; None where it is not known, or all of them."""
        if not isinstance(self.at, np.ndarray):
            return None
        seen = np.zeros(self.cells.shape, dtype=np.bool_)
        seen.reshape(-1)[self.at if self.at.min() >= 0 else self.at[self.at >= 0]] = True
        return seen

    def spread(self, picked: Picked) -> Picked:
        """Return for each pixel what was picked for its cell."""
        absent = None if picked.absent is None else self._spread(picked.absent)
        if isinstance(self.at, np.ndarray) and self.at.min() < 0:
            absent = self.at < 0 if absent is None else absent | (self.at < 0)
        return Picked(values=self._spread(picked.values), absent=absent)

    def _spread(self, values: NDArray[Any]) -> NDArray[Any]:
        if isinstance(self.at, Polar):
            return self.at.spread(values, (self.cells.rows, self.cells.columns))
        if isinstance(self.at, tuple):
            down, across = self.at
            return values.take(down, axis=0).take(across, axis=1)
        # What has no cell takes any value.
        return values.reshape(-1).take(self.at, mode="clip")


def block_of(cells: Cells) -> Block | None:
    """Return the cells that pixels show, with what lies between them; None where those are many times the pixels."""
    if isinstance(cells, Separable):
        (rows, down), (columns, across) = _once(cells.rows), _once(cells.columns)
        return Block(cells=Separable(rows=rows, columns=columns), at=(down, across))
    most = cells.shape[0] * cells.shape[1] * _ROOMY
    if isinstance(cells, Polar):
        rows, columns = cells.lines()
        small = rows.size * columns.size <= most
        return Block(cells=Separable(rows=rows, columns=columns), at=cells) if small else None
    if not cells.rows.size or cells.rows.max() < 0:
        return None
    top, left, bottom, right = box_of(cells)
    if (bottom - top + 1) * (right - left + 1) > most:
        return None
    return _boxed(cells, Separable(rows=np.arange(top, bottom + 1), columns=np.arange(left, right + 1)))


def _once(indices: Indices) -> tuple[Indices, Indices]:
    """Return the first of each run of equal indices, and for each index the number of its run."""
    begins = np.ones(indices.size, dtype=np.bool_)
    np.not_equal(indices[1:], indices[:-1], out=begins[1:])
    return indices[begins], np.cumsum(begins) - 1


def _boxed(cells: Scattered, inside: Separable) -> Block:
    wide = inside.columns.size
    at = cells.rows * wide
    at += cells.columns
    # Where both are -1 this stays negative.
    at -= int(inside.rows[0]) * wide + int(inside.columns[0])
    return Block(cells=inside, at=at)
