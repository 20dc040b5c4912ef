"""Plain Zarr as datasets; xarray is the oracle for values, zarr-python writes."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import numcodecs
import numpy as np
import pytest
import xarray as xr
import zarr

from stores.base import VersionGoneError
from stores.cache import ChunkCache
from stores.plain.dataset import PlainDataset
from stores.plain.folder import Folder
from stores.plain.refusal import NotServableError
from stores.plain.web import Web

# zarr-python warns of what it writes itself: consolidated metadata and text are not in the standard of version 3 yet.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Consolidated metadata is currently not part:zarr.errors.ZarrUserWarning"),
    pytest.mark.filterwarnings("ignore::zarr.errors.UnstableSpecificationWarning"),
]

RNG = np.random.default_rng(7)
LATITUDES = np.linspace(60, 40, 90)
LONGITUDES = np.linspace(-20, 10, 130)


def sea(days: int = 4) -> xr.Dataset:
    """Return a field with levels, one of flags, one of floats with gaps, and coordinates of all kinds."""
    shape = (days, 2, LATITUDES.size, LONGITUDES.size)
    values = RNG.uniform(-1.5, 28.5, shape)
    values[RNG.random(shape) < 0.2] = np.nan
    surface = values[:, 0].astype("f4")
    return xr.Dataset(
        {
            "thetao": (("time", "depth", "lat", "lon"), values, {"units": "degrees_C", "long_name": "Temperature"}),
            "sst": (("lon", "lat", "time"), surface.T.copy(), {"standard_name": "sea_surface_temperature"}),
            "mask": (("lat", "lon"), RNG.integers(0, 3, shape[2:]).astype("i1"), {"flag_values": [0, 1, 2]}),
        },
        coords={
            "time": ("time", np.datetime64("2015-03-01T12", "ns") + np.arange(days) * np.timedelta64(1, "D")),
            "depth": ("depth", [0.5, 10.0], {"units": "m", "positive": "down", "axis": "Z"}),
            "lat": ("lat", LATITUDES, {"units": "degrees_north"}),
            "lon": ("lon", LONGITUDES, {"units": "degrees_east"}),
            "station": ("depth", np.array(["surface", "süß"], dtype=object)),
        },
        attrs={"title": "A plain sea", "Conventions": "CF-1.11", "levels": [1, 2], "scale": 0.5},
    )


PACKED = {"dtype": "i2", "scale_factor": 0.001, "add_offset": 15.0, "_FillValue": -32767}
LAYOUTS = {
    "version 2": ({"zarr_format": 2}, {"thetao": PACKED}),
    "version 2 without consolidated metadata": ({"zarr_format": 2, "consolidated": False}, {"thetao": PACKED}),
    "version 2, zlib": (
        {"zarr_format": 2},
        {"thetao": PACKED | {"compressors": numcodecs.Zlib(1)}, "sst": {"compressors": None}},
    ),
    "version 3": ({"zarr_format": 3, "consolidated": True}, {"thetao": PACKED}),
    "version 3 without consolidated metadata": ({"zarr_format": 3, "consolidated": False}, {"thetao": PACKED}),
    "version 3, blosc": (
        {"zarr_format": 3, "consolidated": True},
        {"thetao": PACKED | {"compressors": zarr.codecs.BloscCodec(cname="lz4")}, "sst": {"_FillValue": -9.5}},
    ),
    "version 3, small shards": (
        {"zarr_format": 3, "consolidated": True},
        {"thetao": PACKED | {"chunks": (1, 1, 30, 50), "shards": (2, 1, 60, 100)}},
    ),
    "version 3, one chunk for all days": (
        {"zarr_format": 3, "consolidated": True},
        {"thetao": {"chunks": (4, 2, 32, 32), "dtype": ">f4"}, "mask": {"chunks": (90, 7)}},
    ),
}


def write(dataset: xr.Dataset, path: Path, layout: str) -> None:
    how, encoding = LAYOUTS[layout]
    consolidated = {"consolidated": how.get("consolidated", True), "zarr_format": how["zarr_format"]}
    dataset.to_zarr(path, mode="w", encoding=encoding, **consolidated)


def plain(origin: Folder | Web, cache: ChunkCache | None = None) -> PlainDataset:
    return PlainDataset("sea", origin, cache=cache or ChunkCache(2**26), offload=asyncio.to_thread)


async def whole(source: PlainDataset, name: str) -> np.ndarray:
    """Return the values of a field over all steps as (steps, levels..., y, x), NaN where missing."""
    dataset, reader = await source.open()
    variable = dataset.description.variables[name]
    slots = [step.slot for step in map(dataset.steps.__getitem__, range(len(dataset.steps)))]
    shape = (len(slots), *variable.shape) if variable.stepped else variable.shape
    found = np.empty(shape, dtype=variable.dtype)
    for index in np.ndindex(*(-(-length // size) for length, size in zip(shape, variable.chunks, strict=True))):
        stored = (slots[index[0]], *index[1:]) if variable.stepped else index
        chunk = await reader.read(f"data/{name}", stored)
        region = tuple(
            slice(place * size, min((place + 1) * size, length))
            for place, size, length in zip(index, variable.chunks, shape, strict=True)
        )
        assert chunk.shape == variable.chunks
        found[region] = chunk[tuple(slice(0, part.stop - part.start) for part in region)]
    return dataset.packings[0][name].unpack(found)


@pytest.mark.parametrize("layout", LAYOUTS)
async def test_values_axes_and_attributes_are_those_that_xarray_reads(tmp_path, layout):
    path = tmp_path / "sea.zarr"
    write(sea(), path, layout)
    source = plain(Folder(path))
    dataset, _ = await source.open()
    with xr.open_zarr(path, consolidated="without" not in layout) as oracle:
        for name, order in {"thetao": ("time", "depth"), "sst": ("time",), "mask": ()}.items():
            expected = oracle[name].transpose(*order, "lat", "lon").values
            np.testing.assert_allclose(await whole(source, name), expected, rtol=1e-6)
        times = oracle["time"].values.astype("datetime64[ms]").astype(np.int64)
        assert dataset.steps.times.tolist() == times.tolist()
    description = dataset.description
    assert [field.name for field in description.fields] == ["mask", "sst", "thetao"] or len(description.fields) == 3
    assert description.axes["depth"].elevations == (-0.5, -10.0)
    assert description.grids["lat.lon"].latitudes == pytest.approx(LATITUDES)
    assert dataset.title == "A plain sea"
    assert description.attributes["levels"].numbers.tolist() == [1, 2]
    assert description.attributes["scale"].type == "float64"
    assert description.variables["thetao"].units == "degrees_C"
    assert description.variables["station"].dtype == "str"
    assert dataset.statistics["thetao"].minimum == pytest.approx(-1.5, abs=0.1)
    assert dataset.statistics["thetao"].maximum == pytest.approx(28.5, abs=0.1)


async def test_text_is_read_too(tmp_path):
    write(sea(), tmp_path / "sea.zarr", "version 3")
    dataset, reader = await plain(Folder(tmp_path / "sea.zarr")).open()
    variable = dataset.description.variables["station"]
    assert (await reader.read("data/station", (0,)))[: variable.shape[0]].tolist() == ["surface", "süß"]


@pytest.mark.parametrize("layout", ["version 2", "version 3, small shards", "version 3, blosc"])
async def test_over_http_it_is_the_same(site, layout):
    path = site.folder / "sea.zarr"
    write(sea(), path, layout)
    near, far = plain(Folder(path)), plain(Web(f"{site.address}/sea.zarr", timeout=10))
    for name in ("thetao", "sst", "mask"):
        np.testing.assert_array_equal(await whole(far, name), await whole(near, name))
    await far.close()


async def test_twenty_places_of_each_field_of_a_real_store_are_those_that_xarray_reads(real_data):
    path = real_data("satellite/cube-1-250-250.zarr")
    dataset, reader = await plain(Folder(path)).open()
    assert {field.name for field in dataset.description.fields} == {
        "c2rcc_flags",
        "conc_chl",
        "conc_tsm",
        "kd489",
        "quality_flags",
    }
    with xr.open_zarr(path) as oracle:
        for field in dataset.description.fields:
            step = int(RNG.integers(len(dataset.steps)))
            expected = oracle[field.name][step].values
            valid = np.argwhere(np.isfinite(expected))
            for row, column in valid[RNG.choice(len(valid), 20)]:
                place = (int(row) // field.chunks[1], int(column) // field.chunks[2])
                chunk = await reader.read(f"data/{field.name}", (step, *place))
                code = chunk[0, row % field.chunks[1], column % field.chunks[2]]
                value = dataset.packings[0][field.name].unpack(np.array([code]))[0]
                assert value == expected[row, column]


async def test_steps_are_in_order_of_time_and_the_last_of_equal_times_counts(tmp_path):
    days = sea().isel(time=[2, 0, 1, 0])
    write(days, tmp_path / "sea.zarr", "version 3")
    source = plain(Folder(tmp_path / "sea.zarr"))
    dataset, _ = await source.open()
    assert [dataset.steps[index].slot for index in range(3)] == [3, 2, 0]
    assert np.diff(dataset.steps.times).tolist() == [86_400_000] * 2


async def test_a_fill_value_of_version_2_is_missing_and_one_of_version_3_is_data(tmp_path):
    for version, missing in ((2, True), (3, False)):
        path = tmp_path / f"{version}.zarr"
        root = zarr.open_group(path, mode="w", zarr_format=version)
        axes = {"lat": LATITUDES, "lon": LONGITUDES}
        for name, values in axes.items():
            array(root, name, values, (name,), units=f"degrees_{'north' if name == 'lat' else 'east'}")
        array(root, "t", np.full((90, 130), 5, "i2"), ("lat", "lon"), fill_value=7, chunks=(45, 130))
        shutil.rmtree(path / "t" / "c" / "1", ignore_errors=True)
        (path / "t" / "1.0").unlink(missing_ok=True)
        found = await whole(plain(Folder(path)), "t")
        assert (found[:45] == 5).all()
        assert np.isnan(found[45:]).all() if missing else (found[45:] == 7).all()


def array(root: zarr.Group, name: str, values: np.ndarray, dimensions: tuple[str, ...], **settings) -> None:
    """Write an array with names of its dimensions, and attributes."""
    known = {key: settings.pop(key) for key in ("fill_value", "chunks", "compressors") if key in settings}
    if root.metadata.zarr_format == 3:
        known["dimension_names"] = dimensions
    else:
        settings["_ARRAY_DIMENSIONS"] = list(dimensions)
        known.setdefault("fill_value", None)
    made = root.create_array(name, shape=values.shape, dtype=values.dtype, attributes=settings, **known)
    made[...] = values


def group(path: Path, **arrays: tuple[np.ndarray, tuple[str, ...], dict]) -> zarr.Group:
    """Write a group of version 3 with latitudes, longitudes and other arrays."""
    root = zarr.open_group(path, mode="w", zarr_format=3)
    array(root, "lat", LATITUDES, ("lat",), units="degrees_north")
    array(root, "lon", LONGITUDES, ("lon",), units="degrees_east")
    for name, (values, dimensions, settings) in arrays.items():
        array(root, name, values, dimensions, **settings)
    return root


FIELD = np.arange(90 * 130, dtype="f4").reshape(90, 130)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[True, False]]).repeat(90, 0).repeat(65, 1), "i1"),
        (FIELD.astype("f2") / 7, "f4"),
        (FIELD.astype(">f8"), "f8"),
        (FIELD.astype("u4"), "u4"),
    ],
)
async def test_types_that_netcdf_lacks_become_one_that_holds_them(tmp_path, values, expected):
    group(tmp_path / "a.zarr", t=(values, ("lat", "lon"), {}))
    source = plain(Folder(tmp_path / "a.zarr"))
    dataset, _ = await source.open()
    assert dataset.description.variables["t"].dtype == expected
    np.testing.assert_array_equal(await whole(source, "t"), values.astype("f8"))


async def test_instants_with_a_type_of_their_own_are_time(tmp_path):
    days = np.array(["2015-03-01T12", "2015-03-02T12"], dtype="datetime64[ns]")
    values = np.stack([FIELD, FIELD + 1])
    group(tmp_path / "a.zarr", time=(days, ("time",), {}), t=(values, ("time", "lat", "lon"), {}))
    dataset, _ = await plain(Folder(tmp_path / "a.zarr")).open()
    assert [dataset.steps.iso(index) for index in (0, 1)] == ["2015-03-01T12:00:00Z", "2015-03-02T12:00:00Z"]


async def test_a_code_that_netcdf_would_fill_with_is_data(tmp_path):
    values = np.full((90, 130), -32767, "i2")
    group(tmp_path / "a.zarr", t=(values, ("lat", "lon"), {}))
    np.testing.assert_array_equal(await whole(plain(Folder(tmp_path / "a.zarr")), "t"), values)


async def test_what_cannot_be_served_is_left_out_by_name_and_the_rest_is_served(tmp_path, caplog):
    others = {
        "complex": (FIELD.astype("c8"), ("lat", "lon"), {}),
        "unnamed": (FIELD, (None, None), {}),
        "longer": (FIELD[:, :9], ("lat", "lon"), {}),
        "unscaled": (FIELD, ("lat", "lon"), {"scale_factor": "about one"}),
    }
    root = group(tmp_path / "a.zarr", t=(FIELD, ("lat", "lon"), {}), **others)
    root.create_group("inner")
    path = tmp_path / "a.zarr" / "longer" / "zarr.json"
    strange = json.loads(path.read_text()) | {"codecs": [{"name": "made-up"}]}
    (tmp_path / "a.zarr" / "strange").mkdir()
    (tmp_path / "a.zarr" / "strange" / "zarr.json").write_text(json.dumps(strange))
    (tmp_path / "a.zarr" / "no node").mkdir()
    source = plain(Folder(tmp_path / "a.zarr"))
    dataset, _ = await source.open()
    assert [field.name for field in dataset.description.fields] == ["t"]
    for name, reason in {
        "complex": "its type complex64 is not served",
        "unnamed": "its dimensions have no names",
        "longer": "its dimension lon has 9 places where others have 130",
        "unscaled": "scale_factor is no number",
        "inner": "it is a group",
        "strange": "made-up",
    }.items():
        assert reason in source.left_out[name]
        assert any(name in line and reason in line for line in caplog.messages), name


def lacking_coordinates(path: Path) -> None:
    array(zarr.open_group(path, mode="w"), "t", FIELD, ("a", "b"))


def curvilinear(path: Path) -> None:
    root = zarr.open_group(path, mode="w")
    for name, units in {"nav_lat": "degrees_north", "nav_lon": "degrees_east"}.items():
        array(root, name, FIELD / 1000 + 1, ("y", "x"), units=units)
    array(root, "t", FIELD, ("y", "x"), coordinates="nav_lat nav_lon")


def without_a_latitude(path: Path) -> None:
    root = group(path, t=(FIELD, ("lat", "lon"), {}))
    root["lat"][3] = np.nan


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.mkdir(), "there is no Zarr group"),
        (lambda path: zarr.create_array(path, shape=(2, 2), dtype="f4"), "it is a single array"),
        (lambda path: zarr.create_array(path, shape=(2, 2), dtype="f4", zarr_format=2), "there is no Zarr group"),
        (lacking_coordinates, "no georeference"),
        (curvilinear, "curvilinear grids and meshes are not served from plain Zarr yet"),
        (without_a_latitude, "1 of 90 values of lat are missing"),
    ],
)
async def test_what_is_no_map_is_refused_by_reason_without_naming_its_place(tmp_path, make, says, caplog):
    make(tmp_path / "a.zarr")
    source = plain(Folder(tmp_path / "a.zarr"))
    for _ in range(2):
        with pytest.raises(NotServableError) as refused:
            await source.open()
    assert sum("is not served" in line and says in line for line in caplog.messages) == 1
    assert says in refused.value.reason
    assert str(tmp_path) not in refused.value.reason


async def test_over_http_consolidated_metadata_is_needed_and_the_cure_is_said(site):
    write(sea(), site.folder / "sea.zarr", "version 3 without consolidated metadata")
    source = plain(Web(f"{site.address}/sea.zarr", timeout=5))
    with pytest.raises(NotServableError, match="consolidate_metadata"):
        await source.open()
    await source.close()


@pytest.mark.parametrize(
    ("document", "damage"),
    [
        *((".zgroup", damage) for damage in (b"", b"{", b"[]", b"\xff\xfe")),
        *((".zmetadata", damage) for damage in (b"", b"{", b"[]", b"\xff\xfe", b"{}", b'{"metadata": 3}')),
    ],
)
async def test_a_damaged_document_is_an_error_not_an_empty_store(tmp_path, document, damage):
    write(sea(), tmp_path / "sea.zarr", "version 2")
    (tmp_path / "sea.zarr" / document).write_bytes(damage)
    with pytest.raises(OSError, match="damaged") as refused:
        await plain(Folder(tmp_path / "sea.zarr")).open()
    assert not isinstance(refused.value, NotServableError)


@pytest.mark.parametrize("layout", ["version 2", "version 3", "version 3 without consolidated metadata"])
async def test_an_appended_day_and_a_touched_document_are_new_versions_and_nothing_else_is(tmp_path, layout):
    path = tmp_path / "sea.zarr"
    days = sea(5)
    write(days.isel(time=slice(0, 4)), path, layout)
    source = plain(Folder(path))
    first, reader = await source.open()
    assert (await source.open())[1] is reader
    days.isel(time=slice(4, 5)).drop_vars(["mask", "station", "depth"]).to_zarr(
        path, append_dim="time", consolidated="without" not in layout
    )
    second, _ = await source.open()
    assert (len(first.steps), len(second.steps)) == (4, 5)
    assert second.version != first.version
    with pytest.raises(VersionGoneError):
        await reader.read("data/sst", (0, 0, 0))
    document = path / (".zmetadata" if layout == "version 2" else "zarr.json")
    os.utime(document)
    third, _ = await source.open()
    assert third.version != second.version
    assert third.steps[0].revision != second.steps[0].revision
    assert (await plain(Folder(path)).open())[0].version == third.version


async def test_a_store_that_vanishes_is_an_error_not_holes(tmp_path):
    write(sea(), tmp_path / "sea.zarr", "version 2")
    source = plain(Folder(tmp_path / "sea.zarr"), ChunkCache(0))
    _, reader = await source.open()
    (tmp_path / "sea.zarr").rename(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="there is no such folder"):
        await reader.read("data/thetao", (0, 0, 0, 0))
    with pytest.raises(OSError, match="there is no such folder") as refused:
        await source.open()
    assert not isinstance(refused.value, NotServableError)


async def test_a_field_that_cannot_be_sampled_is_served_without_default_colours(tmp_path):
    write(sea(), tmp_path / "sea.zarr", "version 2")
    for chunk in (tmp_path / "sea.zarr" / "thetao").glob("[0-9]*"):
        chunk.write_bytes(b"damaged")
    dataset, _ = await plain(Folder(tmp_path / "sea.zarr")).open()
    assert set(dataset.statistics) == {"sst", "mask"}
    assert "thetao" in [field.name for field in dataset.description.fields]
