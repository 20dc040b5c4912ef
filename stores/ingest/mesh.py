"""Which variables of a file are an unstructured mesh, and which fields lie on it. No I/O.

Source: UGRID Conventions 1.0; CF Conventions 1.11, 7.1 (cells of a list, given by their bounds); FVCOM, ADCIRC and
SELFE write triangles in `nv` or `element` without any variable that describes the mesh.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final, Literal

import numpy as np

from core.attributes import text_of
from core.dataset import MeshGrid
from core.node_numbers import numbered
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import bounds_name, direction_of
from stores.ingest.mesh_crs import crs_of
from stores.ingest.names import resolved

Location = Literal["face", "node", "edge"]

_CONNECTIVITIES: Final = ("nv", "element", "elements", "elem", "face_nodes", "schism_hgrid_face_nodes", "tri", "ele")
"""Names of what has the nodes of each face where nothing describes the mesh, in lower case."""
_BOUNDS: Final = ("_bnds", "_bounds", "_vertices", "_corners", "_vertex")
_CORNERS: Final = 3
"""That a face has at least."""
_MOST_CORNERS: Final = 4
"""That it has at most where nothing describes the mesh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """A mesh, by the names of its variables and dimensions; empty where there is none."""

    x: str
    """Longitude of the nodes, or of the corners of each face where there are no nodes."""
    y: str
    faces: str
    """Dimension of faces."""
    nodes: str = ""
    """Dimension of nodes."""
    connectivity: str = ""
    topology: str = ""
    edges: str = ""
    """Variable of the nodes of each edge."""

    @property
    def variables(self) -> tuple[str, ...]:
        """All that it is made of."""
        return tuple(name for name in (self.topology, self.x, self.y, self.connectivity, self.edges) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshPlaces:
    """Where fields lie on a mesh."""

    mesh: Mesh
    location: Location
    dimension: str
    own: tuple[str, ...] = ()
    """Longitude and latitude of faces or edges themselves, where there are."""

    @property
    def id(self) -> str:
        """Name of the grid in the store."""
        return f"{self.mesh.topology or self.mesh.connectivity or self.mesh.x}.{self.location}"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The one dimension of its cells."""
        return (self.dimension,)


def meshes_of(file: RawFile) -> tuple[Mesh, ...]:
    """Return the meshes of a file."""
    described = tuple(_described(file))
    return described or tuple(_by_name(file)) or tuple(_by_bounds(file))


def mesh_variables(file: RawFile) -> tuple[str, ...]:
    """Return the variables that the meshes of a file are made of, with the places of faces and edges themselves."""
    meshes = meshes_of(file)
    dimensions = [name for mesh in meshes for name in (mesh.faces, *_dimensions(file, mesh.edges)[:1])]
    own = (name for dimension in dimensions for name in _pair(file, dimension) or ())
    return tuple(dict.fromkeys((*(name for mesh in meshes for name in mesh.variables), *own)))


def places_on(file: RawFile, meshes: tuple[Mesh, ...]) -> dict[str, MeshPlaces]:
    """Return the fields that lie on meshes, and where."""
    own = {name for mesh in meshes for name in mesh.variables}
    corners = {name for mesh in meshes for name in _dimensions(file, mesh.connectivity) if name != mesh.faces}
    found = {}
    for variable in file.variables.values():
        if variable.name in own or not _is_field(variable, corners):
            continue
        places = next(_places(file, variable, meshes), None)
        if places is not None:
            found[variable.name] = places
    return found


def grid_on(file: RawFile, places: MeshPlaces, values: Values) -> MeshGrid:
    """Describe a grid, as far as that can be told without working out its geometry.

    Raises:
        Unreadable: a coordinate cannot be read, or is neither in degrees nor in a system that is named.

    """
    mesh = places.mesh
    grid = MeshGrid(
        x=mesh.x,
        y=mesh.y,
        location=places.location,
        dimension=places.dimension,
        shape=(1, file.dimensions[places.dimension]),
        faces=file.dimensions[mesh.faces],
        connectivity=mesh.connectivity,
        face_axis=_dimensions(file, mesh.connectivity).index(mesh.faces) if mesh.connectivity else 0,
        topology=mesh.topology,
        edges=mesh.edges if places.location == "edge" else "",
        own=places.own,
        crs=crs_of(file, file.variables[mesh.x]),
    )
    digest = blake2b(repr(replace(grid, shape=(1, 0))).encode(), digest_size=16)
    for name in (mesh.x, mesh.y, mesh.connectivity, grid.edges):
        if name:
            digest.update(np.ascontiguousarray(values(name)).data)
    return replace(grid, places=digest.hexdigest(), first_node=_first_node(file, mesh, values))


def _first_node(file: RawFile, mesh: Mesh, values: Values) -> int | None:
    if not mesh.connectivity:
        return None
    found, nodes = file.variables[mesh.connectivity], file.variables[mesh.x]
    return numbered(found.short, found.attributes, values(found.name), nodes.shape[0]).start


def mesh_elsewhere(file: RawFile) -> str | None:
    """Return the mesh that fields name and the file does not have; None where there is none."""
    for variable in file.variables.values():
        name = text_of(variable.attributes, "mesh")
        if name and resolved(file.variables, variable.group, name) is None:
            return name
    return None


def _described(file: RawFile) -> Iterator[Mesh]:
    """Yield what variables describe as a mesh of faces."""
    for topology in file.variables.values():
        connectivity = _numbers(file, topology, "face_node_connectivity")
        if "mesh_topology" not in topology.words("cf_role") or connectivity is None:
            continue
        nodes = [one for one in file.named(topology, "node_coordinates") if one.numeric and len(one.dimensions) == 1]
        pair = _pair(file, nodes[0].dimensions[0]) if nodes else None
        # Where nodes are in metres, longitude and latitude may be there as well.
        if pair is None and len(nodes) > 1 and nodes[0].dimensions == nodes[1].dimensions:
            pair = nodes[0].name, nodes[1].name
        faces = _face_dimension(file, connectivity, text_of(topology.attributes, "face_dimension"))
        if pair is None or faces is None:
            continue
        edges = _numbers(file, topology, "edge_node_connectivity")
        yield Mesh(
            x=pair[0],
            y=pair[1],
            nodes=file.variables[pair[0]].dimensions[0],
            faces=faces,
            connectivity=connectivity.name,
            topology=topology.name,
            edges=edges.name if edges is not None and len(edges.dimensions) == len(("edge", "end")) else "",
        )


def _numbers(file: RawFile, topology: RawVariable, attribute: str) -> RawVariable | None:
    """Return the variable of node numbers that an attribute names; None where it names none."""
    return next((one for one in file.named(topology, attribute) if one.numeric), None)


def _by_name(file: RawFile) -> Iterator[Mesh]:
    """Yield what is a mesh by the name of its connectivity alone."""
    for variable in file.variables.values():
        known = variable.short in _CONNECTIVITIES or "face_node_connectivity" in variable.words("cf_role")
        faces = _face_dimension(file, variable, None) if known and variable.dtype[:1] in "iu" else None
        if faces is None:
            continue
        corners = next(file.dimensions[name] for name in variable.dimensions if name != faces)
        nodes = {
            one.dimensions for one in file.variables.values() if direction_of(one) == "x" and len(one.dimensions) == 1
        }
        for (dimension,) in nodes:
            pair = _pair(file, dimension)
            if pair is not None and dimension not in variable.dimensions and corners <= _MOST_CORNERS:
                yield Mesh(x=pair[0], y=pair[1], nodes=dimension, faces=faces, connectivity=variable.name)
                return


def _by_bounds(file: RawFile) -> Iterator[Mesh]:
    """Yield lists of cells that have their corners each."""
    found: dict[str, dict[str, str]] = {}
    pointed = {bounds_name(file, one.name): one for one in file.variables.values() if len(one.dimensions) == 1}
    for variable in file.variables.values():
        if len(variable.dimensions) != len(("cell", "corner")) or variable.shape[1] < _CORNERS or not variable.numeric:
            continue
        suffix = next((end for end in _BOUNDS if variable.short.endswith(end)), None)
        of = pointed.get(variable.name)
        if of is None and suffix is not None:
            of = replace(variable, name=variable.name[: -len(suffix)])
        direction = direction_of(of) if of is not None else None
        if direction is not None and (variable.name not in pointed or of.dimensions == variable.dimensions[:1]):  # type: ignore[union-attr]
            found.setdefault(variable.dimensions[0], {}).setdefault(direction, variable.name)
    for dimension, pair in found.items():
        if len(pair) == len(("x", "y")):
            yield Mesh(x=pair["x"], y=pair["y"], faces=dimension)


def _face_dimension(file: RawFile, connectivity: RawVariable, said: str | None) -> str | None:
    """Return the dimension of the faces; the other one is that of their corners, of which there are at least three."""
    if not len(connectivity.dimensions) == len(set(connectivity.dimensions)) == len(("face", "corner")):
        return None
    first, second = connectivity.dimensions
    if said is not None and (found := resolved(file.dimensions, connectivity.group, said)) in (first, second):
        return found
    others = (one for one in file.variables.values() if one.name != connectivity.name)
    used = {name for one in others for name in one.dimensions}
    if (first in used) != (second in used):
        return first if first in used else second
    return second if _CORNERS <= file.dimensions[first] < file.dimensions[second] else first


def _pair(file: RawFile, dimension: str) -> tuple[str, str] | None:
    """Return the longitude and the latitude along a dimension."""
    found = {direction_of(one): one.name for one in reversed(file.along(dimension))}
    return (found["x"], found["y"]) if "x" in found and "y" in found else None


def _dimensions(file: RawFile, name: str) -> tuple[str, ...]:
    return file.variables[name].dimensions if name else ()


def _is_field(variable: RawVariable, corners: set[str]) -> bool:
    """Tell whether a variable may be a field: no coordinate, and nothing that says how a mesh hangs together."""
    if not variable.numeric or direction_of(variable) is not None or variable.dimensions == (variable.name,):
        return False
    if any(
        "connectivity" in word or "coordinate" in word for word in (variable.standard_name, *variable.words("cf_role"))
    ):
        return False
    return not (corners & set(variable.dimensions) and variable.dtype[:1] in "iu")


def _places(file: RawFile, variable: RawVariable, meshes: tuple[Mesh, ...]) -> Iterator[MeshPlaces]:
    """Yield where a field may lie, that of the mesh which it names first."""
    named = {found.name for found in file.named(variable, "mesh")}
    for mesh in sorted(meshes, key=lambda mesh: mesh.topology not in named):
        edge = _dimensions(file, mesh.edges)[:1]
        at: dict[Location, str] = {"node": mesh.nodes, "face": mesh.faces, "edge": edge[0] if edge else ""}
        there = [(location, name) for location, name in at.items() if name and name in variable.dimensions]
        # One that runs along two of them says how they hang together.
        if len(there) == 1 and variable.dimensions.count(there[0][1]) == 1:
            location, dimension = there[0]
            own = () if location == "node" else _pair(file, dimension) or ()
            yield MeshPlaces(mesh=mesh, location=location, dimension=dimension, own=own)
