"""Reads the nodes and faces of a mesh and works out the arrays through which its cells are found."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.cells import Indices
from core.dataset import MeshGrid
from core.grids.faces import Faces, Members, edges_of, faces_of, search_of, shown_on
from core.grids.geometry import Geometry
from core.grids.sphere import degrees_of, vectors
from core.mesh_plane import to_degrees
from core.node_numbers import numbered
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import direction_of, unpacked

Floats = NDArray[np.float64]


def mesh_geometries(file: RawFile, grids: Sequence[MeshGrid], values: Values) -> Iterator[Geometry]:
    """Work out the geometry of grids on one mesh, whose faces are searched alike.

    Raises:
        Unreadable: a variable of it cannot be read.
        ValueError: no face has a place, or they are too unlike in size.

    """
    mesh = grids[0]
    longitudes, latitudes = degrees_of_nodes(file, mesh, values)
    if not mesh.connectivity:
        search = search_of(Faces(longitudes=longitudes, latitudes=latitudes))
        yield from (shown_on(search, _own(file, grid, values)) for grid in grids)
        return
    nodes = _numbers(file.variables[mesh.connectivity], values, longitudes.size)
    faces = faces_of(nodes.T if mesh.face_axis else nodes, longitudes, latitudes)
    search = search_of(faces)
    for grid in grids:
        own = _own(file, grid, values)
        if grid.location == "face" or faces.nodes is None:
            yield shown_on(search, own)
        elif grid.location == "node":
            members = Members(of_faces=faces.nodes, longitudes=longitudes, latitudes=latitudes)
            yield shown_on(search, None, members)
        else:
            ends = _numbers(file.variables[grid.edges], values, longitudes.size)
            middles = own or _middles(ends, longitudes, latitudes)
            members = Members(of_faces=edges_of(faces, ends), longitudes=middles[0], latitudes=middles[1])
            yield shown_on(search, None, members)


def _own(file: RawFile, grid: MeshGrid, values: Values) -> tuple[Floats, Floats] | None:
    if not grid.own or any(direction_of(file.variables[name]) is None for name in grid.own):
        return None
    x, y = (unpacked(file, name, values) for name in grid.own)
    return x, y


def degrees_of_nodes(file: RawFile, grid: MeshGrid, values: Values) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of nodes, or of corners of faces; NaN where missing or no latitude."""
    x, y = (unpacked(file, name, values) for name in (grid.x, grid.y))
    if grid.crs:
        x, y = to_degrees(grid.crs, file.variables[grid.x].units, x, y)
    there = np.isfinite(x) & np.isfinite(y) & (np.abs(y) <= 90.0)
    return np.where(there, x, np.nan), np.where(there, y, np.nan)


def _numbers(variable: RawVariable, values: Values, count: int) -> Indices:
    return numbered(variable.short, variable.attributes, values(variable.name), count).nodes


def _middles(ends: Indices, longitudes: Floats, latitudes: Floats) -> tuple[Floats, Floats]:
    at = np.where(ends < 0, 0, ends)
    places = vectors(longitudes, latitudes)[:, at].sum(axis=2)
    places[:, (ends < 0).any(axis=1)] = np.nan
    return degrees_of(places)
