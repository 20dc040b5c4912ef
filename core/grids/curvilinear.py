"""Grids whose cells have a longitude and latitude each: rotated, tripolar, swaths.

What a map shows is told by what was worked out at ingest, the quickest first: two axes, a picture, a chart;
else cells are searched.
"""

from collections.abc import Generator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered, steps_between
from core.extent import Extent
from core.grids.atlas import cells_of, pictured, unknown
from core.grids.base import Locating, Places, Placing, Wanted
from core.grids.between import STEPS, Nodes
from core.grids.chart import Maps, charted
from core.grids.geometry import Geometry as Geometry  # noqa: PLC0414 -- ingest asks here for both
from core.grids.geometry import build as build  # noqa: PLC0414
from core.grids.lattice import STRIDE
from core.grids.patches import TILE
from core.grids.search import Search, Searching
from core.grids.sphere import node_vectors, pixel_vectors, some_vectors, vectors
from core.grids.straight import Axes, Shown
from core.view import View

Floats = NDArray[np.float64]
Both = tuple[Indices, Indices]
"""Rows and columns of cells."""

_STRAIGHT: Final = 0.1
"""Chord; in a larger block of pixels, parallels bend away from great circles by more than 1/8 pixel."""
_MANY: Final = 0.05
"""Of the blocks between nodes; where more are of no use, nodes are laid closer."""
_MOSTLY: Final = 0.5
"""Of the pixels of a view; where the chart does not tell of more, it is left aside."""
_UNKNOWN: Final = -2
"""A pixel that has not been looked up."""


class Curvilinear:
    """A grid of convex cells, found through arrays that `build` made."""

    __slots__ = ("_extent", "_maps", "_patched", "_search", "_shape", "_straight")

    def __init__(
        self, shape: tuple[int, int], buckets: int, depth: int, extent: Extent, maps: Maps | None = None
    ) -> None:
        """Describe the grid as its `Geometry` does; with maps of it, if any, where that is one `with_patches`."""
        self._shape = shape
        self._search = Search(shape, buckets, depth)
        self._extent = extent
        self._patched = maps is not None
        self._maps = maps or Maps()
        straight = self._maps.layout.straight
        self._straight = None if straight is None else Axes(straight, extent)

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
        straight = None if self._straight is None else self._straight.shown(view)
        if straight is not None and straight.doubtful is None and straight.cells.rows.size == view.height:
            return straight.cells
        picture = pictured(view, self._maps.levels)
        found = None if picture is None else (yield from self._far(view, picture))
        if found is None and straight is not None:
            found = yield from self._beside(view, straight)
        if found is None:
            found = yield from self._bent(view)
        return Scattered(rows=found[0], columns=found[1])

    def near(self, view: View) -> Locating:
        """Find the cell that contains the centre of each pixel without any picture of the grid from afar."""
        rows, columns = yield from self._near(view)
        return Scattered(rows=rows, columns=columns)

    @property
    def search(self) -> Search:
        """How its cells are found one by one."""
        return self._search

    def locate_places(self, longitude: Floats, latitude: Floats) -> Locating:
        """Find the cell that contains each of some places."""
        rows, columns = self._split((yield from self._search.find(vectors(longitude, latitude))))
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
            polar = np.flatnonzero(beyond.any(axis=1))
            if view.crs.separable and polar[-1] - polar[0] < polar.size:
                # Some rows at one end.
                band = slice(int(polar[0]), int(polar[-1]) + 1)
                rows[band], columns[band] = yield from self._bent(view.band(band.start, band.stop))
            else:
                down, across = np.nonzero(beyond)
                found = yield from self._search.find(pixel_vectors(view)[:, down, across])
                rows[down, across], columns[down, across] = self._split(found)
        return rows, columns

    def _beside(self, view: View, straight: Shown) -> Generator[Wanted, Picked | None, Both]:
        """Work out which cells are shown in the rows of pixels where the grid is not straight."""
        cells, some = straight.cells.scattered(), straight.pixels
        down, across = straight.searched()
        found = yield from self._search.find(some_vectors(view, down + some.start, across))
        cells.rows[down, across], cells.columns[down, across] = self._split(found)
        parts: list[Both] = [(cells.rows, cells.columns)]
        if some.start:
            parts.insert(0, (yield from self._bent(view.band(0, some.start))))
        if some.stop < view.height:
            parts.append((yield from self._bent(view.band(some.stop, view.height))))
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([columns for _, columns in parts])

    def _bent(self, view: View) -> Generator[Wanted, Picked | None, Both]:
        """Work out which cells are shown, however rows and columns run."""
        found = yield from self._charted(view)
        return (yield from self._near(view)) if found is None else found

    def _charted(self, view: View) -> Generator[Wanted, Picked | None, Both | None]:
        """Work out which cells are shown from a chart; where that does not tell they are searched."""
        found = yield from charted(view, self._maps, (self._shape, self._extent))
        if found is None:
            return None
        unknown = found.unknown
        if self._straight is not None:
            # What is straight is not in the chart: that goes on from beside it.
            beyond = (found.rows >= self._straight.rows.start) & (found.rows < self._straight.rows.stop)
            unknown = unknown if not beyond.any() else beyond if unknown is None else beyond | unknown
        if unknown is None:
            return found.rows, found.columns
        if unknown.mean() > _MOSTLY:
            return None
        down, across = np.nonzero(unknown)
        cells = yield from self._search.find(some_vectors(view, down, across))
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
            cells = yield from self._search.find(some_vectors(view, down, across))
            rows[down, across], columns[down, across] = self._split(cells)
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
        found = (yield from self._search.find(places.reshape(3, -1))).reshape(places.shape[1:])
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
        found[unknown] = yield from self._search.find(places[:, unknown])
        return found

    def _blocks(self, view: View) -> Searching:
        """Fill the blocks of 8 x 8 pixels whose four corners lie in one cell, which is convex; shape (h, w)."""
        nodes = node_vectors(view)
        found = np.full((view.height, view.width), _UNKNOWN, dtype=np.intp)
        if min(nodes.shape[1:]) < 2:
            return found
        diagonal = np.sqrt(((nodes[:, 1:, 1:] - nodes[:, :-1, :-1]) ** 2).sum(axis=0))
        if not np.nanmin(diagonal, initial=np.inf) < min(2.0 / self._search.buckets, _STRAIGHT):
            return found
        at = (yield from self._search.find(nodes.reshape(3, -1))).reshape(nodes.shape[1:])
        first = at[:-1, :-1]
        same = (first == at[1:, :-1]) & (first == at[:-1, 1:]) & (first == at[1:, 1:])
        of_blocks = np.where(same & (first >= 0) & (diagonal < _STRAIGHT), first, _UNKNOWN)
        rows, columns = np.arange(view.height) // STRIDE, np.arange(view.width) // STRIDE
        return of_blocks[rows][:, columns]


def centres_of(cells: Cells, shape: tuple[int, int]) -> Placing:
    """Find the centres of cells of a grid of so many rows and columns."""
    picked = yield Wanted(array="centres", shape=shape, cells=cells)
    if picked is None:
        nowhere = np.full(cells.shape, np.nan)
        return Places(longitude=nowhere, latitude=nowhere)
    places = picked.values if picked.absent is None else np.where(picked.absent[..., None], np.nan, picked.values)
    return Places(longitude=places[..., 0], latitude=places[..., 1])
