"""Unstructured meshes: faces of any number of corners, and values on faces, on nodes or on edges.

Which face holds a place is found as the cell of a curvilinear grid is; the cells are one row of faces. On a mesh of
nodes or edges a pixel shows the one of its face's that is nearest to its centre, so nothing is shown outside of all
faces. Source: UGRID Conventions 1.0, "Topology dimension 2".
"""

from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Cells, Indices, Picked, Scattered
from core.extent import Extent
from core.grids.atlas import FACES, Level, numbers_of, pictured, unknown, zoom_levels, zooms_for
from core.grids.base import Locating, Placing, Wanted
from core.grids.curvilinear import Curvilinear, centres_of
from core.grids.flat import Plane
from core.grids.geometry import Geometry
from core.grids.memory import answered
from core.grids.scan import UNKNOWN, Rows
from core.grids.sphere import lattice_vectors, pixel_vectors, separate, some_vectors, vectors
from core.view import View

Floats = NDArray[np.float64]
Numbering = Generator[Wanted, Picked | None, Indices]
"""Returns numbers of cells, -1 for none."""

_SPARSE: Final = 16
"""Times as many faces as pixels; of more, the few that there are are sorted rather than counted."""
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
        picture = pictured(view, self._levels)
        columns = None if picture is None else (yield from self._far(view, picture))
        return (yield from self.near(view)) if columns is None else _in_one_row(columns)

    def near(self, view: View) -> Locating:
        """Find the cells without any picture of the mesh from afar."""
        drawn = yield from (self._drawn(view) if view.crs.separable else self._flat(view))
        faces = (yield from self._faces.near(view)) if drawn is None else _in_one_row(drawn)
        return _in_one_row((yield from self._shown(faces, partial(pixel_vectors, view))))

    def locate_places(self, longitude: Floats, latitude: Floats) -> Locating:
        """Find the cell of the face that contains each of some places."""
        places = vectors(longitude, latitude)[:, None]
        faces = _in_one_row((yield from self._faces.search.find(places[:, 0]))[None])
        return _in_one_row((yield from self._shown(faces, lambda: places)))

    def centres(self, cells: Cells) -> Placing:
        """Find the centres of cells."""
        return (yield from centres_of(cells, self._shape))

    def cells_apart(self, view: View, cells: Cells) -> float:  # noqa: ARG002 -- a mesh has no overviews
        """Tell how many cells lie between neighbouring pixels: cells beside each other have any numbers."""
        return 0.0

    def _flat(self, view: View) -> Generator[Wanted, Picked | None, Indices | None]:
        """Draw the faces in the plane of the map; None where that is not possible, or not quicker."""
        plane = Plane.of(view)
        if plane is None:
            return None
        faces = yield from self._faces.search.around(
            lattice_vectors(view, _STEP, margin=0), _MOST * view.width * view.height
        )
        if faces is None:
            return None
        if not faces.size:
            return np.full((view.height, view.width), -1, dtype=np.intp)
        cells = Scattered(rows=np.zeros((1, faces.size), dtype=np.intp), columns=faces[None])
        edges = yield Wanted(array="edges", shape=self._faces.shape, cells=cells)
        return None if edges is None else plane.drawn(faces, edges.values.reshape(faces.size, -1, 3))

    def _drawn(self, view: View) -> Generator[Wanted, Picked | None, Indices | None]:
        """Draw the faces row by row; None where that is not possible, or not quicker than to search each pixel."""
        rows = Rows.of(*separate(view))
        if rows is None:
            return None
        nodes = lattice_vectors(view, _STEP, margin=0)
        faces = yield from self._faces.search.around(nodes, _MOST * view.width * view.height)
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
            torn = drawn == UNKNOWN
            if torn.any():
                drawn[torn] = yield from self._faces.search.find(pixel_vectors(view)[:, torn])
        return drawn

    def _shown(self, faces: Cells, places: Callable[[], Floats]) -> Numbering:  # noqa: ARG002 -- the whole face shows one cell
        """Return the number of the cell that each face shows at a place, shape of `faces`; -1 for none."""
        yield from ()
        return faces.columns

    def _far(self, view: View, picture: Wanted) -> Generator[Wanted, Picked | None, Indices | None]:
        """Look up which cells are shown; what lies beyond the picture, but in the extent of the mesh, is searched."""
        picked = yield picture
        within = self._levels[0].reaches(self.extent.south, self.extent.north)
        if picked is None:
            return np.full((view.height, view.width), -1, dtype=np.int32) if within else None
        columns: Indices = numbers_of(picked)
        beyond = None if picked.absent is None or within else unknown(view, picked.absent)
        if beyond is not None and beyond.any():
            down, across = np.nonzero(beyond)
            places = _some(view, down, across)[:, None]
            found = yield from self._faces.search.find(places[:, 0])
            columns[down, across] = (yield from self._shown(_in_one_row(found[None]), lambda: places))[0]
        return columns


