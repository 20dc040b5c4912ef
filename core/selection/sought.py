"""Which lines of a table show the level that holds a height: one at each step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.selection.cut import Indices
from core.selection.heights import LevelsHere
from core.selection.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sought:
    """A height that is sought along one dimension of a table."""

    here: LevelsHere
    place: int
    """Of the levels among the dimensions of the table."""
    timed: bool
    """Whether the first of these is that of the steps."""

    def lines(self, at: tuple[Indices, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell which places of the table have a line, and of these, where any level holds the height."""
        levels = at[self.place]
        shown, there = self.here.shown(at[0] if self.timed else np.zeros_like(levels))
        kept = levels == shown
        return kept, there[kept]


def sought(plan: Plan, field: str) -> Sought | None:
    """Return what is sought among the levels of a field; None where all are wanted."""
    if plan.here is None or plan.here.sought is None:
        return None
    dimensions, axes = plan.dimensions(field), plan.variable(field).axes
    first = len(dimensions.all) - len(dimensions.others)
    return Sought(here=plan.here, place=first + axes.index(plan.here.levels.axis), timed=dimensions.slot is not None)
