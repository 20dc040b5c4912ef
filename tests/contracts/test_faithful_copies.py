"""Source file -> store -> NetCDF: identical type and bytes for each attribute and each variable.

Both files are compared through the C library's own calls, not through our reading of attributes.
"""

import asyncio
import ctypes
from pathlib import Path

import icechunk
import netCDF4
import numpy as np
import pytest
import zarr

from core.attributes import STRING
from core.steps import StepTable
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.repository import StoredDataset

LIBRARY = ctypes.CDLL(netCDF4._netCDF4.__file__)
TYPES = {"int8": 1, "char": 2, "int16": 3, "int32": 4, "float32": 5, "float64": 6, "uint8": 7}
TYPES |= {"uint16": 8, "uint32": 9, "int64": 10, "uint64": 11, "string": 12}
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8, 12: 8}
GLOBAL = -1

REAL = [
    "grid/tos_O1_2001-2002.nc",
    "grid/cmems_glo12_uv_7depths.nc",
    "grid/hycom_2depths.nc",
    "altimetry/nrt_global_allsat_phy_l4_20190223_20190226.nc",
    "grid/ostia_anom/20170605120000-UKMO-L4_GHRSST-SSTfnd-OSTIAanom-GLOB-v02.0-fv02.0.nc",
    "odd/nc4_unsigned_types_comp.nc",
    "odd/testDimensionOrder.nc",
    "odd/multi_dim.nc",
    "odd/vlstr_type.nc",
    "wind/fnoc1.nc",
]


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_comes_back_as_it_was(tmp_path, real_data, name):
    assert_comes_back(real_data(name), tmp_path)


@pytest.mark.parametrize("kind", ["NETCDF4", "NETCDF4_CLASSIC", "NETCDF3_CLASSIC", "NETCDF3_64BIT_DATA"])
def test_attributes_of_every_type_come_back_bit_for_bit(tmp_path, kind):
    source = tmp_path / "source.nc"
    with netCDF4.Dataset(source, "w", format=kind) as file:
        make_grid(file)
        field = make_field(file, "t", "f4", ("time", "lat", "lon"))
        numbers = {
            "nan": np.array([np.nan, -np.nan, np.inf, -np.inf]),
            "thousandth": np.float32(0.001),
            "valid_range": np.array([-5, 5], "f4"),
            "denormal": np.array([5e-324, -0.0]),
            "small": np.array([-128, 127], "i1"),
            "short": np.int16(-32768),
            "int": np.array([2**31 - 1], "i4"),
        }
        if kind in ("NETCDF4", "NETCDF3_64BIT_DATA"):
            numbers |= {"large": np.array([2**64 - 1, 0], "u8"), "long": np.int64(-(2**63)), "ubyte": np.uint8(255)}
        for name, value in numbers.items():
            field.setncattr(name, value)
            file.setncattr(name, value)
        texts = {"empty": b"", "latin": "temp\xe9rature".encode("latin-1"), "nul": b"ends\0\0", "utf8": "é€".encode()}
        for name, text in texts.items():
            put_text(file, field._varid, name, text)
            put_text(file, GLOBAL, name, text)
        if kind == "NETCDF4":
            for name, strings in {"one": ["a"], "many": ["a", "", "é"], "none": [""]}.items():
                put_strings(file, field._varid, name, [text.encode() for text in strings])
    assert_comes_back(source, tmp_path)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_values_of_every_type_come_back_bit_for_bit(tmp_path, dtype):
    source = tmp_path / "source.nc"
    with netCDF4.Dataset(source, "w") as file:
        make_grid(file)
        for name, dimensions in {
            "plain": ("time", "lat", "lon"),
            "turned": ("lon", "time", "lat"),
            "deep": ("time", "depth", "lat", "lon"),
            "last": ("lat", "lon", "depth", "time"),
            "still": ("lat", "lon"),
        }.items():
            make_field(file, name, dtype, dimensions)
        file.createVariable("scalar", dtype)[...] = 7
        file.createVariable("profile", dtype, ("time", "depth"))[:] = 3
    assert_comes_back(source, tmp_path)


