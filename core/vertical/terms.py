"""What a field needs so that its levels can be sought by height: the column of its axis, the fields of its terms."""

from dataclasses import dataclass
from typing import Final

from core.dataset import CurvilinearGrid, Description, MeshGrid, Variable
from core.staggering import point_named
from core.vertical.column import Column

_CENTRES: Final = "_center"
"""Ends the names of what FVCOM writes of elements beside the same of nodes: `h_center`, `siglay_center`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corners:
    """The variable of the nodes of each face of a mesh."""

    grid: str
    """Id of the grid of the faces."""
    variable: Variable
    axis: int
    """Which of its dimensions is that of the faces: 0 or 1."""
    first: int
    """What it calls the first node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A field that says where the surface or the bottom is."""

    variable: Variable
    between: tuple[int, int]
    """How many rows and columns further the last cell is whose mean is taken: 0 or 1 each."""
    corners: Corners | None = None
    """Of a term on the nodes of a mesh, whose mean is taken for a face; None for all others."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """The levels of one field, which follow the surface and the bottom."""

    column: Column
    axis: str
    axes: tuple[str, ...]
    """Those of the field, in stored order."""
    place: int
    """Of `axis` among them."""
    depth: Term
    eta: Term | None
    """None where the surface is the datum."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """Depth, then the surface, where it is a field."""
        return (self.depth,) if self.eta is None else (self.depth, self.eta)


def levels_of(description: Description, variable: Variable) -> Levels | None:
    """Return the levels of a field; None where they do not follow formulas, or its terms are not on its own grid."""
    for place, name in enumerate(variable.axes):
        formula = description.axes[name].formula
        if formula is None:
            continue
        column = Column.of(formula)
        others = set(variable.axes) - {name}
        depth = _term(description, formula.depth, variable, others)
        eta = _term(description, formula.eta, variable, others) if formula.eta else None
        if column is None or depth is None or (formula.eta and eta is None):
            return None
        return Levels(column=column, axis=name, axes=variable.axes, place=place, depth=depth, eta=eta)
    return None


def _term(description: Description, name: str, field: Variable, axes: set[str]) -> Term | None:
    """Return the field of a term; None where it is none, or another one along more than the given axes of `field`."""
    found = description.variables.get(name)
    if found is None or found.grid is None or not set(found.axes) <= axes:
        return None
    if found.stepped and not field.stepped:
        return None
    if found.grid == field.grid:
        return Term(variable=found, between=(0, 0))
    own = description.variables.get(f"{name}{_CENTRES}")
    if own is not None and own.grid == field.grid and set(own.axes) <= axes and own.stepped == found.stepped:
        return Term(variable=own, between=(0, 0))
    corners = _corners(description, found.grid, field.grid or "")
    between = (0, 0) if corners is not None else _between(description, found.grid, field.grid or "")
    return None if between is None else Term(variable=found, between=between, corners=corners)


def _between(description: Description, cells: str, points: str) -> tuple[int, int] | None:
    """Tell how the points of one grid lie among the cells of another; None where they do not."""
    grids = (cells, points)
    if not all(isinstance(description.grids[name], CurvilinearGrid) for name in grids):
        return None
    return points_among(*map(description.grid_dimensions, grids))


def _corners(description: Description, nodes: str, faces: str) -> Corners | None:
    """Return what tells the nodes of faces; None where the two grids are not those of one mesh."""
    of_nodes, of_faces = description.grids[nodes], description.grids[faces]
    if not isinstance(of_nodes, MeshGrid) or not isinstance(of_faces, MeshGrid) or of_faces.first_node is None:
        return None
    if (of_nodes.location, of_faces.location) != ("node", "face") or of_nodes.connectivity != of_faces.connectivity:
        return None
    variable = description.variables[of_faces.connectivity]
    return Corners(grid=faces, variable=variable, axis=of_faces.face_axis, first=of_faces.first_node)


def points_among(cells: tuple[str, ...], points: tuple[str, ...]) -> tuple[int, int] | None:
    """Tell how points lie among cells, by the names of their dimensions; None where these say nothing.

    Returns:
        How many rows and columns further than a point the last cell around it is: 0 or 1 each.

    """
    found = [point_named(name, cells) for name in points]
    there = [point for point in found if point is not None]
    if len(points) != len(("row", "column")) or tuple(point.centre for point in there) != cells:
        return None
    rows, columns = (int(point.offset > 0) for point in there)
    return rows, columns
