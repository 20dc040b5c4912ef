"""A field in the plane of a projection, from the file to every door. Oracles: netCDF4 and PROJ."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import netCDF4
import numpy as np
import pyproj
import pytest
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

WORDS = "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=58 +R=6371000"
X, Y = np.arange(-1990.0, 2000.0, 20.0), np.arange(1590.0, -1000.0, -20.0)
ONTO = pyproj.Transformer.from_crs("OGC:CRS84", WORDS, always_xy=True).transform
BACK = pyproj.Transformer.from_crs(WORDS, "OGC:CRS84", always_xy=True).transform
NCSS = "/thredds/ncss/grid/ice"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Write and take up a field of 130 x 200 cells of 20 km, its axes in kilometres, round the north pole."""
    folder = tmp_path_factory.mktemp("projected")
    with netCDF4.Dataset(folder / "ice.nc", "w") as file:
        for name, values in (("x", X), ("y", Y)):
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f4", (name,))
            axis.setncatts({"standard_name": f"projection_{name}_coordinate", "units": "km"})
            axis[:] = values
        file.createVariable("polar", "i4", ()).setncatts(
            {
                "grid_mapping_name": "polar_stereographic",
                "straight_vertical_longitude_from_pole": 58.0,
                "latitude_of_projection_origin": 90.0,
                "standard_parallel": 60.0,
                "earth_radius": 6371000.0,
            }
        )
        field = file.createVariable("ice", "i2", ("y", "x"), fill_value=-1)
        field.setncatts({"grid_mapping": "polar", "units": "1", "valid_min": np.int16(0)})
        field[:] = np.arange(Y.size)[:, None] * 200 + np.arange(X.size)
    ingest(Location.parse(str(folder / "store")), "ice", [folder / "ice.nc"], crew=Processes(0), report=lambda _: None)
    return folder


@pytest.fixture
async def unit(store, aiohttp_client, tmp_path):
    raw = {
        "store": "store",
        "datasets": [{"id": "ice", "source": "ice.nc"}],
        "downloads": {"folder": str(tmp_path)},
    }
    return await aiohttp_client(make_app(parse(raw, name="test", folder=store)))


def cell(longitude, latitude):
    x, y = ONTO(longitude, latitude)
    return int(np.rint((y / 1000 - Y[0]) / -20.0)), int(np.rint((x / 1000 - X[0]) / 20.0))


WMS = {"SERVICE": "WMS", "VERSION": "1.3.0", "STYLES": "", "FORMAT": "image/png"}


@pytest.mark.parametrize("place", [(0.0, 75.0), (-179.9, 80.0), (179.9, 80.0), (58.0, 89.9), (120.0, 76.0)])
async def test_feature_info_answers_with_the_cell_and_its_centre(unit, place):
    longitude, latitude = place
    box = f"{longitude - 0.05},{latitude - 0.05},{longitude + 0.05},{latitude + 0.05}"
    asked = WMS | {
        "REQUEST": "GetFeatureInfo",
        "LAYERS": "ice/ice",
        "QUERY_LAYERS": "ice/ice",
        "CRS": "CRS:84",
        "BBOX": box,
        "WIDTH": "1",
        "HEIGHT": "1",
        "I": "0",
        "J": "0",
        "INFO_FORMAT": "application/json",
    }
    answer = await unit.get("/wms", params=asked)
    (found,) = json.loads(await answer.text())["features"]
    row, column = cell(longitude, latitude)
    assert found["properties"]["value"] == row * 200 + column
    centre = BACK(X[column] * 1000, Y[row] * 1000)
    np.testing.assert_allclose(found["geometry"]["coordinates"][:2], centre, atol=1e-5)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3413", "EPSG:3995"])
