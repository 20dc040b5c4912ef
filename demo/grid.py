"""A global grid of cell centres, and distances on it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]
"""Real numbers on a grid, shape (ny, nx), south first, unless said otherwise."""
Mask = NDArray[np.bool_]

KM_PER_DEGREE = 111.195
"""On a sphere of 6371 km."""


# Not slotted: cached properties are kept in the instance's dictionary.
@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cell centres at equal steps, the whole way round."""

    step: float
    """Degrees between centres, in both directions; divides 360."""
    south: float = -80.0
    """Southernmost centre, degrees north."""
    north: float = 90.0
    """Northernmost centre, degrees north."""

    @cached_property
    def lat(self) -> Field:
        """Degrees north, shape (ny,), float64."""
        return self.south + self.step * np.arange(round((self.north - self.south) / self.step) + 1)

    @cached_property
    def lon(self) -> Field:
        """Degrees east from -180, shape (nx,), float64."""
        return -180.0 + self.step * np.arange(round(360.0 / self.step))

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.lat.size, self.lon.size

    @cached_property
    def column(self) -> Field:
        """Latitude as a column, shape (ny, 1), float32."""
        return self.lat.astype(np.float32)[:, None]

    @cached_property
    def shrink(self) -> Field:
        """Cosine of latitude, shape (ny, 1), float32; held off zero at the poles, where a step east has no length."""
        return np.maximum(np.cos(np.radians(self.column)), np.float32(0.01))

    def offset(self, lon: float) -> Field:
        """Return degrees east of `lon`, in [-180, 180), shape (nx,)."""
        east: Field = np.mod(self.lon - lon + 180.0, 360.0) - 180.0
        return east


def steps(below: float, above: float, at: Field) -> Field:
    """Rise smoothly from 0 at `below` to 1 at `above`."""
    part = np.clip((at - below) / (above - below), 0.0, 1.0)
    risen: Field = part * part * (3.0 - 2.0 * part)
    return risen


def smooth(field: Field, passes: int) -> Field:
    """Take out what varies from cell to cell: binomial weights, periodic in longitude."""
    for _ in range(passes):
        field = 0.5 * field + 0.25 * (np.roll(field, 1, axis=1) + np.roll(field, -1, axis=1))
        padded = np.concatenate([field[:1], field, field[-1:]])
        field = 0.5 * field + 0.25 * (padded[:-2] + padded[2:])
    return field
