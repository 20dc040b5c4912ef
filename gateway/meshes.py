"""What of meshes a request takes: reads how they hang together, where only a part of them is wanted."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.cells import Separable
from core.crs import Crs
from core.dataset import MeshGrid
from core.mesh_plane import to_degrees
from core.node_numbers import Numbered, numbered
from core.packing import packing_of
from core.problem import Problem
from core.selection.asked import Box, Point
from core.selection.cut import Chosen, Cut, Indices, cut_of
from core.selection.layout import Extents
from core.selection.mesh_part import MeshPart, Topology, part_in, renumbering
from core.selection.plan import Plan
from core.view import View
from gateway.opened import OpenDataset
from stores.layout import data

Mesh = tuple[str, str, str]
"""Names of the longitudes, the latitudes and the connectivity."""
_PIXEL: Final = 1e-6
"""Degrees."""


async def meshed(dataset: OpenDataset, planned: Plan, place: object) -> tuple[Plan, Extents]:
    """Return a plan with what it takes of meshes, and the boxes around the centres of the cells of their grids.

    Raises:
        Problem: the box holds nothing of a mesh.
        OSError: what describes a mesh cannot be read.

    """
    grids = {name: grid for name, grid in dataset.dataset.description.grids.items() if isinstance(grid, MeshGrid)}
    asked = dict.fromkeys(planned.variable(name).grid or "" for name in planned.fields)
    meshes: dict[Mesh, list[str]] = {}
    for name in asked:
        if name in grids:
            meshes.setdefault((grids[name].x, grids[name].y, grids[name].connectivity), []).append(name)
    for names in meshes.values():
        if isinstance(place, Box):
            planned = await _in_box(dataset, planned, names, place)
        elif isinstance(place, Point):
            planned = await _one_cell(dataset, planned, [grids[name] for name in names])
    extents = {}
    centres = dict(planned.centres)
    for name in (name for names in meshes.values() for name in names):
        centres[name], extents[name] = await _centres(dataset, planned, name)
    return replace(planned, centres=centres), extents


async def _one_cell(dataset: OpenDataset, planned: Plan, grids: Sequence[MeshGrid]) -> Plan:
    """Leave out what says how cells hang together, and take of the nodes those of the cell, where anything is there."""
    gone = {name for grid in grids for name in (grid.connectivity, grid.topology, grid.edges)}
    cuts = dict(planned.cuts)
    # Where a field on nodes is asked for as well, its node is the one that is taken.
    own = {name: grid for grid in grids for name in _nodes(planned, grid) if name not in cuts}
    places = {name for grid in own.values() for name in (grid.x, grid.y)}
    variables = [planned.variable(name) for name in planned.variables]
    for dimension, grid in own.items():
        # Depth and surface of a face are told by its nodes.
        if any(dimension in one.dimensions for one in variables if one.name not in gone | places):
            mesh, numbers = await _topology(dataset, grid, grid.edges)
            held = numbers[grid.edges].nodes if grid.location == "edge" else mesh.faces
            nodes = np.unique([] if held is None else held[cuts[grid.dimension].indices])
            cuts[dimension] = cut_of(nodes[nodes >= 0].astype(np.intp))
        else:
            gone |= {grid.x, grid.y}
    # What lies on cells of another kind says nothing of this one.
    others = {name for grid in grids for name in _all_dimensions(planned, grid)} - cuts.keys()
    kept = (one.name for one in variables if one.name not in gone and not others.intersection(one.dimensions))
    return replace(planned, variables=tuple(kept), cuts=cuts)


def _nodes(planned: Plan, grid: MeshGrid) -> tuple[str, ...]:
    """Return the dimension of the nodes of a mesh, where it has any."""
    return planned.variable(grid.x).dimensions if grid.connectivity else ()


def _all_dimensions(planned: Plan, grid: MeshGrid) -> tuple[str, ...]:
    """Return the dimensions of nodes, faces and edges of a mesh."""
    faces = (planned.variable(grid.connectivity).dimensions[grid.face_axis],) if grid.connectivity else ()
    edges = planned.variable(grid.edges).dimensions[:1] if grid.edges else ()
    return (*_nodes(planned, grid), *faces, *edges)


async def _in_box(dataset: OpenDataset, planned: Plan, names: Sequence[str], box: Box) -> Plan:
    grids = [grid for name in names if isinstance(grid := dataset.dataset.description.grids[name], MeshGrid)]
    edges = next((grid.edges for grid in grids if grid.edges), "")
    mesh, numbers = await _topology(dataset, grids[0], edges)
    try:
        part = part_in(mesh, box, {})
    except ValueError:
        middle = await _middle(dataset, names[0], box)
        part = part_in(mesh, box, {grids[0].location: middle})
    cuts = dict(planned.cuts)
    for dimension, taken in _dimensions(dataset, grids[0], edges, part):
        cuts[dimension] = Chosen(chosen=taken)
    renumbered = {name: renumbering(found, part, mesh.longitudes.size) for name, found in numbers.items()}
    return replace(planned, cuts=cuts, renumbered={**planned.renumbered, **renumbered})


def _dimensions(dataset: OpenDataset, grid: MeshGrid, edges: str, part: MeshPart) -> list[tuple[str, Indices]]:
    """Return what is taken along the dimensions of a mesh."""
    variables = dataset.dataset.description.variables
    if not grid.connectivity:
        return [(grid.dimension, part.faces)]
    faces = variables[grid.connectivity].dimensions[grid.face_axis]
    found = [(variables[grid.x].dimensions[0], part.nodes), (faces, part.faces)]
    return [*found, (variables[edges].dimensions[0], part.edges)] if edges else found


async def _topology(dataset: OpenDataset, grid: MeshGrid, edges: str) -> tuple[Topology, dict[str, Numbered]]:
    """Read a mesh, and what its variables of node numbers say."""
    variables = dataset.dataset.description.variables
    x, y = [
        packing_of(np.dtype(variables[name].dtype), variables[name].attributes).unpack(await _whole(dataset, name))
        for name in (grid.x, grid.y)
    ]
    if grid.crs:
        x, y = to_degrees(grid.crs, variables[grid.x].units, x, y)
    numbers = {}
    for name in (grid.connectivity, edges):
        if name:
            raw = await _whole(dataset, name)
            numbers[name] = numbered(name.rpartition("/")[2], variables[name].attributes, raw, x.size)
    faces = numbers[grid.connectivity].nodes if grid.connectivity else None
    return (
        Topology(
            longitudes=x,
            latitudes=y,
            faces=faces.T if faces is not None and grid.face_axis else faces,
            edges=numbers[edges].nodes if edges else None,
        ),
        numbers,
    )


async def _whole(dataset: OpenDataset, name: str) -> NDArray[Any]:
    """Return all of a variable that is no field, raw."""
    variable = dataset.dataset.description.variables[name]
    found = np.zeros(variable.shape, dtype=variable.dtype)
    counts = [range(-(-length // side)) for length, side in zip(variable.shape, variable.chunks, strict=True)]
    for index in product(*counts):
        chunk = await dataset.sampler.reader.read(data(name), index)
        if chunk is None:
            raise OSError(f"dataset {dataset.dataset.id}: {name} is not whole")
        into = tuple(slice(at * side, (at + 1) * side) for at, side in zip(index, variable.chunks, strict=True))
        part = found[into]
        found[into] = chunk[tuple(map(slice, part.shape))]
    return found


async def _middle(dataset: OpenDataset, name: str, box: Box) -> int:
    """Return the cell in the middle of a box."""
    grid = dataset.grids[name]
    x, y = (box.west + box.width / 2 + 180.0) % 360.0 - 180.0, (box.south + box.north) / 2
    around = (x - _PIXEL, y - _PIXEL, x + _PIXEL, y + _PIXEL)
    cells = await dataset.sampler.locate(name, grid, View(crs=Crs.parse("CRS:84"), bbox=around, width=1, height=1))
    column = int(np.ravel(cells.columns)[0])
    if column < 0:
        extent = grid.extent
        message = "there is nothing of the mesh in the box, which runs from"
        message += f" {extent.west:g} to {extent.east:g} and from {extent.south:g} to {extent.north:g}"
        raise Problem("invalid_value", message, parameter="north")
    return column


async def _centres(
    dataset: OpenDataset, planned: Plan, name: str
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], tuple[float, float, float, float]]:
    """Return longitudes and latitudes of the cells that are taken, and the box around them."""
    field = next(field for field in planned.fields if planned.variable(field).grid == name)
    taken: Cut = planned.inner(field)[-1]
    cells = Separable(rows=np.zeros(1, dtype=np.intp), columns=taken.indices)
    places = await dataset.sampler.places(name, dataset.grids[name], cells)
    x, y = places.longitude[0], places.latitude[0]
    there = np.isfinite(x)
    if not there.any():
        extent = dataset.grids[name].extent
        return (x, y), (extent.west, extent.south, extent.east, extent.north)
    return (x, y), (float(x[there].min()), float(y[there].min()), float(x[there].max()), float(y[there].max()))
