"""What is wrong with the faces of a mesh, said with counts: such faces hold no place, and nothing is shown of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.dataset import MeshGrid
from core.grids.faces import Faces, faces_of
from core.grids.polygons import are_cells, ordered
from core.grids.sphere import vectors
from core.node_numbers import numbered
from core.packing import packing_of
from stores.ingest.elsewhere import MeshedSource
from stores.ingest.header import RawFile, Values
from stores.ingest.mesh_geometry import degrees_of_nodes

_CORNERS: Final = 3
_LEAST_AREA: Final = 1e-15
"""Of a unit sphere, as of other cells."""
_BLOCK: Final = 1 << 17
"""Faces that are worked on together."""


def mesh_faults(path: Path, grid: MeshGrid, mesh: str = "") -> tuple[str, ...]:
    """Say what is wrong with the faces of a mesh of a file; `mesh` is the path of the file that has it, if another.

    Raises:
        Unreadable: a variable of it cannot be read.

    """
    with MeshedSource(path, Path(mesh) if mesh else None) as source:
        raw = source.raw()
        longitudes, latitudes = degrees_of_nodes(raw, grid, source.values)
        if not grid.connectivity:
            faces = Faces(longitudes=longitudes, latitudes=latitudes)
            few = np.isfinite(longitudes).sum(axis=1) < _CORNERS
            return tuple(_said(grid.x, {"have fewer than three corners": few, **_shapes(faces, ~few)}))
        nodes, unknown = _nodes(raw, grid, source.values, longitudes.size)
    faces = faces_of(nodes, longitudes, latitudes)
    ranked = np.sort(nodes, axis=1)
    different = (ranked[:, :1] >= 0).sum(axis=1) + ((ranked[:, 1:] != ranked[:, :-1]) & (ranked[:, 1:] >= 0)).sum(
        axis=1
    )
    few = (different < _CORNERS) & ~unknown
    placeless = np.isnan(faces.longitudes[:, 0]) & ~unknown & ~few
    found = {
        "name a node that the mesh does not have": unknown,
        "have fewer than three different nodes": few,
        "have a node without a place": placeless,
    }
    return tuple(_said(grid.connectivity, found | _shapes(faces, ~(unknown | few | placeless))))


def _nodes(file: RawFile, grid: MeshGrid, values: Values, count: int) -> tuple[Indices, NDArray[np.bool_]]:
    """Return the nodes of each face, -1 for none, and which faces name one that is not there."""
    variable = file.variables[grid.connectivity]
    raw = values(variable.name)
    read = numbered(variable.short, variable.attributes, raw, count)
    numbers = np.asarray(packing_of(raw.dtype, variable.attributes).unpack(raw), dtype=np.float64)
    nodes = read.nodes.T if grid.face_axis else read.nodes
    numbers = numbers.T if grid.face_axis else numbers
    # What is less than the first number stands for a corner that is not there, unless all faces are triangles.
    least = -np.inf if nodes.shape[1] == _CORNERS else read.start
    with np.errstate(invalid="ignore"):
        unknown = np.logical_and.reduce([nodes < 0, np.isfinite(numbers), numbers >= least])
    return nodes, np.asarray(unknown.any(axis=1), dtype=np.bool_)


def _shapes(faces: Faces, looked_at: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Tell which faces, of those that are looked at, have no area, or are too wide to be faces."""
    flat = np.zeros(looked_at.size, dtype=np.bool_)
    for first in range(0, looked_at.size, _BLOCK):
        some = slice(first, first + _BLOCK)
        corners = vectors(faces.longitudes[some], faces.latitudes[some])
        # A corner that is not there takes the place of the first: that adds nothing.
        ring = ordered(np.where(np.isnan(corners), corners[:, :, :1], corners))
        flat[some] = ~(are_cells(ring) & (_areas(ring) > _LEAST_AREA)) & looked_at[some]
    return {"have no area, or are wider than 89 degrees": flat}


def _areas(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return areas on the unit sphere as seen from above: corners along one great circle have none."""
    sides = ring[:, :, 1:] - ring[:, :, :1]
    total = np.cross(sides[:, :, :-1], sides[:, :, 1:], axis=0).sum(axis=2)
    middle = ring.sum(axis=2)
    found: NDArray[np.float64] = np.abs((total * middle).sum(axis=0)) / np.sqrt((middle * middle).sum(axis=0)) / 2
    return found


def _said(name: str, found: dict[str, NDArray[np.bool_]]) -> Iterator[str]:
    for what, faces in found.items():
        if count := int(np.count_nonzero(faces)):
            first = f"the first at index {int(faces.argmax())}"
            yield f"{count} of {faces.size} faces of {name} {what}, {first}: nothing is shown of them"
