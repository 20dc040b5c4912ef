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


def cells_around(file: netCDF4.Dataset, taken: dict[str, list[int]]) -> dict[str, list[int]]:
    """Return the rows and columns of cells around points, by what is taken of the dimensions of these."""
    found = {}
    for name, indices in taken.items():
        direction, _, point = name.rpartition("_")
        cells = f"{direction}_rho"
        if point in ("u", "v", "psi") and cells in file.dimensions:
            last = file.dimensions[cells].size - 1
            found[cells] = sorted({min(one + more, last) for one in indices for more in (0, int(name in BETWEEN))})
    return found
