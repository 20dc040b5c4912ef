"""KML as others read it: GDAL's LIBKML, and Cesium on a page of another origin; and the way to it from our own page."""

import asyncio
import json
import shutil
import subprocess
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import numpy as np
import pytest
from lxml import etree
from PIL import Image

from tests.journeys.chromium import new_page
from tests.journeys.elsewhere import NPM, site
from tests.journeys.file_colours import cell_colours, differing
from tests.ocean import DAYS

pytestmark = pytest.mark.journey

PYTHON = "/usr/bin/python3"
K = "{http://www.opengis.net/kml/2.2}"
FILM = "TIME=2015-03-01/2015-03-04&STYLES=default-scalar/viridis&COLORSCALERANGE=-2,34"
PLACES = [[lon, lat] for lon in range(-59, 1, 10) for lat in range(-31, 50, 10)]
"""Centres of cells that are seen from above 30 W 10 N."""


@pytest.fixture(scope="module")
def seen(ocean, tmp_path_factory):
    """Run the GDAL client once; return its findings and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("kml")
    probe = shutil.which(PYTHON) and subprocess.run(
        [PYTHON, "-c", "from osgeo import gdal; assert gdal.GetDriverByName('LIBKML')"],
        capture_output=True,
        check=False,
    )
    if not probe or probe.returncode:
        pytest.skip("GDAL with its LIBKML driver is not installed here (Debian: python3-gdal)")
    door = f"{ocean.address}kml/ocean/thetao.kml?{FILM}"
    addresses = [door.replace("?", "?PART=steps&"), f"{ocean.address}kml/waves/VHM0.kml?PART=steps"]
    script = Path(__file__).with_name("kml_client.py")
    done = subprocess.run(
        [PYTHON, str(script), str(folder), *addresses], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1]), folder


def test_libkml_reads_a_folder_for_each_step_with_the_times_of_the_file(seen):
    (film, _), _ = seen
    folders = [(name, overlays) for name, overlays in film if overlays]
    assert [name for name, _ in folders] == DAYS
    for day, overlays in folders:
        for one in overlays:
            assert moment(one["begin"]) == datetime.fromisoformat(day)
            assert moment(one["end"]) == datetime.fromisoformat(day) + timedelta(days=1, seconds=-1)
    orders = [[one["order"] or 0 for one in overlays] for _, overlays in folders]
    assert all(max(before) < min(after) for before, after in pairwise(orders))


def moment(text):
    return datetime.strptime(text.replace("+00", "+0000"), "%Y/%m/%d %H:%M:%S%z")


def test_the_pictures_that_libkml_finds_join_to_the_world_and_show_the_file(seen, ocean):
    (film, _), folder = seen
    pictures = [one for _, overlays in film for one in overlays]
    assert len(pictures) == 8
    for number, one in enumerate(pictures):
        west, south, east, north = one["box"]
        assert (south, north) == (-90, 90)
        shown = np.asarray(Image.open(folder / f"{number}.png").convert("RGBA")).astype(int)
        height, width, _ = shown.shape
        across = west + (np.arange(width) + 0.5) * (east - west) / width
        down = north - (np.arange(height) + 0.5) * (north - south) / height
        wanted = cell_colours(ocean.folder, *np.meshgrid(across, down), step=number // 2)
        assert differing(shown, wanted) < 0.001
    assert sorted({tuple(one["box"][::2]) for one in pictures}) == [(-180, 0), (0, 180)]


def test_a_layer_of_irregular_hours_shows_its_default_step(seen):
    (_, waves), _ = seen
    ((name, overlays),) = [(name, overlays) for name, overlays in waves if overlays]
    assert name == "2015-03-05T00:00:00Z"
    assert {moment(one["end"]) - moment(one["begin"]) for one in overlays} == {timedelta(days=3, seconds=-1)}


@pytest.fixture
async def globe(driven, ocean, aiohttp_server):
    """Return a page with a globe on it that has loaded the film."""
    if not (NPM / "cesium").is_dir():
        pytest.skip(f"no Cesium in {NPM}; .ci/run fetches it, HALOCLINE_NPM names another folder")
    elsewhere = await aiohttp_server(site())
    async with new_page(driven) as opened:
        await opened.show(320, 320)
        await opened.open(str(elsewhere.make_url("/pages/cesium.html")))
        await opened.until("typeof Cesium === 'object' && typeof start === 'function'")
        if not await opened.run("Boolean(document.createElement('canvas').getContext('webgl2'))"):
            pytest.skip("this Chromium has no WebGL")
        door = f"{ocean.address}kml/ocean/thetao.kml?{FILM}"
        await opened.run(f"start({json.dumps(door)}, -30, 10)")
        yield opened
        assert opened.errors == []


async def test_cesium_loads_the_steps_and_draws_the_day_that_its_clock_shows(globe, ocean):
    await globe.until("overlays().length === 8")
    spans = await globe.run("overlays().map(({ begin, end }) => [begin, end])")
    assert [begin for begin, _ in spans[::2]] == DAYS
    land = cell_colours(ocean.folder, *np.transpose(PLACES))[:, 3] == 0
    assert 0 < land.sum() < land.size / 2
    for step in (1, 3):
        await globe.run(f"at({json.dumps(DAYS[step].replace('12:00', '18:00'))})")
        day = json.dumps(DAYS[step].replace(":", "%3A"))
        # The picture comes a while after its step is there.
        await globe.until(f"drawn({day}) && colours([[-31, 9]])[0][0]")
        drawn = await settled(globe)
        # What is missing lets the black globe through.
        assert drawn[land, :3].max() <= 2
        off = [
            slant(drawn[~land], cell_colours(ocean.folder, *np.transpose(PLACES), step=day)[~land]) for day in range(4)
        ]
        assert off[step] == min(off)
        assert off[step] < 3
    asked = [url for url in globe.requests if urlsplit(url).path in ("/wms", "/kml/ocean/thetao.kml")]
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(ocean.address).netloc}
    pictures = [dict(parse_qsl(urlsplit(url).query)) for url in asked if "GetMap" in url]
    assert {one["TIME"] for one in pictures} <= set(DAYS)


async def settled(globe):
    """Return the colours at the places once they no longer change."""
    before = None
    while True:
        drawn = np.array(await globe.run(f"colours({json.dumps(PLACES)})"))
        if before is not None and (drawn == before).all():
            return drawn
        before = drawn
        await asyncio.sleep(0.1)


def slant(drawn, wanted):
    """Return the mean angle in degrees between colours: the globe shades its pictures, which keeps their hue."""
    one, other = drawn[:, :3].astype(float), wanted[:, :3].astype(float)
    cosine = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean()


async def test_the_page_leads_to_the_layer_as_it_is_shown(driven, ocean):
    async with new_page(driven) as page:
        shown = "#layer=ocean/thetao&time=2015-03-02T12:00:00Z&elevation=-50&palette=viridis&range=0,20"
        await page.open(ocean.address + shown)
        href = await page.until("document.querySelector('.foot a[href*=\".kml\"]')?.href")
        asked = dict(parse_qsl(urlsplit(href).query))
        assert urlsplit(href).path == "/kml/ocean/thetao.kml"
        assert asked == {
            "TIME": "2015-03-02T12:00:00Z",
            "ELEVATION": "-50",
            "STYLES": "default-scalar/viridis",
            "COLORSCALERANGE": "0,20",
        }
        assert page.errors == []
    async with aiohttp.ClientSession() as http, http.get(href) as answer:
        assert answer.status == 200
        (link,) = etree.fromstring(await answer.read()).iter(f"{K}NetworkLink")
    async with aiohttp.ClientSession() as http, http.get(link.findtext(f"{K}Link/{K}href")) as answer:
        (folder,) = etree.fromstring(await answer.read()).iter(f"{K}Folder")
    assert folder.findtext(f"{K}name") == "2015-03-02T12:00:00Z"
    assert all("ELEVATION=-50&" in one.text for one in folder.iter(f"{K}href"))
