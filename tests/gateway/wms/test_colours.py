"""Colours of maps, legends and details over HTTP: palettes, ranges and what lies beyond them, checked on the file."""

import asyncio
import io
import shutil

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colormaps
from PIL import Image

from core.problem import Problem
from gateway.app import make_app
from gateway.config.file import parse
from gateway.wms.request.colouring import Colouring
from gateway.wms.scales import asked_scale, fitted
from renderers.defaults import Look, default_scale
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.sea import write_sea

MAP = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "sea/thetao",
    "STYLES": "",
    "CRS": "CRS:84",
    "BBOX": "0,-90,360,90",
    "WIDTH": "90",
    "HEIGHT": "45",
    "FORMAT": "image/png; mode=32bit",
    "TRANSPARENT": "TRUE",
    "TIME": "2015-03-01T12:00:00Z",
}
"""One pixel for each cell of the small sea."""
LEGEND = {"REQUEST": "GetLegendGraphic", "LAYER": "sea/thetao", "FORMAT": "image/png"}
DETAILS = {"REQUEST": "GetMetadata", "ITEM": "layerDetails", "LAYERNAME": "sea/thetao"}
DAYS = ("2015-03-01T12:00:00Z", "2015-03-02T12:00:00Z", "2015-03-03T12:00:00Z")


async def pixels(client, change):
    answer = await client.get("/wms", params=MAP | change)
    assert answer.status == 200, await answer.text()
    return np.asarray(Image.open(io.BytesIO(await answer.read())).convert("RGBA"))


async def body_and_tag(client, query):
    answer = await client.get("/wms", params=query)
    assert answer.status == 200, await answer.text()
    return await answer.read(), answer.headers["ETag"]


def values(folder, *, name="sea", variable="thetao", day=0, level=0):
    """Return the values of a file from north to south, NaN where missing."""
    with netCDF4.Dataset(folder / f"{name}.nc") as file:
        return np.ma.filled(file[variable][day, level].astype(float), np.nan)[::-1]


def expected(colormap, field, low, high, bands=250):
    """Return the colours that matplotlib gives; shape (ny, nx, 3); an independent way to them."""
    band = np.clip(np.floor((field - low) / (high - low) * bands), 0, bands - 1)
    return np.rint(colormap(band / (bands - 1))[..., :3] * 255)


@pytest.mark.parametrize(
    ("change", "colormap"),
    [
        ({"STYLES": "default-scalar/x-Rainbow"}, "jet"),
        ({"STYLES": "boxfill/rainbow"}, "jet"),
        ({"STYLES": "raster/rainbow-inv"}, "jet_r"),
        ({"STYLES": "raster/psu-magma"}, "magma"),
        ({"STYLES": "default-scalar/RDYLBU_r"}, "RdYlBu_r"),
        ({"STYLES": "default-scalar/div-BuRd2"}, "RdBu_r"),
        ({"STYLES": "raster", "PALETTE": "seq-GreysRev"}, "gist_gray"),
        ({"PALETTE": "viridis"}, "viridis"),
    ],
)
async def test_every_pixel_has_the_colour_of_its_value(sea, sea_store, change, colormap):
    found = await pixels(sea, change | {"COLORSCALERANGE": "-5,25"})
    field = values(sea_store)
    assert ((found[..., 3] == 0) == np.isnan(field)).all()
    there = ~np.isnan(field)
    difference = np.abs(found[there][:, :3] - expected(colormaps[colormap], field, -5, 25)[there])
    # Two ways to a colour between two others may round apart, and a value on an edge belongs to either band.
    assert (difference.max(axis=1) <= 8).mean() > 0.99


async def test_all_that_one_palette_is_called_is_one_picture(sea):
    names = ("x-Rainbow", "jet", "JET", "rainbow", "jet_r-inv")
    tags = {(await body_and_tag(sea, MAP | {"STYLES": f"raster/{name}"}))[1] for name in names}
    assert len(tags) == 1