async def test_a_map_shows_the_overview_or_the_cells_where_they_lie(unit, crs):
    box = (-1e6, 1.3e7, 3e6, 1.7e7) if crs == "EPSG:3857" else (-1e6, -1e6, 1e6, 1e6)
    asked = WMS | {
        "REQUEST": "GetMap",
        "LAYERS": "ice/ice",
        "CRS": crs,
        "BBOX": ",".join(map(str, box)),
        "WIDTH": "40",
        "HEIGHT": "40",
        "TRANSPARENT": "TRUE",
        "COLORSCALERANGE": "0,26000",
    }
    answer = await unit.get("/wms", params=asked)
    pixels = np.asarray(Image.open(io.BytesIO(await answer.read())).convert("RGBA"))
    x = box[0] + (np.arange(40) + 0.5) * (box[2] - box[0]) / 40
    y = box[3] - (np.arange(40) + 0.5) * (box[3] - box[1]) / 40
    inside = pyproj.Transformer.from_crs(crs, WORDS, always_xy=True).transform(*np.meshgrid(x, y))
    half = 10.0
    there = (np.abs(inside[0] / 1000) <= 1990 + half) & (inside[1] / 1000 <= 1590 + half)
    there &= inside[1] / 1000 >= -1000 + half
    edge = np.minimum(1990 + half - np.abs(inside[0] / 1000), 1590 + half - inside[1] / 1000)
    edge = np.abs(np.minimum(edge, inside[1] / 1000 + 1000 - half))
    clear = edge > 30
    np.testing.assert_array_equal(pixels[..., 3][clear] > 0, there[clear])
    assert clear.mean() > 0.9


async def test_capabilities_name_the_box_all_round_the_pole(unit):
    answer = await unit.get("/wms", params={"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetCapabilities"})
    tree = ET.fromstring(await answer.text())
    box = tree.findall(".//{*}Layer[{*}Name='ice/ice']/{*}EX_GeographicBoundingBox/*")
    west, east, south, north = (float(side.text) for side in box)
    # Of the four corners the upper two lie farthest from the pole.
    assert (west, east, north) == (-180.0, 180.0, 90.0)
    assert south == pytest.approx(BACK(2000e3, 1600e3)[1], abs=1e-4)


async def read(unit, query):
    answer = await unit.get(f"{NCSS}?{query}")
    body = await answer.read()
    assert answer.status == 200, body
    file = netCDF4.Dataset("memory", memory=body)
    file.set_auto_maskandscale(False)
    return file


async def test_a_box_brings_its_hull_with_axes_and_mapping(unit, store):
    with (
        netCDF4.Dataset(store / "ice.nc") as source,
        await read(unit, "var=ice&west=170&east=-170&south=75&north=80&accept=netcdf3") as file,
    ):
        source.set_auto_maskandscale(False)
        longitude, latitude = BACK(*np.meshgrid(X * 1000, Y * 1000))
        inside = (latitude >= 75) & (latitude <= 80) & (np.mod(longitude - 170, 360) <= 20)
        rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
        hull = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        np.testing.assert_array_equal(file["y"][:], source["y"][hull[0]])
        np.testing.assert_array_equal(file["x"][:], source["x"][hull[1]])
        np.testing.assert_array_equal(file["ice"][:], np.where(inside[hull], source["ice"][hull], -1))
        assert {name: file["polar"].getncattr(name) for name in file["polar"].ncattrs()} == {
            name: source["polar"].getncattr(name) for name in source["polar"].ncattrs()
        }


