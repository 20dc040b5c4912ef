"""Source file -> store -> NetCDF: identical type and bytes for each attribute and each variable.

Both files are compared through the C library's own calls, not through our reading of attributes.
"""

import asyncio
from pathlib import Path

import icechunk
import netCDF4
import numpy as np
import pytest
import zarr

from core.steps import StepTable
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.repository import StoredDataset
from tests.contracts.raw import GLOBAL, put_attribute, put_strings, put_text, raw_attributes, raw_values

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


def test_groups_come_back_with_their_attributes_dimensions_and_variables(tmp_path):
    source = tmp_path / "source.nc"
    with netCDF4.Dataset(source, "w") as file:
        make_grid(file)
        file.createGroup("METADATA/PROCESSING").note = "no variable lies here"
        product = file.createGroup("PRODUCT")
        product.contents = "values"
        product.createDimension("depth", 3)
        product.createDimension("record", None)
        product.createVariable("depth", "f8", ("depth",))[:] = [1, 2, 3]
        for name, dimensions in {"t": ("time", "depth", "lat", "lon"), "s": ("time", "lat", "lon")}.items():
            field = make_field(product, name, "i2", dimensions, depth=3)
            field.coordinates = "/lat lon"
        inner = product.createGroup("DETAILS")
        make_field(inner, "t", "f4", ("time", "lat", "lon"))
        inner.createVariable("flags", "S1", ("record", "lat"))[:] = np.full((2, 4), b"f")
        inner.createVariable("words", str, ("record",))[:] = np.array(["a", "ü"], dtype=object)
    assert_comes_back(source, tmp_path)


def test_what_cf_says_of_a_variable_comes_back(tmp_path):
    """Flags, bit flags, signs, methods, quality, labels, projections and climatologies."""
    source = tmp_path / "source.nc"
    with netCDF4.Dataset(source, "w") as file:
        make_grid(file)
        field = make_field(file, "t", "i1", ("time", "lat", "lon"))
        field.setncatts({"_Unsigned": "true", "cell_methods": "time: mean within years time: mean over years"})
        field.setncatts(
            {"ancillary_variables": "flags bits", "grid_mapping": "crs: lat lon", "coordinates": "place name"}
        )
        flags = make_field(file, "flags", "i1", ("time", "lat", "lon"))
        flags.setncatts({"flag_values": np.array([0, 1, 2], "i1"), "flag_meanings": "sea land ice"})
        bits = make_field(file, "bits", "u2", ("time", "lat", "lon"))
        bits.setncatts({"flag_masks": np.array([1, 2, 12], "u2"), "flag_meanings": "rain sun ice"})
        bits.flag_values = np.array([1, 2, 8], "u2")
        file.createVariable("crs", "i4").setncatts(
            {"grid_mapping_name": "latitude_longitude", "semi_major_axis": 6.4e6}
        )
        file.createDimension("letters", 4)
        file.createDimension("two", 2)
        file.createVariable("place", "S1", ("lat", "letters"))[:] = np.full((4, 4), b"p")
        file.createVariable("name", str, ("lon",))[:] = np.array(["a", "", "c", "d", "é"], dtype=object)
        file["time"].climatology = "climatology"
        file.createVariable("climatology", "f8", ("time", "two"))[:] = np.arange(6).reshape(3, 2)
    assert_comes_back(source, tmp_path)


@pytest.mark.parametrize("dimensions", [(), ("moment",)])
def test_a_single_time_comes_back_with_its_bounds(tmp_path, dimensions):
    source = tmp_path / "source.nc"
    with netCDF4.Dataset(source, "w") as file:
        for name, size in (("lat", 4), ("lon", 5), ("moment", 1), ("two", 2)):
            file.createDimension(name, size)
        for name in ("lat", "lon"):
            file.createVariable(name, "f8", (name,))[:] = np.arange(len(file.dimensions[name]))
        time = file.createVariable("time", "f8", dimensions)
        time.setncatts({"units": "days since 2020-01-01", "standard_name": "time", "bounds": "time_bounds"})
        time[...] = 5.5
        file.createVariable("time_bounds", "f8", (*dimensions, "two"))[...] = [5, 6]
        file.createVariable("t", "f4", ("lat", "lon"))[:] = 3
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


def make_field(
    file: netCDF4.Dataset, name: str, dtype: str, dimensions: tuple[str, ...], depth: int = 2
) -> netCDF4.Variable:
    field = file.createVariable(name, dtype, dimensions)
    sizes = {"time": 3, "lat": 4, "lon": 5, "depth": depth}
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
        assert list(walked(old)) == list(walked(new))
        for path, group in walked(old).items():
            copied = walked(new)[path]
            assert list(group.variables) == list(copied.variables)
            assert dimensions_of(group) == dimensions_of(copied)
            assert raw_attributes(group, GLOBAL) == raw_attributes(copied, GLOBAL)
            for name, variable in group.variables.items():
                copy = copied.variables[name]
                assert copy.dimensions == variable.dimensions
                assert np.dtype(copy.dtype).newbyteorder("=") == np.dtype(variable.dtype).newbyteorder("="), name
                assert raw_attributes(group, variable._varid) == raw_attributes(copied, copy._varid), name
                assert raw_values(copy) == raw_values(variable), name


def walked(group: netCDF4.Dataset) -> dict[str, netCDF4.Dataset]:
    """Return a group and all that lie in it, by path."""
    inner = [found for each in group.groups.values() for found in walked(each).items()]
    return {group.path: group, **dict(inner)}


def dimensions_of(group: netCDF4.Dataset) -> dict[str, tuple[int, bool]]:
    return {name: (len(found), found.isunlimited()) for name, found in group.dimensions.items()}


def write_copy(location: Location, path: Path) -> None:
    """Write what the store holds as NetCDF-4, with nothing but the store to go by."""
    dataset, reader = asyncio.run(StoredDataset(location, "copy").open())
    session = icechunk.Repository.open(location.storage("copy")).readonly_session(snapshot_id=reader.version)
    root = zarr.open_group(session.store, mode="r")
    description = dataset.description
    with netCDF4.Dataset(path, "w", auto_complex=False) as file:
        put_attributes(file, GLOBAL, description.attributes)
        for group, attributes in description.groups.items():
            put_attributes(file.createGroup(group), GLOBAL, attributes)
        for name, size in description.dimensions.items():
            is_time = description.time is not None and name == description.time.dimension
            length = len(dataset.steps) if is_time else size
            group, short = inside(file, name)
            group.createDimension(short, None if name in description.unlimited else length)
        for variable in description.variables.values():
            group, short = inside(file, variable.name)
            names = [name.rpartition("/")[2] for name in variable.dimensions]
            made = group.createVariable(short, str if variable.dtype == "str" else variable.dtype, names)
            put_attributes(group, made._varid, variable.attributes)
        file.set_auto_maskandscale(False)
        file.set_auto_chartostring(False)
        for name, variable in description.variables.items():
            values = as_in_source(root[f"data/{name}"], variable, dataset.steps, description.time)
            if values.size:
                file[name][...] = values


def inside(file: netCDF4.Dataset, path: str) -> tuple[netCDF4.Dataset, str]:
    group, _, short = path.rpartition("/")
    return (file[group] if group else file), short


def put_attributes(group: netCDF4.Dataset, varid: int, attributes) -> None:
    for name, attribute in attributes.items():
        put_attribute(group, varid, name, attribute)


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