async def test_the_layers_own_palette_may_be_turned_without_knowing_it(sea):
    turned, named = [
        await body_and_tag(sea, MAP | {"STYLES": f"raster/{name}"}) for name in ("default-inv", "thermal_r")
    ]
    assert turned == named
    assert turned != await body_and_tag(sea, MAP)


async def test_a_map_and_its_legend_have_the_same_colours(sea):
    for query in (LEGEND | {"STYLE": "boxfill/occam"}, LEGEND | {"PALETTE": "X-OCCAM"}):
        assert await body_and_tag(sea, query) == await body_and_tag(sea, LEGEND | {"STYLE": "raster/x-Occam"})
    bar = {"REQUEST": "GetLegendGraphic", "COLORBARONLY": "true", "WIDTH": "5", "HEIGHT": "250"}
    body, _ = await body_and_tag(sea, bar | {"PALETTE": "greyscale"})
    shown = np.asarray(Image.open(io.BytesIO(body)).convert("RGBA"))[::-1, 2, 0].astype(int)
    assert np.abs(shown - np.linspace(0, 255, 250)).max() <= 1
    assert (await sea.get("/wms", params=bar | {"PALETTE": "default-inv"})).status == 200


async def test_layer_details_offer_the_names_that_clients_know(sea):
    told = await (await sea.get("/wms", params=DETAILS)).json()
    assert told["palettes"][0] == "thermal"
    assert {"x-Rainbow", "div-RdYlBu", "seq-BkBu", "psu-viridis", "rainbow", "tab10"} <= set(told["palettes"])
    for name in told["palettes"][::12]:
        assert (await sea.get("/wms", params=MAP | {"STYLES": f"default-scalar/{name}"})).status == 200


# The automatic range.


async def told_range(client, change=None):
    told = await (await client.get("/wms", params=DETAILS | {"COLORSCALERANGE": "auto"} | (change or {}))).json()
    return told["scaleRange"]


async def test_an_automatic_range_is_that_of_the_whole_field_shown(sea, sea_store):
    for day, level in ((0, 0), (0, 1), (2, 1), (2, 0)):
        low, high = await told_range(sea, {"TIME": DAYS[day], "ELEVATION": ("-0.5", "-100")[level]})
        usual = np.nanpercentile(values(sea_store, day=day, level=level), [2, 98])
        # Outwards to round numbers, by a twentieth of the range at most.
        assert low <= usual[0] + 1e-3 < low + 0.06 * (high - low)
        assert high >= usual[1] - 1e-3 > high - 0.06 * (high - low)


async def test_every_tile_of_a_view_has_the_one_automatic_range(sea):
    low, high = await told_range(sea, {"TIME": DAYS[0]})
    for box in ("0,-90,360,90", "0,0,90,90", "10,-10,20,0", "240,36,276,52", "180,-90,270,0"):
        for crs in ("CRS:84", "EPSG:3857"):
            view = {"BBOX": box if crs == "CRS:84" else "0,0,5000000,5000000", "CRS": crs}
            auto, named = MAP | view | {"COLORSCALERANGE": "auto"}, MAP | view | {"COLORSCALERANGE": f"{low},{high}"}
            assert await body_and_tag(sea, auto) == await body_and_tag(sea, named)


async def test_the_legend_of_an_automatic_range_is_that_of_the_map(sea):
    for time, elevation in ((DAYS[0], "-0.5"), (DAYS[1], "-100")):
        at = {"TIME": time, "ELEVATION": elevation}
        low, high = await told_range(sea, at)
        auto = await body_and_tag(sea, LEGEND | at | {"COLORSCALERANGE": "auto"})
        assert auto == await body_and_tag(sea, LEGEND | {"COLORSCALERANGE": f"{low},{high}"})


async def test_the_tag_follows_the_automatic_range_and_is_known_without_drawing(sea):
    query = MAP | {"COLORSCALERANGE": "auto"}
    shallow, deep = [(await body_and_tag(sea, query | {"ELEVATION": level}))[1] for level in ("-0.5", "-100")]
    assert shallow != deep
    again = await sea.get("/wms", params=query | {"ELEVATION": "-100"}, headers={"If-None-Match": deep})
    assert again.status == 304


