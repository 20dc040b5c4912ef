"""Finds cells of a curvilinear grid exactly, place by place, through the buckets of `core.grids.geometry`.

A place's bucket names the few cells that may hold it, and the edges of each tell. Only unit vectors are compared, so
folds, seams and poles are places like any other.
"""

from collections.abc import Generator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices, Picked, Scattered
from core.grids.base import Wanted
from core.grids.cubed_sphere import around, bucket_of, table_shape
from core.grids.geometry import candidates_shape

Floats = NDArray[np.float64]
Searching = Generator[Wanted, Picked | None, Indices]
"""Returns flat indices of cells (row * nx + column), shape (places,); -1 where there is none."""

_SLACK: Final = -2e-7
"""Of the Earth's radius, about a metre: so far outside an edge is inside, or rounding would leave holes."""
_AT_ONCE: Final = 1 << 13
"""Edges that are asked for together, if there are not more places."""
_MORE_LINKS: Final = 4
"""How many times as many buckets of an overflow are asked for as the time before."""


class Search:
    """The cells of a grid of some shape, by bucket."""

    __slots__ = ("_depth", "_shape", "_table", "buckets")

    def __init__(self, shape: tuple[int, int], buckets: int, depth: int) -> None:
        """Describe the buckets as `core.grids.geometry.Geometry` does."""
        self._shape = shape
        self.buckets = buckets
        self._depth = depth
        self._table = table_shape(shape[0] * shape[1], buckets)

    def around(self, nodes: Floats, most: int) -> Generator[Wanted, Picked | None, Indices | None]:
        """Find all cells that may lie between nodes, vectors (3, m, n), each once, ascending, and some that do not.

        None where nodes are far apart, or more than `most` buckets are between them.
        """
        buckets = around(nodes, self.buckets, most)
        if buckets is None:
            return None
        rows, columns = self._table
        seen = np.zeros(self._shape[0] * self._shape[1], dtype=np.bool_)
        at = buckets[0] % rows * columns + buckets[1] % columns
        while at.size:
            table = yield from self._candidates(at[:, None])
            seen[table[table >= 0]] = True
            link = -2 - table[:, -1].astype(np.intp)
            at = link[link >= 0] + rows * columns
        return np.flatnonzero(seen)

    def find(self, places: Floats) -> Searching:
        """Find the cells that hold vectors, shape (3, places)."""
        found = np.full(places.shape[1], -1, dtype=np.intp)
        left = np.arange(found.size)
        row, column = bucket_of(places, self.buckets)
        rows, columns = self._table
        at, links = np.where(row < 0, -1, row % rows * columns + column % columns), 1
        while left.size:
            table = yield from self._candidates(at[:, None] + np.where(at[:, None] < 0, 0, np.arange(links)))
            inside = yield from self._first(np.where(table < -1, -1, table), places[:, left])
            found[left] = inside
            link = -2 - table[:, -1].astype(np.intp)
            more = (inside < 0) & (link >= 0)
            left, at = left[more], link[more] + rows * columns
            # The buckets of one overflow follow each other.
            links = min(links * _MORE_LINKS, max(1, _AT_ONCE // max(left.size, 1)))
        return found

    def _candidates(self, at: Indices) -> Generator[Wanted, Picked | None, NDArray[np.int32]]:
        """Return what buckets (places, links) hold, shape (places, links * depth), up to the end of each chain."""
        whole = candidates_shape(self._shape[0] * self._shape[1], self.buckets)
        known = (at >= 0) & (at < whole[0] * whole[1])
        rows, columns = np.where(known, at // whole[1], -1), np.where(known, at % whole[1], -1)
        picked = yield Wanted(array="candidates", shape=whole, cells=Scattered(rows=rows, columns=columns))
        if picked is None:
            return np.full((at.shape[0], at.shape[1] * self._depth), -1, dtype=np.int32)
        table = picked.values if picked.absent is None else np.where(picked.absent[..., None], -1, picked.values)
        beyond = np.logical_or.accumulate(table[:, :-1, -1] >= -1, axis=1)
        table[:, 1:][beyond] = -1
        return table.reshape(at.shape[0], -1)

    def _first(self, table: NDArray[np.int32], places: Floats) -> Searching:
        """Return the first candidate, of those in a row of `table`, that holds each vector."""
        found = np.full(places.shape[1], -1, dtype=np.intp)
        ends = np.where(table >= 0, np.arange(1, table.shape[1] + 1), 0).max(axis=1)
        left, rank = np.flatnonzero(ends), 0
        while left.size:
            # As fewer places are left, more candidates of each are tried at once.
            some = max(1, _AT_ONCE // left.size)
            cell = table[left, rank : rank + some].astype(np.intp)
            cells = Scattered(rows=cell // self._shape[1], columns=np.where(cell < 0, -1, cell % self._shape[1]))
            edges = yield Wanted(array="edges", shape=self._shape, cells=cells)
            rank += some
            if edges is not None:
                inside = _inside(edges, places[:, left])
                hit = inside.any(axis=1)
                found[left[hit]] = cell[hit, inside[hit].argmax(axis=1)]
                left = left[~hit]
            left = left[ends[left] > rank]
        return found


def _inside(edges: Picked, places: Floats) -> NDArray[np.bool_]:
    """Tell which places, shape (3, n), lie on the inner side of all edges of cells (n, m) picked for each."""
    normals: NDArray[Any] = edges.values
    x, y, z = places[:, :, None, None]
    # Where nothing was picked there may be any numbers.
    with np.errstate(invalid="ignore", over="ignore"):
        above = normals[..., 0::3] * x + normals[..., 1::3] * y + normals[..., 2::3] * z
    inside: NDArray[np.bool_] = (above >= _SLACK).all(axis=2)
    return inside if edges.absent is None else inside & ~edges.absent
