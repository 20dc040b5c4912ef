"""Files whose variables lie in groups, as satellite products are written. Source: CF Conventions 1.11, 2.7."""

import netCDF4
import numpy as np
import pytest

from stores.ingest.refusal import Unreadable
from stores.ingest.scan import scan


@pytest.fixture
def product(tmp_path):
    """Return a file with its coordinates in one group and fields in that one and one within."""
    path = tmp_path / "product.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.title = "A product"
        group = file.createGroup("PRODUCT")
        group.quality = "good"
        for name, size in (("time", None), ("latitude", 3), ("longitude", 4), ("two", 2)):
            group.createDimension(name, size)
        for name, values in (("time", [0, 1]), ("latitude", [10, 20, 30]), ("longitude", [0, 10, 20, 30])):
            group.createVariable(name, "f8", (name,))[:] = values
        group["time"].units = "days since 2020-01-01"
        group["latitude"].bounds = "bounds/latitude"
        bounds = group.createGroup("bounds").createVariable("latitude", "f8", ("latitude", "two"))
        bounds[:] = [[5, 15], [15, 25], [25, 35]]
        group.createVariable("ssha", "i2", ("time", "latitude", "longitude"))[:] = 1
        group["ssha"].scale_factor = 0.5
        inner = group.createGroup("DETAILS")
        inner.createVariable("flags", "i1", ("time", "latitude", "longitude"))[:] = 1
    return path


def test_variables_and_dimensions_are_named_by_their_paths(product):
    header = scan(product)
    description = header.description
    assert [field.name for field in description.fields] == ["PRODUCT/ssha", "PRODUCT/DETAILS/flags"]
    assert description.dimensions == {
        "PRODUCT/time": 2,
        "PRODUCT/latitude": 3,
        "PRODUCT/longitude": 4,
        "PRODUCT/two": 2,
    }
    assert (description.time.dimension, description.time.variable) == ("PRODUCT/time", "PRODUCT/time")
    assert description.unlimited == ("PRODUCT/time",)
    assert header.times.astype("M8[ms]").astype("M8[D]").astype(str).tolist() == ["2020-01-01", "2020-01-02"]
    assert header.packings["PRODUCT/ssha"].scale == 0.5


def test_bounds_in_another_group_are_found_by_their_path(product):
    (grid,) = scan(product).description.grids.values()
    assert (grid.y, grid.latitude_bounds) == ("PRODUCT/latitude", ((5, 15), (15, 25), (25, 35)))


def test_attributes_of_groups_are_kept_also_where_they_hold_nothing(product):
    with netCDF4.Dataset(product, "a") as file:
        file.createGroup("METADATA/EMPTY")
        file["METADATA"].origin = "somewhere"
    groups = scan(product).description.groups
    assert list(groups) == ["PRODUCT", "PRODUCT/bounds", "PRODUCT/DETAILS", "METADATA", "METADATA/EMPTY"]
    assert groups["PRODUCT"]["quality"].text == "good"
    assert groups["METADATA"]["origin"].text == "somewhere"
    assert groups["METADATA/EMPTY"] == {}


def test_a_field_lies_where_the_nearest_coordinates_say(tmp_path):
    path = tmp_path / "two.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("lat", 2), ("lon", 3)):
            file.createDimension(name, size)
            file.createVariable(name, "f8", (name,))[:] = np.arange(size)
        file.createVariable("t", "f4", ("lat", "lon"))[:] = 0
        fine = file.createGroup("fine")
        for name, size in (("lat", 4), ("lon", 6)):
            fine.createDimension(name, size)
            fine.createVariable(name, "f8", (name,))[:] = np.arange(size) / 2
        fine.createVariable("t", "f4", ("lat", "lon"))[:] = 0
        fine.createGroup("masked").createVariable("t", "f4", ("lat", "lon"))[:] = 0
        beside = file.createGroup("beside")
        for name in ("lat", "lon"):
            beside.createVariable(name, "f8", (name,))[:] = 50
        beside["lat"].units, beside["lon"].units = "degrees_north", "degrees_east"
    description = scan(path).description
    assert {field.name: field.grid for field in description.fields} == {
        "t": "lat.lon",
        "fine/t": "fine/lat.fine/lon",
        "fine/masked/t": "fine/lat.fine/lon",
    }
    assert description.grids["lat.lon"].latitudes == (0, 1)
    assert description.grids["fine/lat.fine/lon"].latitudes == (0, 0.5, 1, 1.5)


def test_two_dimensional_coordinates_are_found_outwards(tmp_path):
    path = tmp_path / "swath.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("row", 3), ("column", 4)):
            file.createDimension(name, size)
        for name in ("lat", "lon"):
            file.createVariable(name, "f8", ("row", "column"))[:] = np.arange(12).reshape(3, 4)
        inner = file.createGroup("a/b").createVariable("t", "f4", ("row", "column"))
        inner[:] = 0
        inner.coordinates = "/lat ../lon"
    (field,) = scan(path).description.fields
    assert (field.name, field.grid) == ("a/b/t", "lat.lon")


@pytest.mark.parametrize("group", ["__a", "b/__c"])
def test_a_variable_whose_group_zarr_cannot_have_is_left_out_by_name(product, group):
    with netCDF4.Dataset(product, "a") as file:
        file.createGroup(group).createVariable("x", "f4")
    assert list(scan(product).left_out) == [f"{group}/x"]


def test_tracks_in_groups_are_refused_for_what_they_are(real_data):
    with pytest.raises(Unreadable, match="tracks and profiles are not maps: data_01/latitude and data_01/longitude"):
        scan(real_data("altimetry/S6A_P4_2__HR_RED__NR_014_191.nc"))
