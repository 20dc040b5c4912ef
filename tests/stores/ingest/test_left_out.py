"""What is left out of a file that is otherwise taken, by name; and where that is too much, so that it is refused."""

import ctypes

import netCDF4
import numpy as np
import pytest

from stores.ingest.refusal import Unreadable
from stores.ingest.scan import scan


@pytest.fixture
def path(tmp_path):
    """Return a file with one field, `t`, along time, lat and lon, and `ice` without time."""
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size, units in (("time", 2, "days since 2020-01-01"), ("lat", 3, "1"), ("lon", 4, "1")):
            file.createDimension(name, size)
            variable = file.createVariable(name, "f8", (name,))
            variable[:] = np.arange(size)
            if name == "time":
                variable.units = units
        file.createVariable("t", "f4", ("time", "lat", "lon"))[:] = 0
        file.createVariable("ice", "f8", ("lat", "lon"))[:] = 0
    return path


@pytest.mark.parametrize("dimensions", [("time", "time"), ("lat", "time", "time")])
def test_a_variable_that_has_time_twice_is_left_out_by_name(path, dimensions):
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("drift", "f8", dimensions)
    header = scan(path)
    assert header.left_out == {"drift": "it has the dimension time twice, which is not taken"}
    assert "drift" not in header.description.variables
    assert "drift" not in header.packings


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"scale_factor": 0.0}, "scale_factor is 0"),
        ({"scale_factor": 0.0, "valid_max": 5.0}, "scale_factor is 0"),
        ({"scale_factor": np.nan}, "scale_factor is nan"),
        ({"add_offset": np.inf}, "add_offset is inf"),
        ({"scale_factor": [1.0, 2.0]}, "scale_factor is not one number but 2"),
        ({"scale_factor": "one tenth"}, "scale_factor is no number: 'one tenth'"),
        ({"add_offset": "1_0"}, "add_offset is no number: '1_0'"),
        ({"add_offset": ""}, "add_offset is no number: ''"),
    ],
)
def test_a_variable_whose_packing_means_nothing_is_left_out_by_name(path, attributes, reason):
    with netCDF4.Dataset(path, "a") as file:
        file.variables["ice"].setncatts(attributes)
    header = scan(path)
    assert header.left_out == {"ice": reason}
    assert [field.name for field in header.description.fields] == ["t"]


@pytest.mark.parametrize("name", ["t", "lat", "time"])
def test_a_file_is_refused_if_its_only_field_or_a_coordinate_cannot_be_taken(path, name):
    with netCDF4.Dataset(path, "a") as file:
        file.variables[name].scale_factor = 0.0
        file.variables["ice"].scale_factor = 0.0
    with pytest.raises(Unreadable, match=f"{name}: scale_factor is 0"):
        scan(path)


def test_what_is_of_a_user_defined_type_is_left_out_by_name(path):
    with netCDF4.Dataset(path, "a") as file:
        clouds = file.createEnumType(np.uint8, "sky", {"clear": 0, "cloudy": 1})
        file.createVariable("clouds", clouds, ("lat",))
        file.createVariable("ragged", file.createVLType(np.int32, "row"), ("lat",))
        pair = file.createCompoundType(np.dtype([("u", "f4"), ("v", "f4")]), "pair")
        file.createVariable("wind", pair, ("lat", "lon"))
        file.createGroup("inner").createVariable("sky", clouds, ("lat", "lon"))
        file.setncattr("range", np.array((1, 2), pair.dtype))
        file.variables["t"].setncattr("range", np.array((1, 2), pair.dtype))
    header = scan(path)
    told = "it is of a user-defined type ({}), which is not taken"
    assert header.left_out == {
        "clouds": told.format("EnumType"),
        "ragged": told.format("VLType"),
        "wind": told.format("CompoundType"),
        "inner/sky": told.format("EnumType"),
        ":range": "an attribute of a user-defined type, which is not taken",
        "t:range": "an attribute of a user-defined type, which is not taken",
    }
    assert list(header.description.variables) == ["time", "lat", "lon", "t", "ice"]


def test_variables_of_types_that_the_library_passes_over_are_left_out_by_name(path):
    add_opaque(path, "blob")
    assert set(scan(path).left_out) == {"blob"}
    assert [field.name for field in scan(path).description.fields] == ["t", "ice"]


def add_opaque(path, name):
    """Add a variable of an opaque type, through the C library, since netCDF4-python has none."""
    library = ctypes.CDLL(netCDF4._netCDF4.__file__)
    with netCDF4.Dataset(path, "a") as file:
        kind, variable = ctypes.c_int(), ctypes.c_int()
        assert library.nc_def_opaque(file._grpid, ctypes.c_size_t(8), b"eight", ctypes.byref(kind)) == 0
        assert library.nc_def_var(file._grpid, name.encode(), kind, 0, None, ctypes.byref(variable)) == 0


def test_a_variable_without_time_that_cannot_be_read_is_left_out_by_name(path):
    with netCDF4.Dataset(path, "a") as file:
        broken = file.createVariable("broken", "f8", ("lat", "lon"), fletcher32=True)
        broken[:] = 1234.5
    damage(path, np.full(12, 1234.5).tobytes())
    header = scan(path)
    assert list(header.left_out) == ["broken"]
    assert "cannot be read" in header.left_out["broken"]
    assert "ice" in header.description.variables


@pytest.mark.parametrize("name", ["lat", "time"])
def test_a_coordinate_that_cannot_be_read_refuses_the_file(tmp_path, name):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        for dimension, units in (("time", "days since 2020-01-01"), ("lat", "degrees_north"), ("lon", "degrees_east")):
            file.createDimension(dimension, 4)
            variable = file.createVariable(dimension, "f8", (dimension,), fletcher32=True)
            variable.units = units
            variable[:] = {"time": 5.0, "lat": 6.0, "lon": 7.0}[dimension] + np.arange(4)
        file.createVariable("t", "f4", ("time", "lat", "lon"))[:] = 0
    damage(path, ({"time": 5.0, "lat": 6.0}[name] + np.arange(4)).tobytes())
    with pytest.raises(Unreadable, match=f"variable {name} cannot be read") as refusal:
        scan(path)
    assert refusal.value.variable == name


def damage(path, values):
    """Flip a bit of the one chunk that holds `values`; its checksum tells."""
    raw = bytearray(path.read_bytes())
    at = raw.index(values)
    raw[at] ^= 1
    path.write_bytes(raw)
