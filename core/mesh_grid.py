"""What is known of a mesh before anything is read: one of the kinds of grid in `core.dataset`."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshGrid:
    """Values on the faces, nodes or edges of an unstructured mesh; found through arrays under `geometry/ID/`."""

    x: str
    """Name of the longitude variable of the nodes, or of the bounds (faces, corners) of faces that have no nodes."""
    y: str
    """Name of the latitude variable likewise."""
    location: Literal["face", "node", "edge"]
    """Where its fields lie."""
    dimension: str
    """Along which they lie."""
    shape: tuple[int, int]
    """One row, and as many columns as it has cells: fields are stored so."""
    faces: int
    """Number of faces."""
    connectivity: str = ""
    """Name of the variable of the nodes of each face; empty where there are bounds."""
    face_axis: int = 0
    """Which of its dimensions is that of the faces: 0 or 1."""
    topology: str = ""
    """Name of the variable that describes the mesh, where there is one."""
    edges: str = ""
    """Name of the variable of the two nodes of each edge, for fields on edges."""
    own: tuple[str, ...] = ()
    """Names of the longitude and the latitude variable of the faces or edges that fields lie on, where there are."""
    crs: str = ""
    """Of x and y, as PROJ reads it, where they are not degrees."""
    places: str = ""
    """Digest of all that says where the cells lie, as the source has it."""
    buckets: int = 0
    """As of a curvilinear grid, of the faces."""
    depth: int = 0
    """Likewise."""
    extent: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """West, south, east, north in degrees."""
    # What is worked out is no part of what names the source.
    zooms: int = field(default=0, repr=False)
    """Of how many zooms of web maps, from 0 on, there are pictures of it (see `core.grids.atlas`)."""
    search: str = field(default="", repr=False)
    """Id of the grid on the same mesh that has the arrays which find its faces; empty where it has them itself."""
    digest: str = ""
    """Names the content of the arrays, 16 hexadecimal digits, for caches."""
    first_node: int | None = field(default=None, repr=False)
    """What the connectivity calls the first node; None where there are bounds, and in stores of earlier releases."""
    kind: Literal["mesh"] = "mesh"
