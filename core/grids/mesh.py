"""Unstructured meshes: faces of any number of corners, and values on faces, on nodes or on edges.

Which face holds a place is found as the cell of a curvilinear grid is; the cells are one row of faces. On a mesh of
nodes or edges a pixel shows the one of its face's that is nearest to its centre, so nothing is shown outside of all
faces. Source: UGRID Conventions 1.0, "Topology dimension 2".
"""

from collections.abc import Generator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered
from core.extent import Extent
from core.grids.atlas import Level, cells_of, level_for, levels_for, squares, wanted
from core.grids.base import Locating, Placing, Wanted
from core.grids.curvilinear import Curvilinear, centres_of
from core.grids.geometry import Geometry
from core.grids.memory import answered
from core.grids.scan import UNKNOWN, Rows
from core.grids.sphere import lattice_vectors, pixel_vectors, separate
from core.view import View

Floats = NDArray[np.float64]
Numbering = Generator[Wanted, Picked | None, Indices]
"""Returns numbers of cells, -1 for none."""

_FINER: Final = 2
"""Times as small squares as other grids need."""
_STEP: Final = 32
"""Pixels; between nodes around which faces are looked for."""
_MOST: Final = 2
"""Buckets for each pixel, counted where blocks of pixels overlap as well; where there are more, pixels are searched."""


class Mesh:
    """Cells in one row, shape (1, n): faces, or what of faces is nearest."""

    __slots__ = ("_faces", "_levels", "_shape")

    def __init__(self, cells: int, faces: Curvilinear, levels: tuple[Level, ...] = ()) -> None:
        """Describe the mesh by the number of its cells, the search of its faces, and pictures of it from afar."""
        self._shape = (1, cells)
        self._faces = faces
        self._levels = levels

    @property
    def shape(self) -> tuple[int, int]:
        """One row, and the number of cells."""
        return self._shape

    @property
    def extent(self) -> Extent:
        """Where there are faces."""
        return self._faces.extent

    def locate(self, view: View) -> Locating:
        """Find the cell of the face that contains the centre of each pixel."""
        level = level_for(view, self._levels)
        columns = None if level is None else (yield from self._far(view, level))
        return (yield from self.near(view)) if columns is None else _in_one_row(columns)

    def near(self, view: View) -> Locating:
        """Find the cells without any picture of the mesh from afar."""
        drawn = yield from self._drawn(view)
        faces = (yield from self._faces.near(view)) if drawn is None else _in_one_row(drawn)
        return _in_one_row((yield from self._shown(faces, pixel_vectors(view))))

    def centres(self, cells: Cells) -> Placing:
        """Find the centres of cells."""
        return (yield from centres_of(cells, self._shape))

    def cells_apart(self, view: View, cells: Cells) -> float:  # noqa: ARG002 -- a mesh has no overviews
        """Tell how many cells lie between neighbouring pixels: cells beside each other have any numbers."""
        return 0.0

    def _drawn(self, view: View) -> Generator[Wanted, Picked | None, Indices | None]:
        """Draw the faces row by row; None where that is not possible, or not quicker than to search each pixel."""
        rows = Rows.of(*separate(view)) if view.crs.separable else None
        if rows is None:
            return None
        nodes = lattice_vectors(view, _STEP, margin=0)
        faces = yield from self._faces.around(nodes, _MOST * view.width * view.height)
        if faces is None:
            return None
        cells = Scattered(rows=np.zeros((1, faces.size), dtype=np.intp), columns=faces[None])
        boxes = yield Wanted(array="boxes", shape=self._faces.shape, cells=cells)
        some = faces if boxes is None else rows.beside(boxes.values[0])
        if some is not None and not some.size:
            return np.full((view.height, view.width), -1, dtype=np.intp)
        if boxes is None or some is None:
            return None
        cells = Scattered(rows=cells.rows[:, some], columns=cells.columns[:, some])
        edges = yield Wanted(array="edges", shape=self._faces.shape, cells=cells)
        if edges is None:
            return None
        drawn = rows.drawn(faces[some], edges.values.reshape(some.size, -1, 3), boxes.values[0, some])
        if drawn is not None:
            down, across = np.nonzero(drawn == UNKNOWN)
            drawn[down, across] = yield from self._faces.find(pixel_vectors(view)[:, down, across])
        return drawn

    def _shown(self, faces: Cells, places: Floats) -> Numbering:  # noqa: ARG002 -- the whole face shows one cell
        """Return the number of the cell that each face shows at a place, shape of `faces`; -1 for none."""
        yield from ()
        return faces.columns

    def _far(self, view: View, level: Level) -> Generator[Wanted, Picked | None, Indices | None]:
        """Look up which cells are shown; what lies beyond the level, but in the extent of the mesh, is searched."""
        picked = yield wanted(level, squares(view, level))
        if picked is None:
            return np.full((view.height, view.width), -1, dtype=np.intp) if self._within(level) else None
        _, columns = cells_of(picked, self._shape[1])
        if picked.absent is not None and not self._within(level):
            down, across = np.nonzero(picked.absent)
            places = pixel_vectors(view)[:, None, down, across]
            found = yield from self._faces.find(places[:, 0])
            columns[down, across] = (yield from self._shown(_in_one_row(found[None]), places))[0]
        return columns

    def _within(self, level: Level) -> bool:
        """Tell whether all of the mesh is within a level: near the poles there is none."""
        return level.reaches(self.extent.south, self.extent.north)


