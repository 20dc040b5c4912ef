"""The viewer on a unit that serves a file: from the front page to the value that stands in the file."""

import re
from datetime import datetime
from urllib.parse import urlsplit

import netCDF4
import numpy as np
import pytest

from tests.gateway.viewer.hands import DRAWN, asked, press, sees
from tests.journeys.chromium import new_page

pytestmark = pytest.mark.journey

PLACE = re.compile(r"(\d+(?:\.\d+)?)° ([NS]), (\d+(?:\.\d+)?)° ([EW])")


@pytest.fixture
async def page(driven, served):
    async with new_page(driven) as opened:
        await opened.open(served.address)
        await opened.until(DRAWN)
        yield opened
        assert opened.errors == []
        assert opened.hosts == {urlsplit(served.address).netloc}


def at(source, longitude, latitude, time, depth):
    """Read the value of the nearest cell centre with netCDF4 alone; masked where there is land."""
    with netCDF4.Dataset(source) as file:
        nearest = [
            np.abs(np.asarray(file[name][:]) - wanted).argmin()
            for name, wanted in (
                ("time", netCDF4.date2num(datetime.fromisoformat(time.rstrip("Z")), file["time"].units)),
                ("depth", depth),
                ("lat", latitude),
                ("lon", longitude % 360),
            )
        ]
        return file["thetao"][tuple(nearest)]


async def told(page):
    """Return longitude, latitude and the number that the popup shows."""
    await page.until("document.querySelector('.popup strong')")
    text = await page.run("document.querySelector('.popup').innerText")
    latitude, north, longitude, east = PLACE.search(text).groups()
    value = await page.run("document.querySelector('.popup strong').textContent")
    return float(longitude) * (1 if east == "E" else -1), float(latitude) * (1 if north == "N" else -1), value


async def test_the_page_shows_the_layer_of_the_file(page, tmp_path):
    await page.screenshot(tmp_path / "page.png")
    titles = await page.run("[...document.querySelectorAll('.layer span')].map((one) => one.textContent)")
    assert titles == ["Temperature"]
    groups = await page.run("[...document.querySelectorAll('.group summary')].map((one) => one.textContent)")
    assert groups == ["A small sea"]
    assert await page.run("document.querySelector('.panel h1').textContent") == "A small unit"
    assert await page.run("document.querySelector('.legend-units').textContent") == "°C"


async def test_the_next_time_step_is_the_next_of_the_file(page, served):
    await sees(page, "time", "2015-03-03T12:00:00Z")
    await page.open(f"{served.address}#time=2015-03-01T12:00:00Z")
    await sees(page, "time", "2015-03-01T12:00:00Z")
    await press(page, "Next time step")
    await sees(page, "time", "2015-03-02T12:00:00Z")


@pytest.mark.parametrize(("x", "y"), [(640, 400), (700, 420), (500, 300), (820, 610)])
async def test_a_click_tells_the_value_that_stands_in_the_file(page, served, x, y):
    await page.click(x, y)
    longitude, latitude, value = await told(page)
    tile = asked(page, "GetFeatureInfo")[-1]
    expected = at(served.source, longitude, latitude, tile["time"], -float(tile["elevation"]))
    assert expected is not np.ma.masked
    assert float(value.replace("\N{MINUS SIGN}", "-")) == pytest.approx(float(expected), abs=0.0051)
