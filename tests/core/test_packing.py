"""Oracle: netCDF4's own masking and scaling, on files written for the purpose."""

import netCDF4
import numpy as np
import pytest
import xarray

from core.attributes import Attribute
from core.packing import Packing, packing_of


def attribute(value):
    if isinstance(value, str):
        return Attribute(type="char", data=value.encode())
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
    "bytes to be read as unsigned": ("i1", {"_Unsigned": "true", "_FillValue": np.int8(-1), "scale_factor": 0.5}),
    "words to be read as unsigned": (
        "i2",
        {"_Unsigned": "True", "_FillValue": np.int16(-2), "add_offset": np.float32(-3)},
    ),
    "a range of codes to be read as unsigned": (
        "i1",
        {"_Unsigned": "true", "_FillValue": np.int8(-1), "valid_range": np.array([3, -6], "i1"), "scale_factor": 0.5},
    ),
    "missing codes to be read as unsigned": ("i1", {"_Unsigned": "true", "missing_value": np.int8(-56)}),
    "not to be read otherwise": ("i1", {"_Unsigned": "false", "_FillValue": np.int8(-1)}),
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
    if "_Unsigned" in attributes:
        codes = np.concatenate([codes, np.array([-128, -56, -6, -5, -3, 127], dtype)])
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


def test_unsigned_codes_may_be_meant_as_signed(tmp_path):
    """That is what servers of DAP2 make of bytes. Oracle: xarray."""
    attributes = {"_Unsigned": "false", "_FillValue": np.uint8(255), "scale_factor": np.float32(0.5)}
    codes = np.array([0, 1, 127, 128, 200, 255], "u1")
    with netCDF4.Dataset(tmp_path / "oracle.nc", "w") as file:
        file.createDimension("x", codes.size)
        variable = file.createVariable("v", "u1", ("x",), fill_value=attributes["_FillValue"])
        variable.setncatts({name: value for name, value in attributes.items() if name != "_FillValue"})
        variable.set_auto_maskandscale(False)
        variable[:] = codes
    packing = packing_of(np.dtype("u1"), {name: attribute(value) for name, value in attributes.items()})
    with xarray.open_dataset(tmp_path / "oracle.nc", engine="netcdf4") as oracle:
        np.testing.assert_array_equal(packing.unpack(codes), oracle["v"].values)


def test_codes_of_foreign_byte_order_count_the_same():
    packing = packing_of(np.dtype("i2"), {"_Unsigned": attribute("true"), "valid_max": attribute(np.int16(-2))})
    codes = np.array([0, 1, -3, -2, -1, -32768], "<i2")
    np.testing.assert_array_equal(packing.unpack(codes.astype(">i2")), packing.unpack(codes))
    np.testing.assert_array_equal(packing.unpack(codes), [0, 1, 65533, 65534, np.nan, 32768])


def test_the_plain_packing_of_counted_codes_means_the_same():
    attributes = {"_Unsigned": "true", "_FillValue": np.int8(-1), "valid_max": np.int8(-6), "scale_factor": 0.5}
    packing = packing_of(np.dtype("i1"), {name: attribute(value) for name, value in attributes.items()})
    codes = np.arange(-128, 128).astype("i1")
    np.testing.assert_array_equal(packing.plain.unpack(packing.counted(codes)), packing.unpack(codes))
    assert (packing.plain.dtype, packing.plain.missing, packing.plain.read_as) == ("u1", (255,), "")
