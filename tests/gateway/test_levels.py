"""Fields on s levels asked for at a height, against the file as netCDF4 reads it and formulas written out here."""

import io

import netCDF4
import numpy as np
import pytest
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

ROWS, COLUMNS, LEVELS = 6, 8, 10
HC = 20.0
STEP = "2020-01-02T00:00:00Z"


def bent(s):
    return np.sinh(5 * s) / np.sinh(5)


def write(path, *, attributes=True, without=()):
    """Write two steps as ROMS does, u between cells; the sea gets deeper to the east, and row 0 is dry."""
    s, s_w = (np.arange(LEVELS) + 0.5) / LEVELS - 1, np.arange(LEVELS + 1) / LEVELS - 1
    rng = np.random.default_rng(3)
    h = np.tile(np.geomspace(12, 3000, COLUMNS), (ROWS, 1)) * rng.uniform(0.9, 1.1, (ROWS, COLUMNS))
    zeta = rng.uniform(-1, 1, (2, ROWS, COLUMNS))
    zeta[:, 0] = np.nan
    x, y = np.meshgrid(np.arange(COLUMNS, dtype="f8"), np.arange(ROWS, dtype="f8"))
    longitude, latitude = 10 + x + 0.2 * y, 40 + y - 0.1 * x
    formula = "s: s_rho C: Cs_r eta: zeta depth: h depth_c: hc"
    named = {"standard_name": "ocean_s_coordinate_g2", "formula_terms": formula, "positive": "up"}
    place = {"coordinates": "lon_rho lat_rho"}
    variables = {
        "ocean_time": (("ocean_time",), [0, 24], {"units": "hours since 2020-01-01"}),
        "s_rho": (("s_rho",), s, named if attributes else {}),
        "s_w": (("s_w",), s_w, {}),
        "Cs_r": (("s_rho",), bent(s), {}),
        "Cs_w": (("s_w",), bent(s_w), {}),
        "hc": ((), HC, {}),
        "Vtransform": ((), 2, {}),
        "h": (("eta_rho", "xi_rho"), h, place),
        "zeta": (("ocean_time", "eta_rho", "xi_rho"), zeta, place),
        "lon_rho": (("eta_rho", "xi_rho"), longitude, {}),
        "lat_rho": (("eta_rho", "xi_rho"), latitude, {}),
        "lon_u": (("eta_u", "xi_u"), (longitude[:, 1:] + longitude[:, :-1]) / 2, {}),
        "lat_u": (("eta_u", "xi_u"), (latitude[:, 1:] + latitude[:, :-1]) / 2, {}),
        "temp": (("ocean_time", "s_rho", "eta_rho", "xi_rho"), rng.uniform(0, 20, (2, LEVELS, ROWS, COLUMNS)), place),
        "u": (
            ("ocean_time", "s_rho", "eta_u", "xi_u"),
            rng.uniform(-1, 1, (2, LEVELS, ROWS, COLUMNS - 1)),
            {"coordinates": "lon_u lat_u"},
        ),
    }
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (
            ("ocean_time", None), ("s_rho", LEVELS), ("s_w", LEVELS + 1), ("eta_rho", ROWS), ("xi_rho", COLUMNS),
            ("eta_u", ROWS), ("xi_u", COLUMNS - 1),
        ):  # fmt: skip
            file.createDimension(name, size)
        for name, (dimensions, values, said) in variables.items():
            if name not in without:
                file.createVariable(name, "f8", dimensions)[...] = values
                file[name].setncatts(said)
    return path


def ingested(folder, source=None, **how):
    """Return a file that was ingested, into a store beside it; one is written unless it is there."""
    source = source or write(folder / "roms.nc", **how)
    ingest(Location.parse(str(folder / "store")), "roms", [source], crew=Processes(0), report=lambda _: None)
    return source


