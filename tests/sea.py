"""A small sea for tests: three days and two levels of a global field."""

from pathlib import Path

import netCDF4
import numpy as np


def write_sea(path: Path, *, days: int = 3, first: int = 1) -> None:
    """Write some days and two levels of a global field: warm at the equator, warmer each day, with some land."""
    latitude, longitude = np.arange(-88.0, 90.0, 4.0), np.arange(2.0, 360.0, 4.0)
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "A small sea"})
        axes = {
            "time": (
                (np.arange(days) + first - 1) * 24.0 + 12,
                {"units": "hours since 2015-03-01", "standard_name": "time"},
            ),
            "depth": (np.array([0.5, 100.0]), {"units": "m", "positive": "down", "standard_name": "depth"}),
            "lat": (latitude, {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": (longitude, {"units": "degrees_east", "standard_name": "longitude"}),
        }
        for name, (values, attributes) in axes.items():
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts(attributes)
            axis[:] = values
        field = file.createVariable("thetao", "i2", tuple(axes), fill_value=-32767)
        field.setncatts(
            {
                "standard_name": "sea_water_potential_temperature",
                "long_name": "Temperature",
                "units": "degrees_C",
                "scale_factor": 0.001,
                "add_offset": 20.0,
            }
        )
        day, level = np.arange(days)[:, None, None, None], np.arange(2)[None, :, None, None]
        warm = 28 * np.cos(np.radians(latitude))[:, None] ** 2 + 2 * np.sin(np.radians(longitude))[None, :]
        values = np.ma.masked_array(warm + day - 8.0 * level)
        values[..., 30:36, 60:70] = np.ma.masked
        field[:] = values
