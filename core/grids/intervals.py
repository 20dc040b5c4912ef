"""From cell centres along one axis to cell edges, and back from a coordinate to the cell. Source: CF 1.11, 7.1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SLACK = 0.01
"""Of a cell: within this, edges that should be one are one (axes are often stored as float32)."""
_EVEN = 0.25
"""Of a cell: how far an edge may lie from where even cells would have it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """Cells in a row without gaps, each from its edge up to, but not including, the next."""

    edges: Floats
    """Strictly ascending, shape (n + 1,)."""
    order: NDArray[np.intp]
    """Index along the array's axis of each cell, between two -1 for what lies outside, shape (n + 2,)."""
    limits: Floats
    """`edges` between minus infinity and NaN, which nothing reaches."""
    start: float
    """Where the first cell would begin if it were as large as the others."""
    density: float
    """Cells for each unit, where the cells are so even that this tells a cell or its neighbour; else 0."""

    @classmethod
    def of(cls, edges: Floats, order: NDArray[np.intp]) -> "Intervals":
        """Describe the cells between `edges`, whose indices along the array's axis are `order`, shape (n,)."""
        step = float(np.median(np.diff(edges)))
        # Outer cells may be cut at a pole: even cells are counted from the first inner edge.
        start = edges[1] - step
        off = np.abs(edges - (start + step * np.arange(edges.size)))
        outer = max(start - edges[0], edges[-1] - (start + step * (edges.size - 1)))
        even = max(off[1:-1].max(initial=0.0), outer) < _EVEN * step
        return cls(
            edges=edges,
            order=np.concatenate([[-1], order, [-1]]),
            limits=np.concatenate([[-np.inf], edges, [np.nan]]),
            start=float(start),
            density=1.0 / step if even else 0.0,
        )

    def find(self, values: Floats) -> NDArray[np.intp]:
        """Return the index along the array's axis of the cell that holds each value; -1 outside and for NaN."""
        if not self.density:
            return self.order[np.searchsorted(self.edges, values, side="right")]
        # A guess, mended by comparison with the edges, is four times as fast as a search and gives the same.
        guess = (values - self.start) * self.density + 1.0
        cell = np.fmax(np.fmin(guess, self.edges.size), 0.0).astype(np.intp)
        cell -= self.limits[cell] > values
        cell += self.limits[cell + 1] <= values
        found: NDArray[np.intp] = self.order[cell]
        return found


def midpoints(centres: Floats, *, lone: float) -> Floats:
    """Return the edges between ascending centres, shape (n + 1,); the outer cells are symmetric.

    `lone` is the size of a cell that has no neighbour.
    """
    if centres.size == 1:
        return np.array([centres[0] - lone / 2, centres[0] + lone / 2])
    between = (centres[:-1] + centres[1:]) / 2
    return np.concatenate([[2 * centres[0] - between[0]], between, [2 * centres[-1] - between[-1]]])


def from_bounds(centres: Floats, bounds: Floats) -> Floats | None:
    """Return the edges that bounds, shape (n, 2) in any order within a cell, give to ascending centres.

    None where they leave gaps, overlap, or do not hold their centres: then they cannot be meant so.
    """
    low, high = bounds.min(axis=1), bounds.max(axis=1)
    slack = _SLACK * (high - low)
    holding = (high > low) & (low - slack <= centres) & (centres <= high + slack)
    touching = np.abs(low[1:] - high[:-1]) <= np.minimum(slack[1:], slack[:-1])
    if not (np.isfinite(bounds).all() and holding.all() and touching.all()):
        return None
    edges = np.append(low, high[-1])
    return edges if bool((np.diff(edges) > 0).all()) else None


def snapped(edges: Floats, first: float, last: float) -> Floats:
    """Return edges whose ends, where they are within a hundredth of a cell of `first` and `last`, are those."""
    moved = edges.copy()
    if abs(edges[0] - first) <= _SLACK * (edges[1] - edges[0]):
        moved[0] = first
    if abs(edges[-1] - last) <= _SLACK * (edges[-1] - edges[-2]):
        moved[-1] = last
    return moved
