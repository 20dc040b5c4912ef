"""Which system the axes of a field count in. Oracle: PROJ, in its own words; places of single cells by hand."""

import netCDF4
import numpy as np
import pyproj
import pytest

from core.cells import Scattered
from core.grids.adapters import grid_of
from core.grids.memory import answered
from stores.ingest.refusal import Unreadable
from stores.ingest.scan import scan

AXES = (
    {"standard_name": "projection_x_coordinate", "units": "m"},
    {"standard_name": "projection_y_coordinate", "units": "m"},
)
SPHERE = {"earth_radius": 6371000.0}
POLAR = {
    "grid_mapping_name": "polar_stereographic",
    "straight_vertical_longitude_from_pole": -45.0,
    "latitude_of_projection_origin": 90.0,
    "standard_parallel": 70.0,
    **SPHERE,
}
IN_PROJ = "+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +R=6371000"
SPACE = {
    "grid_mapping_name": "geostationary",
    "perspective_point_height": 35785831.0,
    "longitude_of_projection_origin": 9.5,
    "sweep_angle_axis": "x",
    "semi_major_axis": 6378137.0,
    "semi_minor_axis": 6356752.31414,
}


def write(path, mapping, axes=AXES, *, scale=1.0, places=None, named="crs", x=None):
    """Write a field of 5 x 6 cells of 50 km; `places` are longitude and latitude by x and y in metres."""
    x = np.arange(-1e5, 2e5, 5e4) if x is None else x
    y = np.arange(4e5, 1.6e5, -5e4)
    with netCDF4.Dataset(path, "w") as file:
        for name, values, attributes in zip("xy", (x, y), axes, strict=True):
            file.createDimension(name, values.size)
            variable = file.createVariable(name, "f8", (name,))
            variable.setncatts(attributes)
            variable[:] = values / scale
        field = file.createVariable("t", "f4", ("y", "x"))
        field[:] = np.arange(y.size * x.size).reshape(y.size, x.size)
        if named:
            field.grid_mapping = named
        if mapping is not None:
            file.createVariable("crs", "i4", ()).setncatts(mapping)
        if places is not None:
            field.coordinates = "lon lat"
            for name, values, units in zip(
                ("lon", "lat"), places(*np.meshgrid(x, y)), ("degrees_east", "degrees_north"), strict=True
            ):
                variable = file.createVariable(name, "f4", ("y", "x"))
                variable.units = units
                variable[:] = values
    return path


def centres(path):
    """Return the description of the only grid, and the places of its cells."""
    (description,) = scan(path).description.grids.values()
    grid = grid_of(description)
    rows, columns = np.indices(grid.shape)
    found = answered(grid.centres(Scattered(rows=rows, columns=columns)), {})
    return description, (found.longitude, found.latitude)


def by_proj(words, x=None):
    x = np.arange(-1e5, 2e5, 5e4) if x is None else x
    return pyproj.Transformer.from_crs(words, "OGC:CRS84", always_xy=True).transform(
        *np.meshgrid(x, np.arange(4e5, 1.6e5, -5e4))
    )


def units(of_x, of_y=None):
    return tuple({**axis, "units": unit} for axis, unit in zip(AXES, (of_x, of_y or of_x), strict=True))


WKT = pyproj.CRS(IN_PROJ).to_wkt()


