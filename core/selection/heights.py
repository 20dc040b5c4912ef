"""Levels that follow the surface and the bottom of the sea, in metres at the one place of a table, time by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.layer import Layer
from core.problem import Problem
from core.selection.cut import Floats, Indices
from core.vertical.column import NOWHERE
from core.vertical.formulas import quantities
from core.vertical.terms import Levels

ELEVATION: Final = 'elevation[unit="m"]'
"""Head of the column."""
DIGITS: Final = 3
"""Decimals of a metre."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelsHere:
    """The levels of some fields at one place."""

    levels: Levels
    sought: float | None = None
    """Height at which the level is sought, metres above the datum; None for all of them."""
    depth: Floats | None = None
    """Of the bottom, metres below the datum, shape (steps,), NaN where it is not known; None before it is read."""
    eta: Floats | None = None
    """Height of the surface, metres, likewise."""

    def heights(self, steps: Indices, levels: Indices) -> Floats:
        """Return heights, metres, by step of what is taken and number of the level; all of one shape."""
        if self.depth is None or self.eta is None:
            return np.full(np.broadcast_shapes(steps.shape, levels.shape), np.nan)
        column = self.levels.column
        terms = {name: np.array(values) for name, values in column.formula.terms.items()}
        place = quantities(column.formula.name, terms, self.eta[steps], self.depth[steps])
        numbers = column.levels[levels]
        found: Floats = np.add.reduce([numbers[..., at] * each for at, each in enumerate(place)])
        return found.round(DIGITS)

    def shown(self, steps: Indices) -> tuple[Indices, NDArray[np.bool_]]:
        """Return the number of the level that holds the height that is sought, and whether there is one.

        Where there is none it is the uppermost level that stands for it.
        """
        if self.sought is None or self.depth is None or self.eta is None:
            raise ValueError("no height is sought, or nothing is known of the place")
        found = self.levels.column.holding(self.sought, self.eta[steps], self.depth[steps])
        there = found != NOWHERE
        return np.where(there, found, self.levels.column.top), there


def levels_here(layers: Sequence[Layer], sought: float | None) -> LevelsHere | None:
    """Return the levels of fields that are asked for at one place; None where they are in metres or not alike.

    Raises:
        Problem: `invalid_value`: a height is sought, and that cannot be.

    """
    heights = [layer.heights for layer in layers]
    first = heights[0]
    alike = len({layer.variable.axes for layer in layers}) == len({layer.variable.grid for layer in layers}) == 1
    if first is None or not alike or any(term.variable.axes for term in first.levels.terms):
        if sought is None:
            return None
        message = "there is no one height for these variables: ask for each, or for levels by vertCoord"
        raise Problem("invalid_value", message, parameter="elevation")
    return LevelsHere(levels=first.levels, sought=sought)
