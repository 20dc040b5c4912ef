"""Maps in each coordinate reference system that is offered: right cells, no seam between tiles, right boxes.

The fields hold a number per cell that a palette PNG gives back exactly; places and the order of axes come from pyproj,
cells from the edges of the axes. A pixel may differ only where its centre lies within 1/8 pixel of an edge.
"""

import asyncio
import io
import json
from functools import cache

import netCDF4
import numpy as np
import pyproj
import pytest
from lxml import etree
from PIL import Image

from core.crs import OFFERED
from gateway.app import make_app
from gateway.config.file import parse
from gateway.faults import ConfigError
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

BANDS = 250
GROUPS = {
    "flat": ["EPSG:4326", "CRS:84", "EPSG:3857", "EPSG:3395", "EPSG:3832"],
    "north": ["EPSG:3413", "EPSG:3995", "EPSG:5041", "EPSG:32661"],
    "south": ["EPSG:3031", "EPSG:5042", "EPSG:32761"],
    "equal area": ["EPSG:3035", "EPSG:3575", "EPSG:6931"],
}
OTHERS = {"configured": ["EPSG:27700", "ESRI:54030", "EPSG:4258"]}
FURTHER = ["EPSG:27700", "EPSG:3832", "EPSG:6931", "ESRI:54030", "EPSG:4258"]
LATITUDES = np.arange(-88.0, 90.0, 4.0)
FIELDS = {
    "from_0_to_360": (np.arange(2.0, 360.0, 4.0), LATITUDES),
    "from_180_to_180": (np.arange(-178.0, 180.0, 4.0), LATITUDES[::-1]),
    "across_the_date_line": (np.arange(150.0, 240.0, 4.0), np.arange(-70.0, 88.0, 4.0)),
}
FAR = {"EPSG:4326": 1.2, "CRS:84": 1.2, "EPSG:4258": 2.0, "EPSG:27700": 3.0}
"""How many times the area of use a map may show here."""


@cache
def definition(name):
    return pyproj.CRS("OGC:CRS84" if name == "CRS:84" else name)


@cache
def transformer(name, *, back=False):
    ends = ["OGC:CRS84", definition(name)]
    return pyproj.Transformer.from_crs(*(ends[::-1] if back else ends), always_xy=True).transform


def y_first(name, version):
    return version == "1.3.0" and definition(name).axis_info[0].name.startswith(("Geodetic latitude", "Northing"))


def to_places(name, x, y):
    if name in ("EPSG:4326", "CRS:84"):
        return x, np.where(np.abs(y) <= 90.0, y, np.nan)
    longitude, latitude = transformer(name, back=True)(x, y)
    if not definition(name).is_geographic and name not in ("EPSG:3857", "EPSG:3395"):
        back = transformer(name)(longitude, latitude)
        with np.errstate(invalid="ignore"):
            latitude = np.where(np.hypot(back[0] - x, back[1] - y) < 1e6, latitude, np.nan)
    return longitude, np.where(np.isfinite(latitude), latitude, np.nan)


def square(name, share):
    """Return a box around the area of use, `share` times as wide, with corners that tiles can share exactly."""
    area = definition(name).area_of_use.bounds
    if name == "EPSG:3832":
        area = (100.0, -60.0, 180.0, 66.0)
    around = np.meshgrid(np.linspace(area[0], area[2], 73), np.linspace(max(area[1], -85.0), min(area[3], 85.0), 37))
    x, y = transformer(name)(*around)
    side = 2.0 ** np.round(np.log2(share * max(np.ptp(x), np.ptp(y))))
    west, south = np.floor(x.mean() - side / 2), np.floor(y.mean() - side / 2)
    return west, south, west + side, south + side


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("systems")
    for name, (longitude, latitude) in FIELDS.items():
        with netCDF4.Dataset(folder / f"{name}.nc", "w") as file:
            for axis, values, units in (("lat", latitude, "degrees_north"), ("lon", longitude, "degrees_east")):
                file.createDimension(axis, values.size)
                file.createVariable(axis, "f8", (axis,)).units = units
                file[axis][:] = values
            file.createVariable("cell", "i2", ("lat", "lon")).units = "1"
            file["cell"][:] = number(*np.indices((latitude.size, longitude.size)))
        ingest(Location.parse(str(folder)), name, [folder / f"{name}.nc"], crew=Processes(0), report=lambda _: None)
    return folder


def config(store, crs=()):
    datasets = [{"id": name, "source": "unused"} for name in FIELDS]
    return parse({"unit": {"crs": list(crs)}, "store": str(store), "datasets": datasets}, name="test", folder=store)


@pytest.fixture
async def client(store, aiohttp_client):
    return await aiohttp_client(make_app(config(store, FURTHER)))


def number(row, column):
    return (row * 7 + column * 13) % BANDS