class MeshPoints(Mesh):
    """Nodes or edges, of which each face has some."""

    __slots__ = ()

    def _shown(self, faces: Cells, places: Callable[[], Floats]) -> Numbering:
        """Return the member of each face that is nearest to a place."""
        numbers, at = _each_once(faces.columns, self._faces.shape[1])
        once = _in_one_row(numbers[None])
        members = yield Wanted(array="members", shape=self._faces.shape, cells=once)
        corners = None if members is None else (yield Wanted(array="places", shape=self._faces.shape, cells=once))
        if members is None or corners is None:
            return np.full(faces.shape, -1, dtype=np.intp)
        found = _nearest(members.values[0].take(at, axis=0), corners.values[0].take(at, axis=0), places())
        return np.where(faces.columns < 0, -1, found)


def with_atlas(cells: int, found: Geometry, *, plain: bool) -> Geometry:
    """Add pictures of a mesh from afar to the geometry of its faces; `plain` where each cell is a face."""
    shape = (1, found.arrays["edges"].shape[1])
    levels = zoom_levels(zooms_for(shape[1], found.buckets, found.extent, FACES), found.extent)
    faces = Curvilinear(shape=shape, buckets=found.buckets, depth=found.depth, extent=found.extent)
    mesh = (Mesh if plain else MeshPoints)(cells, faces)
    arrays = dict(found.arrays)
    for level in levels:
        picture = np.empty((*level.shape, 1), dtype=np.int32)
        for (rows, columns), view in level.parts():
            located = answered(mesh.near(view), found.arrays)
            picture[rows, columns, 0] = located.columns
        arrays[level.name] = picture
    return replace(found, arrays=arrays)


def _in_one_row(columns: Indices) -> Scattered:
    return Scattered(rows=np.minimum(columns, 0), columns=columns)


def _some(view: View, rows: Indices, columns: Indices) -> Floats:
    """Return vectors of some pixel centres, shape (3, pixels)."""
    return some_vectors(view, rows, columns) if view.crs.separable else pixel_vectors(view)[:, rows, columns]


def _each_once(faces: Indices, count: int) -> tuple[Indices, Indices]:
    """Return which of `count` faces there are, ascending, and the place of each pixel's there; any for none."""
    if faces.size * _SPARSE < count:
        numbers, at = np.unique(faces, return_inverse=True)
        return numbers.clip(min=0), at.reshape(faces.shape)
    seen = np.zeros(count, dtype=np.bool_)
    seen[faces[faces >= 0]] = True
    numbers = np.flatnonzero(seen)
    places = np.zeros(count, dtype=np.intp)
    places[numbers] = np.arange(numbers.size)
    return numbers, places.take(faces, mode="clip")


def _nearest(members: NDArray[Any], corners: NDArray[Any], pixels: Floats) -> Indices:
    """Return of each pixel's face, shape (h, w), the member nearest to the pixel; any where there is no face."""
    # Where nothing was picked there may be any numbers.
    with np.errstate(invalid="ignore", over="ignore"):
        near = sum((corners[..., part::3] - pixels[part, ..., None]) ** 2 for part in range(3))
        near = np.where((members < 0) | np.isnan(near), np.inf, near)
    best = near.argmin(axis=-1)
    return np.take_along_axis(members, best[..., None], axis=-1)[..., 0].astype(np.intp)
