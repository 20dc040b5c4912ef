"""Stirring: a day's currents draw a smooth field out into meanders, rolls and filaments.

The field is carried along for weeks by currents held as they are, each step a linear interpolation where the water came
from (a semi-Lagrangian scheme, whose slight diffusion keeps filaments no thinner than cells).
"""

from dataclasses import dataclass

import numpy as np

from demo.circulation import Flow
from demo.grid import KM_PER_DEGREE, Field, Grid
from demo.sampling import Places, places

_STEP = 1.5
"""Days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stirring:
    """Where the water of each cell was one step ago."""

    origin: Places
    """Places, shape (ny, nx)."""

    def stir(self, field: Field, *, count: int, restore: float) -> Field:
        """Carry `field` along for `count` steps, pulled back to itself by the part `restore` at each."""
        moved = field
        for _ in range(count):
            moved = (1 - restore) * self.origin.sample(moved) + restore * field
        return moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Sea:
    """The moving sea of one day."""

    flow: Flow
    """Sea level and currents."""
    stirring: Stirring
    """What they do to the water."""


def stirring(grid: Grid, flow: Flow) -> Stirring:
    """Trace every cell back over one step."""
    rows, columns = grid.shape
    row: Field = np.arange(rows, dtype=np.float32)[:, None]
    column: Field = np.arange(columns, dtype=np.float32)[None, :]
    cells = np.float32(_STEP * 86.4 / (KM_PER_DEGREE * grid.step))
    up: Field = flow.v * cells
    right: Field = flow.u * cells / grid.shrink
    back_up, back_right = up, right
    for _ in range(2):
        middle = places(grid, row - 0.5 * back_up, column - 0.5 * back_right)
        back_up, back_right = middle.sample(up), middle.sample(right)
    return Stirring(origin=places(grid, row - back_up, column - back_right))