async def test_a_box_along_the_axes_is_cut_by_these(unit, store):
    with (
        netCDF4.Dataset(store / "ice.nc") as source,
        await read(unit, "var=ice&minx=-30&maxx=210&miny=-500&maxy=-100&accept=netcdf3") as file,
    ):
        source.set_auto_maskandscale(False)
        hull = np.s_[np.flatnonzero((Y >= -500) & (Y <= -100)), np.flatnonzero((X >= -30) & (X <= 210))]
        np.testing.assert_array_equal(file["ice"][:], source["ice"][:][np.ix_(*hull)])
        np.testing.assert_array_equal(file["x"][:], X[hull[1]])
        np.testing.assert_allclose(
            file.geospatial_lat_max, BACK(*np.meshgrid(X[hull[1]] * 1e3, Y[hull[0]] * 1e3))[1].max(), atol=1e-5
        )


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("minx=5000&maxx=6000&miny=0&maxy=1", "the box from x = 5000 to 6000 lies off the grid, which runs from -1990"),
        ("minx=0&maxx=10&miny=1700&maxy=1800", "the box from y = 1700 to 1800 lies off the grid"),
        ("minx=0&maxx=10", "go together"),
        ("longitude=0&latitude=10", "lies in no cell of the grid"),
    ],
)
async def test_a_place_off_the_grid_is_refused(unit, query, says):
    answer = await unit.get(f"{NCSS}?var=ice&{query}")
    assert (answer.status, says in await answer.text()) == (400, True)


async def test_a_table_says_longitude_and_latitude_of_each_cell(unit):
    answer = await unit.get(f"{NCSS}?var=ice&minx=-30&maxx=30&miny=-500&maxy=-400&accept=csv")
    lines = list(csv.DictReader(io.StringIO(await answer.text())))
    assert len(lines) == 4 * 5
    for line in lines:
        row, column = divmod(int(line['ice[unit="1"]']), 200)
        place = float(line['longitude[unit="degrees_east"]']), float(line['latitude[unit="degrees_north"]'])
        np.testing.assert_allclose(place, BACK(X[column] * 1000, Y[row] * 1000), atol=1e-6)


async def test_a_table_of_a_point_says_the_centre_of_its_cell(unit):
    answer = await unit.get(f"{NCSS}?var=ice&longitude=200&latitude=80&accept=csv")
    (line,) = csv.DictReader(io.StringIO(await answer.text()))
    row, column = cell(200.0, 80.0)
    assert int(line['ice[unit="1"]']) == row * 200 + column
    assert float(line['latitude[unit="degrees_north"]']) == pytest.approx(
        BACK(X[column] * 1e3, Y[row] * 1e3)[1], abs=1e-6
    )


async def test_the_description_names_axes_of_the_plane(unit):
    tree = ET.fromstring(await (await unit.get(f"{NCSS}/dataset.xml")).text())
    axes = {axis.get("name"): (axis.get("axisType"), axis.get("shape")) for axis in tree.iter("axis")}
    assert axes == {"y": ("GeoY", "130"), "x": ("GeoX", "200")}
    box = {side.tag: float(side.text) for side in tree.find(".//projectionBox")}
    assert box == {"minx": -1990.0, "maxx": 1990.0, "miny": -990.0, "maxy": 1590.0}


async def test_a_globe_is_offered(unit):
    answer = await unit.get("/kml/ice/ice.kml")
    assert answer.status == 200, await answer.text()


async def test_colours_are_smooth_where_they_are_asked_for(store, aiohttp_client):
    row, column = cell(119.5, 80.3)
    asked = WMS | {
        "REQUEST": "GetMap",
        "LAYERS": "ice/ice",
        "CRS": "EPSG:3857",
        "BBOX": "13250000,15550000,13350000,15650000",
        "WIDTH": "64",
        "HEIGHT": "64",
        "COLORSCALERANGE": f"{row * 200 + column - 800},{row * 200 + column + 800}",
    }
    colours = {}
    for kind in ("nearest", "bilinear"):
        variables = {"ice": {"interpolation": kind}}
        raw = {"store": "store", "datasets": [{"id": "ice", "source": "ice.nc", "variables": variables}]}
        unit = await aiohttp_client(make_app(parse(raw, name="test", folder=store)))
        answer = await unit.get("/wms", params=asked)
        pixels = np.asarray(Image.open(io.BytesIO(await answer.read())).convert("RGB")).reshape(-1, 3)
        colours[kind] = len(np.unique(pixels, axis=0))
    # Some two rows lie above each other, eight colours for each of their 200.
    assert 1 < colours["nearest"] <= 4 < 10 * colours["nearest"] <= colours["bilinear"]
