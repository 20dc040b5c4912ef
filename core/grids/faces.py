"""The geometry of an unstructured mesh: its faces as cells to search, and what of each face is shown.

Source: UGRID Conventions 1.0, "Topology dimension 2".
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.extent import Extent
from core.grids.geometry import Geometry, build
from core.grids.polygons import convex, ordered
from core.grids.scan import PADDING, boxes_of
from core.grids.sphere import degrees_of, vectors
from core.grids.triangles import triangles_of

Floats = NDArray[np.float64]

SEARCH: Final = ("edges", "candidates", "boxes")
"""Arrays that all grids on one mesh have alike."""
_TRIANGLE: Final = 3
_MOST_BENT: Final = 256
"""Corners of a face that is not convex: cutting takes as long as the cube of their number."""
_BLOCK: Final = 1 << 17
"""Faces that are worked on together; about a kilobyte each where they have many corners."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Faces:
    """The faces of a mesh."""

    longitudes: Floats
    """Of their corners, degrees, shape (faces, k); NaN where a face has fewer, behind those it has."""
    latitudes: Floats
    """Likewise."""
    nodes: Indices | None = None
    """Which nodes these corners are, same shape, -1 where there is none; None where there are no nodes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Members:
    """What of faces is shown: nodes or edges."""

    of_faces: Indices
    """Which of them each face has, shape (faces, k); -1 where it has fewer."""
    longitudes: Floats
    """Degrees, shape (n,); NaN where it has no place."""
    latitudes: Floats
    """Likewise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """What finds the faces of a mesh, whatever is shown of them."""

    geometry: Geometry
    """The arrays `SEARCH`: `edges` and `candidates` as in `core.grids.geometry`, for one row of faces; and `boxes`
    (1, faces, 2) float32, between which latitudes each lies, NaN for one without place."""
    owner: Indices
    """Which face of the mesh each is a part of: one that is not convex is cut into triangles."""
    middle: tuple[Floats, Floats]
    """Longitudes and latitudes of the middles of the faces of the mesh, degrees."""
    placed: NDArray[np.bool_]
    """Which of these have a place."""


def faces_of(nodes: Indices, longitudes: Floats, latitudes: Floats) -> Faces:
    """Return faces by their nodes, shape (faces, k), -1 where one has fewer; `longitudes` and `latitudes` are of nodes.

    A face one of whose nodes is not there, or has no place, has none.
    """
    order = np.argsort(nodes < 0, axis=1, kind="stable")
    packed = np.take_along_axis(nodes, order, axis=1)
    there = (packed >= 0) & (packed < longitudes.size)
    at = np.where(there, packed, 0)
    found = [np.where(there, each[at], np.nan) for each in (longitudes, latitudes)]
    lost = ((packed >= 0) & ~(np.isfinite(found[0]) & np.isfinite(found[1]))).any(axis=1)
    for each in found:
        each[lost] = np.nan
    return Faces(longitudes=found[0], latitudes=found[1], nodes=np.where(there, packed, -1))


def edges_of(faces: Faces, edges: Indices) -> Indices:
    """Return which edges, each by its two nodes (edges, 2), are the sides of each face; -1 where one is not there."""
    if faces.nodes is None:
        raise ValueError("faces without nodes have no edges")
    first = faces.nodes
    after = np.roll(first, -1, axis=1)
    # The last corner of a face with fewer corners is followed by its first one.
    after = np.where(after < 0, first[:, :1], after)
    after[:, -1] = first[:, 0]
    count = int(max(first.max(initial=0), edges.max(initial=0))) + 1
    keys = edges.min(axis=1).astype(np.int64) * count + edges.max(axis=1)
    order = np.argsort(keys, kind="stable")
    wanted = np.minimum(first, after).astype(np.int64) * count + np.maximum(first, after)
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), keys.size - 1)
    return np.where((keys[order[at]] == wanted) & (first >= 0), order[at], -1)


def build_mesh(faces: Faces, own: tuple[Floats, Floats] | None, members: Members | None = None) -> Geometry:
    """Work out the geometry of one grid on a mesh; see `search_of` and `shown_on`."""
    return shown_on(search_of(faces), own, members)


def search_of(faces: Faces) -> Search:
    """Work out what finds the faces of a mesh, of which at least one has a place.

    Raises:
        ValueError: no face has a place, or they are too unlike in size.

    """
    bent = _bent(faces)
    middle = _middles(faces)
    cut, owner = _cut(faces, bent)
    longitude, latitude = (each[owner][:, None] for each in middle)
    found = build(longitude, latitude, (cut.longitudes[:, None, :], cut.latitudes[:, None, :]))
    arrays = {
        "edges": found.arrays["edges"].reshape(1, owner.size, -1),
        "candidates": found.arrays["candidates"],
        "boxes": _boxes(cut),
    }
    placed = np.zeros(faces.longitudes.shape[0], dtype=np.bool_)
    placed[owner[~np.isnan(arrays["edges"][0, :, 0])]] = True
    extent = _reaching(found.extent, arrays["boxes"][0])
    return Search(geometry=replace(found, arrays=arrays, extent=extent), owner=owner, middle=middle, placed=placed)


