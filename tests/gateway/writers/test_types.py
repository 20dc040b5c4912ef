"""Every type of netCDF comes out of both formats. Oracle: netCDF4 on the source and on what was made."""

from dataclasses import dataclass, replace
from itertools import combinations

import netCDF4
import numpy as np
import pytest

from core.problem import Problem
from core.selection import reading
from core.selection.asked import Subset
from gateway.blocks import BlockReader
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


CODES = {"i8": (None, -(2**63) + 2, -(2**63)), "u8": (None, 2**64 - 2, 2**64 - 1)}
"""Codes for missing values that no double is equal to, the default of the type first."""


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes])
async def test_missing_whole_numbers_of_64_bits_are_missing_in_the_classic_formats(tmp_path, kind, code):
    path = tmp_path / "source.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, units, size in (("lat", "degrees_north", 3), ("lon", "degrees_east", 5)):
            file.createDimension(name, size)
            axis = file.createVariable(name, "i8", (name,))
            axis.units, axis[:] = units, np.arange(size)
        field = file.createVariable("n", kind, ("lat", "lon"), fill_value=code)
        field.valid_max = np.iinfo(kind).max
        field[:] = np.ma.masked_equal(np.arange(15, dtype=kind).reshape(3, 5), 7)
    async with taken_up([path], tmp_path) as dataset:
        three = await written3(await prepare(dataset, Subset(), NC3), tmp_path / "made3.nc")
        four = await written4(await prepare(dataset, Subset(), NC4), tmp_path / "made4.nc")
    with netCDF4.Dataset(three) as new, netCDF4.Dataset(four) as same, netCDF4.Dataset(path) as old:
        assert raw_values(same["n"]) == raw_values(old["n"])
        new["n"].set_auto_mask(False)
        assert (new["n"][:] == new["n"]._FillValue).nonzero() == ([1], [2])
        assert [value for value in new["n"][:].ravel().tolist() if abs(value) < 2**62] == [*range(7), *range(8, 15)]
        assert "_FillValue" not in new["lat"].ncattrs()


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1])
async def test_a_number_that_netcdf3_cannot_hold_is_refused(source, tmp_path, number):
    with netCDF4.Dataset(source, "a") as file:
        file["t_i8"][1, 1] = number
    async with taken_up([source], tmp_path) as dataset:
        extraction = await prepare(dataset, Subset(variables=("t_i8",)), NC3)
        with pytest.raises(Problem, match="ask for accept=netcdf4") as refused:
            [part async for part in netcdf3.stream(extraction)]
        assert refused.value.kind == "invalid_value"


async def test_what_would_turn_into_a_missing_value_is_refused(source, tmp_path):
    with netCDF4.Dataset(source, "a") as file:
        file["t_i8"].missing_value = np.int64(-(2**63) + 2)
        file["t_i8"][1, 1] = -(2**63)
    async with taken_up([source], tmp_path) as dataset:
        extraction = await prepare(dataset, Subset(variables=("t_i8",)), NC3)
        with pytest.raises(Problem, match="ask for accept=netcdf4"):
            [part async for part in netcdf3.stream(extraction)]


async def test_the_classic_model_of_netcdf4_refuses_what_it_cannot_hold(source, tmp_path, downloads):
    with netCDF4.Dataset(source, "a") as file:
        file["t_i8"][1, 1] = 2**53 + 1
    async with taken_up([source], tmp_path) as dataset:
        wanted = Wanted(format="netcdf4-classic", request=REQUEST)
        with pytest.raises(Problem, match="ask for accept=netcdf4"):
            await downloads.netcdf4(await prepare(dataset, Subset(variables=("t_i8",)), wanted))
        made = await downloads.netcdf4(await prepare(dataset, Subset(variables=("t_u2", "t_u8")), wanted))
    with netCDF4.Dataset(made.path) as new, netCDF4.Dataset(source) as old:
        for name in ("t_u2", "t_u8"):
            assert new[name][:].astype("f8").tolist() == old[name][:].astype("f8").tolist()


async def test_a_part_of_netcdf3_is_that_part_of_the_file_and_reads_nothing_else(source, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 16)
    async with taken_up([source], tmp_path) as dataset:
        extraction = await prepare(dataset, Subset(), NC3)
        whole = b"".join([piece async for piece in netcdf3.stream(extraction)])
        asked = []
        seen = replace(extraction, reader=Noting(extraction.reader, asked))
        every = [0, 1, 31, *range(len(whole) - 700, len(whole), 97), len(whole)]
        for start, stop in combinations(every, 2):
            asked.clear()
            part = b"".join([piece async for piece in netcdf3.stream(seen, start, stop)])
            assert part == whole[start:stop], (start, stop)
            assert sum(np.prod(block.shape) for block in asked) <= (stop - start) + 2 * 16, "little beside it is read"


@dataclass(frozen=True)
class Noting:
    """A reader that notes which blocks it is asked for."""

    reader: BlockReader
    asked: list

    @property
    def sampler(self):
        return self.reader.sampler

    def read(self, todo):
        return self.reader.read(self._noted(todo))

    def _noted(self, todo):
        for one in todo:
            self.asked.append(one[2])
            yield one
