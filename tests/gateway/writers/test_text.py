"""Tables hold what the files hold, however they are cut up meanwhile. Oracle: netCDF4, and Python's floats."""

import csv
import io

import netCDF4
import numpy as np
import pytest

from core.selection import reading, table
from core.selection.asked import Between, Subset
from gateway.extract import Wanted, prepare
from gateway.ncss import points
from gateway.writers import text
from tests.gateway.writers.cutting import REQUEST, taken_up

CSV = Wanted(format="csv", request=REQUEST)
LARGE = 2**60 + 1


def write_bent(path):
    """Write a curvilinear grid of 9 x 11 cells: two steps of two levels, in types that are written differently."""
    random = np.random.default_rng(5)
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", 2), ("depth", 2), ("y", 9), ("x", 11)):
            file.createDimension(name, size)
        time = file.createVariable("time", "f8", ("time",))
        time.setncatts({"units": "days since 2020-01-01", "standard_name": "time"})
        time[:] = [0, 1]
        depth = file.createVariable("depth", "f4", ("depth",))
        depth.setncatts({"units": "m", "positive": "down", "axis": "Z"})
        depth[:] = [0.1, 5]
        down, across = np.mgrid[:9, :11]
        for name, kind, units, values in (
            ("lat", "f4", "degrees_north", 30 + down + across / 10),
            ("lon", "f8", "degrees_east", across + down / 10),
        ):
            file.createVariable(name, kind, ("y", "x"))[:] = values
            file[name].units = units
        for name, kind, more in (
            ("packed", "i2", {"scale_factor": 0.01, "add_offset": 5.0}),
            ("single", "f4", {}),
            ("double", "f8", {}),
            ("counted", "i8", {}),
        ):
            field = file.createVariable(
                name, kind, ("time", "depth", "y", "x"), fill_value=-99, chunksizes=(1, 1, 4, 4)
            )
            field.setncatts({"coordinates": "lat lon", **more})
            field.set_auto_maskandscale(False)
            values = random.normal(size=field.shape) * 100
            field[:] = np.where(random.random(field.shape) < 0.2, -99, values).astype(kind)
            if kind == "i8":
                field[0, 0, 0, 0], field[1, 1, 8, 10] = LARGE, LARGE
    return path


async def made(extraction):
    return b"".join([part async for part in text.stream(extraction)])


def rows_of(path, names):
    """Return what a table has to hold: numbers, and None where they are missing."""
    with netCDF4.Dataset(path) as file:
        levels = file["depth"][:].tolist()
        fields = [np.ma.asarray(file[name][:]) for name in names]
        for step, level, row, column in np.ndindex(fields[0].shape):
            place = (file["lat"][row, column], file["lon"][row, column])
            values = [None if (value := field[step, level, row, column]) is np.ma.masked else value for field in fields]
            yield f"2020-01-0{step + 1}T00:00:00Z", *place, levels[level], *values


@pytest.mark.parametrize("block", [10, 300, 2**22])
async def test_a_table_is_the_same_however_it_is_cut_up(tmp_path, monkeypatch, block):
    path, names = write_bent(tmp_path / "bent.nc"), ("packed", "single", "double", "counted")
    async with taken_up([path], tmp_path) as dataset:
        extraction = await prepare(dataset, Subset(), CSV)
        at_once = await made(extraction)
        monkeypatch.setattr(reading, "BLOCK", block)
        monkeypatch.setattr(reading, "MOST", 2 * block)
        for module in (table, text):
            monkeypatch.setattr(module, "LINES", 7)
        assert await made(extraction) == at_once
        found = extraction.plan.fields
    head, *lines = csv.reader(io.StringIO(at_once.decode(), newline=""), quoting=csv.QUOTE_NONE)
    assert [name.partition("[")[0] for name in head] == ["time", "latitude", "longitude", "depth", *found]
    wanted = list(rows_of(path, found))
    assert len(lines) == len(wanted) == 2 * 2 * 9 * 11
    for line, row in zip(lines, wanted, strict=True):
        assert line[0] == row[0]
        for name, cell, value in zip(head[1:], line[1:], row[1:], strict=True):
            assert cell == "NaN" if value is None else close(name, cell, value), (name, cell, value)
    assert set(found) == set(names)
    assert sum(str(LARGE) in line for line in lines) == 2, "no double has so many digits"


def close(name, cell, value):
    if name.startswith(("single", "latitude")):
        return np.float32(cell) == value
    return int(cell) == value if name == "counted" else np.isclose(float(cell), value, rtol=1e-14, atol=0)


async def test_many_lines_are_written_by_looking_their_codes_up(sea, monkeypatch):
    subset = Subset(time=Between(low=int(sea.dataset.steps.times[1])))
    written_one_by_one = await made(await prepare(sea, subset, CSV))
    monkeypatch.setattr(table, "_MANY", 1)
    assert await made(await prepare(sea, subset, CSV)) == written_one_by_one


async def test_a_field_without_a_dimension_of_time_has_its_time_in_every_line(tmp_path):
    path = tmp_path / "one.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, units, values in (("lat", "degrees_north", [10, 20]), ("lon", "degrees_east", [1, 2, 3])):
            file.createDimension(name, len(values))
            file.createVariable(name, "f8", (name,))[:] = values
            file[name].units = units
        file.createVariable("time", "f8", ())[...] = 3
        file["time"].setncatts({"units": "days since 2020-01-01", "standard_name": "time"})
        file.createVariable("t", "i2", ("lat", "lon"))[:] = [[1, 2, 3], [4, 5, 6]]
        file["t"].coordinates = "time"
    async with taken_up([path], tmp_path) as dataset:
        found = (await made(await prepare(dataset, Subset(), CSV))).decode().splitlines()[1:]
    assert found == [
        f"2020-01-04T00:00:00Z,{lat},{lon},{3 * row + lon}" for row, lat in enumerate((10, 20)) for lon in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    "name", ["grid/hycom_2depths.nc", "grid/cmems_glo12_uv_7depths.nc", "grid/oisst_daily_reduced.nc"]
)
async def test_how_long_a_table_will_be_is_told_within_a_third_and_not_too_short(tmp_path, real_data, name):
    async with taken_up([real_data(name)], tmp_path) as dataset:
        for subset in (Subset(), Subset(stride=5)):
            extraction = await prepare(dataset, subset, CSV)
            assert 1 <= extraction.estimate.sizes["csv"] / len(await made(extraction)) < 1.33


async def test_xml_says_what_the_table_says_however_that_is_cut_up(sea):
    async def pieces():
        for piece in (b'time,"a",b[unit="<m>"]\r\n', b"x,1,2\r\ny,3,NaN\r\n", b"z,5,6\r\n"):
            yield piece

    workers = (await prepare(sea, Subset(), CSV)).reader.sampler.workers
    found = b"".join([piece async for piece in points.points_xml(pieces(), workers)])
    point = '<point><data name="date">{}</data><data name="&quot;a&quot;">{}</data><data name="b" units="&lt;m&gt;">{}'
    begin = '<?xml version="1.0" encoding="UTF-8"?>\n<grid>'
    rows = [("x", 1, 2), ("y", 3, "NaN"), ("z", 5, 6)]
    inner = "".join(f"{point.format(*row)}</data></point>" for row in rows)
    assert found.decode() == f"{begin}{inner}</grid>"
