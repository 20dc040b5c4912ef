"""A small file whose fields have dimensions beside time, depth and place."""

from pathlib import Path

import netCDF4
import numpy as np

AXES = {
    "time": ([0.0, 24.0], {"units": "hours since 2015-03-01", "standard_name": "time"}),
    "member": ([3.0, 1.0, 2.0], {"long_name": "Ensemble member"}),
    "Wave Length": (np.array([412.5, 443.0, 490.1, 560.0], "f4"), {"units": "nm"}),
    "depth": ([0.5, 10.0], {"units": "m", "positive": "down", "standard_name": "depth"}),
    "sediment": ([0.01, 0.02, 0.03], {"units": "m", "positive": "down", "axis": "Z"}),
    "lat": (np.arange(-80.0, 81.0, 20.0), {"units": "degrees_north", "standard_name": "latitude"}),
    "lon": (np.arange(-170.0, 180.0, 20.0), {"units": "degrees_east", "standard_name": "longitude"}),
}
FIELDS = {
    "reflectance": ("member", "time", "Wave Length", "lat", "lon"),
    "oxygen": ("time", "depth", "lat", "sediment", "lon"),
    "share": ("region", "lat", "lon"),
}
REGIONS = ("north", "south")


def write_spectra(path: Path) -> None:
    """Write fields of every order of dimensions, each value another one: its place in the array, counted from 1."""
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "Spectra"})
        for name, (values, attributes) in AXES.items():
            file.createDimension(name, len(values))
            axis = file.createVariable(name, np.asarray(values).dtype, (name,))
            axis.setncatts(attributes)
            axis[:] = values
        file.createDimension("region", len(REGIONS))
        file.createVariable("region", str, ("region",))[:] = np.array(REGIONS, dtype=object)
        for name, dimensions in FIELDS.items():
            field = file.createVariable(name, "f4", dimensions, fill_value=-1.0)
            field.setncatts({"long_name": name.capitalize(), "units": "1"})
            field[:] = np.arange(1.0, field.size + 1).reshape(field.shape)
