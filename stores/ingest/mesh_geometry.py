"""Reads the nodes and faces of a mesh and works out the arrays through which its cells are found."""

import numpy as np
import pyproj
from numpy.typing import NDArray

from core.cells import Indices
from core.dataset import MeshGrid
from core.grids.faces import Faces, Members, build_mesh, edges_of, faces_of
from core.grids.geometry import Geometry
from core.grids.sphere import degrees_of, vectors
from core.node_numbers import numbered
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import direction_of, unpacked

Floats = NDArray[np.float64]


def mesh_geometry(file: RawFile, grid: MeshGrid, values: Values) -> Geometry:
    """Work out the geometry of a mesh.

    Raises:
        Unreadable: a variable of it cannot be read.
        ValueError: no face has a place, or they are too unlike in size.

    """
    longitudes, latitudes = _degrees(file, grid, (grid.x, grid.y), values)
    own = _own(file, grid, values)
    if not grid.connectivity:
        return build_mesh(Faces(longitudes=longitudes, latitudes=latitudes), own)
    nodes = _numbers(file.variables[grid.connectivity], values, longitudes.size)
    faces = faces_of(nodes.T if grid.face_axis else nodes, longitudes, latitudes)
    if grid.location == "face":
        return build_mesh(faces, own)
    if grid.location == "node" and faces.nodes is not None:
        return build_mesh(faces, None, Members(of_faces=faces.nodes, longitudes=longitudes, latitudes=latitudes))
    ends = _numbers(file.variables[grid.edges], values, longitudes.size)
    middles = own or _middles(ends, longitudes, latitudes)
    members = Members(of_faces=edges_of(faces, ends), longitudes=middles[0], latitudes=middles[1])
    return build_mesh(faces, None, members)


def _own(file: RawFile, grid: MeshGrid, values: Values) -> tuple[Floats, Floats] | None:
    if not grid.own or any(direction_of(file.variables[name]) is None for name in grid.own):
        return None
    x, y = (unpacked(file, name, values) for name in grid.own)
    return x, y


def _degrees(file: RawFile, grid: MeshGrid, names: tuple[str, str], values: Values) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes; NaN where missing or no latitude."""
    x, y = (unpacked(file, name, values) for name in names)
    if grid.crs:
        scale = {"km": 1000.0}.get(file.variables[names[0]].units, 1.0)
        x, y = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x * scale, y * scale)
    there = np.isfinite(x) & np.isfinite(y) & (np.abs(y) <= 90.0)
    return np.where(there, x, np.nan), np.where(there, y, np.nan)


def _numbers(variable: RawVariable, values: Values, count: int) -> Indices:
    return numbered(variable.short, variable.attributes, values(variable.name), count).nodes


def _middles(ends: Indices, longitudes: Floats, latitudes: Floats) -> tuple[Floats, Floats]:
    at = np.where(ends < 0, 0, ends)
    places = vectors(longitudes, latitudes)[:, at].sum(axis=2)
    places[:, (ends < 0).any(axis=1)] = np.nan
    return degrees_of(places)
