"""The centres of cells along one axis, and of the blocks of cells of an overview: between which two a place lies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.grids.intervals import Intervals
from core.interpolation import Along

Floats = NDArray[np.float64]

_TURN = 360.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """Centres in a row, ascending. A ring is laid out three times, so that each place has neighbours on both sides."""

    factor: int
    """Cells of the axis for each of the overview; 1 for the axis itself."""
    cells: Intervals
    """Of the axis itself."""
    centres: Floats
    """Shape (n,)."""
    indices: Indices
    """Index of each along the overview's array, shape (n,)."""
    between: Intervals | None
    """From centre to centre, numbered from 0; None where there is but one."""

    @classmethod
    def of(cls, cells: Intervals, coordinates: Floats, factor: int, *, ring: bool) -> "Line":
        """Lay out the centres of blocks of `factor` cells of an axis.

        The centre of a block is the mean of those of its cells.

        Args:
            cells: of the axis.
            coordinates: centres of the axis by index along its array, of any turn where it is a `ring`.
            factor: cells in each block; 1 for the cells themselves.
            ring: whether the axis counts longitudes, and closes where its cells go all round.

        """
        order = cells.order[1:-1]
        low, high = cells.edges[:-1], cells.edges[1:]
        centres = coordinates[order]
        if ring:
            middle = (low + high) / 2
            centres = middle + (centres - middle + _TURN / 2) % _TURN - _TURN / 2
        centres, blocks = np.clip(centres, low, high), order // factor
        closed = ring and bool(cells.edges[-1] - cells.edges[0] == _TURN)
        if closed and (beginnings := _beginnings(blocks)).size > 1 and blocks[0] == blocks[-1]:
            # A block that lies on both sides of the seam is one.
            start = beginnings[1]
            centres = np.concatenate([centres[start:], centres[:start] + _TURN])
            blocks = np.roll(blocks, -start)
        beginnings = _beginnings(blocks)
        means = np.add.reduceat(centres, beginnings) / np.diff(np.append(beginnings, blocks.size))
        indices = blocks[beginnings]
        if closed:
            means = np.concatenate([means - _TURN, means, means + _TURN])
            indices = np.tile(indices, 3)
        return cls(
            factor=factor,
            cells=cells,
            centres=means,
            indices=indices,
            between=Intervals.of(means, np.arange(means.size - 1)) if means.size > 1 else None,
        )

    def around(self, places: NDArray[Any], own: Indices | None = None) -> Along:
        """Find the two cells between whose centres each place lies; places are in the turn of the axis' cells.

        `own` is the cell of the axis that holds each place, where that is known better than from `places`.
        """
        # Floor division keeps -1 at -1.
        own = (self.cells.find(places) if own is None else own) // self.factor
        if self.between is None:
            return Along(low=own, high=own, share=np.zeros(own.shape), own_is_high=np.zeros(own.shape, dtype=np.bool_))
        gap = self.between.find(places)
        low, high = self.indices[gap], self.indices[gap + 1]
        # Before the first centre and behind the last there is no neighbour.
        lone = (gap < 0) | ((own != low) & (own != high))
        before = self.centres[gap]
        share = (places - before) / (self.centres[gap + 1] - before)
        own_is_high = (own == high) & ~lone
        return Along(
            low=np.where(lone, own, low),
            high=np.where(lone, own, high),
            share=np.where(lone, 0.0, share),
            own_is_high=own_is_high,
        )


def _beginnings(blocks: Indices) -> Indices:
    return np.concatenate([[0], np.flatnonzero(np.diff(blocks)) + 1])
