"""The viewer on layers with further dimensions, on those that some steps lack, and on those in groups."""

import netCDF4
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.gaps import DAYS, HAVING, store_gaps
from tests.gateway.viewer.hands import DRAWN, asked, choose, press, sees
from tests.grouped import NAMES, write_grouped
from tests.journeys.chromium import new_page
from tests.spectra import write_spectra

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("viewed")
    write_spectra(folder / "spectra.nc")
    ingest(Location.parse(str(folder)), "rrs", [folder / "spectra.nc"], crew=Processes(0), report=lambda _: None)
    write_grouped(folder / "sat.nc")
    ingest(Location.parse(str(folder)), "sat", [folder / "sat.nc"], crew=Processes(0), report=lambda _: None)
    store_gaps(folder)
    return folder


@pytest.fixture
async def unit_url(folder, aiohttp_server):
    datasets = [{"id": name, "source": "x"} for name in ("rrs", "some", "sat")]
    app = make_app(parse({"store": str(folder), "datasets": datasets}, name="test", folder=folder))
    return str((await aiohttp_server(app)).make_url("/"))


@pytest.fixture
async def page(driven, unit_url):
    # Asked for here, the unit outlives the page, which may still be loading tiles.
    async with new_page(driven) as opened:
        yield opened
        assert opened.errors == []


LABELS = "[...document.querySelectorAll('.dimensions .label')].map((one) => one.textContent)"


def options(label):
    return f"[...document.querySelectorAll('select[aria-label=\"{label}\"] option')].map((one) => one.textContent)"


async def test_each_further_dimension_has_a_list_that_asks_for_its_values(page, unit_url):
    await page.open(f"{unit_url}#layer=rrs/reflectance")
    await sees(page, "dim_member", "3")
    assert await page.run(LABELS) == ["member", "Wave Length"]
    assert await page.run(options("member")) == ["3", "1", "2"]
    assert await page.run(options("Wave Length")) == ["412.5 nm", "443 nm", "490.1 nm", "560 nm"]
    await choose(page, "select[aria-label='Wave Length']", "490.1")
    await sees(page, "dim_wave_length", "490.1")
    assert asked(page, "GetMap")[-1]["dim_member"] == "3"
    assert (await page.run("location.hash")).endswith("&dim_member=3&dim_Wave_Length=490.1")
    await choose(page, "input[aria-label='member, by number']", "2")
    await sees(page, "dim_member", "2")
    assert await page.run("document.querySelector('select[aria-label=member]').value") == "2"


async def test_a_link_brings_them_back_and_a_click_tells_the_value_there(page, unit_url, folder):
    link = "#layer=rrs/reflectance&time=2015-03-02T00:00:00Z&at=30,40&dim_member=1&dim_Wave_Length=560"
    await page.open(unit_url + link)
    await page.until(DRAWN)
    told = await page.until("document.querySelector('.popup strong') && document.querySelector('.popup').innerText")
    with netCDF4.Dataset(folder / "spectra.nc") as file:
        assert f"{float(file['reflectance'][1, 1, 3, 6, 10]):g}" in told
    assert "member 1" in told
    assert "Wave Length 560 nm" in told
    await choose(page, "select[aria-label=member]", "2")
    await page.until("document.querySelector('.popup').innerText.includes('member 2')")


async def test_what_a_link_names_and_the_layer_does_not_have_is_its_default(page, unit_url):
    await page.open(f"{unit_url}#layer=rrs/reflectance&dim_member=77&dim___proto__=x&dim_other=1")
    await sees(page, "dim_member", "3")
    assert "dim_other" not in asked(page, "GetMap")[-1]


async def test_another_layer_has_dimensions_of_its_own(page, unit_url):
    await page.open(f"{unit_url}#layer=rrs/reflectance&dim_member=2")
    await sees(page, "dim_member", "2")
    await page.run("document.querySelector('input[value=\"rrs/share\"]').click()")
    await sees(page, "layers", "rrs/share")
    assert await page.run(LABELS) == ["region"]
    tile = asked(page, "GetMap")[-1]
    assert {name: value for name, value in tile.items() if name.startswith("dim_")} == {"dim_region": "0"}
    assert "dim_member" not in await page.run("location.hash")
    await page.run("document.querySelector('input[value=\"some/late\"]').click()")
    await sees(page, "layers", "some/late")
    assert await page.run(LABELS) == []


async def test_of_two_vertical_dimensions_one_is_the_depth(page, unit_url):
    await page.open(f"{unit_url}#layer=rrs/oxygen")
    await sees(page, "elevation", "-0.5")
    assert await page.run(options("Depth")) == ["0.5 m", "10 m"]
    assert await page.run(options("sediment")) == ["0.01 m", "0.02 m", "0.03 m"]


async def test_only_the_times_of_the_layer_are_shown(page, unit_url):
    await page.open(f"{unit_url}#layer=some/gap&time={DAYS[0]}")
    await sees(page, "time", DAYS[0])
    assert await page.run("Number(document.querySelector('.time .slider').max)") == len(HAVING["gap"]) - 1
    await press(page, "Next time step")
    await sees(page, "time", DAYS[2])
    titles = await page.run("[...document.querySelectorAll('.layer span')].map((one) => one.textContent)")
    assert "late" in titles
    assert "never" not in titles


async def test_a_layer_in_a_group_is_shown_and_kept_in_the_link(page, unit_url, folder):
    await page.open(f"{unit_url}#layer=sat/{NAMES[1]}&at=30,40")
    await sees(page, "layers", f"sat/{NAMES[1]}")
    told = await page.until("document.querySelector('.popup strong')?.textContent")
    with netCDF4.Dataset(folder / "sat.nc") as file:
        assert float(told) == file[NAMES[1]][6, 10]
    await page.run(f"document.querySelector('input[value=\"sat/{NAMES[0]}\"]').click()")
    await sees(page, "layers", f"sat/{NAMES[0]}")
    assert f"#layer=sat/{NAMES[0]}" in await page.run("location.hash")
    assert await page.run("document.querySelector('.layer input:checked').value") == f"sat/{NAMES[0]}"
