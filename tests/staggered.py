"""Where points lie that a file of ROMS gives no places for, by netCDF4 and means of degrees: an oracle of its own."""

import netCDF4
import numpy as np

BETWEEN = {"eta_v": 0, "eta_psi": 0, "xi_u": 1, "xi_psi": 1}
"""Dimensions of points between a centre and the next, and the axis along which they are."""


def between_centres(file: netCDF4.Dataset, name: str, dimensions: tuple[str, str]) -> np.ndarray:
    """Return longitudes (`lon_rho`) or latitudes (`lat_rho`) of points along two dimensions, far from any seam."""
    values = np.asarray(np.ma.filled(file[name][...].astype("f8"), np.nan))
    for dimension in dimensions:
        if dimension in BETWEEN:
            values = np.moveaxis(values, BETWEEN[dimension], 0)
            values = np.concatenate([values, 2 * values[-1:] - values[-2:-1]])
            values = np.moveaxis((values[:-1] + values[1:]) / 2, 0, BETWEEN[dimension])
    return values[tuple(slice(0, file.dimensions[dimension].size) for dimension in dimensions)]