@pytest.mark.parametrize(
    ("mapping", "axes", "scale", "words"),
    [
        (POLAR, AXES, 1.0, IN_PROJ),
        (POLAR, units("km"), 1000.0, IN_PROJ),
        (POLAR, ({"axis": "X"}, {"axis": "Y"}), 1.0, IN_PROJ),
        (POLAR, ({}, {}), 1.0, IN_PROJ),
        ({"crs_wkt": WKT}, AXES, 1.0, IN_PROJ),
        ({"spatial_ref": pyproj.CRS(IN_PROJ).to_wkt("WKT1_GDAL")}, AXES, 1.0, IN_PROJ),
        ({"proj4_params": IN_PROJ}, AXES, 1.0, IN_PROJ),
        # Parameters go before text, and text before parameters without a figure of the Earth.
        ({**POLAR, "crs_wkt": pyproj.CRS("EPSG:3031").to_wkt()}, AXES, 1.0, IN_PROJ),
        (
            {**{name: value for name, value in POLAR.items() if name not in SPHERE}, "proj4": IN_PROJ},
            AXES,
            1.0,
            IN_PROJ,
        ),
        (
            {
                "grid_mapping_name": "lambert_conformal_conic",
                "standard_parallel": [50.0, 65.0],
                "longitude_of_central_meridian": 10.0,
                "latitude_of_projection_origin": 60.0,
                **SPHERE,
            },
            AXES,
            1.0,
            "+proj=lcc +lat_1=50 +lat_2=65 +lon_0=10 +lat_0=60 +R=6371000",
        ),
        (
            {
                "grid_mapping_name": "lambert_azimuthal_equal_area",
                "longitude_of_projection_origin": 10.0,
                "latitude_of_projection_origin": 52.0,
                "false_easting": 3e5,
                "semi_major_axis": 6378137.0,
                "inverse_flattening": 298.257222101,
            },
            AXES,
            1.0,
            "+proj=laea +lat_0=52 +lon_0=10 +x_0=300000 +ellps=GRS80",
        ),
        (
            {
                "grid_mapping_name": "transverse_mercator",
                "longitude_of_central_meridian": 15.0,
                "latitude_of_projection_origin": 0.0,
                "scale_factor_at_central_meridian": 0.9996,
                "false_easting": 5e5,
                "false_northing": 0.0,
                "semi_major_axis": 6378137.0,
                "inverse_flattening": 298.257222101,
            },
            AXES,
            1.0,
            "+proj=tmerc +lon_0=15 +lat_0=0 +k=0.9996 +x_0=500000 +ellps=GRS80",
        ),
        (SPACE, units("rad"), 35785831.0, "+proj=geos +h=35785831 +lon_0=9.5 +sweep=x +ellps=GRS80"),
        (SPACE, units("microradian"), 35.785831, "+proj=geos +h=35785831 +lon_0=9.5 +sweep=x +ellps=GRS80"),
        (SPACE, ({"axis": "X"}, {"axis": "Y"}), 35785831.0, "+proj=geos +h=35785831 +lon_0=9.5 +sweep=x +ellps=GRS80"),
        (SPACE, AXES, 1.0, "+proj=geos +h=35785831 +lon_0=9.5 +sweep=x +ellps=GRS80"),
    ],
)
def test_cells_lie_where_the_projection_says(tmp_path, mapping, axes, scale, words):
    description, (longitude, latitude) = centres(write(tmp_path / "a.nc", mapping, axes, scale=scale))
    expected = by_proj(words)
    assert description.kind == "projected"
    np.testing.assert_allclose(longitude, expected[0], atol=1e-7)
    np.testing.assert_allclose(latitude, expected[1], atol=1e-7)
    west, south, east, north = description.extent
    assert west < expected[0].min() < expected[0].max() < east
    assert south < expected[1].min() < expected[1].max() < north


def test_degrees_about_another_pole_are_none_about_the_earths(tmp_path):
    pole = {
        "grid_mapping_name": "rotated_latitude_longitude",
        "grid_north_pole_latitude": 39.25,
        "grid_north_pole_longitude": -162.0,
    }
    axes = (
        {"standard_name": "grid_longitude", "units": "degrees"},
        {"standard_name": "grid_latitude", "units": "degrees"},
    )
    path = write(tmp_path / "a.nc", pole, axes, scale=5e4, x=np.arange(358.0, 362.0) * 5e4)
    _, (longitude, latitude) = centres(path)
    # Its equator and prime meridian cross 90 degrees from its pole, on the meridian opposite.
    words = "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18"
    expected = pyproj.Transformer.from_crs(words, "OGC:CRS84", always_xy=True).transform(
        *np.meshgrid(np.arange(358.0, 362.0), np.arange(8.0, 3.2, -1.0))
    )
    np.testing.assert_allclose((longitude, latitude), expected, atol=1e-7)
    assert latitude[4, 2] == pytest.approx(90.0 - 39.25 + 4.0, abs=1e-6)
    assert longitude[4, 2] == pytest.approx(18.0, abs=1e-6)


def test_places_of_each_cell_give_way_to_a_projection_that_leads_to_them(tmp_path):
    path = write(
        tmp_path / "a.nc",
        POLAR,
        places=lambda x, y: pyproj.Transformer.from_crs(IN_PROJ, "OGC:CRS84", always_xy=True).transform(x, y),
    )
    description = scan(path).description
    (grid,) = description.grids.values()
    assert grid.kind == "projected"
    assert description.variables["lon"].grid is None


@pytest.mark.parametrize("where", [np.s_[:, :], np.s_[2, 3]])
def test_places_of_each_cell_are_used_where_the_projection_leads_to_others(tmp_path, where):
    def places(x, y):
        longitude, latitude = pyproj.Transformer.from_crs(IN_PROJ, "OGC:CRS84", always_xy=True).transform(x, y)
        latitude[where] += 0.04  # Of 50 km, a tenth.
        return longitude, latitude

    header = scan(write(tmp_path / "a.nc", POLAR, places=places))
    assert [grid.kind for grid in header.description.grids.values()] == ["curvilinear"]
    assert header.remarks == ("the grid mapping crs leads to other places; lat and lon are used instead",)


