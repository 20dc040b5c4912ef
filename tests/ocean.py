"""An ocean for pictures and for clients that draw: real coasts, smooth fields that look like the sea."""

from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

from demo.atlas import rings
from demo.grid import Grid
from demo.raster import inside

Values = NDArray[np.float64]

DAYS: Final = ["2015-03-01T12:00:00Z", "2015-03-02T12:00:00Z", "2015-03-03T12:00:00Z", "2015-03-04T12:00:00Z"]
"""The steps of `ocean.nc`: a period."""
HOURS: Final = ["2015-03-01T00:00:00Z", "2015-03-01T06:00:00Z", "2015-03-02T00:00:00Z", "2015-03-05T00:00:00Z"]
"""The steps of `waves.nc`: no period, so that capabilities list them."""
DEPTHS: Final = np.array([0.5, 50.0, 300.0])

_EPOCH: Final = np.datetime64("2015-03-01T00:00:00")
_AXES: Final = {
    "lat": {"units": "degrees_north", "standard_name": "latitude"},
    "lon": {"units": "degrees_east", "standard_name": "longitude"},
    "time": {"units": "hours since 2015-03-01", "standard_name": "time"},
    "depth": {"units": "m", "positive": "down", "standard_name": "depth"},
    "member": {"units": "1", "standard_name": "realization"},
}


def write_ocean(path: Path) -> None:
    """Write temperature (packed, with depths), chlorophyll, sea ice and sea level, global, 0 to 360, four days."""
    latitude, longitude = np.arange(-89.0, 90.0, 2.0), np.arange(1.0, 360.0, 2.0)
    lat, lon = np.meshgrid(latitude, longitude, indexing="ij")
    land = _land(latitude, longitude)
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "An ocean"})
        axes = {"time": _hours(DAYS), "depth": DEPTHS, "lat": latitude, "lon": longitude}
        _write_axes(file, axes)
        day = np.arange(4.0)[:, None, None]
        surface = _temperature(lat, lon, day)
        deep = surface[:, None] * np.exp(-DEPTHS / 400.0)[:, None, None]
        packing = {"scale_factor": 0.001, "add_offset": 20.0}
        name = "sea_water_potential_temperature"
        _write(file, "thetao", "i2", tuple(axes), name, "degrees_C", np.where(land, np.nan, deep), packing)
        flat = ("time", "lat", "lon")
        ice = np.clip((np.abs(lat) - 66.0 - 5.0 * np.sin(np.radians(lon + 20 * day))) / 12.0, 0.0, 1.0)
        _write(file, "siconc", "f4", flat, "sea_ice_area_fraction", "1", np.where(land, np.nan, ice))
        green = 10.0 ** (_swirl(lat, lon, day) - 1.2 + 0.9 * np.sin(np.radians(lat)) ** 2)
        name = "mass_concentration_of_chlorophyll_a_in_sea_water"
        _write(file, "chl", "f4", flat, name, "mg m-3", np.where(land | (ice > 0.5), np.nan, green))
        anomaly = 0.35 * _swirl(lat, lon + 40.0, day) * np.cos(np.radians(lat))
        name = "sea_surface_height_above_sea_level"
        _write(file, "sla", "f4", flat, name, "m", np.where(land, np.nan, anomaly))


def write_currents(path: Path) -> None:
    """Write currents that wind round whirls, westwards at the equator and eastwards beyond: global, four days."""
    latitude, longitude = np.arange(-89.0, 90.0, 2.0), np.arange(1.0, 360.0, 2.0)
    lat, lon = np.meshgrid(latitude, longitude, indexing="ij")
    land = _land(latitude, longitude)
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "Currents"})
        axes = {"time": _hours(DAYS), "lat": latitude, "lon": longitude}
        _write_axes(file, axes)
        day = np.arange(4.0)[:, None, None]
        level = np.cos(np.radians(lat))
        south, north = (_swirl(lat + by, lon, day) for by in (-1.0, 1.0))
        west, east = (_swirl(lat, lon + by, day) for by in (-1.0, 1.0))
        parts = (3.0 * level * (south - north) - 0.4 * np.cos(np.radians(4.0 * lat)), 3.0 * level * (east - west))
        for name, word, values in zip(("uo", "vo"), ("eastward", "northward"), parts, strict=True):
            standard_name = f"{word}_sea_water_velocity"
            _write(file, name, "f4", tuple(axes), standard_name, "m s-1", np.where(land, np.nan, values))


def write_waves(path: Path) -> None:
    """Write wave heights: -180 to 180, north first, four irregular times, three members of an ensemble."""
    latitude, longitude = np.arange(78.0, -79.0, -3.0), np.arange(-178.5, 180.0, 3.0)
    lat, lon = np.meshgrid(latitude, longitude, indexing="ij")
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "Waves"})
        axes = {"time": _hours(HOURS), "member": np.array([0.0, 1.0, 2.0]), "lat": latitude, "lon": longitude}
        _write_axes(file, axes)
        step, member = np.arange(4.0)[:, None, None, None], np.arange(3.0)[:, None, None]
        height = 2.0 + 1.5 * _swirl(lat, lon + 9.0 * step, 3.0 * member) + 3.0 * np.sin(np.radians(lat)) ** 2 + step
        height = np.where(_land(latitude, longitude), np.nan, height)
        _write(file, "VHM0", "f4", tuple(axes), "sea_surface_wave_significant_height", "m", height)


def _temperature(lat: Values, lon: Values, day: Values) -> Values:
    warm: Values = 30.0 * np.cos(np.radians(lat)) ** 2 - 1.8 + 2.5 * _swirl(lat, lon, day) + 0.5 * day
    return np.clip(warm, -1.8, 34.0)


def _swirl(lat: Values, lon: Values, phase: Values) -> Values:
    """Return eddies as sums of waves, whole ones round the Earth: about -1 to 1."""
    x, y, turn = np.radians(lon), np.radians(lat), 0.7 * phase
    first = np.sin(5 * x + 3 * np.sin(4 * y) + turn) * np.cos(3 * y - turn)
    second: Values = np.sin(9 * x - 2 * np.cos(7 * y) - turn) * np.cos(6 * y + turn)
    return 0.65 * first + 0.35 * second


def _land(latitude: Values, longitude: Values) -> NDArray[np.bool_]:
    # Each place is a centre of this finer grid, which begins at -180.
    fine = Grid(step=0.5, south=-89.5, north=89.5)
    rows = np.round((latitude - fine.lat[0]) / fine.step).astype(int)
    columns = np.round((longitude + 180.0) / fine.step).astype(int) % fine.lon.size
    found: NDArray[np.bool_] = inside(fine, rings())[np.ix_(rows, columns)]
    return found


def _hours(times: list[str]) -> Values:
    moments = np.array([time.removesuffix("Z") for time in times], "M8[s]")
    hours: Values = (moments - _EPOCH) / np.timedelta64(1, "h")
    return hours


def _write_axes(file: netCDF4.Dataset, axes: dict[str, Values]) -> None:
    for name, values in axes.items():
        file.createDimension(name, values.size)
        axis = file.createVariable(name, "f8", (name,))
        axis.setncatts(_AXES[name])
        axis[:] = values


def _write(file, name, kind, axes, standard_name, units, values, packing=None) -> None:
    fill = np.iinfo("i2").min if kind == "i2" else np.float32(9.96921e36)
    variable = file.createVariable(name, kind, axes, fill_value=fill)
    variable.setncatts({"standard_name": standard_name, "units": units, **(packing or {})})
    variable[:] = np.ma.masked_array(np.nan_to_num(values), np.isnan(values))
