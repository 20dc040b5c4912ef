"""Leaflet with Leaflet.TimeDimension on a page of another origin: times from the capabilities, a film of tiles."""

import json

import numpy as np
import pytest

from tests.journeys.chromium import new_page
from tests.journeys.elsewhere import NPM, site
from tests.journeys.file_colours import STYLE, cell_colours, differing
from tests.ocean import DAYS

pytestmark = pytest.mark.journey

PLACES = [[lon, lat] for lon in range(-165, 180, 30) for lat in (-55, -31, -9, 13, 35, 61)]
"""Centres of cells, which are 2 degrees wide where pixels are at most 0.7."""


@pytest.fixture
async def page(driven, aiohttp_server):
    if not (NPM / "leaflet-timedimension").is_dir():
        pytest.skip(f"no Leaflet in {NPM}; .ci/run fetches it, HALOCLINE_NPM names another folder")
    elsewhere = await aiohttp_server(site())
    async with new_page(driven) as opened:
        await opened.open(str(elsewhere.make_url("/pages/leaflet.html")))
        await opened.until("typeof start === 'function' && typeof L.timeDimension === 'function'")
        yield opened
        assert opened.errors == []


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
async def test_the_times_are_read_and_played_and_each_step_shows_its_day(page, ocean, version):
    # Leaflet writes the names of parameters as they are given.
    params = {"layers": "ocean/thetao", "version": version, "styles": STYLE["STYLES"], "colorscalerange": "-2,34"}
    await page.run(f"start({json.dumps(ocean.address)}, {json.dumps(params)})")
    await page.until("times().length === 4")
    assert await page.run("times()") == [moment_of(step) for step in range(4)]
    # It begins at the default time of the capabilities, with tiles that name no time: they must be of that time too.
    assert await page.run("now()") == moment_of(3)
    assert await differs(page, ocean, 3, "!tile.src.includes('time=')") == 0
    await page.run("play(-3)")
    for step in range(3):
        written = json.dumps("time=" + moment_of(step).replace(":", "%3A"))
        assert await differs(page, ocean, step, f"tile.src.includes({written})") == 0, step
        assert await page.run("now()") == moment_of(step)
        await page.run("play(1)")


def moment_of(step):
    """Return a step as the library writes it."""
    return DAYS[step].replace("Z", ".000Z")


async def differs(page, ocean, step, tile):
    """Wait until every tile is one that is meant, and return the share of places whose colour is not the file's."""
    await page.until(f"shown()?.every((tile) => {tile})")
    drawn = np.array(await page.run(f"colours({json.dumps(PLACES)})"))
    return differing(drawn, cell_colours(ocean.folder, *np.transpose(PLACES), step=step))
