"""Layers whose variables lie in groups of their file: names with slashes, over HTTP."""

from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

import netCDF4
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.grouped import NAMES, write_grouped

WMS = "{http://www.opengis.net/wms}"
HREF = "{http://www.w3.org/1999/xlink}href"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of a store with the dataset `sat`: a field in each group, one in a group of that name."""
    folder = tmp_path_factory.mktemp("groups")
    write_grouped(folder / "sat.nc")
    summary = ingest(Location.parse(str(folder)), "sat", [folder / "sat.nc"], crew=Processes(0), report=lambda _: None)
    assert not summary.refused
    return folder


@pytest.fixture
async def unit(folder, aiohttp_client):
    raw = {
        "store": str(folder),
        "datasets": [{"id": "sat", "source": "sat.nc", "variables": {NAMES[0]: {"palette": "curl"}}}],
    }
    return await aiohttp_client(make_app(parse(raw, name="test", folder=folder)))


def query(layer, request="GetFeatureInfo"):
    return {
        "service": "WMS", "version": "1.3.0", "request": request, "layers": layer, "styles": "",
        "query_layers": layer, "crs": "CRS:84", "bbox": "29,39,31,41", "width": "3", "height": "3",
        "i": "1", "j": "1", "info_format": "application/json", "item": "layerDetails", "layername": layer,
    }  # fmt: skip


@pytest.mark.parametrize("number", range(len(NAMES)))
@pytest.mark.parametrize("path", ["/wms", "/wms/sat"])
async def test_a_layer_is_named_by_its_path(unit, folder, path, number):
    name = f"sat/{NAMES[number]}"
    found = (await (await unit.get(path, params=query(name))).json())["features"][0]["properties"]
    with netCDF4.Dataset(folder / "sat.nc") as file:
        assert found["value"] == file[NAMES[number]][6, 10]
    assert found["layer"] == name
    assert (await unit.get(path, params=query(name, "GetMap"))).status == 200
    details = await (await unit.get(path, params=query(name, "GetMetadata"))).json()
    assert details["layerName"] == name


async def test_where_the_dataset_is_in_the_address_it_may_be_left_out(unit):
    found = await (await unit.get("/wms/sat", params=query("data_01/ku/ssha"))).json()
    assert found["features"][0]["properties"]["layer"] == "sat/data_01/ku/ssha"


async def test_capabilities_name_them_and_their_legends_are_there(unit):
    tree = ET.fromstring(await (await unit.get("/wms", params={"request": "GetCapabilities"})).read())
    layers = {layer.findtext(f"{WMS}Name"): layer for layer in tree.iter(f"{WMS}Layer")}
    assert set(layers) - {None} == {f"sat/{name}" for name in NAMES}
    for name, layer in layers.items():
        if name is not None:
            legend = next(layer.iter(f"{WMS}OnlineResource")).get(HREF)
            asked = dict(parse_qsl(urlsplit(legend).query))
            assert asked["LAYER"] == name
            assert (await unit.get("/wms", params=asked)).content_type == "image/png"


async def test_the_configuration_names_them_by_their_path(unit):
    found = await (await unit.get("/wms", params=query("sat/data_01/ku/ssha", "GetMetadata"))).json()
    assert found["defaultPalette"] == "curl"


@pytest.mark.parametrize("name", ["data_01", "data_01/ku", "data_01/ku/", "/ssha", "data_01//ku/ssha", "ku/ssha"])
async def test_half_a_path_is_no_layer(unit, name):
    answer = await unit.get("/wms", params=query(f"sat/{name}", "GetMap"))
    assert (answer.status, 'code="LayerNotDefined"' in await answer.text()) == (404, True)
