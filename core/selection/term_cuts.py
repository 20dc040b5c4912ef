"""What is taken of the cells around points that lie between them: depth and surface of such points are theirs.

Source: CF Conventions 1.11, 4.3.3; ROMS, "Numerical Solution Technique", horizontal discretization (Arakawa C grid).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from core.dataset import Description, Variable
from core.selection.cut import Cut, Indices, cut_of
from core.vertical.terms import points_among


def with_cells_around(
    description: Description, fields: Sequence[Variable], along: Collection[str], cuts: Mapping[str, Cut]
) -> tuple[dict[str, Cut], frozenset[str]]:
    """Return cuts that have the cells around all points of fields, and the variables that are needed there.

    Args:
        description: of the dataset.
        fields: that are asked for.
        along: variables that come along with them, or are asked for themselves.
        cuts: by dimension; those of all grids of the fields.

    """
    found, needed = dict(cuts), set()
    for variable, points, between in _around(description, fields, along):
        needed.add(variable.name)
        cells = description.grid_dimensions(variable.grid or "")
        for cell, point, further in zip(cells, points, between, strict=True):
            taken = cuts[point].indices
            more = np.minimum(taken + further, description.dimensions[cell] - 1)
            found[cell] = cut_of(_together([taken, more, *([found[cell].indices] if cell in found else [])]))
    return found, frozenset(needed)


def _together(parts: Sequence[Indices]) -> Indices:
    """Return indices of all parts, each once, in order: across the seam of a grid the last go before the first."""
    rising = np.unique(np.concatenate(parts))
    begin = min((int(part[0]) for part in parts if (part[1:] < part[:-1]).any()), default=0)
    return np.roll(rising, -int(np.searchsorted(rising, begin)))


def _around(
    description: Description, fields: Sequence[Variable], along: Collection[str]
) -> Iterator[tuple[Variable, tuple[str, ...], tuple[int, int]]]:
    """Yield each term on cells of a field on points between these, the dimensions of the points, and how they lie."""
    for field in fields:
        points = description.grid_dimensions(field.grid or "")
        for name in dict.fromkeys(name for axis in field.axes for name in _terms(description, axis)):
            grid = description.variables[name].grid if name in along else None
            between = None if grid is None else points_among(description.grid_dimensions(grid), points)
            if between is not None:
                yield description.variables[name], points, between


def _terms(description: Description, axis: str) -> tuple[str, ...]:
    formula = description.axes[axis].formula
    return () if formula is None else tuple(name for name in (formula.depth, formula.eta) if name)
