"""Values of a field between its cell centres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.grid import Field, Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Places on a grid, ready to be looked up in any number of fields: longitudes wrap, latitudes stop at the edge."""

    corners: tuple[NDArray[np.intp], ...]
    """Flat indices of the four cells round each place: south-west, south-east, north-west, north-east."""
    weights: tuple[Field, ...]
    """Their weights, float32, adding up to 1."""

    def sample(self, field: Field) -> Field:
        """Interpolate `field`, in both directions linearly."""
        flat = field.reshape(-1)
        total = flat.take(self.corners[0]) * self.weights[0]
        for corner, weight in zip(self.corners[1:], self.weights[1:], strict=True):
            total += flat.take(corner) * weight
        return total


def places(grid: Grid, row: Field, column: Field) -> Places:
    """Locate fractional row and column numbers, any shape."""
    rows, columns = grid.shape
    row = np.clip(row, 0, rows - 1)
    low, left = np.minimum(np.floor(row), rows - 2), np.floor(column)
    up, right = (row - low).astype(np.float32), (column - left).astype(np.float32)
    first = low.astype(np.intp) * columns
    west = np.mod(left.astype(np.intp), columns)
    east = np.mod(west + 1, columns)
    down, back = 1 - up, 1 - right
    return Places(
        corners=(first + west, first + east, first + columns + west, first + columns + east),
        weights=(down * back, down * right, up * back, up * right),
    )


def regrid(field: Field, source: Grid, target: Grid) -> Field:
    """Carry a field to another grid, linearly."""
    row, column = np.meshgrid(
        (target.lat - source.south) / source.step, (target.lon + 180.0) / source.step, indexing="ij"
    )
    return places(source, row, column).sample(field)
