"""Reading the conventions: generated headers where a rule is meant, real files where a trap was met."""

import csv

import netCDF4
import numpy as np
import pytest

from stores.ingest.refusal import Unreadable
from stores.ingest.scan import scan

LAT = {"name": "lat", "units": "degrees_north"}
LON = {"name": "lon", "units": "degrees_east"}


def write(path, *, lat=LAT, lon=LON, field=("time", "lat", "lon"), time="days since 2020-01-01", **extra):
    """Write a small file; `lat` and `lon` are attributes and a name."""
    with netCDF4.Dataset(path, "w") as file:
        sizes = {"time": 2, "lat": 3, "lon": 4, "lev": 5}
        for name in dict.fromkeys(("time", *field)):
            file.createDimension(name, sizes[name])
        for dimension, attributes in (("lat", lat), ("lon", lon)):
            variable = file.createVariable(attributes["name"], "f8", (dimension,))
            variable.setncatts({name: value for name, value in attributes.items() if name != "name"})
            variable[:] = np.arange(sizes[dimension])
        if time is not None:
            variable = file.createVariable("time", "f8", ("time",))
            variable.units = time
            variable[:] = [0, 1]
        file.createVariable("t", "f4", field)
        for name, (dimensions, attributes) in extra.items():
            file.createVariable(name, "f8", dimensions).setncatts(attributes)
            file.variables[name][...] = np.arange(file.variables[name].size).reshape(file.variables[name].shape)
    return path


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (LAT, LON),
        ({"name": "a", "standard_name": "latitude"}, {"name": "b", "standard_name": "longitude"}),
        ({"name": "a", "units": "degree_N"}, {"name": "b", "units": "degreesE"}),
        ({"name": "a", "axis": "Y", "units": "degrees"}, {"name": "b", "axis": "X", "units": "degrees"}),
        ({"name": "Latitude"}, {"name": "LONGITUDE"}),
        ({"name": "lat_rho", "units": "degrees"}, {"name": "lon_rho"}),
    ],
)
def test_latitude_and_longitude_are_known_by_standard_name_units_axis_or_name(tmp_path, lat, lon):
    description = scan(write(tmp_path / "a.nc", lat=lat, lon=lon)).description
    grid = next(iter(description.grids.values()))
    assert (grid.y, grid.x) == (lat["name"], lon["name"])
    assert [field.name for field in description.fields] == ["t"]


@pytest.mark.parametrize(
    ("lat", "lon", "says"),
    [
        ({"name": "y", "units": "m"}, {"name": "x", "units": "m"}, "no georeference"),
        ({"name": "y"}, {"name": "x"}, "x and y are no longitude and latitude, and t has no grid_mapping"),
        ({"name": "lat", "standard_name": "grid_latitude"}, LON, "no variables for latitude and longitude"),
    ],
)
def test_without_latitude_and_longitude_a_file_is_refused(tmp_path, lat, lon, says):
    with pytest.raises(Unreadable, match=says):
        scan(write(tmp_path / "a.nc", lat=lat, lon=lon))


@pytest.mark.parametrize(
    ("attributes", "kind", "positive"),
    [
        ({"axis": "Z"}, "vertical", None),
        ({"positive": "down"}, "vertical", "down"),
        ({"positive": "Up", "units": "1"}, "vertical", "up"),
        ({"standard_name": "depth"}, "vertical", "down"),
        ({"standard_name": "height"}, "vertical", "up"),
        ({"units": "m"}, "vertical", None),
        ({"units": "hPa"}, "vertical", None),
        ({"standard_name": "ocean_sigma_coordinate"}, "vertical", None),
        ({"units": "1"}, "other", None),
        ({}, "other", None),
    ],
)
def test_a_vertical_axis_is_known_by_axis_positive_standard_name_or_units(tmp_path, attributes, kind, positive):
    path = write(tmp_path / "a.nc", field=("time", "lev", "lat", "lon"), lev=(("lev",), attributes))
    axis = scan(path).description.axes["lev"]
    assert (axis.kind, axis.positive, axis.values) == (kind, positive, (0, 1, 2, 3, 4))


@pytest.mark.parametrize(("attributes", "positive"), [({}, "up"), ({"positive": "down"}, "down")])
def test_depths_written_as_negative_numbers_are_heights_unless_the_file_says_otherwise(tmp_path, attributes, positive):
    path = write(tmp_path / "a.nc", field=("time", "lev", "lat", "lon"), lev=(("lev",), {"standard_name": "depth"}))
    with netCDF4.Dataset(path, "a") as file:
        file["lev"][:] = [-40, -30, -20, -10, 0]
        file["lev"].setncatts(attributes)
    axis = scan(path).description.axes["lev"]
    assert (axis.positive, axis.values[0]) == (positive, -40)


def test_any_order_of_dimensions_is_stored_with_row_and_column_last(tmp_path):
    path = write(tmp_path / "a.nc", field=("lon", "lev", "time", "lat"))
    field = scan(path).description.fields[0]
    assert (field.dimensions, field.axes, field.shape) == (("lon", "lev", "time", "lat"), ("lev",), (5, 3, 4))
    assert field.chunks == (1, 1, 3, 4)


def test_a_time_without_units_is_taken_from_the_auxiliary_coordinate(real_data):
    header = scan(real_data("curvilinear/nemo_orca1/nemo_1m_20150101-20150201_grid-T.nc"))
    time = header.description.time
    assert (time.dimension, time.variable, time.calendar) == ("time_counter", "time_centered", "360_day")