def test_text_scalars_bounds_and_big_endian_values_come_back(tmp_path):
    source = tmp_path / "source.nc"
    with netCDF4.Dataset(source, "w") as file:
        make_grid(file)
        make_field(file, "t", "f4", ("time", "lat", "lon"))
        big = file.createVariable("big", ">f4", ("time", "lat", "lon"), endian="big", fill_value=np.nan)
        big[:] = np.arange(3 * 4 * 5).reshape(3, 4, 5)
        file.createDimension("letters", 6)
        file.createDimension("nothing", 0)
        file.createVariable("label", "S1", ("time", "letters"))[:] = np.full((3, 6), b"x")
        file.createVariable("crs", "S1")
        file.createVariable("empty", "i4", ("nothing",))
        words = file.createVariable("words", str, ("time",))
        words[:] = np.array(["a", "", "été"], dtype=object)
        file.createVariable("word", str)[...] = "ünï"
    assert_comes_back(source, tmp_path)


def make_grid(file: netCDF4.Dataset) -> None:
    file.createDimension("time", None)
    for name, size in {"lat": 4, "lon": 5, "depth": 2}.items():
        file.createDimension(name, size)
    for name, units, values in (
        ("time", "hours since 2020-01-01", [0.0, 6.5, 12.25]),
        ("lat", "degrees_north", [60.0, 50.0, 40.0, 30.0]),
        ("lon", "degrees_east", [0.5, 1.5, 2.5, 3.5, 4.5]),
        ("depth", "m", [0.0, 10.0]),
    ):
        variable = file.createVariable(name, "f8", (name,))
        put_text(file, variable._varid, "units", units.encode())
        variable[:] = values


def make_field(file: netCDF4.Dataset, name: str, dtype: str, dimensions: tuple[str, ...]) -> netCDF4.Variable:
    field = file.createVariable(name, dtype, dimensions)
    sizes = {"time": 3, "lat": 4, "lon": 5, "depth": 2}
    count = int(np.prod([sizes[dimension] for dimension in dimensions]))
    bits = np.random.default_rng(1).integers(0, 256, count * field.dtype.itemsize, dtype=np.uint8)
    field.set_auto_maskandscale(False)
    field[:] = bits.view(dtype).reshape([sizes[dimension] for dimension in dimensions])
    return field


def assert_comes_back(source: Path, folder: Path) -> None:
    location = Location.parse(str(folder / "store"))
    summary = ingest(location, "copy", [source], crew=Processes(0), report=lambda progress: None)
    assert summary.refused == ()
    write_copy(location, folder / "copy.nc")
    with netCDF4.Dataset(source) as old, netCDF4.Dataset(folder / "copy.nc") as new:
        assert list(old.variables) == list(new.variables)
        assert raw_attributes(old, GLOBAL) == raw_attributes(new, GLOBAL)
        for name, variable in old.variables.items():
            copy = new.variables[name]
            assert copy.dimensions == variable.dimensions
            assert np.dtype(copy.dtype).newbyteorder("=") == np.dtype(variable.dtype).newbyteorder("="), name
            assert raw_attributes(old, variable._varid) == raw_attributes(new, copy._varid), name
            assert raw_values(copy) == raw_values(variable), name