async def test_a_time_that_is_not_there_is_refused_by_a_legend_only_where_it_matters(sea):
    later = LEGEND | {"TIME": "2099-01-01T00:00:00Z"}
    assert (await sea.get("/wms", params=later)).status == 200
    assert (await sea.get("/wms", params=later | {"COLORSCALERANGE": "auto"})).status == 400


async def test_a_hundred_tiles_at_once_look_at_the_values_once(sea, sea_config, aiohttp_client):
    client = await aiohttp_client(make_app(sea_config))

    async def misses():
        text = await (await client.get("/metrics")).text()
        (line,) = [line for line in text.splitlines() if "misses_total" in line and line.startswith("halocline_chunk_")]
        return float(line.split()[-1])

    before = await misses()
    boxes = [f"{west},0,{west + 3},40" for west in range(0, 300, 3)]
    queries = [MAP | {"BBOX": box, "COLORSCALERANGE": "auto"} for box in boxes]
    answers = await asyncio.gather(*(client.get("/wms", params=query) for query in queries))
    assert {answer.status for answer in answers} == {200}
    assert await misses() - before == 1


async def test_a_range_that_cannot_be_read_is_a_fault_and_not_remembered(tmp_path, aiohttp_client):
    write_sea(tmp_path / "sea.nc")
    location = Location.parse(str(tmp_path / "store"))
    ingest(location, "sea", [tmp_path / "sea.nc"], crew=Processes(0), report=lambda _: None)
    config = parse({"store": "store", "datasets": [{"id": "sea", "source": "x"}]}, name="t", folder=tmp_path)
    client = await aiohttp_client(make_app(config))
    asked = (MAP, LEGEND | {"TIME": DAYS[1]}, DETAILS | {"TIME": DAYS[2]})
    assert (await client.get("/wms", params=LEGEND)).status == 200
    shutil.move(tmp_path / "store" / "sea" / "chunks", tmp_path / "away")
    for query in asked:
        answer = await client.get("/wms", params=query | {"COLORSCALERANGE": "auto"})
        assert answer.status == 503, query
    shutil.move(tmp_path / "away", tmp_path / "store" / "sea" / "chunks")
    for query in asked:
        assert (await client.get("/wms", params=query | {"COLORSCALERANGE": "auto"})).status == 200


@pytest.fixture(scope="module")
def bloom_store(tmp_path_factory):
    """Return the folder of a store with chlorophyll: over decades, all missing on the third day, below 0 on the fourth.

    Beside it `sla`, around zero, and `cold`, all below zero.
    """
    folder = tmp_path_factory.mktemp("bloom")
    write_sea(folder / "sea.nc", days=4)
    with netCDF4.Dataset(folder / "sea.nc", "a") as file:
        rows, columns = np.indices((45, 90))
        chl = 10.0 ** (-2 + 3 * columns / 89) * np.ones((4, 1, 1))
        chl[2], chl[3] = np.nan, -1.0 - rows
        for name, standard_name, field in (
            ("chl", "mass_concentration_of_chlorophyll_a_in_sea_water", chl),
            ("sla", "sea_surface_height_above_sea_level", np.broadcast_to((rows - 20.0) / 50, (4, 45, 90))),
            ("cold", "air_pressure_at_sea_level", np.broadcast_to(-20.0 - rows, (4, 45, 90))),
        ):
            variable = file.createVariable(name, "f4", ("time", "lat", "lon"), fill_value=np.float32(np.nan))
            variable.standard_name, variable.units = standard_name, "1"
            variable[:] = field
    ingest(Location.parse(str(folder / "store")), "sea", [folder / "sea.nc"], crew=Processes(0), report=lambda _: None)
    return folder


@pytest.fixture
async def bloom(bloom_store, aiohttp_client):
    config = parse({"store": "store", "datasets": [{"id": "sea", "source": "x"}]}, name="t", folder=bloom_store)
    return await aiohttp_client(make_app(config))


