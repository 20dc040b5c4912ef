"""Grids whose cells have a longitude and latitude each: rotated, tripolar, swaths.

Which cell holds a place is found exactly: the place's bucket names the few cells that may, and the edges of each tell.
Only unit vectors are compared, so folds, seams and poles are places like any other.
"""

from collections.abc import Generator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered, steps_between
from core.extent import Extent
from core.grids.atlas import cells_of, pictured, unknown
from core.grids.base import Locating, Places, Placing, Wanted
from core.grids.between import STEPS, Nodes
from core.grids.chart import Maps, charted
from core.grids.cubed_sphere import around, bucket_of, table_shape
from core.grids.geometry import Geometry as Geometry  # noqa: PLC0414 -- ingest asks here for both
from core.grids.geometry import build as build  # noqa: PLC0414
from core.grids.geometry import candidates_shape
from core.grids.lattice import STRIDE
from core.grids.patches import TILE
from core.grids.sphere import node_vectors, pixel_vectors, some_vectors, vectors
from core.view import View

Floats = NDArray[np.float64]
Searching = Generator[Wanted, Picked | None, Indices]
"""Returns flat indices of cells (row * nx + column), shape (places,); -1 where there is none."""
Both = tuple[Indices, Indices]
"""Rows and columns of cells."""

_SLACK: Final = -2e-7
"""Of the Earth's radius, about a metre: so far outside an edge is inside, or rounding would leave holes."""
_STRAIGHT: Final = 0.1
"""Chord; in a larger block of pixels, parallels bend away from great circles by more than 1/8 pixel."""
_AT_ONCE: Final = 1 << 15
"""Edges that are asked for together, if there are not more places."""
_MORE_LINKS: Final = 4
"""How many times as many buckets of an overflow are asked for as the time before."""
_MANY: Final = 0.05
"""Of the blocks between nodes; where more are of no use, nodes are laid closer."""
_MOSTLY: Final = 0.5
"""Of the pixels of a view; where the chart does not tell of more, it is left aside."""
_UNKNOWN: Final = -2
"""A pixel that has not been looked up."""


