"""DIM_NAME over HTTP, on a unit in this process. Oracle: netCDF4."""

import itertools
from xml.etree import ElementTree as ET

import netCDF4
import numpy as np
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.conformance.xsd import WMS_111, WMS_130, faults
from tests.spectra import write_spectra

WMS = "{http://www.opengis.net/wms}"
LONGITUDE, LATITUDE = 30.0, 40.0
ROW, COLUMN = 6, 10
"""Where that place stands in the file."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spectra")
    write_spectra(folder / "spectra.nc")
    summary = ingest(
        Location.parse(str(folder)), "rrs", [folder / "spectra.nc"], crew=Processes(0), report=lambda _: None
    )
    assert not summary.refused
    return folder


@pytest.fixture
async def unit(folder, aiohttp_client):
    raw = {"store": str(folder), "datasets": [{"id": "rrs", "source": "spectra.nc"}]}
    return await aiohttp_client(make_app(parse(raw, name="test", folder=folder)))


def query(layer, request="GetFeatureInfo", **dimensions):
    west, south = LONGITUDE - 0.5, LATITUDE - 0.5
    return {
        "service": "WMS", "version": "1.3.0", "request": request, "layers": f"rrs/{layer}", "styles": "",
        "query_layers": f"rrs/{layer}", "crs": "CRS:84", "bbox": f"{west},{south},{west + 1},{south + 1}",
        "width": "3", "height": "3", "i": "1", "j": "1", "info_format": "application/json", "format": "image/png",
    } | dimensions  # fmt: skip


async def told(unit, layer, **dimensions):
    answer = await unit.get("/wms", params=query(layer, **dimensions))
    assert answer.status == 200, await answer.text()
    return (await answer.json())["features"][0]["properties"]


def in_file(folder, layer, **places):
    """Return the value that the file has at the place, by index of each further dimension."""
    with netCDF4.Dataset(folder / "spectra.nc") as file:
        field = file[layer]
        places = {"lat": ROW, "lon": COLUMN} | places
        return float(field[tuple(places[name] for name in field.dimensions)])


async def test_every_combination_gives_the_value_of_the_file(unit, folder):
    members, bands = [3, 1, 2], ["412.5", "443", "490.1", "560"]
    for (m, member), (b, band), (t, day) in itertools.product(enumerate(members), enumerate(bands), enumerate("12")):
        found = await told(
            unit, "reflectance", dim_member=str(member), DIM_Wave_Length=band, time=f"2015-03-0{day}T00:00:00Z"
        )
        assert found["value"] == in_file(folder, "reflectance", **{"member": m, "Wave Length": b, "time": t})
        assert found["dimensions"] == {"member": member, "Wave_Length": float(band)}
        assert found["elevation"] is None


async def test_of_two_vertical_dimensions_one_is_the_elevation(unit, folder):
    for (d, elevation), (s, sediment) in itertools.product(enumerate(["-0.5", "-10"]), enumerate("123")):
        found = await told(unit, "oxygen", elevation=elevation, dim_sediment=f"0.0{sediment}", time="current")
        assert found["value"] == in_file(folder, "oxygen", time=1, depth=d, sediment=s)
        assert (found["elevation"], found["dimensions"]) == (float(elevation), {"sediment": float(f"0.0{sediment}")})


async def test_labels_are_counted(unit, folder):
    for place in (0, 1):
        found = await told(unit, "share", dim_region=str(place))
        assert (found["value"], found["dimensions"]) == (in_file(folder, "share", region=place), {"region": place})


async def test_without_a_value_the_first_answers(unit, folder):
    for empty in ({}, {"dim_member": "", "DIM_WAVE_LENGTH": " "}):
        found = await told(unit, "reflectance", time="2015-03-01T00:00:00Z", **empty)
        assert found["value"] == in_file(folder, "reflectance", **{"member": 0, "Wave Length": 0, "time": 0})
        assert found["dimensions"] == {"member": 3, "Wave_Length": 412.5}


async def test_a_dimension_that_the_layer_does_not_have_means_nothing(unit, folder):
    # A map may have layers of which only some have it (06-042, 6.8.1: unknown parameters are no fault).
    found = await told(unit, "share", dim_member="17", dim_="x", elevation="-3", time="nonsense")
    assert found["value"] == in_file(folder, "share", region=0)


@pytest.mark.parametrize("request_", ["GetMap", "GetFeatureInfo"])
@pytest.mark.parametrize(
    ("change", "parameter", "says"),
    [
        ({"dim_member": "4"}, "DIM_member", "the nearest is 3.0"),
        ({"DIM_MEMBER": "<b>"}, "DIM_member", "&lt;b&gt;"),
        ({"dim_wave_length": "443;490"}, "DIM_Wave_Length", "finite number"),
        ({"dim_wave_length": "444"}, "DIM_Wave_Length", "the nearest is 443.0"),
    ],
)
async def test_a_value_that_is_not_there_is_refused(unit, request_, change, parameter, says):
    answer = await unit.get("/wms", params=query("reflectance", request_, **change))
    body = await answer.text()
    assert (answer.status, answer.content_type) == (400, "text/xml")
    assert f'code="InvalidDimensionValue" locator="{parameter}"' in body
    assert says in body


async def test_each_combination_is_a_picture_of_its_own_with_its_own_tag(unit):
    shown = {}
    for member, band in itertools.product("312", ["412.5", "560"]):
        change = {"dim_member": member, "dim_wave_length": band, "time": "2015-03-01T00:00:00Z"}
        asked = query("reflectance", "GetMap", colorscalerange="1,3700", numcolorbands="250", **change)
        answer = await unit.get("/wms", params=asked)
        assert answer.status == 200
        shown[answer.headers["ETag"]] = await answer.read()
        again = await unit.get("/wms", params=asked, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
    assert len(shown) == len(set(shown.values())) == 6


async def test_a_default_that_is_written_out_is_the_same_picture(unit):
    plain = await unit.get("/wms", params=query("reflectance", "GetMap"))
    written = await unit.get("/wms", params=query("reflectance", "GetMap", DIM_MEMBER="3.0", dim_wave_LENGTH="412.5"))
    assert plain.headers["ETag"] == written.headers["ETag"]


@pytest.mark.parametrize(("version", "schema"), [("1.1.1", WMS_111), ("1.3.0", WMS_130)])
async def test_capabilities_offer_them_and_are_valid(unit, version, schema, schemas):
    answer = await unit.get("/wms", params={"request": "GetCapabilities", "version": version})
    body = await answer.read()
    assert faults(body, schemas, schema) == []
    space, said = ("", "Extent") if version == "1.1.1" else (WMS, "Dimension")
    found = {
        layer.findtext(f"{space}Name"): {
            one.get("name"): (one.get("default"), one.text) for one in layer.iterfind(f"{space}{said}")
        }
        for layer in ET.fromstring(body).iter(f"{space}Layer")
    }
    assert found["rrs/reflectance"].keys() == {"time", "member", "Wave_Length"}
    assert found["rrs/reflectance"]["member"] == ("3", "3,1,2")
    assert found["rrs/reflectance"]["Wave_Length"] == ("412.5", "412.5,443,490.1,560")
    assert found["rrs/oxygen"]["elevation"] == ("-0.5", "-0.5,-10")
    assert found["rrs/oxygen"]["sediment"] == ("0.01", "0.01,0.02,0.03")
    assert found["rrs/share"] == {"region": ("0", "0,1")}


async def test_what_capabilities_offer_can_be_asked_for(unit):
    answer = await unit.get("/wms", params={"request": "GetCapabilities"})
    for layer in ET.fromstring(await answer.read()).iter(f"{WMS}Layer"):
        name = layer.findtext(f"{WMS}Name")
        for one in layer.iterfind(f"{WMS}Dimension"):
            prefix = "" if one.get("name") in {"time", "elevation"} else "dim_"
            for value in (one.get("default"), *one.text.split(",")):
                if "/" not in value:
                    await told(unit, name.removeprefix("rrs/"), **{prefix + one.get("name"): value})


async def test_metadata_lists_them(unit):
    asked = {"request": "GetMetadata", "item": "layerDetails", "layerName": "rrs/reflectance"}
    member, band = (await (await unit.get("/wms", params=asked)).json())["dimensions"]
    assert member == {"name": "member", "title": "Ensemble member", "units": "", "values": [3, 1, 2], "default": 3}
    assert (band["name"], band["title"], band["units"]) == ("Wave_Length", "Wave_Length", "nm")
    assert (band["values"], band["default"]) == ([412.5, 443, 490.1, 560], 412.5)


def test_the_file_has_each_value_once(folder):
    with netCDF4.Dataset(folder / "spectra.nc") as file:
        for name in ("reflectance", "oxygen", "share"):
            assert np.unique(file[name][:]).size == file[name].size
