"""Every type of netCDF comes out of both formats. Oracle: netCDF4 on the source and on what was made."""

import netCDF4
import numpy as np
import pytest

from core.selection.asked import Subset
from gateway.extract import Wanted, prepare
from gateway.writers import netcdf3
from tests.contracts.raw import raw_attributes, raw_values
from tests.gateway.writers.cutting import REQUEST, taken_up, written3, written4

NUMBERS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
NC3, NC4 = (Wanted(format=kind, request=REQUEST) for kind in ("netcdf3", "netcdf4"))


@pytest.fixture
def source(tmp_path):
    """Return a file with a field of each type, text, and things in a group."""
    path = tmp_path / "source.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("lat", 3), ("lon", 5), ("letters", 4)):
            file.createDimension(name, size)
        for name, units, values in (
            ("lat", "degrees_north", [10, 0, -10]),
            ("lon", "degrees_east", [100, 101, 102, 103, 104]),
        ):
            axis = file.createVariable(name, "f4", (name,))
            axis.units = units
            axis[:] = values
        for kind in NUMBERS:
            dtype = np.dtype(kind)
            low = np.iinfo(dtype).min if dtype.kind in "iu" else -1e9
            high = min(np.iinfo(dtype).max, 2**53) if dtype.kind in "iu" else 1e9
            field = file.createVariable(f"t_{kind}", kind, ("lat", "lon"), fill_value=dtype.type(1))
            field.coordinates = "label word"
            field.limits = np.array([low, high], dtype=dtype)
            field[:] = np.linspace(max(low, -(2.0**53)), high, 15).astype(dtype).reshape(3, 5)
            field[0, 0] = dtype.type(1)
        file.createVariable("label", "S1", ("lat", "letters"))[:] = np.array([list("abcd"), list("efgh"), list("ijkl")])
        file.createVariable("word", str, ("lon",))[:] = np.array(["a", "", "ü", "d", "e"], dtype=object)
        inner = file.createGroup("inner")
        inner.createVariable("deep", "i2", ("lat", "lon"))[:] = np.arange(15).reshape(3, 5)
        file.setncattr_string("strings", ["one", "two"])
        file.whole = np.uint64(2**64 - 1)
    return path


async def test_netcdf4_holds_every_type_as_it_is(source, tmp_path):
    async with taken_up([source], tmp_path) as dataset:
        path = await written4(await prepare(dataset, Subset(), NC4), tmp_path / "made.nc")
    with netCDF4.Dataset(source) as old, netCDF4.Dataset(path) as new:
        for name in (*old.variables, "inner/deep"):
            assert raw_values(new[name]) == raw_values(old[name]), name
            one, other = (raw_attributes(file[name].group(), file[name]._varid) for file in (old, new))
            assert one == other, name
        assert {"strings", "whole"} <= set(new.ncattrs())


async def test_netcdf3_holds_the_same_numbers(source, tmp_path):
    async with taken_up([source], tmp_path) as dataset:
        path = await written3(await prepare(dataset, Subset(), NC3), tmp_path / "made.nc")
    with netCDF4.Dataset(source) as old, netCDF4.Dataset(path) as new:
        assert new.data_model == "NETCDF3_CLASSIC"
        for kind in NUMBERS:
            before, after = old[f"t_{kind}"][:], new[f"t_{kind}"][:]
            assert (np.ma.getmaskarray(before) == np.ma.getmaskarray(after)).all(), kind
            assert before.astype("f8").compressed().tolist() == after.astype("f8").compressed().tolist(), kind
        assert (new["label"][:] == old["label"][:]).all()
        assert (new["deep"][:] == old["inner/deep"][:]).all()
        assert "word" not in new.variables
        assert (new.strings, float(new.whole)) == ("one\ntwo", 2.0**64)


async def test_a_number_that_netcdf3_cannot_hold_is_an_error(source, tmp_path):
    with netCDF4.Dataset(source, "a") as file:
        file["t_i8"][1, 1] = 2**53 + 1
    async with taken_up([source], tmp_path) as dataset:
        extraction = await prepare(dataset, Subset(variables=("t_i8",)), NC3)
        with pytest.raises(ValueError, match="ask for netCDF-4"):
            [part async for part in netcdf3.stream(extraction)]