def query(field, name, version, box, size):
    order = (1, 0, 3, 2) if y_first(name, version) else (0, 1, 2, 3)
    return {
        "service": "WMS",
        "version": version,
        "request": "GetMap",
        "styles": "",
        "layers": f"{field}/cell",
        "crs" if version == "1.3.0" else "srs": name,
        "bbox": ",".join(repr(float(box[place])) for place in order),
        "width": str(size[0]),
        "height": str(size[1]),
        "format": "image/png",
        "transparent": "true",
        "colorscalerange": f"0,{BANDS}",
        "numcolorbands": str(BANDS),
    }


async def drawn(client, *asked):
    """Return the number that each pixel shows, -1 where it is transparent."""
    answer = await client.get("/wms", params=query(*asked))
    body = await answer.read()
    assert answer.content_type == "image/png", body
    picture = Image.open(io.BytesIO(body))
    opaque = np.asarray(picture.convert("RGBA"))[..., 3] == 255
    return np.where(opaque, np.asarray(picture).astype(int), -1)


def expected(field, name, box, size):
    """Return the number under each pixel centre, -1 outside, and where the centre is too near to an edge to tell."""
    width, height = size
    dx, dy = (box[2] - box[0]) / width, (box[3] - box[1]) / height
    x, y = np.meshgrid(box[0] + (np.arange(width) + 0.5) * dx, box[3] - (np.arange(height) + 0.5) * dy)
    near = [(0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    found = np.stack([cells(field, *to_places(name, x + a * dx / 8, y + b * dy / 8)) for a, b in near])
    return found[0], (found != found[0]).any(axis=0)


def cells(field, longitude, latitude):
    columns, rows = FIELDS[field]
    with np.errstate(invalid="ignore"):
        column = np.floor((longitude - columns[0] + 2.0) % 360.0 / 4.0)
        row = np.floor((latitude - rows.min() + 2.0) / 4.0)
        # The pole belongs to the last row.
        row = np.where((latitude == 90.0) & (rows.max() == 88.0), rows.size - 1, row)
        inside = (row >= 0) & (row < rows.size) & (column < columns.size)
        row = row if rows[0] < rows[-1] else rows.size - 1 - row
        return np.where(inside, number(row, column), -1)


def test_no_system_is_left_out():
    assert sorted(name for names in (GROUPS | OTHERS).values() for name in names) == sorted([*OFFERED, *FURTHER])


@pytest.mark.parametrize("names", [*GROUPS.values(), *OTHERS.values()], ids=[*GROUPS, *OTHERS])
async def test_each_system_shows_the_cell_under_each_pixel(client, names):
    for name in names:
        await check_cells(client, name)


async def check_cells(client, name):
    whole, far = square(name, 0.7), square(name, FAR.get(name, 2.2))
    west, south, east, _ = whole
    side = (east - west) / 2**21
    corner = (west + 0.37 * (east - west), south + 0.37 * (east - west))
    street = (*corner, corner[0] + side, corner[1] + side)
    for field, version, box in [
        ("from_0_to_360", "1.1.1", whole),
        ("from_180_to_180", "1.3.0", far),
        ("across_the_date_line", "1.3.0", street),
    ]:
        pixels = await drawn(client, field, name, version, box, (80, 70))
        numbers, unsure = expected(field, name, box, (80, 70))
        wrong = (pixels != numbers) & ~unsure
        assert not wrong.any(), (name, box, np.argwhere(wrong)[:5])
        assert unsure.mean() < 0.7


@pytest.mark.parametrize("names", GROUPS.values(), ids=GROUPS)
async def test_tiles_make_the_map(client, names):
    for name in names:
        await check_tiles(client, name)


async def check_tiles(client, name):
    west, south, east, north = square(name, 1.0 if name in FAR else 1.5)
    side = (east - west) / 4
    boxes = [
        (west + column * side, north - (row + 1) * side, west + (column + 1) * side, north - row * side)
        for row in range(4)
        for column in range(4)
    ]
    for field in FIELDS:
        whole = await drawn(client, field, name, "1.3.0", (west, south, east, north), (128, 128))
        tiles = await asyncio.gather(*[drawn(client, field, name, "1.3.0", box, (32, 32)) for box in boxes])
        joined = np.block([tiles[row * 4 : row * 4 + 4] for row in range(4)])
        np.testing.assert_array_equal(joined, whole, err_msg=name)
        assert (whole >= 0).any()


@pytest.mark.parametrize("names", [*GROUPS.values(), *OTHERS.values()], ids=[*GROUPS, *OTHERS])
async def test_a_question_about_a_pixel_is_answered_with_the_cell_that_the_map_shows(client, names):
    for name in names:
        await check_answers(client, name)


async def check_answers(client, name):
    box = square(name, FAR.get(name, 2.2))
    numbers, unsure = expected("from_0_to_360", name, box, (80, 80))
    rng = np.random.default_rng(3)
    for _ in range(6):
        row, column = rng.choice(np.argwhere(~unsure))
        asked = query("from_0_to_360", name, "1.3.0", box, (80, 80)) | {
            "request": "GetFeatureInfo",
            "query_layers": "from_0_to_360/cell",
            "info_format": "application/json",
            "i": str(column),
            "j": str(row),
        }
        answer = await client.get("/wms", params=asked)
        text = await answer.text()
        assert answer.status == 200, text
        value = json.loads(text, parse_constant=pytest.fail)["features"][0]["properties"]["value"]
        assert value == (None if numbers[row, column] < 0 else numbers[row, column]), name


async def test_a_picture_beside_the_disc_is_empty(client):
    pixels = await drawn(client, "from_0_to_360", "EPSG:3575", "1.1.1", (1.3e7, 1e6, 2.3e7, 1.1e7), (64, 64))
    assert (pixels == -1).all()


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
async def test_the_box_of_a_layer_holds_it_in_each_system(client, version):
    answer = await client.get("/wms", params={"service": "WMS", "request": "GetCapabilities", "version": version})
    tree = etree.fromstring(await answer.read())
    word = "CRS" if version == "1.3.0" else "SRS"
    named = [name for name in (*OFFERED, *FURTHER) if version == "1.3.0" or name.startswith("EPSG:")]
    layers = tree.findall(".//{*}Layer")
    assert [found.text for found in layers[0].iterfind(f"{{*}}{word}")] == named
    layer = next(found for found in layers if found.findtext("{*}Name") == "from_0_to_360/cell")
    boxes = {box.get(word): box for box in layer.iterfind("{*}BoundingBox")}
    assert list(boxes) == named
    for name, box in boxes.items():
        sides = np.array([float(box.get(side)) for side in ("minx", "miny", "maxx", "maxy")])
        assert np.isfinite(sides).all()
        west, south, east, north = definition(name).area_of_use.bounds
        # What is drawn round a pole is drawn down to the equator.
        south = 0.0 if name in (*GROUPS["north"], "EPSG:3575") else south
        north = 0.0 if name in GROUPS["south"] else north
        south, north = (-85.05, 85.05) if name == "EPSG:3857" else (south, north)
        around = np.meshgrid(np.linspace(west, east + 360.0 * (east < west), 200), np.linspace(south, north, 100))
        places = pyproj.Transformer.from_crs("OGC:CRS84", definition(name), always_xy=version == "1.1.1")
        first, second = places.transform(*around)
        slack = 1e-9 * np.abs(sides).max()
        assert sides[0] <= first.min() + slack
        assert sides[1] <= second.min() + slack
        assert sides[2] >= first.max() - slack
        assert sides[3] >= second.max() - slack


async def test_two_units_offer_different_systems(store, client, aiohttp_client):
    other = await aiohttp_client(make_app(config(store)))
    asked = query("from_0_to_360", "EPSG:27700", "1.3.0", (0, 0, 700000, 1300000), (20, 20))
    assert (await client.get("/wms", params=asked)).content_type == "image/png"
    refused = await other.get("/wms", params=asked)
    text = await refused.text()
    assert refused.status == 400
    assert 'code="InvalidCRS"' in text
    assert "EPSG:4326, CRS:84" in text
    capabilities = await other.get("/wms", params={"service": "WMS", "request": "GetCapabilities"})
    assert "EPSG:27700" not in await capabilities.text()


async def test_other_spellings_show_the_same_picture(client):
    box = (-1e6, -1e6, 1e6, 1e6)
    plain = await drawn(client, "from_0_to_360", "EPSG:3857", "1.3.0", box, (30, 30))
    for spelt in ("urn:ogc:def:crs:EPSG::3857", "EPSG:900913", "EPSG:102100", "EPSG:102113", "epsg:3785"):
        asked = query("from_0_to_360", "EPSG:3857", "1.3.0", box, (30, 30)) | {"crs": spelt}
        answer = await client.get("/wms", params=asked)
        picture = np.asarray(Image.open(io.BytesIO(await answer.read())))
        np.testing.assert_array_equal(picture, plain)


@pytest.mark.parametrize(
    ("crs", "says"),
    [
        (["EPSG:999999"], "EPSG:999999 is not a coordinate reference system that PROJ knows"),
        (["EPSG:27700", "EPSG:4978"], "EPSG:4978 is a Geocentric CRS"),
        (["EPSG:4979"], "EPSG:4979 is a Geographic 3D CRS"),
        (["British National Grid"], "AUTHORITY:CODE"),
        ("EPSG:27700", "no list of names"),
        ([27700], "no list of names"),
        (None, "no list of names"),
    ],
)
def test_a_system_that_cannot_be_offered_is_an_error_of_its_key(tmp_path, crs, says):
    with pytest.raises(ConfigError, match=rf"unit\.crs: .*{says}"):
        parse({"unit": {"crs": crs}}, name="config.yaml", folder=tmp_path)
