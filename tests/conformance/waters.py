"""What the conformance tests look at: a small sea whose every value is known, and one around the world."""

from pathlib import Path

import netCDF4
import numpy as np

DAYS = ["2015-03-01T12:00:00Z", "2015-03-02T12:00:00Z", "2015-03-03T12:00:00Z", "2015-03-04T12:00:00Z"]
DEPTHS = [0.0, 50.0, 300.0]
LONGITUDES = np.arange(-29.0, 30.0, 2.0)
LATITUDES = np.arange(31.0, 70.0, 2.0)
FLOOR = "sea floor, depth"
"""A name that no list of layers can hold."""


def temperature(day: int, level: int) -> np.ndarray:
    """Return what `thetao` holds: rising to the east, by ten degrees a day, falling by one a level."""
    return np.broadcast_to(LONGITUDES[None, :] / 10.0 + 10.0 * day - level, (LATITUDES.size, LONGITUDES.size))


def write_waters(path: Path) -> None:
    """Write `thetao` (land in the north-west), `sla` (the eastern half alone), `member` of an ensemble, a sea floor."""
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts(
            {
                "title": "Waters",
                "summary": "A small sea",
                "institution": "An institute",
                "keywords": "ocean, temperature",
                "keywords_vocabulary": "GCMD Science Keywords",
            }
        )
        _axis(file, "member", [1.0, 2.0, 7.0], {"units": "1", "standard_name": "realization"})
        _temperatures(file)
        sla = np.ma.masked_array([np.full((20, 30), 0.1 * day) for day in range(4)])
        sla[..., :15] = np.ma.masked
        _field(file, "sla", ("time", "lat", "lon"), sla, {"units": "m", "long_name": "Sea level"})
        wave = np.array([np.full((20, 30), float(member)) for member in (1, 2, 7)])
        _field(file, "wave", ("member", "lat", "lon"), wave, {"units": "m"})
        _field(file, FLOOR, ("lat", "lon"), temperature(1, 0), {"units": "m"})


def write_near(path: Path) -> None:
    """Write `thetao` alone."""
    with netCDF4.Dataset(path, "w") as file:
        file.title = "Near"
        _temperatures(file)


def write_world(path: Path) -> None:
    """Write `ice`, everywhere."""
    latitudes, longitudes = np.arange(-85.0, 90.0, 10.0), np.arange(5.0, 360.0, 10.0)
    with netCDF4.Dataset(path, "w") as file:
        _places(file, latitudes, longitudes)
        share = np.abs(latitudes)[:, None] / 90.0 + np.zeros(longitudes.size)
        _field(file, "ice", ("lat", "lon"), share, {"standard_name": "sea_ice_area_fraction", "units": "1"})


def _temperatures(file: netCDF4.Dataset) -> None:
    hours = {"units": "hours since 2015-03-01", "standard_name": "time"}
    _axis(file, "time", np.arange(4.0) * 24 + 12, hours)
    _axis(file, "depth", DEPTHS, {"units": "m", "positive": "down", "standard_name": "depth"})
    _places(file, LATITUDES, LONGITUDES)
    thetao = np.ma.masked_array([[temperature(day, level) for level in range(3)] for day in range(4)])
    thetao[..., 10:, :10] = np.ma.masked
    names = {"standard_name": "sea_water_potential_temperature", "units": "degrees_C", "long_name": "Temperature"}
    _field(file, "thetao", ("time", "depth", "lat", "lon"), thetao, names)


def _places(file: netCDF4.Dataset, latitudes: np.ndarray, longitudes: np.ndarray) -> None:
    _axis(file, "lat", latitudes, {"units": "degrees_north", "standard_name": "latitude"})
    _axis(file, "lon", longitudes, {"units": "degrees_east", "standard_name": "longitude"})


def _axis(file: netCDF4.Dataset, name: str, values: object, attributes: dict[str, str]) -> None:
    file.createDimension(name, len(values))
    axis = file.createVariable(name, "f8", (name,))
    axis.setncatts(attributes)
    axis[:] = values


def _field(file: netCDF4.Dataset, name: str, axes: tuple[str, ...], values: object, attributes: dict[str, str]) -> None:
    field = file.createVariable(name, "f4", axes, fill_value=-999.0)
    field.setncatts(attributes)
    field[:] = values