def shown_on(search: Search, own: tuple[Floats, Floats] | None, members: Members | None = None) -> Geometry:
    """Work out the geometry of one grid on a mesh, of which others may have the same search.

    Beside the arrays of the search there are `centres` as in `core.grids.geometry`; and where not each cell is a face,
    `members` (1, faces, k) int32, the cells that a face has, -1 where it has fewer, and `places` (1, faces, 3 k)
    float32, where these are as unit vectors.

    Args:
        search: of the faces.
        own: longitudes and latitudes of the faces, shape (faces,), where the source gives them.
        members: what is shown; None for the faces themselves.

    """
    arrays = dict(search.geometry.arrays)
    shown = search.middle if own is None else _own(own, search.middle)
    if members is None:
        arrays["centres"] = _centres(*(np.where(search.placed, each, np.nan) for each in shown))
        if search.owner.size == search.placed.size:
            return replace(search.geometry, arrays=arrays)
        members = Members(of_faces=np.arange(search.placed.size)[:, None], longitudes=shown[0], latitudes=shown[1])
    else:
        arrays["centres"] = _centres(members.longitudes, members.latitudes)
    arrays["members"], arrays["places"] = _members(members, search.owner)
    return replace(search.geometry, arrays=arrays)


def _reaching(extent: Extent, boxes: NDArray[np.float32]) -> Extent:
    """Return the box in degrees around corners, so far to the north and south as sides bend beyond them."""
    south, north = float(np.nanmin(boxes[:, 0])), float(np.nanmax(boxes[:, 1]))
    # Boxes are a little wider than the faces.
    return replace(
        extent,
        south=max(south, -90.0) if south < extent.south - 2 * PADDING else extent.south,
        north=min(north, 90.0) if north > extent.north + 2 * PADDING else extent.north,
    )


def _boxes(faces: Faces) -> NDArray[np.float32]:
    """Return between which latitudes each face lies, shape (1, faces, 2); NaN for one without place."""
    count = faces.longitudes.shape[0]
    found = np.empty((1, count, 2), dtype=np.float32)
    for first in range(0, count, _BLOCK):
        some = slice(first, first + _BLOCK)
        found[0, some] = boxes_of(ordered(vectors(faces.longitudes[some], faces.latitudes[some])))
    return found


def _centres(longitudes: Floats, latitudes: Floats) -> Floats:
    return np.stack([(longitudes + 180.0) % 360.0 - 180.0, latitudes], axis=-1)[None]


def _members(members: Members, owner: Indices) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    of_faces = members.of_faces[owner]
    at = np.where(of_faces < 0, 0, of_faces)
    places = vectors(members.longitudes, members.latitudes).astype(np.float32)
    found = places[:, at].transpose(1, 2, 0).reshape(1, owner.size, -1)
    return of_faces.astype(np.int32)[None], found


def _own(own: tuple[Floats, Floats], middle: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the places of faces as the source has them, and their middles where it has none."""
    x, y = own
    zero = (x == 0.0) & (y == 0.0)
    there = np.isfinite(x) & np.isfinite(y) & (np.abs(y) <= 90.0) & ~(zero & (np.count_nonzero(zero) > 1))
    return np.where(there, x, middle[0]), np.where(there, y, middle[1])


def _middles(faces: Faces) -> tuple[Floats, Floats]:
    count = faces.longitudes.shape[0]
    longitude, latitude = np.empty(count), np.empty(count)
    for first in range(0, count, _BLOCK):
        some = slice(first, first + _BLOCK)
        corners = np.nan_to_num(vectors(faces.longitudes[some], faces.latitudes[some]))
        longitude[some], latitude[some] = degrees_of(corners.sum(axis=2))
    return longitude, latitude


def _ring(faces: Faces, some: slice | Indices) -> Floats:
    """Return corners as vectors, (3, faces, k), the last one repeated where a face has fewer."""
    corners = vectors(faces.longitudes[some], faces.latitudes[some])
    last = (np.isfinite(faces.longitudes[some]).sum(axis=1) - 1).clip(min=0)
    at = np.minimum(np.arange(corners.shape[2]), last[:, None])
    return np.take_along_axis(corners, at[None], axis=2)


def _bent(faces: Faces) -> Indices:
    """Return the faces that are not convex; those without nodes have corners in any order, and count as convex."""
    count, corners = faces.longitudes.shape
    if corners == _TRIANGLE or faces.nodes is None:
        return np.empty(0, dtype=np.intp)
    found = []
    for first in range(0, count, _BLOCK):
        ring = _ring(faces, slice(first, first + _BLOCK))
        found.append(first + np.flatnonzero(~convex(ring) & np.isfinite(ring[0, :, 0])))
    bent = np.concatenate(found)
    most = int(np.isfinite(faces.longitudes[bent]).sum(axis=1).max(initial=0))
    if most > _MOST_BENT:
        raise ValueError(f"a face that is not convex has {most} corners, more than {_MOST_BENT}: are its axes turned?")
    return bent


def _cut(faces: Faces, bent: Indices) -> tuple[Faces, Indices]:
    """Return faces with those that are `bent` cut into triangles and no corner missing, and of which face each is."""
    count, corners = faces.longitudes.shape
    owner = np.arange(count)
    last = (np.isfinite(faces.longitudes).sum(axis=1) - 1).clip(min=0)
    at = np.minimum(np.arange(corners), last[:, None])
    if bent.size:
        pieces = [
            (face, triangle)
            for face in bent.tolist()
            for triangle in triangles_of(_ring(faces, np.array([face]))[:, 0, : last[face] + 1])
        ]
        whole = np.setdiff1d(owner, bent)
        owner = np.concatenate([whole, np.array([face for face, _ in pieces], dtype=np.intp)])
        parts = np.array([triangle for _, triangle in pieces], dtype=np.intp).reshape(-1, _TRIANGLE)
        at = np.concatenate([at[whole], parts[:, np.minimum(np.arange(corners), _TRIANGLE - 1)]])
    longitudes, latitudes = (each[owner[:, None], at] for each in (faces.longitudes, faces.latitudes))
    return Faces(longitudes=longitudes, latitudes=latitudes), owner
