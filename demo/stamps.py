"""Gaussian stamps: many small round features added to a field, across the date line too."""

from dataclasses import dataclass

import numpy as np

from demo.grid import KM_PER_DEGREE, Field, Grid

_REACH = 4.0
"""Radii: beyond, a stamp is below 1/2000 of its peak."""

_FINEST = 0.3
"""Radii, in cells, below which a grid cannot show a stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """Features f(x, y) = (level + east x + north y) exp(-(x2 + y2) / 2), x and y in radii; all arrays of shape (n,)."""

    lat: Field
    """Centres, degrees north."""
    lon: Field
    """Centres, degrees east, any convention."""
    radius: Field
    """Kilometres."""
    level: Field
    """Height at the centre."""
    east: Field
    """Slope to the east: a pair of a hill and a hollow."""
    north: Field
    """Slope to the north."""

    def add_to(self, field: Field, grid: Grid) -> None:
        """Add every feature to `field`, shape (ny, nx) of `grid`."""
        margin = grid.shape[1] // 2
        wide = np.zeros((grid.shape[0], grid.shape[1] + 2 * margin), dtype=np.float32)
        row = (self.lat - grid.south) / grid.step
        column = np.mod(self.lon + 180.0, 360.0) / grid.step + margin
        per_row = self.radius / (KM_PER_DEGREE * grid.step)
        per_column = per_row / np.maximum(np.cos(np.radians(self.lat)), 0.1)
        there = (self.level != 0) | (self.east != 0) | (self.north != 0)
        for at in np.nonzero(there & (per_row > _FINEST))[0]:
            rows, y, high = _profile(row[at], per_row[at], wide.shape[0])
            columns, x, broad = _profile(column[at], per_column[at], wide.shape[1])
            patch = np.multiply.outer(high * (self.level[at] + self.north[at] * y), broad)
            if self.east[at]:
                patch += np.multiply.outer(high, broad * (self.east[at] * x))
            wide[rows, columns] += patch
        field += wide[:, margin:-margin]
        field[:, -margin:] += wide[:, :margin]
        field[:, :margin] += wide[:, -margin:]


def _profile(centre: float, radius: float, size: int) -> tuple[slice, Field, Field]:
    """Return which cells of an axis are reached, their distance in radii, and the Gaussian there."""
    first = max(int(centre - _REACH * radius), 0)
    last = min(int(centre + _REACH * radius) + 2, size)
    away = ((np.arange(first, last) - centre) / radius).astype(np.float32)
    return slice(first, last), away, np.exp(-0.5 * away * away)
