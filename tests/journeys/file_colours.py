"""The colours that maps of the ocean must have, worked out from the file and from matplotlib's own palette alone."""

import matplotlib as mpl
import netCDF4
import numpy as np

STYLE = {"STYLES": "default-scalar/viridis", "COLORSCALERANGE": "-2,34"}
"""What a request must say so that these are its colours; 250 of them is the default."""


def cell_values(folder, longitude, latitude, step=0, level=0):
    """Return the values of the cells of `ocean/thetao` that contain places, NaN on land."""
    with netCDF4.Dataset(folder / "ocean.nc") as file:
        field = file["thetao"][step, level].astype(float).filled(np.nan)
    rows = np.clip(np.floor((np.asarray(latitude) + 90.0) / 2.0), 0, 89).astype(int)
    return field[rows, np.floor(np.asarray(longitude) % 360.0 / 2.0).astype(int) % 180]


def cell_colours(folder, longitude, latitude, step=0):
    """Return red, green, blue and opacity, 0 to 255, at places; all 0 on land."""
    values = cell_values(folder, longitude, latitude, step)
    part = np.clip(np.floor((values + 2.0) / 36.0 * 250), 0, 249)
    colours = np.round(mpl.colormaps["viridis"]((part + 0.5) / 250) * 255)
    return np.where(np.isnan(values)[..., None], 0, colours)


def differing(picture, wanted):
    """Return the share of pixels that are not of the colour that is wanted."""
    clear = (picture[..., 3] == 0) & (wanted[..., 3] == 0)
    near = np.abs(picture - wanted).max(axis=-1) <= 6
    return 1 - (clear | near).mean()
