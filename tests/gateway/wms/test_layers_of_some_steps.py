"""Layers that are not there at every step of their dataset, over HTTP."""

from xml.etree import ElementTree as ET

import pytest

from gateway.app import make_app
from gateway.config.file import parse
from tests.gaps import DAYS, HAVING, store_gaps

WMS = "{http://www.opengis.net/wms}"
COLUMN = 10
"""Of the cell at 30 degrees east."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("some")
    store_gaps(folder)
    return folder


@pytest.fixture
async def unit(folder, aiohttp_client):
    raw = {"store": str(folder), "datasets": [{"id": "some", "source": "some.nc"}]}
    return await aiohttp_client(make_app(parse(raw, name="test", folder=folder)))


def query(layer, request="GetFeatureInfo", **more):
    return {
        "service": "WMS", "version": "1.3.0", "request": request, "layers": f"some/{layer}", "styles": "",
        "query_layers": f"some/{layer}", "crs": "CRS:84", "bbox": "28,38,32,42", "width": "3", "height": "3",
        "i": "1", "j": "1", "info_format": "application/json",
    } | more  # fmt: skip


async def capabilities(unit, version="1.3.0"):
    answer = await unit.get("/wms", params={"request": "GetCapabilities", "version": version})
    return ET.fromstring(await answer.read())


async def test_capabilities_list_the_times_of_each_layer_and_no_layer_without_any(unit):
    layers = {layer.findtext(f"{WMS}Name"): layer for layer in (await capabilities(unit)).iter(f"{WMS}Layer")}
    assert set(layers) - {None} == {"some/everywhere", "some/gap", "some/late", "some/still"}
    times = {name: layer.find(f"{WMS}Dimension") for name, layer in layers.items() if name}
    assert times["some/everywhere"].text == f"{DAYS[0]}/{DAYS[3]}/P1D"
    assert times["some/gap"].text == ",".join(DAYS[step] for step in HAVING["gap"])
    assert times["some/late"].text == ",".join(DAYS[2:])
    assert {one.get("default") for one in times.values() if one is not None} == {DAYS[3]}
    assert times["some/still"] is None
    old = {
        layer.findtext("Name"): layer.findtext("Extent") for layer in (await capabilities(unit, "1.1.1")).iter("Layer")
    }
    assert old["some/late"] == ",".join(DAYS[2:])


@pytest.mark.parametrize("layer", ["everywhere", "gap", "late"])
async def test_each_time_of_a_layer_answers_and_no_other_does(unit, layer):
    for step, time in enumerate(DAYS):
        answer = await unit.get("/wms", params=query(layer, time=time))
        if step in HAVING[layer]:
            found = (await answer.json())["features"][0]["properties"]
            assert (found["value"], found["time"]) == (100.0 * step + COLUMN, time)
        else:
            body = await answer.text()
            nearest = min(HAVING[layer], key=lambda other: abs(other - step))
            assert answer.status == 400
            assert 'code="InvalidDimensionValue" locator="TIME"' in body
            assert f"the nearest step is {DAYS[nearest]}" in body


async def test_a_map_refuses_a_time_that_its_layer_does_not_have(unit):
    answer = await unit.get("/wms", params=query("late", "GetMap", time=DAYS[0]))
    assert (answer.status, f"the nearest step is {DAYS[2]}" in await answer.text()) == (400, True)
    both = await unit.get("/wms", params=query("late", "GetMap", time=DAYS[2], layers="some/late,some/still"))
    assert both.status == 200


@pytest.mark.parametrize("time", [None, "current"])
async def test_without_a_time_a_layer_answers_with_a_step_of_its_own(unit, time):
    answer = await unit.get("/wms", params=query("gap", **({} if time is None else {"time": time})))
    found = (await answer.json())["features"][0]["properties"]
    assert (found["time"], found["value"]) == (DAYS[3], 300.0 + COLUMN)


async def test_what_has_no_time_answers_though_the_newest_file_lacks_it(unit):
    found = (await (await unit.get("/wms", params=query("still"))).json())["features"][0]["properties"]
    assert (found["time"], found["value"]) == (None, 7.0)


@pytest.mark.parametrize("request_", ["GetMap", "GetFeatureInfo", "GetLegendGraphic", "GetMetadata"])
async def test_a_layer_without_any_step_is_none(unit, request_):
    asked = query("never", request_) | {"layer": "some/never", "item": "layerDetails", "layername": "some/never"}
    answer = await unit.get("/wms", params=asked)
    assert (answer.status, 'code="LayerNotDefined"' in await answer.text()) == (404, True)


async def test_metadata_has_the_days_of_the_layer(unit):
    asked = {"request": "GetMetadata", "item": "layerDetails", "layername": "some/gap", "time": DAYS[1]}
    found = await (await unit.get("/wms", params=asked)).json()
    assert found["datesWithData"] == {"2015": {"2": [1, 3, 4]}}
    assert found["nearestTimeIso"] == DAYS[0]
