"""What a field needs so that its levels can be sought by height: the column of its axis, the fields of its terms."""

from dataclasses import dataclass
from typing import Final

from core.dataset import CurvilinearGrid, Description, Variable
from core.vertical.column import Column

_POINTS: Final = {"rho": (0, 0), "u": (0, 1), "v": (1, 0), "psi": (1, 1)}
"""By point of a staggered grid (Arakawa C): whether it lies between two rows, and between two columns, of cells.

Source: ROMS, "Numerical Solution Technique", horizontal discretization: u(i) lies between the cells i - 1 and i, and
its first is i = 1, so that the point of index i lies between the cells of index i and i + 1.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A field that says where the surface or the bottom is."""

    variable: Variable
    between: tuple[int, int]
    """How many rows and columns further the last cell is whose mean is taken: 0 or 1 each."""


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
    grids = (found.grid, field.grid or "")
    if not all(isinstance(description.grids[name], CurvilinearGrid) for name in grids):
        return None
    cells, points = map(description.grid_dimensions, grids)
    between = _between(cells, points)
    return None if between is None else Term(variable=found, between=between)


def _between(cells: tuple[str, ...], points: tuple[str, ...]) -> tuple[int, int] | None:
    """Tell how points lie among cells, by the names of their dimensions; None where these say nothing."""
    here, there = ({name.rpartition("_")[2] for name in names} for names in (cells, points))
    stems = [tuple(name.rpartition("_")[0] for name in names) for names in (cells, points)]
    if here != {"rho"} or len(there) != 1 or stems[0] != stems[1]:
        return None
    return _POINTS.get(there.pop())
