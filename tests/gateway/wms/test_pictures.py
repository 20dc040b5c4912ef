"""Maps as pictures: formats, transparency, opacity, several layers, and smooth ones."""

import asyncio
import io
import itertools
import json
from functools import cache
from typing import get_args

import netCDF4
import numpy as np
import pyproj
import pytest
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from renderers.images import Format
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

NY, NX = 360, 720
LATITUDE, LONGITUDE = np.arange(-89.75, 90.0, 0.5), np.arange(0.25, 360.0, 0.5)
GROUND = (10, 220, 130)
SYSTEMS = {
    "CRS:84": (-180.0, -90.0, 180.0, 90.0),
    "EPSG:3857": (-2e7, -2e7, 2e7, 2e7),
    "EPSG:3413": (-6e6, -6e6, 6e6, 6e6),
}


@cache
def amount():
    """Return a smooth field with land, 10 to 240, NaN on land."""
    lat, lon = np.radians(LATITUDE)[:, None], np.radians(LONGITUDE)[None, :]
    values = 125 + 60 * np.cos(3 * lat) * np.sin(2 * lon) + 50 * np.sin(5 * lon + lat) * np.cos(lat)
    land = np.cos(4 * lon + 2) * np.cos(3 * lat) > 0.6
    return np.where(land, np.nan, np.round(values, 1))