def test_a_scalar_time_gives_the_file_one_step(real_data):
    header = scan(real_data("grid/hycom_2depths.nc"))
    assert header.times.shape == (1,)
    assert all(field.stepped for field in header.description.fields)


def test_without_time_there_is_one_step_at_zero(tmp_path):
    header = scan(write(tmp_path / "a.nc", field=("lat", "lon"), time=None))
    assert header.description.time is None
    assert header.times.tolist() == [0]


def test_months_are_those_of_the_calendar(tmp_path):
    times = scan(write(tmp_path / "a.nc", time="months since 2019-12-01")).times
    assert times.astype("M8[ms]").astype("M8[D]").astype(str).tolist() == ["2019-12-01", "2020-01-01"]


@pytest.mark.parametrize(
    "time", ["months since 2019-12-31", "fortnights since 2020-01-01", "days since yesterday", "days since 2020"]
)
def test_times_that_cannot_be_decoded_are_refused(tmp_path, time):
    with pytest.raises(Unreadable, match="cannot be decoded"):
        scan(write(tmp_path / "a.nc", time=time))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_time_that_is_no_number_is_missing(tmp_path, value):
    path = write(tmp_path / "a.nc")
    with netCDF4.Dataset(path, "a") as file:
        file.variables["time"][1] = value
    with pytest.raises(Unreadable, match="a value of time is missing"):
        scan(path)


def test_fields_without_any_cell_are_no_layers_but_kept(tmp_path):
    path = write(tmp_path / "a.nc")
    with netCDF4.Dataset(path, "a") as file:
        file.createDimension("level", 0)
        file.createVariable("w", "f4", ("time", "level", "lat", "lon"))
    description = scan(path).description
    assert [field.name for field in description.fields] == ["t"]
    assert description.variables["w"].shape == (0, 3, 4)


def test_a_file_without_any_step_is_refused_for_that(tmp_path):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(write(tmp_path / "whole.nc")) as whole, netCDF4.Dataset(path, "w") as file:
        for name, variable in whole.variables.items():
            for dimension in variable.dimensions:
                if dimension not in file.dimensions:
                    file.createDimension(dimension, None if dimension == "time" else len(whole.dimensions[dimension]))
            file.createVariable(name, variable.dtype, variable.dimensions).setncatts(variable.__dict__)
            if "time" not in variable.dimensions:
                file.variables[name][:] = variable[:]
    with pytest.raises(Unreadable, match="the file has no step"):
        scan(path)


def test_text_for_a_missing_value_is_taken_as_a_number_or_not_at_all(tmp_path):
    path = write(tmp_path / "a.nc", ice=(("lat", "lon"), {}), snow=(("lat", "lon"), {}))
    with netCDF4.Dataset(path, "a") as file:
        file.variables["ice"].setncattr_string("missing_value", " -99 ")
        file.variables["snow"].setncattr_string("missing_value", "none")
    packings = scan(path).packings
    assert -99.0 in packings["ice"].missing
    assert packings["snow"].missing == packings["t"].missing


def test_the_scale_of_a_coordinate_that_was_written_as_text_counts(tmp_path):
    path = write(tmp_path / "a.nc")
    with netCDF4.Dataset(path, "a") as file:
        file.variables["lat"].scale_factor = "0.5"
    (grid,) = scan(path).description.grids.values()
    assert grid.latitudes == (0.0, 0.5, 1.0)


def test_a_calendar_that_nobody_knows_is_refused(tmp_path):
    path = write(tmp_path / "a.nc")
    with netCDF4.Dataset(path, "a") as file:
        file.variables["time"].calendar = "mayan"
    with pytest.raises(Unreadable, match="mayan"):
        scan(path)


def test_missing_coordinates_are_refused_by_name(tmp_path):
    path = write(tmp_path / "a.nc")
    with netCDF4.Dataset(path, "a") as file:
        file.variables["lon"][1] = np.nan
    with pytest.raises(Unreadable, match="1 of 4 values of lon are missing"):
        scan(path)


def test_fields_whose_coordinates_were_never_filled_in_lie_between_the_centres_of_their_staggered_grid(real_data):
    header = scan(real_data("roms/Nordic_subset.nc"))
    description = header.description
    grid = description.grids[description.variables["u"].grid]
    assert (grid.staggered.x, grid.staggered.y) == ("lon_rho", "lat_rho")
    assert (grid.staggered.dimensions, grid.staggered.offset) == (("eta_u", "xi_u"), (0.0, 0.5))
    assert any("along eta_u and xi_u" in said and "lon_rho" in said for said in header.remarks)


def test_what_is_named_among_the_coordinates_of_another_is_a_field_if_it_has_places(real_data):
    fields = {field.name for field in scan(real_data("roms/test_roms.nc")).description.fields}
    assert {"h", "zeta"} <= fields


def test_a_scale_that_was_written_as_text_counts(real_data):
    header = scan(real_data("wind/fnoc1.nc"))
    assert header.packings["u"].scale == 0.005
    assert header.description.variables["u"].attributes["scale_factor"].text == "0.005"


def test_every_real_file_is_described_or_refused_as_the_verdicts_say(real_data):
    wrong = []
    with real_data("verdicts.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if not row["file"].endswith((".nc", ".cdf", ".nc4")):
                continue
            wanted = row["verdict"] == "served" and row["grid"] in ("rectilinear", "curvilinear", "swath")
            try:
                fields = {field.name for field in scan(real_data(row["file"])).description.fields}
            except Unreadable:
                fields = set()
            missing = set(row["variables"].split()) - {"..."} - fields
            if (wanted and missing) or (not wanted and row["verdict"] != "served" and fields):
                wrong.append((row["file"], sorted(missing)))
    assert wrong == []