async def test_a_field_all_missing_there_has_its_default_range(bloom):
    at = {"LAYERNAME": "sea/chl", "TIME": DAYS[2]}
    default = (await (await bloom.get("/wms", params=DETAILS | at)).json())["scaleRange"]
    assert await told_range(bloom, at) == default
    assert await told_range(bloom, at | {"TIME": DAYS[1]}) != []


async def test_an_automatic_range_keeps_what_the_quantity_is_like(bloom):
    low, high = await told_range(bloom, {"LAYERNAME": "sea/sla"})
    assert low == -high
    assert 0.45 <= high <= 0.6
    low, high = await told_range(bloom, {"LAYERNAME": "sea/chl", "TIME": DAYS[0]})
    assert (low, high) == (0.01, 10)


@pytest.mark.parametrize("name", ["-1,3", "0,3", "-5,-1"])
async def test_a_range_from_zero_on_a_logarithmic_layer_is_drawn_linear(bloom, name):
    asked = MAP | {"LAYERS": "sea/chl", "COLORSCALERANGE": name}
    plain = await body_and_tag(bloom, asked)
    assert plain == await body_and_tag(bloom, asked | {"LOGSCALE": "false"})
    legend = LEGEND | {"LAYER": "sea/chl", "COLORSCALERANGE": name}
    assert await body_and_tag(bloom, legend) == await body_and_tag(bloom, legend | {"LOGSCALE": "false"})
    refused = await bloom.get("/wms", params=asked | {"LOGSCALE": "true"})
    text = await refused.text()
    assert refused.status == 400
    assert "COLORSCALERANGE" in text
    assert "LOGSCALE=false" in text


@pytest.mark.parametrize("logscale", ["", "true", "false"])
async def test_what_lies_below_zero_on_the_day_shown_never_breaks_an_automatic_range(bloom, logscale):
    asked = {"LAYERS": "sea/chl", "COLORSCALERANGE": "auto", "TIME": "2015-03-04T12:00:00Z", "LOGSCALE": logscale}
    answer = await bloom.get("/wms", params=MAP | asked)
    if logscale == "true":
        assert answer.status == 400
        assert "nothing above 0" in await answer.text()
    else:
        assert answer.status == 200


async def test_a_logarithmic_scale_of_a_layer_around_zero_begins_at_a_thousandth_of_its_end(bloom):
    told = await (await bloom.get("/wms", params=DETAILS | {"LAYERNAME": "sea/sla"})).json()
    high = told["scaleRange"][1]
    asked = MAP | {"LAYERS": "sea/sla", "LOGSCALE": "true"}
    named = asked | {"COLORSCALERANGE": f"{high / 1000},{high}"}
    assert await body_and_tag(bloom, asked) == await body_and_tag(bloom, named)


async def test_a_logarithmic_scale_of_what_is_never_above_zero_is_refused_with_the_cure(bloom):
    refused = await bloom.get("/wms", params=MAP | {"LAYERS": "sea/cold", "LOGSCALE": "true"})
    assert refused.status == 400
    assert "COLORSCALERANGE above 0" in await refused.text()


# What lies beyond the range, and what is missing.


async def test_colours_beyond_the_range_are_those_that_are_asked_for(sea, sea_store):
    beyond = {"COLORSCALERANGE": "10,20", "BELOWMINCOLOR": "0xFF0000", "ABOVEMAXCOLOR": "#8000FF00"}
    found, field = await pixels(sea, beyond), values(sea_store)
    assert (found[field < 10] == (255, 0, 0, 255)).all()
    assert (found[field > 20] == (0, 255, 0, 128)).all()
    assert (found[(field > 10) & (field < 20)][:, 3] == 255).all()
    hidden = await pixels(sea, beyond | {"BELOWMINCOLOR": "transparent", "ABOVEMAXCOLOR": "extend"})
    assert (hidden[field < 10][:, 3] == 0).all()
    extended = await pixels(sea, {"COLORSCALERANGE": "10,20"})
    assert (hidden[field > 20] == extended[field > 20]).all()
    assert len(np.unique(hidden[field > 20], axis=0)) == 1