async def serving(source, aiohttp_client):
    """Return a client of a unit that serves it, and the file."""
    datasets = [{"id": "roms", "source": "roms.nc"}]
    config = parse({"store": "store", "datasets": datasets}, name="test", folder=source.parent)
    return await aiohttp_client(make_app(config)), source


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Return a file that was ingested."""
    return ingested(tmp_path_factory.mktemp("roms"))


@pytest.fixture
async def roms(stored, aiohttp_client):
    """Return a client of a unit that serves a ROMS file, and the file."""
    return await serving(stored, aiohttp_client)


def expected(path, name, elevation, row, column, step=1):
    """Return value, level and height of that level at a cell at a step; None where there is none."""
    with netCDF4.Dataset(path) as file:
        wide = 2 if name == "u" else 1
        depth = float(np.mean(file["h"][row, column : column + wide]))
        eta = float(np.ma.filled(np.ma.mean(file["zeta"][step, row, column : column + wide]), np.nan))

        def heights(s, c):
            return eta + (eta + depth) * (HC * s + depth * c) / (HC + depth)

        edges = heights(file["s_w"][:], file["Cs_w"][:])
        if not edges[0] <= elevation <= edges[-1]:
            return None
        level = int(np.searchsorted(edges, elevation, side="right")) - 1
        height = heights(file["s_rho"][:], file["Cs_r"][:])[level]
        return float(file[name][step, level, row, column]), level, float(height)


async def asked(client, path, name, row, column, **parameters):
    """Return the properties that GetFeatureInfo tells of a cell."""
    grid = "u" if name == "u" else "rho"
    with netCDF4.Dataset(path) as file:
        longitude, latitude = float(file[f"lon_{grid}"][row, column]), float(file[f"lat_{grid}"][row, column])
    side = 0.01
    query = {
        "SERVICE": "WMS", "VERSION": "1.1.1", "REQUEST": "GetFeatureInfo", "LAYERS": f"roms/{name}",
        "QUERY_LAYERS": f"roms/{name}", "STYLES": "", "SRS": "EPSG:4326", "WIDTH": "1", "HEIGHT": "1", "X": "0",
        "Y": "0", "BBOX": f"{longitude - side},{latitude - side},{longitude + side},{latitude + side}",
        "INFO_FORMAT": "application/json", "TIME": STEP,
    }  # fmt: skip
    answer = await client.get("/wms", params=query | parameters)
    assert answer.status == 200, await answer.text()
    return (await answer.json())["features"][0]["properties"]


@pytest.mark.parametrize("name", ["temp", "u"])
@pytest.mark.parametrize("elevation", [-0.3, -5.0, -50.0, -700.0])
async def test_a_place_shows_the_level_that_holds_the_height(roms, name, elevation):
    client, path = roms
    for row, column in [(1, 0), (2, 3), (3, 5), (5, 6), (0, 2)]:
        found = await asked(client, path, name, row, column, ELEVATION=str(elevation))
        wanted = expected(path, name, elevation, row, column)
        if wanted is None:
            assert (found["value"], found["elevation"]) == (None, elevation)
        else:
            assert (found["value"], found["level"]) == wanted[:2]
            assert found["level_elevation"] == pytest.approx(wanted[2], abs=6e-4)


async def test_zero_and_nothing_named_are_the_uppermost_level_whatever_the_tide(roms):
    client, path = roms
    with netCDF4.Dataset(path) as file:
        top = float(file["temp"][1, -1, 2, 3])
    for parameters in ({}, {"ELEVATION": "0"}, {"ELEVATION": "-100/5"}, {"DIM_S_RHO": "9", "ELEVATION": "0"}):
        found = await asked(client, path, "temp", 2, 3, **parameters)
        assert (found["value"], found["elevation"], found["level"], found["dimensions"]) == (top, 0, 9, {})


async def test_levels_can_be_named_by_number(roms):
    client, path = roms
    with netCDF4.Dataset(path) as file:
        third = float(file["temp"][1, 2, 2, 3])
    found = await asked(client, path, "temp", 2, 3, DIM_S_RHO="2")
    assert (found["value"], found["elevation"], found["dimensions"]) == (third, None, {"s_rho": 2})


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"ELEVATION": "-5", "DIM_S_RHO": "2"}, "two levels"),
        ({"ELEVATION": "50"}, "a depth of 50 is -50.0"),
        ({"ELEVATION": "-9000"}, "outside of the sea"),
        ({"ELEVATION": "deep"}, "not a finite number"),
        ({"DIM_S_RHO": "-0.95"}, "the nearest is 0.0"),
    ],
)
async def test_what_is_no_level_is_refused(roms, parameters, says):
    client, _ = roms
    query = {"SERVICE": "WMS", "VERSION": "1.1.1", "REQUEST": "GetMap", "LAYERS": "roms/temp", "STYLES": ""}
    query |= {"SRS": "EPSG:4326", "WIDTH": "9", "HEIGHT": "9", "BBOX": "10,40,18,46", "FORMAT": "image/png"}
    answer = await client.get("/wms", params=query | parameters)
    body = await answer.text()
    assert (answer.status, "InvalidDimensionValue" in body, says in body) == (400, True, True), body


@pytest.mark.parametrize("side", [12, 6])
async def test_a_map_shows_at_each_pixel_what_is_told_of_it(roms, side):
    client, _ = roms
    box = (10.2, 40.4, 17.8, 44.6)
    query = {
        "SERVICE": "WMS", "VERSION": "1.1.1", "REQUEST": "GetMap", "LAYERS": "roms/temp", "STYLES": "",
        "SRS": "EPSG:4326", "WIDTH": str(side), "HEIGHT": str(side), "BBOX": ",".join(map(str, box)),
        "FORMAT": "image/png", "TRANSPARENT": "TRUE", "COLORSCALERANGE": "0,20", "TIME": STEP, "ELEVATION": "-50",
    }  # fmt: skip
    picture = Image.open(io.BytesIO(await (await client.get("/wms", params=query)).read())).convert("RGBA")
    info = query | {"REQUEST": "GetFeatureInfo", "QUERY_LAYERS": "roms/temp", "INFO_FORMAT": "application/json"}
    colours = {}
    for row in range(0, side, 2):
        for column in range(side):
            said = await client.get("/wms", params=info | {"X": str(column), "Y": str(row)})
            value = (await said.json())["features"][0]["properties"]["value"]
            red, green, blue, opacity = picture.getpixel((column, row))
            assert (opacity == 0) == (value is None)
            if value is not None:
                colours.setdefault((red, green, blue), []).append(value)
    # One colour stands for a 250th of the range.
    assert len(colours) > 5
    assert max(np.ptp(values) for values in colours.values()) <= 20 / 250


async def test_maps_of_other_heights_have_other_tags(roms):
    client, _ = roms
    query = {"SERVICE": "WMS", "VERSION": "1.1.1", "REQUEST": "GetMap", "LAYERS": "roms/temp", "STYLES": ""}
    query |= {"SRS": "EPSG:4326", "WIDTH": "9", "HEIGHT": "9", "BBOX": "10,40,18,46", "FORMAT": "image/png"}
    heights = ({}, {"ELEVATION": "0"}, {"ELEVATION": "-5"}, {"ELEVATION": "-5.5"}, {"ELEVATION": "-5.0"})
    tags = [(await client.get("/wms", params=query | one)).headers["ETag"] for one in heights]
    assert (tags[0] == tags[1], tags[2] == tags[4], len(set(tags))) == (True, True, 3)


async def test_capabilities_offer_every_height_and_each_level(roms):
    client, path = roms
    text = await (await client.get("/wms?SERVICE=WMS&REQUEST=GetCapabilities&VERSION=1.3.0")).text()
    with netCDF4.Dataset(path) as file:
        deepest, highest = float(file["h"][:].max()), float(np.nanmax(file["zeta"][:]))
    layer = text.partition("<Name>roms/temp</Name>")[2].partition("</Layer>")[0]
    said = layer.partition('name="elevation"')[2].partition("</Dimension>")[0]
    low, high, resolution = said.partition(">")[2].split("/")
    assert ('default="0"' in said, resolution) == (True, "0")
    assert 0 <= -float(low) - deepest < 0.0011
    assert 0 <= float(high) - highest < 0.0011
    assert ">0,1,2,3,4,5,6,7,8,9</Dimension>" in layer
    details = await (await client.get("/wms/roms?REQUEST=GetMetadata&ITEM=layerDetails&LAYERNAME=temp")).json()
    assert (details["continuousZ"], details["zaxis"]["values"][:3]) == (True, [0.0, -5.0, -10.0])


async def test_without_formula_terms_the_names_of_roms_do(tmp_path, aiohttp_client):
    client, path = await serving(ingested(tmp_path, attributes=False), aiohttp_client)
    found = await asked(client, path, "temp", 2, 3, ELEVATION="-50")
    assert (found["value"], found["level"]) == expected(path, "temp", -50.0, 2, 3)[:2]


@pytest.mark.parametrize("missing", ["hc", "h", "Cs_r"])
async def test_with_a_term_that_is_not_there_levels_go_by_number(tmp_path, aiohttp_client, missing):
    client, path = await serving(ingested(tmp_path, without=(missing,)), aiohttp_client)
    found = await asked(client, path, "temp", 2, 3)
    assert (found["elevation"], found["dimensions"]) == (None, {"s_rho": 9})
    assert "level" not in found


async def test_where_the_bottom_lies_above_the_surface_levels_go_by_number(tmp_path, aiohttp_client):
    source = write(tmp_path / "roms.nc")
    with netCDF4.Dataset(source, "a") as file:
        file["h"][:] = -file["h"][:]
    client, path = await serving(ingested(tmp_path, source=source), aiohttp_client)
    found = await asked(client, path, "temp", 2, 3)
    assert (found["elevation"], found["dimensions"]) == (None, {"s_rho": 9})
    text = await (await client.get("/wms?SERVICE=WMS&REQUEST=GetCapabilities&VERSION=1.3.0")).text()
    assert 'name="elevation"' not in text


async def test_the_range_of_the_values_at_a_height_is_that_of_these(roms):
    client, _ = roms
    query = "/wms/roms?REQUEST=GetMetadata&ITEM=layerDetails&LAYERNAME=temp&COLORSCALERANGE=auto&ELEVATION="
    ranges = [(await (await client.get(query + height)).json())["scaleRange"] for height in ("-5", "-1500", "0")]
    assert len({tuple(one) for one in ranges}) > 1
