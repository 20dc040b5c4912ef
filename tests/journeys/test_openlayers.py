"""OpenLayers on a page of another origin: pictures, tiles, values, legends and capabilities."""

import json

import numpy as np
import pytest

from tests.journeys.chromium import new_page
from tests.journeys.elsewhere import site
from tests.journeys.file_colours import STYLE, cell_colours, cell_values, differing
from tests.ocean import DAYS

pytestmark = pytest.mark.journey

PLACES = [[lon, lat] for lon in range(-165, 180, 30) for lat in (-55, -31, -9, 13, 35, 61)]
"""Centres of cells, so that no rounding of a pixel matters: cells are 2 degrees wide, pixels at most 1.5."""


@pytest.fixture
async def page(driven, aiohttp_server):
    elsewhere = await aiohttp_server(site())
    async with new_page(driven) as opened:
        await opened.open(str(elsewhere.make_url("/pages/openlayers.html")))
        await opened.until("typeof ol === 'object' && typeof draw === 'function'")
        yield opened
        assert opened.errors == []


async def draw(page, ocean, kind, crs, version="1.3.0", **params):
    params = {"LAYERS": "ocean/thetao", "TIME": DAYS[0], **STYLE} | params
    words = ", ".join(json.dumps(one) for one in (ocean.address, kind, crs, version, params, PLACES))
    found = await page.run(f"draw({words})")
    assert found["refused"] == []
    return np.array(found["colours"])


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326"])
@pytest.mark.parametrize("kind", ["image", "tiles"])
async def test_maps_and_values_on_another_site_are_those_of_the_file_in_each_order_of_axes(page, ocean, kind, crs):
    wanted = cell_colours(ocean.folder, *np.transpose(PLACES))
    assert (wanted[:, 3] == 0).any()
    for version in ("1.1.1", "1.3.0"):
        assert differing(await draw(page, ocean, kind, crs, version), wanted) == 0, version
        (feature,) = await page.run("identify([-31, 19])")
        assert feature["value"] == pytest.approx(float(cell_values(ocean.folder, -31, 19)), abs=1e-6), version
        assert feature["geometry"][:2] == [-31, 19]


async def test_another_time_is_another_map(page, ocean):
    wanted = cell_colours(ocean.folder, *np.transpose(PLACES), step=3)
    drawn = await draw(page, ocean, "tiles", "EPSG:3857", TIME=DAYS[3])
    assert differing(drawn, wanted) == 0
    assert differing(drawn, cell_colours(ocean.folder, *np.transpose(PLACES))) > 0.3


async def test_the_legend_is_found_and_fits(page, ocean):
    await draw(page, ocean, "image", "EPSG:4326")
    width, height = await page.run("legend()")
    styles = (await layers(page, ocean))["ocean/thetao"]["Style"]
    assert [width, height] == styles[0]["LegendURL"][0]["size"]


async def test_the_capabilities_are_read(page, ocean):
    found = await layers(page, ocean)
    assert sorted(found) == ["ocean/chl", "ocean/siconc", "ocean/sla", "ocean/thetao", "waves/VHM0"]
    layer = found["ocean/thetao"]
    assert layer["queryable"]
    assert layer["EX_GeographicBoundingBox"] == [-180, -90, 180, 90]
    boxes = {box["crs"]: box["extent"] for box in layer["BoundingBox"]}
    assert (boxes["EPSG:4326"], boxes["CRS:84"]) == ([-90, -180, 90, 180], [-180, -90, 180, 90])
    dimensions = {one["name"]: one["values"] for one in layer["Dimension"]}
    assert dimensions == {"time": f"{DAYS[0]}/{DAYS[-1]}/P1D", "elevation": "-0.5,-50,-300"}


async def layers(page, ocean):
    """Return each layer with a name, as the parser of OpenLayers gives it."""
    told = await page.run(f"capabilities({json.dumps(ocean.address)})")
    groups = told["Capability"]["Layer"]["Layer"]
    return {layer["Name"]: layer for group in groups for layer in group["Layer"]}
