"""What is cut out of several files, of files that are not alike, and of stores that fail. Oracle: netCDF4."""

import asyncio
import re
from dataclasses import replace

import netCDF4
import numpy as np
import pytest

from core.problem import Problem
from core.selection.asked import Between, Box, Nearest, Point, Subset
from core.selection.estimate import pieces
from gateway.extract import Wanted, prepare
from gateway.writers import netcdf3, text
from tests.gateway.writers.conftest import SMALL, unanswered
from tests.gateway.writers.cutting import REQUEST, taken_up, written3, written4

NC3, NC4, CSV = (Wanted(format=kind, request=REQUEST) for kind in ("netcdf3", "netcdf4", "csv"))
DAY = 86_400_000


def write_day(path, day, values, packing, fill=-99):
    """Write one day of a field of 3 x 4 cells."""
    with netCDF4.Dataset(path, "w") as file:
        file.history = "made"
        for name, size in (("time", None), ("lat", 3), ("lon", 4)):
            file.createDimension(name, size)
        for name, units, numbers in (
            ("time", "days since 2020-01-01", [day]),
            ("lat", "degrees_north", [10, 20, 30]),
            ("lon", "degrees_east", [0, 1, 2, 3]),
        ):
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = numbers
        for name, codes in values.items():
            field = file.createVariable(name, "i2", ("time", "lat", "lon"), fill_value=fill)
            field.setncatts(packing)
            field.set_auto_maskandscale(False)
            field[0] = codes
    return path


CODES = np.arange(12, dtype="i2").reshape(3, 4)


@pytest.fixture
def days(tmp_path):
    """Return three days: the second has another packing, the third lacks `b` and has the first one's packing."""
    first, second = {"scale_factor": np.float32(0.5)}, {"scale_factor": np.float32(0.25), "add_offset": np.float32(1)}
    gaps = np.where(CODES == 5, -99, CODES)
    return [
        write_day(tmp_path / "1.nc", 0, {"a": gaps, "b": CODES}, first),
        write_day(tmp_path / "2.nc", 1, {"a": gaps + 100 * (gaps != -99), "b": CODES}, second),
        write_day(tmp_path / "3.nc", 2, {"a": CODES}, first),
    ]


async def test_steps_of_different_packings_are_unpacked_and_history_says_so(days, tmp_path):
    async with taken_up(days, tmp_path) as dataset:
        for write, wanted in ((written4, NC4), (written3, NC3)):
            path = await write(await prepare(dataset, Subset(), wanted), tmp_path / "made.nc")
            with netCDF4.Dataset(path) as made:
                a, b = made["a"], made["b"]
                assert a.dtype == b.dtype == np.float32
                assert {"scale_factor", "add_offset"}.isdisjoint(a.ncattrs())
                assert "a, b unpacked" in made.history
                for day, name in enumerate(days):
                    with netCDF4.Dataset(name) as source:
                        assert np.ma.allequal(a[day], source["a"][0], fill_value=False) or day < 2
                        assert (np.ma.getmaskarray(a[day]) == np.ma.getmaskarray(source["a"][0])).all()
                        assert (a[day].compressed() == source["a"][0].compressed()).all()
                assert np.ma.getmaskarray(b[2]).all()


async def test_steps_of_one_packing_stay_packed_and_say_theirs(days, tmp_path):
    async with taken_up(days, tmp_path) as dataset:
        for day, scale, offset in ((0, 0.5, None), (1, 0.25, 1.0), (2, 0.5, None)):
            low = int(dataset.dataset.steps.times[day])
            subset = Subset(variables=("a",), time=Between(low=low, high=low))
            path = await written4(await prepare(dataset, subset, NC4), tmp_path / "made.nc")
            with netCDF4.Dataset(path) as made, netCDF4.Dataset(days[day]) as source:
                assert (made["a"].scale_factor, getattr(made["a"], "add_offset", None)) == (scale, offset)
                for file in (made, source):
                    file.set_auto_maskandscale(False)
                assert made["a"][:].tobytes() == source["a"][:].tobytes()
                assert made["a"].dtype == np.int16
                assert "unpacked" not in made.history


