"""Rows and columns of cells between places at which they are known exactly, where a grid is smooth.

Source: Abramowitz and Stegun, 25.2.13 (Lagrange's formula with four points).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.patches import TILE
from core.grids.sphere import lattice_vectors
from core.view import View

Floats = NDArray[Any]
Flags = NDArray[np.bool_]

STEPS: Final = (16, 4)
"""Pixels between nodes: the second where maps or grids bend too much for the first."""
_PARTS: Final = 4
"""Of a step, whose ends are worked out by a cubic; what is between these lies on a line."""
_TOLERANCE: Final = 1 / 24
"""Pixels, for each of the steps and directions; together they stay below 1/8."""
_SHARES: Final = np.arange(_PARTS) / _PARTS
_WEIGHTS: Final = np.stack(
    [
        -_SHARES * (_SHARES - 1) * (_SHARES - 2) / 6,
        (_SHARES + 1) * (_SHARES - 1) * (_SHARES - 2) / 2,
        -(_SHARES + 1) * _SHARES * (_SHARES - 2) / 2,
        (_SHARES + 1) * _SHARES * (_SHARES - 1) / 6,
    ],
    axis=1,
)
"""Of four nodes at each place between the second and the third, shape (places, 4)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nodes:
    """Places at every so many pixels, from one before the first to one beyond the last."""

    view: View
    step: int
    """Pixels between them."""
    rows: Floats
    """Row of the array, with its fraction: from 7.0 to 8.0 in row 7; NaN without a cell. Shape (m, n)."""
    columns: Floats
    """Likewise."""

    @staticmethod
    def places(view: View, step: int) -> Floats:
        """Return the nodes as vectors, shape (3, m, n)."""
        return lattice_vectors(view, step, margin=1)

    @classmethod
    def of(cls, seen: tuple[View, int], cells: tuple[Indices, Indices], edges: Floats, places: Floats) -> "Nodes":
        """Lay nodes out in their cells.

        Args:
            seen: the view of which they are the nodes, and pixels between them.
            cells: row and column of each, shape (m, n).
            edges: of these cells, in order, shape (m, n, 12); NaN without a cell.
            places: of nodes, shape (3, m, n).

        """
        rows, columns = laid_out(cells, edges, places)
        return cls(view=seen[0], step=seen[1], rows=rows, columns=columns)

    def smooth(self) -> Flags:
        """Tell in which blocks between four nodes what is between may be interpolated, shape (m - 3, n - 3)."""
        both = np.stack([self.rows, self.columns])
        with np.errstate(invalid="ignore", divide="ignore"):
            # One pixel along x and along y, in rows and columns.
            x = (both[:, 1:-2, 2:-1] - both[:, 1:-2, 1:-2]) / self.step
            y = (both[:, 2:-1, 1:-2] - both[:, 1:-2, 1:-2]) / self.step
            turn = np.abs(x[0] * y[1] - x[1] * y[0])
            worst = np.zeros(turn.shape)
            for error in (self._departure(both), self._departure(both.transpose(0, 2, 1)).transpose(0, 2, 1)):
                along_x = error[0] * np.abs(y[1]) + error[1] * np.abs(y[0])
                along_y = error[0] * np.abs(x[1]) + error[1] * np.abs(x[0])
                worst = np.maximum(worst, np.hypot(along_x, along_y) / turn)
            # What is not a number at any of the 16 nodes around a block is none here.
            found: Flags = worst <= _TOLERANCE
        return found

    def _departure(self, nodes: Floats) -> Floats:
        """Return by how much what is between may be off along the last axis, the most of the four lines of each block.

        By the third difference, that is of a parabola, hence more than of the cubic; and of lines between its points.
        """
        bend = np.abs(np.diff(nodes, n=2, axis=2))
        off = np.abs(np.diff(nodes, n=3, axis=2)) / 16
        if self.step > _PARTS:
            off += np.maximum(bend[:, :, :-1], bend[:, :, 1:]) / (8.0 * _PARTS * _PARTS)
        lines = off.shape[1] - 3
        worst: Floats = np.maximum.reduce([off[:, first : first + lines] for first in range(4)])
        return worst

    def squares(self, shape: tuple[int, int]) -> tuple[Indices, Indices]:
        """Return rows and columns in `breaks` of the four corners of each block, shape (4, blocks).

        What the grid breaks off in is the first less the second less the third plus the fourth.
        """
        limits = []
        for part, most in ((self.rows, shape[0]), (self.columns, shape[1])):
            four = np.nan_to_num(np.stack([part[1:-2, 1:-2], part[2:-1, 1:-2], part[1:-2, 2:-1], part[2:-1, 2:-1]]))
            # Cells beside are looked at too: what bulges between nodes bulges by less.
            low, high = four.min(axis=0) - 1.0, four.max(axis=0) + 1.0
            room = (high - low) / 16
            first = ((low - room).clip(0, most - 1) // TILE).astype(np.intp)
            limits.append((first.ravel(), ((high + room).clip(0, most - 1) // TILE).astype(np.intp).ravel() + 1))
        (top, bottom), (left, right) = limits
        return np.stack([bottom, bottom, top, top]), np.stack([right, left, right, left])

    def pixels(self, blocks: Flags) -> tuple[Indices, Indices]:
        """Return rows and columns of the pixels of blocks."""
        of_rows, of_columns = np.arange(self.view.height) // self.step, np.arange(self.view.width) // self.step
        row, column = np.nonzero(blocks[of_rows][:, of_columns])
        return row, column

    def cells(self, shape: tuple[int, int]) -> tuple[Indices, Indices]:
        """Return rows and columns of the cells of all pixels, shape (h, w); any where nodes are not known."""
        found = [
            self._filled(np.nan_to_num(part), float(most))
            for part, most in ((self.rows, shape[0]), (self.columns, shape[1]))
        ]
        return found[0], found[1]

    def _filled(self, nodes: Floats, most: float) -> Indices:
        """Return whole numbers below `most` for all pixels."""
        base = float(np.floor(nodes.min()))
        some = np.lib.stride_tricks.sliding_window_view(nodes - base, 4, axis=1)
        rows = np.einsum("ijk,tk->ijt", some, _WEIGHTS).reshape(nodes.shape[0], -1)
        rows = np.concatenate([rows, nodes[:, -2:-1] - base], axis=1)
        some = np.lib.stride_tricks.sliding_window_view(rows, 4, axis=0)
        fine = np.einsum("ijk,tk->itj", some, _WEIGHTS).reshape(-1, rows.shape[1])
        # Counted from the least, single precision is good to 1/1000 of a cell; and lines do not leave the range.
        fine = np.concatenate([fine, rows[-2:-1]]).clip(-base, most - base - 1e-3).astype(np.float32)
        wide = _lined(fine.T, self.step // _PARTS)[: self.view.width].T
        pixels = _lined(np.ascontiguousarray(wide), self.step // _PARTS)[: self.view.height].astype(np.intp)
        pixels += int(base)
        return pixels


def _lined(fine: Floats, parts: int) -> Floats:
    """Return so many rows for each step between two, on lines from one to the next."""
    found = np.empty((fine.shape[0] - 1, parts, fine.shape[1]), dtype=fine.dtype)
    step = np.diff(fine, axis=0)
    step *= 1.0 / parts
    found[:, 0] = fine[:-1]
    for place in range(1, parts):
        np.add(found[:, place - 1], step, out=found[:, place])
    return found.reshape(-1, fine.shape[1])


def laid_out(cells: tuple[Indices, Indices], edges: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Return rows and columns of places with their fractions: from 7.0 to 8.0 in row 7; NaN without a cell.

    Args:
        cells: row and column of the cell of each place, shape (m, n).
        edges: of these cells, in order, shape (m, n, 12); NaN without a cell.
        places: vectors, shape (3, m, n).

    """
    normals = edges.reshape(*edges.shape[:2], 4, 3)
    above = np.einsum("mnek,kmn->emn", normals, places.astype(normals.dtype)).astype(np.float64).clip(min=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return cells[0] + above[0] / (above[0] + above[2]), cells[1] + above[3] / (above[3] + above[1])
