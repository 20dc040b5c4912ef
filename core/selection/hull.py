"""The rows and columns around the cells of a box: all are given out, and what lies outside the box is filled.

A box over a grid whose axes are not longitude and latitude is no block of rows and columns.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.selection.asked import Box
from core.selection.cut import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hull:
    """What of the cells that are taken of one grid lies in a box."""

    box: Box
    inside: NDArray[np.bool_]
    """Shape (rows, columns) of what is taken."""

    def filled(self, values: NDArray[Any], corner: tuple[int, int], fill: Any) -> NDArray[Any]:
        """Return a part (..., rows, columns) of a field, from the row and column `corner` on, with `fill` outside."""
        (row, column), (height, width) = corner, values.shape[-2:]
        return np.where(self.inside[row : row + height, column : column + width], values, fill).astype(values.dtype)

    @property
    def said(self) -> str:
        """Which box it is, in words."""
        west, east, south, north = (
            f"{side:.9g}" for side in (self.box.west, self.box.east, self.box.south, self.box.north)
        )
        return f"the box from {west} to {east} degrees east and {south} to {north} degrees north"


def lies_in(box: Box, longitudes: Floats, latitudes: Floats) -> NDArray[np.bool_]:
    """Tell which centres lie in a box, in any turn; NaN does not."""
    with np.errstate(invalid="ignore"):
        found = (latitudes >= box.south) & (latitudes <= box.north)
        around = np.isfinite(longitudes) if box.width >= 360.0 else np.mod(longitudes - box.west, 360.0) <= box.width
    both: NDArray[np.bool_] = found & around
    return both