def cliffs():
    """Return a field that is 0 or 200, without land: what is mixed is seen at once."""
    rows, columns = np.indices((NY, NX))
    return (rows // 8 + columns // 8) % 2 * 200


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    with netCDF4.Dataset(folder / "made.nc", "w") as file:
        for name, values, units in (("lat", LATITUDE, "degrees_north"), ("lon", LONGITUDE, "degrees_east")):
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = values
        masked = np.ma.masked_array(np.nan_to_num(amount()), np.isnan(amount()))
        packed = {"scale_factor": np.float32(0.1), "units": "1"}
        for name, dtype, values, attributes in (
            ("amount", "i2", masked, packed),
            ("real", "f4", masked, {"units": "1"}),
            ("flag", "i2", cliffs(), {"flag_values": np.array([0, 200], "i2"), "flag_meanings": "low high"}),
            ("heading", "f4", cliffs(), {"units": "degree", "standard_name": "sea_surface_wave_from_direction"}),
        ):
            variable = file.createVariable(name, dtype, ("lat", "lon"), fill_value=-1)
            variable.setncatts(attributes)
            variable[:] = values
    ingest(Location.parse(str(folder)), "made", [folder / "made.nc"], crew=Processes(0), report=lambda _: None)
    return folder


def unit(store, variables):
    datasets = [{"id": "made", "source": "made.nc", "variables": variables}]
    return make_app(parse({"store": str(store), "datasets": datasets}, name="t", folder=store))


@pytest.fixture
async def client(store, aiohttp_client):
    return await aiohttp_client(unit(store, {}))


def query(change=(), *, crs="CRS:84", box=None, size=(120, 60)):
    box = box or SYSTEMS[crs]
    return {
        "service": "WMS", "version": "1.3.0", "request": "GetMap", "layers": "made/amount", "styles": "", "crs": crs,
        "bbox": ",".join(map(repr, box)), "width": str(size[0]), "height": str(size[1]), "format": "image/png",
        "colorscalerange": "0,250", "numcolorbands": "250",
    } | dict(change)  # fmt: skip


async def body(client, asked):
    answer = await client.get("/wms", params=asked)
    assert answer.status == 200, await answer.text()
    return answer.headers["Content-Type"], await answer.read()


async def rgba(client, asked):
    _, picture = await body(client, asked)
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGBA")).astype(int)


async def bands(client, asked):
    """Return the colour band under each pixel, -1 where there is none."""
    _, picture = await body(client, asked | {"transparent": "true"})
    indices = np.asarray(Image.open(io.BytesIO(picture))).astype(int)
    return np.where(indices == 255, -1, indices)


@pytest.mark.parametrize("transparent", ["true", "false"])
async def test_every_format_shows_the_same_picture(client, transparent):
    exact = await rgba(client, query({"transparent": "true"}))
    for written in get_args(Format):
        await check_format(client, written, transparent, exact)


async def check_format(client, written, transparent, exact):
    asked = query({"format": written, "transparent": transparent, "bgcolor": "0x0ADC82"})
    content_type, picture = await body(client, asked)
    assert content_type == written.partition(";")[0]
    shown = Image.open(io.BytesIO(picture))
    assert (f"image/{shown.format.lower()}", shown.size) == (content_type, (120, 60))
    found = np.asarray(shown.convert("RGBA")).astype(int)
    land = exact[..., 3] == 0
    assert 0.05 < land.mean() < 0.5
    expected = exact.copy()
    expected[land] = 0 if transparent == "true" and written != "image/jpeg" else (*GROUND, 255)
    if written == "image/jpeg":
        assert np.abs(found - expected).mean() < 3
    else:
        seen = expected[..., 3] > 0
        assert (found[..., 3] == expected[..., 3]).all()
        assert (found[seen] == expected[seen]).all()


async def test_one_layer_keeps_its_palette_and_several_do_not(client):
    for change, mode in (({}, "P"), ({"opacity": "40"}, "P"), ({"layers": "made/amount,made/real"}, "RGBA")):
        _, picture = await body(client, query(change))
        assert Image.open(io.BytesIO(picture)).mode == mode


async def test_opacity_is_a_percentage_of_the_layer(client):
    whole = await rgba(client, query({"transparent": "true"}))
    land = whole[..., 3] == 0
    for written in ("image/png", "image/png; mode=32bit", "image/webp"):
        half = await rgba(client, query({"transparent": "true", "opacity": "50", "format": written}))
        assert (half[..., 3] == np.where(land, 0, 128)).all()
        assert (half[~land][:, :3] == whole[~land][:, :3]).all()


async def test_without_transparency_a_faint_layer_is_mixed_with_the_background(client):
    whole = await rgba(client, query({"transparent": "true"}))
    share = whole[..., 3:] / 255 * 64 / 255
    expected = whole[..., :3] * share + np.array(GROUND) * (1 - share)
    for written in get_args(Format):
        found = await rgba(client, query({"opacity": "25", "bgcolor": "0x0ADC82", "format": written}))
        assert (found[..., 3] == 255).all()
        difference = np.abs(found[..., :3] - expected)
        assert difference.mean() < 2 if written == "image/jpeg" else difference.max() <= 1


async def test_layers_are_laid_over_each_other_from_the_left(client):
    for opacity in ("", "60", "100,30", ",30", "30,0"):
        await check_stack(client, opacity)


async def check_stack(client, opacity):
    names, styles = ("made/amount", "made/flag"), ("default-scalar/thermal", "default-scalar/seq-Blues")
    found = await rgba(
        client,
        query({"layers": ",".join(names), "styles": ",".join(styles), "transparent": "true", "opacity": opacity}),
    )
    each = opacity.split(",") if "," in opacity else [opacity] * 2
    single = [
        await rgba(client, query({"layers": name, "styles": style, "transparent": "true", "opacity": one}))
        for name, style, one in zip(names, styles, each, strict=True)
    ]
    lower, upper = (Image.fromarray(one.astype(np.uint8), "RGBA") for one in single)
    expected = np.asarray(Image.alpha_composite(lower, upper)).astype(int)
    seen = expected[..., 3] > 0
    assert np.abs(found - expected)[seen].max() <= 2
    assert (found[~seen][:, 3] == 0).all()


async def test_styles_with_gaps_are_the_layers_own(client):
    layers = {"layers": "made/amount,made/flag,made/real", "opacity": "70"}
    with_gaps = await rgba(client, query({**layers, "styles": ",raster/thermal,"}))
    spelled = await rgba(client, query({**layers, "styles": "default-scalar,default-scalar/thermal,default"}))
    assert (with_gaps == spelled).all()
    assert (with_gaps != await rgba(client, query(layers))).any()


@pytest.mark.parametrize("crs", SYSTEMS)
async def test_smooth_pictures_have_the_same_coast(client, crs):
    for layer, size in (("amount", (150, 140)), ("real", (500, 300))):
        asked = query({"layers": f"made/{layer}"}, crs=crs, size=size)
        plain = await bands(client, asked)
        smooth = await bands(client, asked | {"interpolation": "bilinear"})
        assert ((plain < 0) == (smooth < 0)).all()
        there = plain >= 0
        assert 0 < np.abs(plain - smooth)[there].max() < 60
        assert (plain != smooth)[there].mean() > 0.1


@pytest.mark.parametrize("crs", SYSTEMS)
async def test_codes_and_directions_stay_as_they_are(client, crs):
    for layer in ("flag", "heading"):
        asked = query({"layers": f"made/{layer}"}, crs=crs, size=(400, 360))
        plain = await bands(client, asked)
        assert (plain == await bands(client, asked | {"interpolation": "bilinear"})).all()
        assert {0, 200} <= set(np.unique(plain))


async def test_each_layer_may_be_smooth_or_not(client):
    layers = {"layers": "made/amount,made/real", "opacity": "100,50"}
    box = (10.0, 10.0, 20.0, 15.0)
    found = {
        text: await rgba(client, query({**layers, "interpolation": text}, box=box))
        for text in ("bilinear", "bilinear,nearest", "bilinear,", ",bilinear", "")
    }
    assert (found["bilinear,nearest"] == found["bilinear,"]).all()
    names = ("bilinear", "bilinear,", ",bilinear", "")
    assert all((found[one] != found[other]).any() for one, other in itertools.combinations(names, 2))


async def test_a_layer_may_be_smooth_by_configuration(store, client, aiohttp_client):
    configured = await aiohttp_client(unit(store, {"amount": {"interpolation": "bilinear"}}))
    asked = query(box=(10.0, 10.0, 20.0, 15.0))
    smooth, plain = asked | {"interpolation": "bilinear"}, asked | {"interpolation": "nearest"}
    assert (await bands(configured, asked) == await bands(client, smooth)).all()
    assert (await bands(configured, plain) == await bands(client, asked)).all()
    assert (await bands(configured, asked) != await bands(client, asked)).any()


async def test_each_way_of_drawing_has_a_tag_of_its_own(client):
    changes = [
        {}, {"opacity": "99"}, {"opacity": "100"}, {"interpolation": "bilinear"}, {"interpolation": "nearest"},
        {"format": "image/webp"}, {"format": "image/gif"}, {"bgcolor": "0x000000"}, {"transparent": "true"},
    ]  # fmt: skip
    tags = []
    for change in changes:
        answer = await client.get("/wms", params=query(change))
        tags.append(answer.headers["ETag"])
        again = await client.get("/wms", params=query(change), headers={"If-None-Match": tags[-1]})
        assert again.status == 304
    # What is said by default is the same picture.
    assert tags[0] == tags[2] == tags[4]
    assert len(set(tags)) == len(changes) - 2


@pytest.mark.parametrize("crs", ["CRS:84", "EPSG:3857"])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
async def test_tile_by_tile_is_one_picture(client, crs, interpolation):
    west, south, east, north = box = (150.0, -20.0, 230.0, 60.0) if crs == "CRS:84" else (1.6e7, -3e6, 2.4e7, 5e6)
    asked = {"interpolation": interpolation}
    whole = await bands(client, query(asked, crs=crs, box=box, size=(256, 256)))
    dx, dy = (east - west) / 4, (north - south) / 4
    for row, column in itertools.product(range(4), range(4)):
        part = (west + column * dx, north - (row + 1) * dy, west + (column + 1) * dx, north - row * dy)
        tile = await bands(client, query(asked, crs=crs, box=part, size=(64, 64)))
        assert (tile == whole[row * 64 : row * 64 + 64, column * 64 : column * 64 + 64]).all()


def overview(factor):
    """Return the means of blocks, in the packing of the copy, NaN where all is land."""
    codes = np.round(amount() * 10)
    cut = codes.reshape(NY // factor, factor, NX // factor, factor)
    counts = np.isfinite(cut).sum(axis=(1, 3))
    return np.where(counts > 0, np.rint(np.nansum(cut, axis=(1, 3)) / np.maximum(counts, 1)) / 10, np.nan)


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("crs", SYSTEMS)
async def test_from_afar_a_pixel_shows_the_mean_of_its_block(client, crs, factor):
    cell = factor * 0.53 * (1.0 if crs == "CRS:84" else 111_000.0)
    centre = (0.0, 0.0) if crs != "EPSG:3413" else (3.3e5, -2.2e5)
    # At 60 degrees north Mercator is twice as large as at the equator: this is the equator, and the pole.
    half = 20 * cell
    box = (centre[0] - half, centre[1] - half, centre[0] + half, centre[1] + half)
    found = await bands(client, query(crs=crs, box=box, size=(40, 40)))
    places = box[0] + (np.arange(40) + 0.5) * cell, box[3] - (np.arange(40) + 0.5) * cell
    x, y = np.meshgrid(*places)
    if crs != "CRS:84":
        x, y = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(x, y)
    rows, columns = np.floor(2 * y + 180).astype(int) // factor, np.floor(2 * (x % 360)).astype(int) // factor
    means = overview(factor)[rows, columns]
    assert ((found < 0) == np.isnan(means)).mean() > 0.99
    there = (found >= 0) & np.isfinite(means)
    assert (np.abs(found - means)[there] <= 1.001).mean() > 0.97


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:3575"])
async def test_tiles_of_a_polar_map_from_afar_show_means_of_the_same_blocks(client, crs, interpolation):
    # At the rim a pixel is half as large on the Earth as at the pole, or is much longer than wide.
    asked = {"interpolation": interpolation}
    side = 9e6 / 2
    whole = await bands(client, query(asked, crs=crs, box=(-2 * side, -2 * side, 2 * side, 2 * side), size=(160, 160)))
    for row, column in itertools.product(range(4), range(4)):
        west, north = (column - 2) * side, (2 - row) * side
        tile = await bands(client, query(asked, crs=crs, box=(west, north - side, west + side, north), size=(40, 40)))
        part = whole[row * 40 : row * 40 + 40, column * 40 : column * 40 + 40]
        assert (tile == part).all(), (row, column, (tile != part).mean())


async def test_a_click_on_a_picture_from_afar_tells_the_exact_cell(client):
    asked = query({"request": "GetFeatureInfo", "query_layers": "made/amount", "info_format": "application/json"})
    for i, j in ((7, 30), (60, 12), (100, 41)):
        for interpolation in ("nearest", "bilinear"):
            more = {"i": str(i), "j": str(j), "interpolation": interpolation}
            answer = await client.get("/wms", params=asked | more)
            told = json.dumps(await answer.json())
            lon, lat = -180 + (i + 0.5) * 3, 90 - (j + 0.5) * 3
            value = amount()[int(np.floor(2 * lat + 180)), int(np.floor(2 * (lon % 360)))]
            assert f"{value:.1f}".rstrip("0").rstrip(".") in told if np.isfinite(value) else "null" in told


@pytest.mark.parametrize("factor", [1, 2, 4])
async def test_smooth_from_afar_is_mixed_from_the_centres_of_blocks(client, factor):
    step = 0.53 * factor
    half = 20 * step
    box = (100 - half, -half, 100 + half, half)
    found = await bands(client, query({"interpolation": "bilinear"}, box=box, size=(40, 40)))
    means, cell = overview(factor), 0.5 * factor
    centres = (np.arange(NX // factor) + 0.5) * cell, (np.arange(NY // factor) + 0.5) * cell - 90
    for row, column in itertools.product(range(0, 40, 3), range(0, 40, 3)):
        lon, lat = 100 - half + (column + 0.5) * step, half - (row + 0.5) * step
        left, low = np.searchsorted(centres[0], lon) - 1, np.searchsorted(centres[1], lat) - 1
        a, b = (lon - centres[0][left]) / cell, (lat - centres[1][low]) / cell
        weights = np.outer((1 - b, b), (1 - a, a))
        corners = means[low : low + 2, left : left + 2]
        own = corners[round(b), round(a)]
        there = np.isfinite(corners)
        if np.isnan(own):
            assert found[row, column] == -1
        else:
            expected = (np.where(there, corners, 0) * weights).sum() / weights[there].sum()
            assert abs(found[row, column] + 0.5 - expected) <= 0.51


async def test_large_smooth_pictures_are_drawn_in_bands_without_a_seam(client):
    asked = query({"interpolation": "bilinear"}, box=(0.0, 0.0, 60.0, 40.0), size=(900, 600))
    whole = await bands(client, asked)
    upper = await bands(client, query({"interpolation": "bilinear"}, box=(0.0, 20.0, 60.0, 40.0), size=(900, 300)))
    assert (whole[:300] == upper).mean() > 0.9999
    steps = np.abs(np.diff(whole, axis=0))[(whole[1:] >= 0) & (whole[:-1] >= 0)]
    assert steps.max() <= 2


async def test_twenty_formats_at_once_are_each_their_own(client):
    asked = [query({"format": written}) for written in get_args(Format)] * 4
    found = await asyncio.gather(*(body(client, one) for one in asked))
    for one, (content_type, _) in zip(asked, found, strict=True):
        assert content_type == one["format"].partition(";")[0]
