"""Vectors drawn as arrows, over HTTP. Oracle: netCDF4, numpy and PROJ; no code of ours."""

import io
import math
import shutil
import sys
import xml.etree.ElementTree as ET

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

WMS = {"service": "WMS", "version": "1.1.1", "styles": "", "format": "image/png"}
WORLD = 2 * math.pi * 6378137.0
GROUP = "d/uo:vo-group"
STILL, GONE = (3, 7), (12, 20)
"""Rows and columns of cells without flow, and without one component."""


def ingested(path):
    ingest(Location.parse(str(path.parent / "store")), "d", [path], crew=Processes(0), report=lambda _: None)


@pytest.fixture
def served(aiohttp_client):
    async def serve(path, **more):
        dataset = {"id": "d", "source": path.name, **more}
        config = parse({"store": "store", "datasets": [dataset]}, name="t", folder=path.parent)
        return await aiohttp_client(make_app(config))

    return serve


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Return a file of `on_degrees` that was ingested, and its sides; no test changes either."""
    path = tmp_path_factory.mktemp("world") / "a.nc"
    towards = on_degrees(path)
    ingested(path)
    return path, towards


def on_degrees(path):
    """Write a flow of 1 m/s to another side in each cell of 10 degrees, all round the Earth; return the sides."""
    towards = np.random.default_rng(5).uniform(0.0, 360.0, (18, 36))
    u, v = np.sin(np.radians(towards)), np.cos(np.radians(towards))
    u[STILL] = v[STILL] = 0.0
    with netCDF4.Dataset(path, "w") as file:
        for name, first, size, units in (("lat", -85, 18, "degrees_north"), ("lon", 5, 36, "degrees_east")):
            file.createDimension(name, size)
            axis = file.createVariable(name, "f8", (name,))
            axis[:], axis.units = first + 10.0 * np.arange(size), units
        for name, word, part in (("uo", "eastward", u), ("vo", "northward", v)):
            field = file.createVariable(name, "f8", ("lat", "lon"), fill_value=1e30)
            field.setncatts({"standard_name": f"{word}_sea_water_velocity", "units": "m s-1"})
            field[:] = part
        file["vo"][GONE] = np.ma.masked
    towards[STILL] = towards[GONE] = np.nan
    return towards


async def drawn(client, name, box, size=512, **more):
    west, south, east, north = box
    query = WMS | {"request": "GetMap", "layers": GROUP, "srs": name, "bbox": f"{west!r},{south!r},{east!r},{north!r}"}
    query |= {"width": str(size), "height": str(size), "transparent": "true", "colorscalerange": "0,1", **more}
    answer = await client.get("/wms", params=query)
    body = await answer.read()
    assert answer.status == 200, body
    with Image.open(io.BytesIO(body)) as picture:
        return np.asarray(picture.convert("RGBA")).astype(int)


WHITE = {"colorscalerange": "0.1,0.5", "belowmincolor": "white", "abovemaxcolor": "white", "transparent": "false"}
"""Leaves nothing to be seen but the ink of arrows, all of them as long as can be: over white their rim is white."""


def pointing(arrow):
    """Return where an arrow in the middle of a white picture points to, degrees from up; None without an arrow."""
    ink = 765.0 - arrow[..., :3].sum(axis=-1)
    if not ink.any():
        return None
    # The axis of the ink: it is heavier at the head than at the tail.
    y, x = np.nonzero(ink)
    places = np.stack([x + 0.5 - ink.shape[1] / 2, ink.shape[0] / 2 - y - 0.5])
    middle = np.average(places, axis=1, weights=ink[y, x])
    axis = np.linalg.eigh(np.cov(places, aweights=ink[y, x]))[1][:, 1]
    return math.degrees(math.atan2(*(axis if axis @ middle > 0 else -axis)))


def apart(one, other):
    return abs((one - other + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize(
    ("name", "box", "pitch"),
    [
        ("EPSG:3857", (-WORLD / 4, 0.0, 0.0, WORLD / 4), WORLD / 64),
        ("EPSG:4326", (90.0, -90.0, 270.0, 90.0), 360.0 / 32),
        ("EPSG:3413", (-(2.0**22), -(2.0**22), 2.0**22, 2.0**22), 2.0**19),
        ("EPSG:3995", (-(2.0**22), 0.0, 0.0, 2.0**22), 2.0**18),
        ("EPSG:3575", (-(2.0**22), -(2.0**22), 2.0**22, 2.0**22), 2.0**19),
        ("EPSG:3031", (0.0, -(2.0**22), 2.0**22, 0.0), 2.0**18),
    ],
)
async def test_arrows_stand_on_the_lattice_and_point_from_the_north_of_the_map(served, world, name, box, pitch):
    path, towards = world
    client = await served(path)
    arrows = await drawn(client, name, box, **WHITE)
    move = pyproj.Transformer.from_crs(name, "OGC:CRS84", always_xy=True).transform
    pixels, seen = round(pitch / (box[2] - box[0]) * 512), 0
    rows, columns = (each.ravel() for each in np.meshgrid(*[np.arange(pixels, 512 - 15, pixels)] * 2))
    x, y = box[0] + columns / pixels * pitch, box[3] - rows / pixels * pitch
    longitude, latitude = move(x, y)
    above = move(longitude, np.minimum(latitude + 1e-5, 90.0), direction="INVERSE")
    norths = np.degrees(np.arctan2(above[0] - x, above[1] - y))
    # Not on the edge between two cells, or at a pole.
    within = np.flatnonzero(np.minimum((longitude + 1e-6) % 10.0, (latitude + 1e-6) % 10.0) >= 2e-6)
    for place in within[::2].tolist():
        wanted = towards[int((latitude[place] + 90) // 10), int(longitude[place] % 360 // 10)] + norths[place]
        row, column = rows[place], columns[place]
        found = pointing(arrows[row - 14 : row + 14, column - 14 : column + 14])
        if np.isnan(wanted):
            assert found is None
        else:
            assert apart(found, wanted) < 1.5
            seen += 1
    assert seen > 50


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("EPSG:3857", (-WORLD / 4, 0.0, 0.0, WORLD / 4)),
        ("EPSG:4326", (-20.0, 30.0, -10.0, 40.0)),
        ("EPSG:3413", (-3e6, -3e6, 2e6, 2e6)),
        ("EPSG:3035", (2e6, 1e6, 7e6, 6e6)),
    ],
)
async def test_tiles_are_the_whole_map_pixel_for_pixel(served, world, name, box):
    client = await served(world[0])
    west, _, east, north = box
    side = (east - west) / 3
    whole = await drawn(client, name, box, 510, **WHITE)
    for row in range(3):
        for column in range(3):
            left, top = west + column * side, north - row * side
            part = await drawn(client, name, (left, top - side, left + side, top), 170, **WHITE)
            assert (part == whole[row * 170 : (row + 1) * 170, column * 170 : (column + 1) * 170]).all()


async def test_components_along_the_axes_of_the_grid_point_to_the_right_side_of_a_polar_map(served, tmp_path):
    turn = np.random.default_rng(4).uniform(0.0, 2 * math.pi, (20, 30))
    u, v = np.cos(turn), np.sin(turn)
    cone = pyproj.CRS("+proj=lcc +lat_0=63 +lat_1=63 +lon_0=15")
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as file:
        for name, size in (("y", 20), ("x", 30)):
            file.createDimension(name, size)
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts({"units": "km", "standard_name": f"projection_{name}_coordinate"})
            axis[:] = np.arange(size) * 10.0
        file.createVariable("crs", "i4", ()).setncatts(cone.to_cf())
        for name, part in (("uo", u), ("vo", v)):
            field = file.createVariable(name, "f8", ("y", "x"))
            word = {"uo": "x", "vo": "y"}[name]
            field.setncatts({"standard_name": f"sea_water_{word}_velocity", "units": "m s-1", "grid_mapping": "crs"})
            field[:] = part
    ingested(tmp_path / "a.nc")
    client = await served(tmp_path / "a.nc")
    onto = pyproj.Transformer.from_crs(cone, "EPSG:3413", always_xy=True).transform
    middle = onto(145e3, 95e3)
    # 512 m for each pixel, and so 32 between arrows.
    left, top = (math.floor(each / 2**14) * 2**14 + sign * 2**17 for each, sign in zip(middle, (-1, 1), strict=True))
    picture = await drawn(client, "EPSG:3413", (left, top - 2**18, left + 2**18, top), **WHITE, styles="vector_arrows")
    seen = 0
    for row in range(32, 512 - 15, 32):
        for column in range(32, 512 - 15, 32):
            x, y = onto(left + column * 512, top - row * 512, direction="INVERSE")
            cell = math.floor(y / 1e4 + 0.5), math.floor(x / 1e4 + 0.5)
            if not (0 <= cell[0] < 20 and 0 <= cell[1] < 30):
                continue
            here, there = onto(x, y), onto(x + u[cell], y + v[cell])
            wanted = math.degrees(math.atan2(there[0] - here[0], there[1] - here[1]))
            found = pointing(picture[row - 14 : row + 14, column - 14 : column + 14])
            # The axes of a cell are those of its centre.
            assert apart(found, wanted) < 1.6
            seen += 1
    assert seen > 100


async def test_an_even_flow_along_a_grid_is_even_on_the_map_up_to_the_pole(served, tmp_path):
    polar = pyproj.CRS("EPSG:3413")
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as file:
        for name in "yx":
            file.createDimension(name, 20)
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts({"units": "m", "standard_name": f"projection_{name}_coordinate"})
            axis[:] = (np.arange(20) - 9.5) * 25e3
        file.createVariable("crs", "i4", ()).setncatts(polar.to_cf())
        for name, word, part in (("uo", "x", 0.8), ("vo", "y", 0.6)):
            field = file.createVariable(name, "f8", ("y", "x"))
            field.setncatts({"standard_name": f"sea_water_{word}_velocity", "units": "m s-1", "grid_mapping": "crs"})
            field[:] = part
    ingested(tmp_path / "a.nc")
    client = await served(tmp_path / "a.nc")
    # 256 m for each pixel: three arrows in each cell, and the pole in the middle.
    picture = await drawn(client, "EPSG:3413", (-(2.0**16), -(2.0**16), 2.0**16, 2.0**16), **WHITE)
    for row in range(32, 512 - 15, 32):
        for column in range(32, 512 - 15, 32):
            found = pointing(picture[row - 14 : row + 14, column - 14 : column + 14])
            assert apart(found, math.degrees(math.atan2(0.8, 0.6))) < 1.5


async def test_the_colours_are_those_of_the_magnitude_and_a_style_leaves_the_arrows_out(served, world):
    client = await served(world[0])
    box = (0.0, -40.0, 80.0, 40.0)

    async def shown(layer, styles, **more):
        return await drawn(client, "EPSG:4326", box, 256, layers=f"d/uo:vo-{layer}", styles=styles, **more)

    plain = await shown("mag", "default-scalar/viridis")
    for style in ("default-scalar/viridis", "raster/viridis", "boxfill/viridis"):
        assert (await shown("group", style) == plain).all()
    arrows = await shown("group", "default-vector/viridis")
    for style in ("default/viridis", "vector_arrows/viridis", "vector/viridis", "Default-Vector/viridis"):
        assert (await shown("group", style) == arrows).all()
    assert 0.03 < (arrows != plain).any(axis=-1).mean() < 0.3
    assert (await shown("group", "", palette="viridis") == arrows).all()
    query = WMS | {"request": "GetMap", "layers": GROUP, "srs": "EPSG:4326", "bbox": "0,0,9,9", "width": "9"}
    tags = [
        (await client.get("/wms", params=query | {"height": "9", "styles": style})).headers["ETag"]
        for style in ("raster", "default-vector", "", "vector_arrows")
    ]
    assert tags[0] != tags[1] == tags[2] == tags[3]
    # Over nothing there is nothing, and opacity holds for all.
    assert (arrows[..., 3] == 255).all()
    faint = await shown("group", "default-vector/viridis", opacity="40")
    assert set(np.unique(faint[..., 3])) <= set(range(100, 175))
    assert ((faint != plain).any(axis=-1)).all()
    for kind in ("image/webp", "image/gif", "image/jpeg", "image/png; mode=32bit"):
        other = await shown("group", "default-vector/viridis", format=kind)
        close = np.abs(other - arrows)[..., :3].mean()
        assert close < (6 if kind in ("image/gif", "image/jpeg") else 1e-9), kind
    whole = await drawn(
        client, "EPSG:4326", box, 256, layers="d/uo,d/uo:vo-group", styles=",default-vector/viridis", opacity=",100"
    )
    assert (whole == arrows).all()


@pytest.mark.parametrize("layer", ["d/uo", "d/uo:vo-mag", "d/uo:vo-dir"])
async def test_what_is_no_vector_has_no_arrows(served, world, layer):
    client = await served(world[0])
    query = WMS | {"request": "GetMap", "layers": layer, "srs": "EPSG:4326", "bbox": "0,0,9,9", "width": "9"}
    for asked in (
        query | {"height": "9", "styles": "default-vector"},
        WMS | {"request": "GetLegendGraphic", "layer": layer, "style": "vector_arrows"},
    ):
        answer = await client.get("/wms", params=asked)
        body = await answer.text()
        assert (answer.status, 'code="StyleNotDefined"' in body) == (400, True), body
        assert f"{layer} is no vector and has no style default-vector; there is default-scalar" in body
    answer = await client.get(f"/kml/{layer}.kml", params={"styles": "default-vector"})
    assert (answer.status, "default-vector" in await answer.text()) == (400, True)


async def test_a_place_tells_length_direction_and_both_components(served, world):
    path, towards = world[0], world[1][9, 3]
    client = await served(path)
    query = WMS | {"request": "GetFeatureInfo", "layers": GROUP, "query_layers": GROUP, "srs": "EPSG:4326", "x": "1"}
    query |= {"bbox": "34,4,36,6", "width": "3", "height": "3", "y": "1", "info_format": "application/json"}
    features = (await (await client.get("/wms", params=query)).json())["features"]
    found = {each["properties"]["layer"]: each["properties"]["value"] for each in features}
    wanted = [1.0, towards, math.sin(math.radians(towards)), math.cos(math.radians(towards))]
    assert list(found) == [GROUP, "d/uo:vo-dir", "d/uo", "d/vo"]
    assert list(found.values()) == pytest.approx(wanted, rel=1e-12)


async def test_capabilities_details_and_legends_know_the_styles_of_a_vector(served, world):
    # What is set for the length holds for the vector, which has its colours.
    settings = {"uo:vo-mag": {"palette": "matter", "range": [0.0, 3.0]}}
    client = await served(world[0], variables=settings)
    answer = await client.get("/wms", params={"service": "WMS", "version": "1.3.0", "request": "GetCapabilities"})
    wms = "{http://www.opengis.net/wms}"
    every = list(ET.fromstring(await answer.read()).iter(f"{wms}Layer"))
    styles = {
        layer.findtext(f"{wms}Name"): [style.findtext(f"{wms}Name") for style in layer.findall(f"{wms}Style")]
        for layer in reversed(every)
    }
    assert styles[GROUP][:3] == ["default-vector", "default-scalar", "default-vector/thermal"]
    shared = [name.partition("/")[2] for name in styles[None] if "/" in name]
    assert [name.partition("/")[2] for name in styles[GROUP][2:]] == shared
    assert "default-vector" not in styles["d/uo"] + styles["d/uo:vo-mag"]
    query = {"request": "GetMetadata", "item": "layerDetails", "layerName": GROUP}
    details = await (await client.get("/wms", params=query)).json()
    assert details["supportedStyles"] == ["default-vector", "default-scalar"]
    assert (details["defaultPalette"], details["scaleRange"]) == ("matter", [0.0, 3.0])
    legends = [
        await (await client.get("/wms", params=WMS | {"request": "GetLegendGraphic", "layer": layer} | style)).read()
        for layer, style in ((GROUP, {}), (GROUP, {"style": "default-vector"}), (GROUP, {"style": "default-scalar"}))
    ]
    assert legends[0].startswith(b"\x89PNG")
    assert legends[0] == legends[1] == legends[2]


async def test_what_takes_long_is_not_done_where_others_wait(served, world):
    client = await served(world[0])
    called = set()

    def note(frame, *_):
        # As the loop's thread runs it: others have no such profile.
        called.add((frame.f_code.co_name, frame.f_back.f_code.co_name if frame.f_back else ""))

    sys.setprofile(note)
    try:
        await drawn(client, "EPSG:4326", (-180.0, -180.0, 180.0, 180.0), 520)
    finally:
        sys.setprofile(None)
    names = {name for name, _ in called}
    assert "draw_arrows" in names
    assert not names & {"arrow_places", "arrows", "_stamp"}
    assert ("concatenate", "pick_vector") not in called


async def test_arrows_that_cannot_be_read_are_a_fault_even_where_colours_can(served, tmp_path):
    lon = np.arange(600) * 0.5 + 0.25
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as file:
        for name, values, units in (("lat", np.arange(20) * 0.5, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis[:], axis.units = values, units
        for name, word in (("uo", "eastward"), ("vo", "northward")):
            field = file.createVariable(name, "f4", ("lat", "lon"))
            field.setncatts({"standard_name": f"{word}_sea_water_velocity", "units": "m s-1"})
            # What packs into next to nothing has no file of its own.
            field[:] = np.random.default_rng(6).uniform(0.3, 1.0, (20, 600))
    ingested(tmp_path / "a.nc")
    client = await served(tmp_path / "a.nc")
    # Just east of the edge between the two chunks, at longitude 150: arrows reach over it.
    box = (150.0, 0.0, 158.0, 8.0)
    await drawn(client, "EPSG:4326", box, 256, styles="raster")
    shutil.move(tmp_path / "store" / "d" / "chunks", tmp_path / "away")
    assert (await drawn(client, "EPSG:4326", box, 256, styles="raster"))[..., 3].all()
    query = WMS | {"request": "GetMap", "layers": GROUP, "srs": "EPSG:4326", "bbox": "150,0,158,8"}
    query |= {"width": "256", "height": "256", "transparent": "true", "colorscalerange": "0,1"}
    answer = await client.get("/wms", params=query)
    assert answer.status == 503
    shutil.move(tmp_path / "away", tmp_path / "store" / "d" / "chunks")
    assert (await client.get("/wms", params=query)).status == 200
