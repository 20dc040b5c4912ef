"""The viewer in a real browser: what a person sees and does on the front page."""

from urllib.parse import urlsplit

import pytest

from tests.gateway.viewer.hands import DRAWN, asked, choose, press, sees
from tests.gateway.viewer.stand_in import HOURS, empty, stand_in
from tests.journeys.chromium import new_page

pytestmark = pytest.mark.journey


@pytest.fixture
async def page(driven):
    async with new_page(driven) as opened:
        yield opened


@pytest.fixture
async def unit_url(aiohttp_server):
    """Root of the unit under test, with a slash at the end."""
    return str((await aiohttp_server(stand_in())).make_url("/"))


async def test_the_page_opens_with_a_map_a_list_and_a_legend_and_asks_no_other_host(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    titles = await page.run("[...document.querySelectorAll('.layer span')].map((one) => one.textContent)")
    assert titles == ["Sea water potential temperature", "Sea water salinity", "Chlorophyll a", "Sea ice area fraction"]
    groups = await page.run("[...document.querySelectorAll('.group summary')].map((one) => one.textContent)")
    assert groups == ["Global physics, daily means", "Biogeochemistry, hourly", "Arctic sea ice, monthly"]
    assert await page.run("document.querySelector('.panel h1').textContent") == "A unit & its ocean"
    ticks = await page.run("[...document.querySelectorAll('.legend .tick')].map((one) => one.textContent)")
    assert ticks == ["0", "10", "20", "30"]
    assert await page.run("document.querySelector('.legend-units').textContent") == "°C"
    assert await page.run("document.querySelectorAll('.coast canvas').length") == 1
    assert page.hosts == {urlsplit(unit_url).netloc}
    assert page.errors == []


async def test_the_coast_is_drawn_from_the_units_own_files(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    pixels = (
        "(() => { const canvas = document.querySelector('.coast canvas');"
        "return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte); })()"
    )
    assert await page.until(pixels)
    assert f"{unit_url}viewer/vendor/world-atlas-2.0.2/land-110m.json" in page.requests


async def test_tiles_are_asked_for_once_in_the_layers_own_colours(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    tiles = asked(page, "GetMap")
    assert {tile["styles"] for tile in tiles} == {"default-scalar/thermal"}
    assert {(tile["crs"], tile["width"], tile["height"]) for tile in tiles} == {("EPSG:3857", "256", "256")}
    assert len({tile["bbox"] for tile in tiles}) == len(tiles)


async def test_a_time_step_asks_for_the_next_time_exactly(page, unit_url):
    await page.open(unit_url)
    await sees(page, "time", "2015-03-01T12:00:00Z")
    await press(page, "Next time step")
    await page.until("document.querySelector('.time-text').value === '2015-03-02T12:00:00Z'")
    await sees(page, "time", "2015-03-02T12:00:00Z")
    await press(page, "Previous time step")
    await press(page, "Previous time step")
    await sees(page, "time", "2015-02-28T12:00:00Z")


async def test_a_typed_date_goes_to_the_nearest_step(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    await choose(page, ".time-text", "2015-07-04")
    await page.until("document.querySelector('.time-text').value === '2015-07-04T12:00:00Z'")
    await sees(page, "time", "2015-07-04T12:00:00Z")
    await choose(page, ".time-text", "tomorrow")
    assert "is not a time" in await page.until("document.querySelector('.notice p')?.textContent")


async def test_play_goes_on_by_itself_and_stops(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    await press(page, "Play")
    await page.until("document.querySelector('.count').textContent.startsWith('64 ')")
    await press(page, "Pause")
    times = list(dict.fromkeys(tile["time"] for tile in asked(page, "GetMap")))
    assert times[:4] == [f"2015-03-0{day}T12:00:00Z" for day in (1, 2, 3, 4)]


async def test_a_depth_is_told_in_metres_and_asked_for_as_the_service_wrote_it(page, unit_url):
    await page.open(unit_url)
    await sees(page, "elevation", "-0.494")
    options = await page.run("[...document.querySelectorAll('.pick option')].map((one) => one.textContent)")
    assert options == ["0.494 m", "9.573 m", "47.37 m", "109.7 m", "541.1 m", "1062 m"]
    await choose(page, ".pick", "-47.374")
    await sees(page, "elevation", "-47.374")
    assert "elevation=-47.374" in await page.run("location.hash")


async def test_another_palette_colours_map_and_legend(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    await press(page, "Palette")
    await page.run("document.querySelector('input[name=palette][value=magma]').click()")
    await sees(page, "styles", "default-scalar/magma")
    assert asked(page, "GetLegendGraphic")[-1]["colorbaronly"] == "true"
    assert await page.run("document.querySelector('.palette-name').textContent") == "magma"


async def test_a_range_and_a_logarithm_are_asked_for_and_shown_in_the_legend(page, unit_url):
    await page.open(f"{unit_url}#layer=bgc/chl")
    await page.until(DRAWN)
    await choose(page, "[aria-label^=Lowest]", "0.1")
    await choose(page, "[aria-label^=Highest]", "100")
    await sees(page, "colorscalerange", "0.1,100")
    ticks = await page.run("[...document.querySelectorAll('.legend .tick')].map((one) => one.textContent)")
    assert ticks == ["0.1", "1", "10", "100"]
    await page.run("document.querySelector('.check input').click()")
    await sees(page, "logscale", "false")
    await choose(page, "[aria-label^=Lowest]", "200")
    assert "lower one first" in await page.until("document.querySelector('.notice p')?.textContent")
    assert await page.run("document.querySelector('[aria-label^=Lowest]').value") == "0.1"


async def test_a_click_tells_the_value_its_unit_place_time_and_depth(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    await page.click(700, 420)
    await page.until("document.querySelector('.popup strong')")
    told = await page.run("document.querySelector('.popup').innerText")
    for part in ("12.25 °C", "Sea water potential temperature", "° N, ", "0.494 m", "2015-03-01T12:00:00Z"):
        assert part in told
    query = asked(page, "GetFeatureInfo")[-1]
    assert (query["query_layers"], query["time"], query["elevation"]) == (
        "phys/thetao",
        "2015-03-01T12:00:00Z",
        "-0.494",
    )
    assert 0 <= int(query["i"]) < 256
    assert 0 <= int(query["j"]) < 256
    await press(page, "Next time step")
    await page.until("document.querySelector('.popup').innerText.includes('2015-03-02T12:00:00Z')")
    await press(page, "Close")
    await page.until("!document.querySelector('.popup').offsetParent")


async def test_the_keyboard_alone_tells_the_value_at_the_centre(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    await page.run("document.querySelector('.map').focus()")
    for kind in ("keyDown", "keyUp"):
        await page.send("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13)
    assert await page.until("document.querySelector('.popup strong')?.textContent") == "12.25"


async def test_a_link_brings_everything_back(page, unit_url):
    link = (
        "#layer=phys/so&time=2015-08-09T12:00:00Z&elevation=-109.729&palette=deep&range=31,37"
        "&opacity=60&crs=EPSG:4326&view=-30,40,4&at=-30,40"
    )
    await page.open(unit_url + link)
    await page.until(DRAWN)
    await page.until("document.querySelector('.popup strong')")
    tile = asked(page, "GetMap")[-1]
    assert {name: tile[name] for name in ("layers", "time", "elevation", "styles", "colorscalerange", "crs")} == {
        "layers": "phys/so",
        "time": "2015-08-09T12:00:00Z",
        "elevation": "-109.729",
        "styles": "default-scalar/deep",
        "colorscalerange": "31,37",
        "crs": "EPSG:4326",
    }
    assert await page.run("location.hash") == link
    assert page.errors == []


async def test_a_link_pasted_into_the_open_page_is_followed(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    await page.run("location.hash = '#layer=bgc/chl&time=2014-02-03T04:30:00.000Z'")
    await page.until("document.querySelector('.now').textContent === 'Chlorophyll a'")
    await page.until("document.querySelector('.time-text').value === '2014-02-03T04:30:00.000Z'")
    await sees(page, "layers", "bgc/chl")


@pytest.mark.parametrize(
    "hash_", ["#layer=%E0%A4%A&range=5,1&opacity=-3&view=a,b,c&at=1", "#time=x&elevation=y&crs=EPSG:9", "#&&=="]
)
async def test_a_mangled_link_still_shows_a_map(page, unit_url, hash_):
    await page.open(unit_url + hash_)
    await page.until(DRAWN)
    assert page.errors == []


async def test_a_time_that_is_gone_is_replaced_by_the_nearest_and_said_so(page, unit_url):
    await page.open(f"{unit_url}#time=2013-05-05T12:00:00Z")
    said = await page.until("document.querySelector('[role=alert] p')?.textContent")
    assert said == ("This layer has no 2013-05-05T12:00:00Z. The nearest that it has is shown: 2015-01-01T12:00:00Z.")
    await sees(page, "time", "2015-01-01T12:00:00Z")


async def test_another_layer_keeps_what_it_can_of_time_and_depth(page, unit_url):
    await page.open(
        f"{unit_url}#layer=phys/thetao&time=2015-08-09T12:00:00Z&elevation=-109.729&palette=magma&range=1,2"
    )
    await page.until(DRAWN)
    await page.run("document.querySelector('input[value=\"phys/so\"]').click()")
    await sees(page, "layers", "phys/so")
    tile = asked(page, "GetMap")[-1]
    assert (tile["time"], tile["elevation"]) == ("2015-08-09T12:00:00Z", "-109.729")
    assert tile["styles"] == "default-scalar/haline", "another layer comes in its own colours"
    assert "colorscalerange" not in tile
    assert (await page.run("location.hash")).startswith("#layer=phys/so&")


async def test_the_arctic_is_drawn_round_the_pole(page, unit_url):
    await page.open(f"{unit_url}#layer=ice/siconc")
    await page.until(DRAWN)
    await page.run("document.querySelector('input[value=\"EPSG:3413\"]').click()")
    await sees(page, "crs", "EPSG:3413")
    assert await page.run("location.hash.includes('crs=EPSG:3413')")
    assert page.errors == []


async def test_what_the_service_refuses_is_said_in_its_words(page, unit_url):
    await page.open(f"{unit_url}#range=1,666")
    said = await page.until("document.querySelector('[role=alert] p')?.textContent")
    assert said == "The map service says: no colour ends at 666 & so on"
    assert await page.run("document.querySelectorAll('.notice').length") == 1
    await page.run("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Auto').click()")
    await page.until(DRAWN)


async def test_a_unit_that_has_nothing_says_what_to_do(page, aiohttp_server):
    await page.open(str((await aiohttp_server(empty())).make_url("/")))
    said = await page.until("document.querySelector('.explanation')?.innerText")
    assert "Nothing to show yet" in said
    assert "halocline ingest" in said


async def test_a_unit_that_does_not_answer_is_said_to_be_so(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    gone = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    await page.send("Network.emulateNetworkConditions", **gone)
    await press(page, "Next time step")
    said = await page.until("document.querySelector('[role=alert] p')?.textContent")
    assert said.startswith("The server did not answer.")


async def test_ten_thousand_steps_leave_the_slider_quick(page, unit_url):
    await page.open(f"{unit_url}#layer=bgc/chl")
    await page.until(DRAWN)
    spent = await page.run(
        "(() => { const slider = document.querySelector('.time .slider'); const start = performance.now();"
        "for (let step = 0; step < 200; step += 1) {"
        "slider.value = step * 40; slider.dispatchEvent(new Event('input')); }"
        "return (performance.now() - start) / 200; })()"
    )
    assert spent < 8, f"{spent} ms for each movement of the slider"
    assert await page.run("document.querySelector('.time-text').value") == HOURS[199 * 40]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (820, 1180)])
async def test_nothing_sticks_out_of_the_window(page, unit_url, width, height):
    await page.show(width, height, phone=width < 500)
    await page.open(unit_url)
    await page.until(DRAWN)
    outside = (
        "[...document.querySelectorAll('.card')].filter((one) => one.offsetParent)"
        ".map((one) => one.getBoundingClientRect())"
        ".filter(({ left, top, right, bottom }) => left < 0 || top < 0 || right > innerWidth || bottom > innerHeight)"
        ".length"
    )
    assert await page.run(outside) == 0
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")


async def test_every_control_has_a_name(page, unit_url):
    await page.open(unit_url)
    await page.until(DRAWN)
    await page.send("Accessibility.enable")
    nodes = (await page.send("Accessibility.getFullAXTree"))["nodes"]
    roles = {"button", "slider", "textbox", "radio", "checkbox", "combobox", "link", "searchbox"}
    controls = [node for node in nodes if not node["ignored"] and node["role"]["value"] in roles]
    assert len(controls) > 15
    assert [node for node in controls if not node.get("name", {}).get("value", "").strip()] == []