class Curvilinear:
    """A grid of convex cells, found through arrays that `build` made."""

    __slots__ = ("_buckets", "_depth", "_extent", "_maps", "_patched", "_shape", "_table")

    def __init__(
        self, shape: tuple[int, int], buckets: int, depth: int, extent: Extent, maps: Maps | None = None
    ) -> None:
        """Describe the grid as its `Geometry` does; with maps of it, if any, where that is one `with_patches`."""
        self._shape = shape
        self._buckets = buckets
        self._depth = depth
        self._extent = extent
        self._patched = maps is not None
        self._maps = maps or Maps()
        self._table = table_shape(shape[0] * shape[1], buckets)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self._shape

    @property
    def extent(self) -> Extent:
        """Where there are cells."""
        return self._extent

    def locate(self, view: View) -> Locating:
        """Find the cell that contains the centre of each pixel, asking some ten times."""
        picture = pictured(view, self._maps.levels)
        found = None if picture is None else (yield from self._far(view, picture))
        if found is None:
            found = yield from self._charted(view)
        if found is None:
            found = yield from self._near(view)
        return Scattered(rows=found[0], columns=found[1])

    def near(self, view: View) -> Locating:
        """Find the cell that contains the centre of each pixel without any picture of the grid from afar."""
        rows, columns = yield from self._near(view)
        return Scattered(rows=rows, columns=columns)

    def find(self, places: Floats) -> Searching:
        """Find the cells that hold vectors, shape (3, places), one by one."""
        return (yield from self._search(places))

    def around(self, nodes: Floats, most: int) -> Generator[Wanted, Picked | None, Indices | None]:
        """Find all cells that may lie between nodes, vectors (3, m, n), each once, ascending, and some that do not.

        None where nodes are far apart, or more than `most` buckets are between them.
        """
        buckets = around(nodes, self._buckets, most)
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

    def locate_places(self, longitude: Floats, latitude: Floats) -> Locating:
        """Find the cell that contains each of some places."""
        rows, columns = self._split((yield from self._search(vectors(longitude, latitude))))
        return Scattered(rows=rows[None], columns=columns[None])

    def centres(self, cells: Cells) -> Placing:
        """Find the centres of cells."""
        return (yield from centres_of(cells, self._shape))

    def cells_apart(self, view: View, cells: Cells) -> float:  # noqa: ARG002 -- its cells may be of any size
        """Tell how many cells lie between neighbouring pixels, where the view is."""
        return steps_between(cells)

    def _far(self, view: View, picture: Wanted) -> Generator[Wanted, Picked | None, Both | None]:
        """Look up which cells are shown; what lies beyond the picture is searched."""
        picked = yield picture
        if picked is None:
            return None
        rows, columns = cells_of(picked, self._shape[1])
        beyond = None if picked.absent is None else unknown(view, picked.absent)
        if beyond is not None and beyond.any():
            down, across = np.nonzero(beyond)
            places = pixel_vectors(view)[:, down, across]
            found = yield from self._search(places)
            rows[down, across], columns[down, across] = self._split(found)
        return rows, columns

    def _charted(self, view: View) -> Generator[Wanted, Picked | None, Both | None]:
        """Work out which cells are shown from a chart; where that does not tell they are searched."""
        found = yield from charted(view, self._maps, (self._shape, self._extent))
        if found is None or found.unknown is None:
            return None if found is None else (found.rows, found.columns)
        if found.unknown.mean() > _MOSTLY:
            return None
        down, across = np.nonzero(found.unknown)
        cells = yield from self._search(pixel_vectors(view)[:, down, across])
        found.rows[down, across], found.columns[down, across] = self._split(cells)
        return found.rows, found.columns

    def _near(self, view: View) -> Generator[Wanted, Picked | None, Both]:
        """Work out which cells are shown from the geometry itself."""
        nodes, apart = None, np.ones((1, 1), dtype=np.bool_)
        for step in STEPS:
            if apart.mean() > _MANY:
                nodes = yield from self._nodes(view, step)
                apart = apart if nodes is None else ~(yield from self._joined(nodes))
        if nodes is None or apart.all():
            return self._split((yield from self._each(view)))
        rows, columns = nodes.cells(self._shape)
        if apart.any():
            down, across = nodes.pixels(apart)
            places = pixel_vectors(view)[:, down, across] if view.crs.separable else some_vectors(view, down, across)
            rows[down, across], columns[down, across] = self._split((yield from self._search(places)))
        return rows, columns

    def _split(self, found: Indices) -> Both:
        """Return rows and columns of flat indices, -1 for none."""
        rows, columns = np.divmod(found, self._shape[1])
        columns[found < 0] = -1
        return rows, columns

    def _nodes(self, view: View, step: int) -> Generator[Wanted, Picked | None, Nodes | None]:
        """Find every so many pixels; None where that is not worth it, or none of them is in a cell."""
        if not self._patched or min(view.width, view.height) <= 2 * step:
            return None
        places = Nodes.places(view, step)
        found = (yield from self._search(places.reshape(3, -1))).reshape(places.shape[1:])
        rows, columns = np.divmod(found, self._shape[1])
        cells = Scattered(rows=rows, columns=np.where(found < 0, -1, columns))
        edges = yield Wanted(array="edges", shape=self._shape, cells=cells)
        if edges is None:
            return None
        if edges.absent is not None:
            edges.values[edges.absent] = np.nan
        return Nodes.of((view, step), (rows, columns), edges.values, places)

    def _joined(self, nodes: Nodes) -> Generator[Wanted, Picked | None, NDArray[np.bool_]]:
        """Tell in which blocks between nodes all cells join, and follow each other so that nodes tell what is there."""
        smooth = nodes.smooth()
        if not smooth.any():
            return smooth
        rows, columns = nodes.squares(self._shape)
        shape = (-(-self._shape[0] // TILE) + 1, -(-self._shape[1] // TILE) + 1)
        counts = yield Wanted(array="breaks", shape=shape, cells=Scattered(rows=rows, columns=columns))
        if counts is None or counts.absent is not None:
            return np.zeros_like(smooth)
        first, second, third, fourth = counts.values[:, :, 0]
        return smooth & np.asarray(first - second - third + fourth == 0, dtype=np.bool_).reshape(smooth.shape)

    def _each(self, view: View) -> Searching:
        """Find the cell under each pixel, or block of pixels, for itself; shape (h, w)."""
        places = pixel_vectors(view)
        found = yield from self._blocks(view)
        unknown = found == _UNKNOWN
        found[unknown] = yield from self._search(places[:, unknown])
        return found

    def _blocks(self, view: View) -> Searching:
        """Fill the blocks of 8 x 8 pixels whose four corners lie in one cell, which is convex; shape (h, w)."""
        nodes = node_vectors(view)
        found = np.full((view.height, view.width), _UNKNOWN, dtype=np.intp)
        if min(nodes.shape[1:]) < 2:
            return found
        diagonal = np.sqrt(((nodes[:, 1:, 1:] - nodes[:, :-1, :-1]) ** 2).sum(axis=0))
        if not np.nanmin(diagonal, initial=np.inf) < min(2.0 / self._buckets, _STRAIGHT):
            return found
        at = (yield from self._search(nodes.reshape(3, -1))).reshape(nodes.shape[1:])
        first = at[:-1, :-1]
        same = (first == at[1:, :-1]) & (first == at[:-1, 1:]) & (first == at[1:, 1:])
        of_blocks = np.where(same & (first >= 0) & (diagonal < _STRAIGHT), first, _UNKNOWN)
        rows, columns = np.arange(view.height) // STRIDE, np.arange(view.width) // STRIDE
        return of_blocks[rows][:, columns]

    def _search(self, places: Floats) -> Searching:
        """Find the cells that hold vectors, shape (3, places)."""
        found = np.full(places.shape[1], -1, dtype=np.intp)
        left = np.arange(found.size)
        row, column = bucket_of(places, self._buckets)
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
        whole = candidates_shape(self._shape[0] * self._shape[1], self._buckets)
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


def centres_of(cells: Cells, shape: tuple[int, int]) -> Placing:
    """Find the centres of cells of a grid of so many rows and columns."""
    picked = yield Wanted(array="centres", shape=shape, cells=cells)
    if picked is None:
        nowhere = np.full(cells.shape, np.nan)
        return Places(longitude=nowhere, latitude=nowhere)
    places = picked.values if picked.absent is None else np.where(picked.absent[..., None], np.nan, picked.values)
    return Places(longitude=places[..., 0], latitude=places[..., 1])


def _inside(edges: Picked, places: Floats) -> NDArray[np.bool_]:
    """Tell which places, shape (3, n), lie on the inner side of all edges of cells (n, m) picked for each."""
    normals: NDArray[Any] = edges.values
    x, y, z = places[:, :, None, None]
    # Where nothing was picked there may be any numbers.
    with np.errstate(invalid="ignore", over="ignore"):
        above = normals[..., 0::3] * x + normals[..., 1::3] * y + normals[..., 2::3] * z
    inside: NDArray[np.bool_] = (above >= _SLACK).all(axis=2)
    return inside if edges.absent is None else inside & ~edges.absent
