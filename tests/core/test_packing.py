"""Oracle: netCDF4's own masking and scaling, on files written for the purpose."""

import netCDF4
import numpy as np
import pytest

from core.attributes import Attribute
from core.packing import Packing, packing_of


def attribute(value):
    array = np.atleast_1d(value)
    return Attribute(type=array.dtype.name, data=array.astype(array.dtype.newbyteorder("<")).tobytes())


def by_netcdf4(tmp_path, codes, attributes):
    """Return the values as netCDF4 masks and scales them, NaN where masked."""
    attributes = dict(attributes)
    with netCDF4.Dataset(tmp_path / "oracle.nc", "w") as file:
        file.createDimension("x", codes.size)
        variable = file.createVariable("v", codes.dtype, ("x",), fill_value=attributes.pop("_FillValue", None))
        variable.setncatts(attributes)
        variable.set_auto_maskandscale(False)
        variable[:] = codes
    with netCDF4.Dataset(tmp_path / "oracle.nc") as file:
        return np.ma.filled(np.ma.asarray(file["v"][:], dtype="f8"), np.nan)


CASES = {
    "packed, fill": ("i2", {"_FillValue": np.int16(-32767), "scale_factor": 0.01, "add_offset": 20.0}),
    "packed in float32": ("i2", {"_FillValue": np.int16(-32767), "scale_factor": np.float32(0.01)}),
    "offset alone": ("i1", {"_FillValue": np.int8(-128), "add_offset": np.float32(5)}),
    "missing_value too": ("i2", {"_FillValue": np.int16(-1), "missing_value": np.int16(7)}),
    "several missing values": ("i4", {"missing_value": np.array([3, 5], "i4")}),
    "default fill": ("i2", {}),
    "valid range of codes": ("i2", {"_FillValue": np.int16(-1), "valid_range": np.array([2, 9], "i2")}),
    "valid minimum": ("f4", {"valid_min": np.float32(0.001), "_FillValue": np.float32(-32767)}),
    "float with NaN": ("f4", {"_FillValue": np.float32(1e20)}),
    "double default fill": ("f8", {}),
    "unsigned": ("u2", {"_FillValue": np.uint16(65535), "scale_factor": 0.5}),
}


@pytest.mark.parametrize("case", CASES)
def test_values_and_gaps_equal_those_of_netcdf4(case, tmp_path):
    dtype, attributes = CASES[case]
    codes = np.array([0, 1, 2, 3, 5, 7, 9, 10, 100], dtype=dtype)
    extra = [attributes[name] for name in ("_FillValue", "missing_value") if name in attributes]
    codes = np.concatenate([codes, *(np.atleast_1d(value).astype(dtype) for value in extra)])
    if codes.dtype.kind == "f":
        codes = np.concatenate([codes, np.array([np.nan, 9.969209968386869e36, 0.0005], dtype)])
    if dtype == "i2" and "_FillValue" not in attributes:
        codes = np.append(codes, np.int16(-32767))
    packing = packing_of(np.dtype(dtype), {name: attribute(value) for name, value in attributes.items()})
    np.testing.assert_array_equal(packing.unpack(codes), by_netcdf4(tmp_path, codes, attributes))


def test_a_valid_range_in_unpacked_units_is_understood_by_its_type():
    attributes = {"scale_factor": 0.1, "valid_min": np.float64(-2.0), "valid_max": np.float64(4.0)}
    packing = packing_of(np.dtype("i2"), {name: attribute(value) for name, value in attributes.items()})
    codes = np.array([-21, -20, 0, 40, 41], "i2")
    np.testing.assert_array_equal(np.isnan(packing.unpack(codes)), [True, False, False, False, True])


def test_a_negative_scale_turns_an_unpacked_range_round():
    attributes = {"scale_factor": -0.1, "valid_min": np.float64(-2.0), "valid_max": np.float64(4.0)}
    packing = packing_of(np.dtype("i2"), {name: attribute(value) for name, value in attributes.items()})
    codes = np.array([-41, -40, 0, 20, 21], "i2")
    np.testing.assert_array_equal(np.isnan(packing.unpack(codes)), [True, False, False, False, True])


def test_a_fill_value_that_the_type_cannot_hold_never_occurs():
    packing = packing_of(np.dtype("i1"), {"missing_value": attribute(np.int16(300))})
    assert not packing.is_missing(np.arange(-128, 128).astype("i1")).any()


def test_values_keep_the_type_that_the_packing_attributes_give():
    packed = Packing(dtype="i2", scale=np.float32(0.5))
    assert packed.unpack(np.array([3], "i2")).dtype == np.float32
    assert Packing(dtype="i2", scale=np.float64(0.5)).unpack(np.array([3], "i2")).dtype == np.float64


def test_packings_are_keys_of_a_dictionary():
    one, other = (Packing(dtype="i2", scale=np.float32(0.5), missing=(-1,)) for _ in range(2))
    assert {one: 1}[other] == 1