@pytest.mark.parametrize(
    ("text", "colour"),
    [("0x102030", (16, 32, 48, 255)), ("0x80FFFFFF", (255, 255, 255, 128)), ("khaki", (240, 230, 140, 255))],
)
async def test_what_is_missing_has_its_colour_in_the_grid_and_outside_of_it(sea, sea_store, text, colour):
    # The grid ends at the pole; beyond is half of the picture.
    found = await pixels(sea, {"NODATACOLOR": text, "BBOX": "0,-2,360,178"})
    field = values(sea_store)[:23]
    assert (found[:22] == colour).all()
    assert np.isnan(field).any()
    assert (found[22:][np.isnan(field)] == colour).all()
    assert (found[22:][~np.isnan(field)] != colour).any(axis=1).all()


async def test_the_colour_of_what_is_missing_lies_over_the_background(sea):
    opaque = {"TRANSPARENT": "FALSE", "BGCOLOR": "0x000000", "NODATACOLOR": "0x80FFFFFF", "BBOX": "0,92,360,160"}
    for written in ("image/png", "image/png; mode=32bit", "image/jpeg"):
        found = await pixels(sea, opaque | {"FORMAT": written})
        assert np.abs(found.reshape(-1, 4).astype(int) - (128, 128, 128, 255)).max() <= 1


@pytest.mark.parametrize(("asked", "count"), [("2", 2), ("7", 7), ("250", 250), ("254", 250), ("100000", 250)])
async def test_there_are_as_many_colours_as_are_asked_for(sea, asked, count):
    bar = {"REQUEST": "GetLegendGraphic", "COLORBARONLY": "true", "WIDTH": "3", "HEIGHT": "1000"}
    body, _ = await body_and_tag(sea, bar | {"PALETTE": "greyscale", "NUMCOLORBANDS": asked})
    assert len(np.unique(np.asarray(Image.open(io.BytesIO(body)).convert("RGBA")).reshape(-1, 4), axis=0)) == count


async def test_what_is_asked_about_colours_holds_for_every_layer(sea, sea_store):
    several = {"LAYERS": "sea/thetao,sea/thetao", "STYLES": "raster/thermal,", "PALETTE": "gist_gray"}
    found = await pixels(
        sea, several | {"COLORSCALERANGE": "0,20", "NUMCOLORBANDS": "4", "BELOWMINCOLOR": "transparent"}
    )
    there = values(sea_store) > 0
    greys = np.unique(found[there][:, :3], axis=0)
    assert greys.tolist() == [[0] * 3, [85] * 3, [170] * 3, [255] * 3]
    assert (found[values(sea_store) < 0][:, 3] == 0).all()


def settled(own, look, colouring, found):
    """Return the scale, or why there is none."""
    scale = default_scale(look, *own)
    log = scale.log if colouring.log is None else colouring.log
    try:
        return asked_scale(scale, colouring, fitted(look, found, log=log) if found else (scale.low, scale.high))
    except Problem as problem:
        return problem


ends = st.floats(-1e6, 1e6)


@settings(max_examples=300)
@given(
    st.builds(Look, palette=st.sampled_from(["thermal", "algae-inv"]), log=st.booleans(), symmetric=st.booleans()),
    st.tuples(ends, ends),
    st.none() | st.tuples(ends, ends),
    st.none() | st.tuples(ends, ends).filter(lambda pair: pair[0] < pair[1]),
    st.none() | st.booleans(),
)
def test_whatever_is_asked_there_is_a_scale_or_a_reason(look, own, found, asked, logscale):
    low, high = asked or (None, None)
    colouring = Colouring(low=low, high=high, auto=asked is None and found is not None, log=logscale)
    outcome = settled(own, look, colouring, None if asked else found)
    if isinstance(outcome, Problem):
        assert (outcome.kind, outcome.parameter in ("COLORSCALERANGE", "LOGSCALE")) == ("invalid_value", True)
        assert logscale or asked
    else:
        assert asked is None or (outcome.low, outcome.high) == asked
        assert logscale is None or outcome.log is logscale