class MeshPoints(Mesh):
    """Nodes or edges, of which each face has some."""

    __slots__ = ()

    def _shown(self, faces: Cells, places: Floats) -> Numbering:
        """Return the member of each face that is nearest to a place."""
        members = yield Wanted(array="members", shape=self._faces.shape, cells=faces)
        corners = None if members is None else (yield Wanted(array="places", shape=self._faces.shape, cells=faces))
        if members is None or corners is None:
            return np.full(faces.shape, -1, dtype=np.intp)
        return _nearest(members, corners, places)


def far_levels(cells: int, buckets: int, extent: Extent) -> tuple[Level, ...]:
    """Return the pictures of a mesh from afar; nearer than these there is no smoothness to tell cells by."""
    return levels_for(cells, buckets, extent, finer=_FINER)


def with_atlas(cells: int, found: Geometry, *, plain: bool) -> Geometry:
    """Add pictures of a mesh from afar to the geometry of its faces; `plain` where each cell is a face."""
    levels = far_levels(cells, found.buckets, found.extent)
    faces = Curvilinear(
        shape=(1, found.arrays["edges"].shape[1]), buckets=found.buckets, depth=found.depth, extent=found.extent
    )
    mesh = (Mesh if plain else MeshPoints)(cells, faces)
    arrays = dict(found.arrays)
    for level in levels:
        picture = np.empty((*level.shape, 1), dtype=np.int32)
        for first, last in level.bands():
            located = answered(mesh.near(level.view(first, last)), found.arrays)
            picture[first:last, :, 0] = located.columns
        arrays[level.name] = picture
    return replace(found, arrays=arrays)


def _in_one_row(columns: Indices) -> Scattered:
    return Scattered(rows=np.where(columns < 0, -1, 0), columns=columns)


def _nearest(members: Picked, places: Picked, pixels: Floats) -> Indices:
    """Return of each pixel's face, shape (h, w), the member nearest to the pixel; -1 where there is no face."""
    corners = places.values
    # Where nothing was picked there may be any numbers.
    with np.errstate(invalid="ignore", over="ignore"):
        near = sum((corners[..., part::3] - pixels[part, ..., None]) ** 2 for part in range(3))
        near = np.where((members.values < 0) | np.isnan(near), np.inf, near)
    best = near.argmin(axis=-1)
    found = np.take_along_axis(members.values, best[..., None], axis=-1)[..., 0].astype(np.intp)
    return found if members.absent is None else np.where(members.absent, -1, found)