async def test_the_file_says_what_part_it_is_of_what(sea, tmp_path):
    first = int(sea.dataset.steps.times[1])
    subset = Subset(place=SMALL, time=Between(low=first), vertical=Between(high=10))
    with netCDF4.Dataset(await written4(await prepare(sea, subset, NC4), tmp_path / "made.nc")) as made:
        assert made.history.endswith(f"from version {sea.dataset.version}: {REQUEST}")
        assert (made.title, made.Conventions) == ("A small sea", "CF-1.11")
        assert (made.geospatial_lat_min, made.geospatial_lat_max) == (-8, 8)
        assert (made.geospatial_lon_min, made.geospatial_lon_max) == (-18, 18)
        assert (made.geospatial_vertical_min, made.geospatial_vertical_max) == (0.5, 0.5)
        assert made.time_coverage_start == "2015-03-02T12:00:00Z"
        assert made.time_coverage_end == "2015-03-03T12:00:00Z"
        assert made["lon"][:].tolist() == [-18, -14, -10, -6, -2, 2, 6, 10, 14, 18]


async def test_many_steps_of_one_cell_are_those_of_the_maps(tmp_path):
    """Read from the copy for series, of which there must be one."""
    path, values = tmp_path / "long.nc", np.random.default_rng(1).normal(size=(150, 40, 50)).astype("f4")
    with netCDF4.Dataset(path, "w") as file:
        for name, units, numbers in (
            ("time", "days since 2020-01-01", np.arange(150)),
            ("lat", "degrees_north", np.linspace(-40, 38, 40)),
            ("lon", "degrees_east", np.arange(50)),
        ):
            file.createDimension(name, len(numbers))
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = numbers
        file.createVariable("t", "f4", ("time", "lat", "lon"))[:] = values
    async with taken_up([path], tmp_path) as dataset:
        extraction = await prepare(dataset, Subset(place=Point(longitude=7.2, latitude=2.1), time=None), NC3)
        reading = extraction.readings[extraction.plan.variables.index("t")]
        assert reading.held is not None
        assert (reading.held.sum(), reading.chunks) == (128, 2 + 22)
        with netCDF4.Dataset(await written3(extraction, tmp_path / "made.nc")) as made:
            assert made["t"][:, 0, 0].tobytes() == values[:, 21, 7].tobytes()
            assert (made["lat"][:], made["lon"][:]) == (2.0, 7.0)


async def test_a_chunk_that_cannot_be_read_is_an_error_and_no_fill(sea, tmp_path):
    for chunk in tmp_path.glob("store/**/chunks/*"):
        chunk.write_bytes(b"")
    for stream, wanted in ((netcdf3.stream, NC3), (text.stream, CSV)):
        extraction = await prepare(sea, Subset(), wanted)
        with pytest.raises(OSError, match="thetao"):
            [part async for part in stream(extraction)]


async def test_whoever_stops_listening_stops_the_reading(sea):
    silent, never = unanswered(await prepare(sea, Subset(), NC3))
    listening = asyncio.create_task(anext(silent.blocks()))
    await never.asked.wait()
    assert never.waiting
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert never.waiting == 0


@pytest.mark.parametrize(
    ("subset", "kind", "says"),
    [
        (Subset(variables=("nope",)), "invalid_value", "there is no variable 'nope'; there is thetao"),
        (Subset(place=Box(west=0, south=89.9, east=1, north=89.95), vertical=None), None, ""),
        (Subset(time=Between(low=0, high=1)), "invalid_dimension", "they run from 2015-03-01T12:00:00Z"),
        (Subset(vertical=Between(low=200, high=300)), "invalid_dimension", "values run from 0.5 to 100"),
        (Subset(others={"member": Nearest(value=1)}), "invalid_dimension", "no dimension 'member'"),
        (Subset(others={"depth": Nearest(value=1)}), "invalid_dimension", "no dimension 'depth'"),
    ],
)
async def test_refuses_what_is_not_there(sea, subset, kind, says):
    if kind is None:
        assert (await prepare(sea, subset, NC3)).plan.cells == 6
        return
    with pytest.raises(Problem, match=re.escape(says)) as refused:
        await prepare(sea, subset, NC3)
    assert refused.value.kind == kind


async def test_a_place_outside_the_grid_is_refused(tmp_path, days):
    async with taken_up(days, tmp_path) as dataset:
        for place in (Point(longitude=50, latitude=20), Point(longitude=1, latitude=-60)):
            with pytest.raises(Problem, match="in no cell of the grid"):
                await prepare(dataset, Subset(place=place), NC3)
        found = await prepare(dataset, Subset(place=Point(longitude=361.9, latitude=21)), NC3)
        assert {name: cut.indices.tolist() for name, cut in found.plan.cuts.items()} == {"lat": [1], "lon": [2]}


def between(span):
    low, high = (int(np.datetime64(end.rstrip("Z"), "ms").astype(int)) for end in (span.first, span.last))
    return Between(low=low, high=high)