def test_places_that_were_never_filled_in_give_way_too(tmp_path):
    (grid,) = scan(write(tmp_path / "a.nc", POLAR, places=lambda x, y: (0 * x, 0 * y))).description.grids.values()
    assert grid.kind == "projected"


def test_places_of_each_cell_are_used_without_a_projection_that_is_understood(tmp_path):
    def places(x, y):
        return pyproj.Transformer.from_crs(IN_PROJ, "OGC:CRS84", always_xy=True).transform(x, y)

    header = scan(write(tmp_path / "a.nc", {"grid_mapping_name": "of_my_own"}, places=places))
    assert [grid.kind for grid in header.description.grids.values()] == ["curvilinear"]
    assert header.remarks[0].startswith("the grid mapping crs: of_my_own: ")
    assert header.remarks[0].endswith("; lat and lon are used instead")


@pytest.mark.parametrize(
    ("mapping", "axes", "named", "says"),
    [
        (None, AXES, "", "x and y are no longitude and latitude, and t has no grid_mapping"),
        (None, AXES, "crs", "the grid mapping crs of t is not in the file"),
        ({}, AXES, "crs", "the grid mapping crs: it has neither grid_mapping_name nor any of crs_wkt"),
        ({"grid_mapping_name": "of_my_own"}, AXES, "crs", "the grid mapping crs: of_my_own: .*of_my_own"),
        (
            {"grid_mapping_name": "geostationary", "sweep_angle_axis": "y"},
            AXES,
            "crs",
            "the grid mapping crs: geostationary: perspective_point_height is missing",
        ),
        ({"crs_wkt": "PROJCS[broken"}, AXES, "crs", "the grid mapping crs: crs_wkt cannot be used"),
        ({"proj4": "+proj=nonsense"}, AXES, "crs", "the grid mapping crs: proj4 cannot be used"),
        (POLAR, units("furlong"), "crs", "the grid mapping crs: x is in 'furlong': it takes m or km"),
        (
            POLAR,
            units("rad"),
            "crs",
            "the grid mapping crs: x is in 'rad': it takes m or km, or rad seen from a satellite",
        ),
        (POLAR, units("m", "km"), "crs", "the grid mapping crs: x is in 'm', y in 'km'"),
        (
            {
                "grid_mapping_name": "rotated_latitude_longitude",
                "grid_north_pole_latitude": 30.0,
                "grid_north_pole_longitude": 0.0,
            },
            AXES,
            "crs",
            "x is in 'm': it takes degrees",
        ),
    ],
)
def test_a_mapping_that_says_nothing_is_refused_by_its_name(tmp_path, mapping, axes, named, says):
    with pytest.raises(Unreadable, match=says):
        scan(write(tmp_path / "a.nc", mapping, axes, named=named))


def test_a_field_whose_axes_lie_nowhere_is_refused(tmp_path):
    with pytest.raises(Unreadable, match="x and y on the grid mapping crs: none of its cells lies on the Earth"):
        scan(write(tmp_path / "a.nc", SPACE, AXES, x=np.arange(8e6, 9e6, 1e5)))


def test_edges_that_the_file_gives_are_taken(tmp_path):
    path = write(tmp_path / "a.nc", POLAR)
    with netCDF4.Dataset(path, "a") as file:
        file.createDimension("two", 2)
        file["x"].bounds = "x_bnds"
        file.createVariable("x_bnds", "f8", ("x", "two"))[:] = file["x"][:][:, None] + np.array([-1e4, 4e4])
    (grid,) = scan(path).description.grids.values()
    assert grid.x_bounds[0] == (-1.1e5, -6e4)
    assert grid.y_bounds == ()


def test_files_on_other_axes_or_another_projection_are_another_dataset(tmp_path, take):
    first = write(tmp_path / "a.nc", POLAR)
    with netCDF4.Dataset(first, "a") as file:
        file.createVariable("time", "f8", ()).units = "days since 2020-01-01"
        file["time"][...] = 0.0
    others = []
    for name, mapping in (("b.nc", POLAR | {"standard_parallel": 60.0}), ("c.nc", POLAR)):
        path = write(tmp_path / name, mapping, x=None if name == "b.nc" else np.arange(-1e5, 2e5, 5e4) + 1.0)
        with netCDF4.Dataset(path, "a") as file:
            file.createVariable("time", "f8", ()).units = "days since 2020-01-01"
            file["time"][...] = 1.0
        others.append(path)
    refused = dict(take(first, *others).refused)
    assert set(refused) == {"b.nc", "c.nc"}
    assert all("its axes or their projection (x, y, crs) are others" in reason for reason in refused.values())
