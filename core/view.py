"""What a client looks at: a rectangle of a coordinate reference system, divided into pixels."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.crs import Crs


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A picture's place. Axis order is settled: x is easting or longitude, y northing or latitude."""

    crs: Crs
    """In which `bbox` is written."""
    bbox: tuple[float, float, float, float]
    """Least x, least y, greatest x, greatest y: outer edges of the outer pixels, in units of `crs`."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""

    def x_centres(self) -> NDArray[np.float64]:
        """Return x of the pixel centres from left to right, shape (width,)."""
        west, _, east, _ = self.bbox
        return west + (np.arange(self.width, dtype=np.float64) + 0.5) * ((east - west) / self.width)

    def y_centres(self) -> NDArray[np.float64]:
        """Return y of the pixel centres from top to bottom, shape (height,)."""
        _, south, _, north = self.bbox
        return north - (np.arange(self.height, dtype=np.float64) + 0.5) * ((north - south) / self.height)

    def pixel(self, column: int, row: int) -> "View":
        """Return the view of one pixel alone; (0, 0) is the upper left one."""
        west, south, east, north = self.bbox
        dx, dy = (east - west) / self.width, (north - south) / self.height
        left, top = west + column * dx, north - row * dy
        return View(crs=self.crs, bbox=(left, top - dy, left + dx, top), width=1, height=1)

    def bands(self, most: int) -> "list[View]":
        """Cut the view into bands of whole rows, from top to bottom, of about `most` pixels at most.

        Where that many rows fit, their number is a multiple of 8: a band is then located as the whole would be.
        """
        rows = max(1, most // self.width)
        rows -= rows % 8 if rows >= 8 else 0
        cuts = [*range(0, self.height, rows), self.height]
        return [self.band(start, stop) for start, stop in pairwise(cuts)]

    def band(self, start: int, stop: int) -> "View":
        """Return the view of some rows of pixels alone, up to but not including `stop`."""
        west, south, east, north = self.bbox
        dy = (north - south) / self.height
        box = (west, north - stop * dy, east, north - start * dy)
        return View(crs=self.crs, bbox=box, width=self.width, height=stop - start)