def write_copy(location: Location, path: Path) -> None:
    """Write what the store holds as NetCDF-4, with nothing but the store to go by."""
    dataset, reader = asyncio.run(StoredDataset(location, "copy").open())
    session = icechunk.Repository.open(location.storage("copy")).readonly_session(snapshot_id=reader.version)
    root = zarr.open_group(session.store, mode="r")
    description = dataset.description
    with netCDF4.Dataset(path, "w", auto_complex=False) as file:
        for name, size in description.dimensions.items():
            is_time = description.time is not None and name == description.time.dimension
            file.createDimension(name, len(dataset.steps) if is_time else size)
        for variable in description.variables.values():
            file.createVariable(variable.name, str if variable.dtype == "str" else variable.dtype, variable.dimensions)
        for varid, attributes in [
            (GLOBAL, description.attributes),
            *((file.variables[name]._varid, found.attributes) for name, found in description.variables.items()),
        ]:
            for name, attribute in attributes.items():
                put_attribute(file, varid, name, attribute)
        file.set_auto_maskandscale(False)
        file.set_auto_chartostring(False)
        for name, variable in description.variables.items():
            values = as_in_source(root[f"data/{name}"], variable, dataset.steps, description.time)
            if values.size:
                file.variables[name][...] = values


def as_in_source(array: zarr.Array, variable, steps: StepTable, time) -> np.ndarray:
    values, names = array[...], list(array.metadata.dimension_names or ())
    if variable.stepped:
        values = values[steps.rows[:, 1]]
        names[0] = time.dimension
        if time.dimension not in variable.dimensions:
            values, names = values[0], names[1:]
    values = np.asarray(values, dtype=object) if variable.dtype == "str" else np.asarray(values)
    values = values.view("S1") if variable.dtype == "S1" else values
    return values.transpose([names.index(name) for name in variable.dimensions])


def raw_values(variable: netCDF4.Variable) -> bytes | list[object]:
    variable.set_auto_maskandscale(False)
    if variable.dtype is not str:
        variable.set_auto_chartostring(False)
    values = np.asarray(variable[...])
    return values.tolist() if values.dtype.kind in "OU" else values.astype(values.dtype.newbyteorder("<")).tobytes()


def raw_attributes(file: netCDF4.Dataset, varid: int) -> dict[str, tuple[int, int, object]]:
    node = file if varid == GLOBAL else next(found for found in file.variables.values() if found._varid == varid)
    found = {}
    for name in node.ncattrs():
        kind, length = ctypes.c_int(), ctypes.c_size_t()
        key = (file._grpid, varid, name.encode())
        assert LIBRARY.nc_inq_att(*key, ctypes.byref(kind), ctypes.byref(length)) == 0
        if kind.value == TYPES["string"]:
            pointers = (ctypes.c_char_p * length.value)()
            assert LIBRARY.nc_get_att(*key, pointers) == 0
            found[name] = (kind.value, length.value, list(pointers))
        else:
            buffer = ctypes.create_string_buffer(max(1, length.value * SIZES[kind.value]))
            assert LIBRARY.nc_get_att(*key, buffer) == 0
            found[name] = (kind.value, length.value, buffer.raw[: length.value * SIZES[kind.value]])
    return found


def put_attribute(file: netCDF4.Dataset, varid: int, name: str, attribute) -> None:
    if attribute.type == STRING:
        put_strings(file, varid, name, [text.encode("utf-8", "surrogateescape") for text in attribute.strings])
        return
    kind = TYPES[attribute.type]
    length = ctypes.c_size_t(len(attribute.data) // SIZES[kind])
    assert LIBRARY.nc_put_att(file._grpid, varid, name.encode(), kind, length, attribute.data) == 0, name


def put_text(file: netCDF4.Dataset, varid: int, name: str, text: bytes) -> None:
    define(file)
    assert LIBRARY.nc_put_att(file._grpid, varid, name.encode(), 2, ctypes.c_size_t(len(text)), text) == 0, name
    if file.data_model != "NETCDF4":
        file._enddef()


def put_strings(file: netCDF4.Dataset, varid: int, name: str, strings: list[bytes]) -> None:
    pointers = (ctypes.c_char_p * len(strings))(*strings)
    length = ctypes.c_size_t(len(strings))
    assert LIBRARY.nc_put_att_string(file._grpid, varid, name.encode(), length, pointers) == 0, name


def define(file: netCDF4.Dataset) -> None:
    if file.data_model != "NETCDF4":
        file._redef()
