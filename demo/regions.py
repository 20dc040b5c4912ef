"""The tables of the climate as fields on a grid."""

from collections.abc import Iterable

import numpy as np

from demo.climate import Place, Profile, Sea
from demo.grid import Field, Grid, smooth
from demo.raster import inside


def profile(grid: Grid, table: Profile) -> Field:
    """Return a profile by latitude without corners, shape (ny, 1), float32."""
    fine = np.arange(-100.0, 110.0, 0.5)
    values = np.interp(fine, [row[0] for row in table], [row[1] for row in table])
    kernel = np.hanning(17)[1:-1]
    rounded = np.convolve(np.pad(values, 7, mode="edge"), kernel / kernel.sum(), mode="valid")
    return np.interp(grid.lat, fine, rounded).astype(np.float32)[:, None]


def places(grid: Grid, table: Iterable[Place], season: float) -> Field:
    """Return the sum of all places at a season (see `days.summer`), float32."""
    total = np.zeros(grid.shape, dtype=np.float32)
    for place in table:
        broad = np.exp(-((grid.offset(place.lon) / place.wide) ** 2))
        high = np.exp(-(((grid.lat - place.lat) / place.high) ** 2)) * (place.mean + season * place.summer)
        total += np.multiply.outer(high.astype(np.float32), broad.astype(np.float32))
    return total


def share(grid: Grid, sea: Sea) -> Field:
    """Return 1 inside a sea and 0 outside, blurred over a degree or so at its mouth."""
    return smooth(inside(grid, [np.array(sea.outline, dtype=np.float64)]).astype(np.float32), round(0.75 / grid.step))
