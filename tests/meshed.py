"""Where the cells of a mesh are, by netCDF4 and PROJ alone."""

from pathlib import Path

import netCDF4
import numpy as np
import pyproj

from core.dataset import MeshGrid


def corners(source: netCDF4.Dataset, grid: MeshGrid) -> list[np.ndarray]:
    """Return which nodes each face has, counted from 0."""
    raw = np.ma.filled(np.ma.asarray(source[grid.connectivity][:]).astype("f8"), -1.0)
    raw = raw if raw.shape[0] == faces_of(source, grid) else raw.T
    start = int(float(getattr(source[grid.connectivity], "start_index", int(raw.max() >= source[grid.x].size))))
    return [row[row >= start].astype(int) - start for row in raw]


def faces_of(source: netCDF4.Dataset, grid: MeshGrid) -> int:
    """Return how many faces there are: more than corners of one."""
    return max(source[grid.connectivity].shape)


def node_places(source: netCDF4.Dataset, grid: MeshGrid) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of the nodes, or of the corners of cells without nodes."""
    x, y = (np.ma.filled(np.ma.asarray(source[name][:]).astype("f8"), np.nan) for name in (grid.x, grid.y))
    if grid.crs:
        x, y = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x, y)
    return x, y


def middle(longitudes: np.ndarray, latitudes: np.ndarray) -> tuple[float, float]:
    """Return the middle of places, whatever meridian lies between them."""
    x, y = np.radians(longitudes), np.radians(latitudes)
    mean = np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)]).mean(axis=1)
    return float(np.degrees(np.arctan2(mean[1], mean[0]))), float(np.degrees(np.arctan2(mean[2], np.hypot(*mean[:2]))))


def cell_place(source: netCDF4.Dataset, grid: MeshGrid, cell: int) -> tuple[float, float]:
    """Return a place in a cell: the node, the middle of the face or of the edge."""
    source.set_auto_mask(True)
    x, y = node_places(source, grid)
    if not grid.connectivity:
        return middle(x[cell], y[cell])
    if grid.location == "node":
        return middle(x[[cell]], y[[cell]])
    if grid.location == "face":
        nodes = corners(source, grid)[cell]
    else:
        edges = source[grid.edges]
        nodes = edges[cell] - int(getattr(edges, "start_index", 0))
    return middle(x[nodes], y[nodes])


def part(source: netCDF4.Dataset, grid: MeshGrid, inside: np.ndarray) -> dict[str, list[int]]:
    """Return what is taken along each dimension of a mesh where some of its nodes, or corners, lie in a box."""
    if not grid.connectivity:
        return {grid.dimension: np.flatnonzero(inside.any(axis=1)).tolist()}
    every = corners(source, grid)
    faces = [face for face, nodes in enumerate(every) if inside[nodes].any()]
    nodes = sorted({int(node) for face in faces for node in every[face]})
    found = {source[grid.x].dimensions[0]: nodes, face_dimension(source, grid): faces}
    if grid.edges:
        edges = source[grid.edges]
        ends = np.asarray(edges[:]) - int(getattr(edges, "start_index", 0))
        found[edges.dimensions[0]] = [edge for edge, (one, other) in enumerate(ends) if {one, other} <= set(nodes)]
    return found


def face_dimension(source: netCDF4.Dataset, grid: MeshGrid) -> str:
    """Return the dimension of the faces, of which there are more than corners."""
    connectivity = source[grid.connectivity]
    return max(zip(connectivity.shape, connectivity.dimensions, strict=True))[1]


def renumbered(source: netCDF4.Dataset, grid: MeshGrid, name: str, taken: list[int]) -> dict[int, int]:
    """Return by number of a node in the file the number that it has where only some are taken."""
    values = np.ma.asarray(source[name][:])
    start = int(float(getattr(source[name], "start_index", int(values.max() >= source[grid.x].size))))
    return {node + start: place + start for place, node in enumerate(taken)}


def with_mesh(path: Path, mesh: Path, made: Path) -> Path:
    """Copy a file, raw, with the mesh that another one has."""
    names = ("fesom_mesh", "lon", "lat", "face_nodes")
    with netCDF4.Dataset(path) as file, netCDF4.Dataset(mesh) as other, netCDF4.Dataset(made, "w") as both:
        both.setncatts({name: file.getncattr(name) for name in file.ncattrs()})
        for one in [*file.variables.values(), *(other[name] for name in names)]:
            one.set_auto_maskandscale(False)
            for name, dimension in zip(one.dimensions, one.get_dims(), strict=True):
                if name not in both.dimensions:
                    both.createDimension(name, None if dimension.isunlimited() else len(dimension))
            attributes = {name: one.getncattr(name) for name in one.ncattrs()}
            new = both.createVariable(
                one.name, one.dtype, one.dimensions, fill_value=attributes.pop("_FillValue", None)
            )
            new.set_auto_maskandscale(False)
            new.setncatts(attributes)
            new[...] = one[...]
    return made
