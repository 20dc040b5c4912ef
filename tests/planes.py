"""Where the cells of real files on projections lie: by the projection as a person reads the file, with PROJ alone."""

from pathlib import Path

import netCDF4
import numpy as np
import pyproj

DATUM = "+ellps=bessel +towgs84=565.4171,50.3319,465.5524,-0.398957388243134,0.343987817378283,-1.87740163998045,4.0725"
PLANES = {
    "HARM_N25_forecast_reference_time.nc": (
        "+proj=sterea +lat_0=52.15616055555555 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 " + DATUM,
        1.0,
    ),
    "testgeos.nc": ("+proj=geos +lon_0=0 +h=35785863 +a=6378137 +b=6356752.3 +sweep=y", 35785863.0),
    "rotated_pole.nc": ("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=37.5 +lon_0=-2.5 +R=6371229", 1.0),
    "test_rotated_pole_RACMO.nc": ("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=37.25 +lon_0=5.45", 1.0),
    "nansat_arctic_ice_conc.nc": (
        "+proj=stere +lat_0=90 +k=1 +lon_0=0 +x_0=2000000 +y_0=2000000 +ellps=WGS84",
        1.0,
    ),
}
"""By file: PROJ's own words, and its units for one of the axes."""
PLACED = {
    "toa_brightness_stereographic.nc": ("lon", "lat"),
    "AROME_MetCoOp_20160114_subset.nc": ("longitude", "latitude"),
}
"""By file: the variables that say it cell by cell."""


def all_on_plane(
    source: netCDF4.Dataset, axes: tuple[str, str], shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of all centres."""
    return on_plane(source, axes, *np.indices(shape))


def on_plane(source: netCDF4.Dataset, axes: tuple[str, str], row: np.ndarray | int, column: np.ndarray | int):
    """Return longitude (-180 to 180) and latitude of centres of cells, whose axes x and y are named `axes`."""
    name = Path(source.filepath()).name
    if name in PLACED:
        longitude, latitude = (np.asarray(source[each][:], dtype=float)[row, column] for each in PLACED[name])
        return (longitude + 180) % 360 - 180, latitude
    words, unit = PLANES[name]
    x, y = (np.asarray(source[each][:], dtype=float)[at] * unit for each, at in zip(axes, (column, row), strict=True))
    return pyproj.Transformer.from_crs(words, "OGC:CRS84", always_xy=True).transform(x, y)
