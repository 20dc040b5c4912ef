"""The part of a mesh in a box: faces with a corner in it, and the nodes and edges of these, numbered anew.

Source: UGRID Conventions 1.0, "Topology dimension 2".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.node_numbers import Numbered
from core.selection.asked import Box
from core.selection.cut import Floats, Indices
from core.selection.hull import lies_in


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topology:
    """A mesh as its file describes it."""

    longitudes: Floats
    """Of the nodes, degrees, shape (nodes,); or of corners, (faces, k), where there are no nodes. NaN where missing."""
    latitudes: Floats
    """Likewise."""
    faces: Indices | None = None
    """The nodes of each face, counted from 0, shape (faces, k), -1 where one has fewer; None where there are none."""
    edges: Indices | None = None
    """The nodes of each edge likewise, shape (edges, 2); None where they are not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeshPart:
    """What is taken of a mesh."""

    faces: Indices
    nodes: Indices
    edges: Indices
    """Each ascending, counted from 0; empty for what the mesh does not have."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Renumbered:
    """How the numbers of nodes are to be written, where some nodes are left out."""

    start: int
    """What the first one is called."""
    table: Indices = field(repr=False)
    """By number, counted from 0, the new one; -1 for what is left out."""

    def written(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return numbers as they are in the part; what names no node stays."""
        old = values.astype(np.int64) - self.start
        inside = (old >= 0) & (old < self.table.size)
        new = self.table[np.where(inside, old, 0)]
        found = values.copy()
        found[inside & (new >= 0)] = (new + self.start)[inside & (new >= 0)].astype(values.dtype)
        return found


def part_in(mesh: Topology, box: Box, middle: Mapping[str, int]) -> MeshPart:
    """Return the part in a box; where no corner lies in it, the faces at the cell in its middle.

    Args:
        mesh: all of it.
        box: what is asked for.
        middle: `face`, `node` or `edge`, and the number of that cell; empty where it is not known.

    Raises:
        ValueError: no corner lies in the box, and the cell in its middle is not known.

    """
    inside = lies_in(box, mesh.longitudes, mesh.latitudes)
    corners = inside if mesh.faces is None else np.where(mesh.faces < 0, False, inside[mesh.faces])  # noqa: FBT003 -- of numpy
    faces = np.flatnonzero(corners.any(axis=1))
    return _of_faces(mesh, faces if faces.size else _around(mesh, middle))


def _around(mesh: Topology, middle: Mapping[str, int]) -> Indices:
    """Return the faces that are, or have, one cell."""
    if not middle:
        raise ValueError("no corner of the mesh lies in the box")
    ((location, cell),) = middle.items()
    if location == "face" or mesh.faces is None:
        return np.array([cell], dtype=np.intp)
    nodes = mesh.edges[cell] if location == "edge" and mesh.edges is not None else np.array([cell])
    hit = np.isin(mesh.faces, nodes[nodes >= 0])
    return np.flatnonzero(hit.sum(axis=1) >= nodes.size)


def _of_faces(mesh: Topology, faces: Indices) -> MeshPart:
    none = np.empty(0, dtype=np.intp)
    if mesh.faces is None:
        return MeshPart(faces=faces, nodes=none, edges=none)
    used = np.zeros(mesh.longitudes.size, dtype=np.bool_)
    named = mesh.faces[faces]
    used[named[named >= 0]] = True
    edges = none if mesh.edges is None else np.flatnonzero((mesh.edges >= 0).all(axis=1) & used[mesh.edges].all(axis=1))
    return MeshPart(faces=faces, nodes=np.flatnonzero(used), edges=edges)


def renumbering(numbers: Numbered, part: MeshPart, count: int) -> Renumbered:
    """Return how a variable of node numbers, of which there are `count`, is written for a part."""
    table = np.full(count, -1, dtype=np.intp)
    table[part.nodes] = np.arange(part.nodes.size)
    return Renumbered(start=numbers.start, table=table)