async def test_of_what_is_too_large_it_is_told_which_parts_fit(sea):
    extraction = await prepare(sea, Subset(), NC3)
    size = extraction.estimate.sizes["netcdf3"]
    assert extraction.excess(size) is None
    most = int(size * 0.7)
    found = extraction.excess(most)
    assert (found.size, found.allowed, len(found.pieces), found.steps, found.levels) == (size, most, 2, 3, 2)
    for piece in found.pieces:
        assert (await prepare(sea, Subset(time=between(piece)), NC3)).excess(most) is None
    none = extraction.excess(size // 50)
    assert (none.pieces, none.smaller > 10) == ((), True)


@pytest.mark.parametrize("written", ["netcdf3", "netcdf4", "csv"])
async def test_the_pieces_fit_whatever_they_share_and_however_steps_divide(tmp_path, written):
    path = tmp_path / "bent.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", 7), ("y", 20), ("x", 30)):
            file.createDimension(name, size)
        file.createVariable("time", "f8", ("time",))[:] = np.arange(7)
        file["time"].setncatts({"units": "days since 2020-01-01", "standard_name": "time"})
        down, across = np.mgrid[:20, :30]
        for name, units, values in (
            ("lat", "degrees_north", 30 + down + across / 10),
            ("lon", "degrees_east", across + down / 10),
        ):
            file.createVariable(name, "f8", ("y", "x"))[:] = values
            file[name].units = units
        file.createVariable("sst", "i2", ("time", "y", "x"))[:] = 1
        file["sst"].coordinates = "lat lon"
    wanted = Wanted(format=written, request=REQUEST)
    async with taken_up([path], tmp_path) as dataset:
        whole = await prepare(dataset, Subset(), wanted)
        for most in range(whole.estimate.sizes[written] // 20, whole.estimate.sizes[written], 997):
            found = pieces(whole.plan, whole.estimate, written, most)
            held = 0
            for part in found:
                smaller = await prepare(dataset, Subset(time=between(part)), wanted)
                assert smaller.excess(most) is None
                held += len(smaller.plan.rows)
            assert held == (7 if found else 0)
            one = await prepare(dataset, Subset(time=Nearest(value=0)), wanted)
            assert found or one.estimate.sizes[written] > most - 1024


async def test_equal_requests_have_equal_tags_and_others_have_not(sea):
    tags = [
        (await prepare(sea, subset, wanted)).etag
        for subset in (Subset(), Subset(place=SMALL), Subset(stride=2))
        for wanted in (NC3, NC4, replace(NC4, request="other"))
    ]
    assert len(set(tags)) == 9
    assert (await prepare(sea, Subset(), NC3)).etag == tags[0]


async def test_csv_holds_what_netcdf_holds(sea, tmp_path):
    subset = Subset(place=SMALL, stride=2)
    body = b"".join([part async for part in text.stream(await prepare(sea, subset, CSV))]).decode()
    head, *lines = body.removesuffix("\r\n").split("\r\n")
    assert head == (
        'time,latitude[unit="degrees_north"],longitude[unit="degrees_east"],depth[unit="m"],thetao[unit="degrees_C"]'
    )
    with netCDF4.Dataset(await written3(await prepare(sea, subset, NC3), tmp_path / "made.nc")) as made:
        expected = [
            [f"2015-03-0{1 + int(time // 24)}T12:00:00Z", lat, lon, depth, made["thetao"][t, d, y, x]]
            for t, time in enumerate(made["time"][:])
            for d, depth in enumerate(made["depth"][:])
            for y, lat in enumerate(made["lat"][:])
            for x, lon in enumerate(made["lon"][:])
        ]
    found = [[time, *map(float, rest)] for time, *rest in (line.split(",") for line in lines)]
    assert [line[:4] for line in found] == [line[:4] for line in expected]
    assert np.allclose([line[4] for line in found], [float(line[4]) for line in expected], rtol=1e-14, atol=0)


async def test_csv_writes_what_is_missing_as_nan(days, tmp_path):
    async with taken_up(days, tmp_path) as dataset:
        lines = b"".join([part async for part in text.stream(await prepare(dataset, Subset(), CSV))]).splitlines()
    assert len(lines) == 1 + 3 * 12
    assert lines[0] == b'time,latitude[unit="degrees_north"],longitude[unit="degrees_east"],a,b'
    assert lines[6] == b"2020-01-01T00:00:00Z,20,1,NaN,2.5"
    assert lines[-1] == b"2020-01-03T00:00:00Z,30,3,5.5,NaN"
