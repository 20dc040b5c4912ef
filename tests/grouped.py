"""A small file whose fields lie in groups."""

from pathlib import Path

import netCDF4
import numpy as np

NAMES = ["data_01/ku/ssha", "data_01/c/ssha", "sat/ssha", "ssha"]
"""Paths of the fields."""


def write_grouped(path: Path) -> None:
    """Write a field in each group: 1000 times its place among `NAMES`, and the place of the value in the array."""
    with netCDF4.Dataset(path, "w") as file:
        file.title = "Grouped"
        for name, values, units in (
            ("lat", np.arange(-80.0, 81.0, 20.0), "degrees_north"),
            ("lon", np.arange(-170.0, 180.0, 20.0), "degrees_east"),
        ):
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = values
        for number, name in enumerate(NAMES):
            field = file.createVariable(name, "f4", ("lat", "lon"))
            field[:] = 1000.0 * number + np.arange(field.size).reshape(field.shape)
