"""Levels in metres as tables and files have them, against the source as netCDF4 reads it and formulas written out."""

import csv
import io
import json

import netCDF4
import numpy as np
import pytest

from tests.gateway.test_levels import COLUMNS, expected, ingested, serving

PLACES = [(3, 5), (0, 2)]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Return a file that was ingested."""
    return ingested(tmp_path_factory.mktemp("roms"))


@pytest.fixture
async def roms(stored, aiohttp_client):
    """Return a client of a unit that serves a ROMS file, and the file."""
    return await serving(stored, aiohttp_client)


def at(path, name, row, column):
    """Return the parameters of the place of a cell."""
    grid = "u" if name == "u" else "rho"
    with netCDF4.Dataset(path) as file:
        longitude, latitude = (float(file[f"{which}_{grid}"][row, column]) for which in ("lon", "lat"))
    return {"var": name, "latitude": repr(latitude), "longitude": repr(longitude), "time": "all", "accept": "csv"}


async def answered(client, status=200, **query):
    answer = await client.get("/thredds/ncss/grid/roms", params=query)
    body = await answer.read()
    assert answer.status == status, body
    return body


def lines(body):
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def placed(file, point):
    """Return longitude and latitude of all points of a kind, row by row."""
    return list(zip(*(file[f"{which}_{point}"][:].ravel().tolist() for which in ("lon", "lat")), strict=True))


def level_height(file, level, step, cells):
    """Return the height of a level, by what a file alone says: of a point it is told by the cells around it."""
    depth = np.mean([file["h"][cell] for cell in cells])
    eta = np.mean([np.ma.filled(file["zeta"][(step, *cell)], np.nan) for cell in cells])
    s, c, hc = float(file["s_rho"][level]), float(file["Cs_r"][level]), float(file["hc"][...])
    return eta + (eta + depth) * (hc * s + depth * c) / (hc + depth)


@pytest.mark.parametrize("name", ["temp", "u"])
async def test_a_series_at_a_height_has_at_each_time_the_level_that_holds_it_then(roms, name):
    client, path = roms
    for row, column in PLACES:
        for elevation in (-0.3, -50.0, -700.0):
            found = lines(await answered(client, **at(path, name, row, column), elevation=str(elevation)))
            for step, line in enumerate(found):
                wanted = expected(path, name, elevation, row, column, step)
                if wanted is None:
                    assert [line[key] for key in ("s_rho", 'elevation[unit="m"]', name)] == ["NaN"] * 3
                else:
                    assert float(line[name]) == pytest.approx(wanted[0], rel=1e-14)
                    assert float(line["s_rho"]) == pytest.approx((wanted[1] + 0.5) / 10 - 1)
                    assert float(line['elevation[unit="m"]']) == pytest.approx(wanted[2], abs=6e-4)
            assert [line["time"] for line in found] == ["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"]


async def test_a_profile_has_the_height_of_each_level_then_and_there(roms):
    client, path = roms
    found = lines(await answered(client, **at(path, "u", 3, 5) | {"vertCoord": "-0.6/0"}))
    with netCDF4.Dataset(path) as file:
        wanted = [level_height(file, level, step, [(3, 5), (3, 6)]) for step in (0, 1) for level in range(4, 10)]
    assert [float(line['elevation[unit="m"]']) for line in found] == pytest.approx(wanted, abs=6e-4)


async def test_what_a_series_takes_is_told_beforehand(roms):
    client, path = roms
    asked = at(path, "temp", 3, 5)
    bodies = [await answered(client, **asked | more) for more in ({}, {"elevation": "-5"})]
    told = [
        json.loads(await answered(client, **asked | more, **{"dry-run": "true"}))["bytes"]
        for more in ({}, {"elevation": "-5"})
    ]
    assert all(len(body) <= size < 2 * len(body) for body, size in zip(bodies, told, strict=True))


async def test_at_the_surface_a_series_has_the_uppermost_level_whatever_the_tide(roms):
    client, path = roms
    found = lines(await answered(client, **at(path, "temp", 2, 3), elevation="0"))
    with netCDF4.Dataset(path) as file:
        assert [float(line["temp"]) for line in found] == pytest.approx(file["temp"][:, -1, 2, 3].tolist(), rel=1e-14)


@pytest.mark.parametrize(
    ("var", "stride", "attributes"),
    [("temp", 1, True), ("u", 1, True), ("temp,u", 1, True), ("u,zeta", 2, True), ("u", 1, False)],
)
async def test_a_file_of_a_field_alone_says_how_deep_its_levels_are(
    stored, tmp_path, aiohttp_client, var, stride, attributes
):
    client, path = await serving(stored if attributes else ingested(tmp_path, attributes=False), aiohttp_client)
    # No block of rows and columns: what is asked for is filled outside, not what depths are told by.
    box = {"west": "11.9", "east": "14.1", "south": "41.2", "north": "43.1", "horizStride": str(stride)}
    body = await answered(client, var=var, accept="netcdf3", time="all", **box)
    name = "u" if "u" in var.split(",") else "temp"
    point = "u" if name == "u" else "rho"
    with netCDF4.Dataset("memory", memory=body) as file, netCDF4.Dataset(path) as source:
        assert int(file["Vtransform"][...]) == 2
        whole = placed(source, point)
        assert 0 < file[f"lon_{point}"].size < len(whole)
        cells, origins = placed(file, "rho"), placed(source, "rho")
        # A row or a column more than the points, no more.
        assert np.subtract(file["h"].shape, file[f"lon_{point}"].shape).max() <= stride
        for number, place in enumerate(placed(file, point)):
            row, column = divmod(whole.index(place), source[f"lon_{point}"].shape[1])
            around = [origins[row * source["h"].shape[1] + one] for one in (column, column + 1)[: 1 + (point == "u")]]
            here = [divmod(cells.index(one), file["h"].shape[1]) for one in around]
            for level, step in ((0, 0), (4, 1)):
                found = level_height(file, level, step, here)
                wanted = level_height(source, level, step, [divmod(origins.index(one), COLUMNS) for one in around])
                assert found == pytest.approx(wanted, rel=1e-12, nan_ok=True)
            assert not row or np.isfinite(found)
            at = divmod(number, file[f"lon_{point}"].shape[1])
            value = file[name][(1, 4, *at)]
            assert value is np.ma.masked or value == source[name][1, 4, row, column]


REFUSED = [
    ({"accept": "netcdf3"}, "needs latitude and longitude, and accept=csv or xml"),
    ({"latitude": ""}, "latitude"),
    ({"vertCoord": "-0.5"}, "elevation and vertCoord both name levels"),
    ({"elevation": "50"}, "a depth of 50 is -50.0"),
    ({"elevation": "-9000"}, "outside of the sea"),
    ({"elevation": "nan"}, "not a finite number"),
    ({"var": "h"}, "h has no levels at a height"),
    ({"var": "temp,h"}, "has no levels at a height"),
    ({"var": "temp,u"}, "no one height"),
]


async def test_a_height_that_cannot_be_is_refused(roms):
    client, path = roms
    for change, says in REFUSED:
        body = await answered(client, 400, **at(path, "temp", 2, 3) | {"elevation": "-5"} | change)
        assert says in body.decode()


async def test_levels_in_metres_can_be_asked_for_by_their_elevation(sea):
    query = "/thredds/ncss/grid/sea?var=thetao&latitude=9&longitude=19&time=all"
    by_height, by_depth = [
        await (await sea.get(f"{query}&{one}")).text() for one in ("elevation=-100", "vertCoord=100")
    ]
    assert by_height == by_depth
    answer = await sea.get(f"{query}&elevation=-60")
    assert (answer.status, "nearest" in await answer.text()) == (400, True)
