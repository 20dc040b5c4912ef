"""WMS over HTTP, on a unit in this process."""

import io
import xml.etree.ElementTree as ET

import netCDF4
import numpy as np
import pytest
from PIL import Image

from gateway.app import make_app
from tests.conformance.xsd import WMS_111, WMS_111_EXCEPTIONS, WMS_130, WMS_130_EXCEPTIONS, faults
from tests.gateway.forms import MAP as ASKED

MAP = ASKED | {"TRANSPARENT": "TRUE"}
INFO = MAP | {"REQUEST": "GetFeatureInfo", "QUERY_LAYERS": "sea/thetao", "I": "50", "J": "10"}


@pytest.mark.parametrize(
    ("change", "status", "code", "says"),
    [
        ({"LAYERS": "sea/nope"}, 404, "LayerNotDefined", "sea/nope"),
        ({"LAYERS": "nope/thetao"}, 404, "LayerNotDefined", "nope"),
        ({"LAYERS": "sea"}, 404, "LayerNotDefined", "sea/"),
        ({"LAYERS": "later/thetao"}, 404, "LayerNotDefined", "ingested"),
        ({"LAYERS": "../../etc/passwd"}, 404, "LayerNotDefined", ".."),
        ({"LAYERS": "x" * 5000 + "/thetao"}, 404, "LayerNotDefined", "xxx..."),
        ({"LAYERS": "sea/" + "x" * 5000}, 404, "LayerNotDefined", "xxx..."),
        ({"LAYERS": ""}, 400, None, "LAYERS is required"),
        ({"STYLES": "nope"}, 400, "StyleNotDefined", "nope"),
        ({"STYLES": "default-scalar/nope"}, 400, "StyleNotDefined", "nope"),
        ({"CRS": "EPSG:99999"}, 400, "InvalidCRS", "EPSG:3857"),
        ({"FORMAT": "image/bmp"}, 400, "InvalidFormat", "image/png"),
        ({"BBOX": "0,100,10"}, 400, None, "four numbers"),
        ({"BBOX": "10,10,0,20"}, 400, None, "no area"),
        ({"BBOX": "0,0,0,10"}, 400, None, "no area"),
        ({"BBOX": "0,nan,10,20"}, 400, None, "finite"),
        ({"BBOX": "<&>"}, 400, None, "&lt;&amp;&gt;"),
        ({"WIDTH": "0"}, 400, None, "WIDTH"),
        ({"WIDTH": "9" * 5000}, 400, None, "WIDTH"),
        ({"WIDTH": "٢"}, 400, None, "WIDTH"),
        ({"WIDTH": "99999"}, 413, None, "4096"),
        ({"WIDTH": "4096", "HEIGHT": "4096"}, 413, None, "8388608 pixels"),
        ({"HEIGHT": ""}, 400, None, "HEIGHT is required"),
        ({"TIME": "2015-03-09T12:00:00Z"}, 400, "InvalidDimensionValue", "2015-03-03T12:00:00Z"),
        ({"TIME": "yesterday"}, 400, "InvalidDimensionValue", "ISO 8601"),
        ({"ELEVATION": "-55"}, 400, "InvalidDimensionValue", "-100"),
        ({"COLORSCALERANGE": "9,3"}, 400, None, "COLORSCALERANGE"),
        ({"COLORSCALERANGE": "-1,3", "LOGSCALE": "true"}, 400, None, "COLORSCALERANGE"),
        ({"REQUEST": "GetEverything"}, 400, "OperationNotSupported", "GetMap"),
        ({"SERVICE": "WFS"}, 400, None, "WMS"),
    ],
)
async def test_a_bad_map_request_is_refused_in_words_of_wms(sea, schemas, change, status, code, says):
    answer = await sea.get("/wms", params=MAP | change)
    body = await answer.text()
    assert (answer.status, answer.content_type) == (status, "text/xml")
    assert says in body
    assert (f'code="{code}"' in body) if code else ("code=" not in body)
    assert len(body) < 1000
    assert not faults(body.encode(), schemas, WMS_130_EXCEPTIONS)


async def test_a_refusal_of_1_1_1_is_in_its_own_dialect(sea, schemas):
    asked = {name: value for name, value in MAP.items() if name != "CRS"} | {"VERSION": "1.1.1", "SRS": "EPSG:1"}
    answer = await sea.get("/wms", params=asked)
    body = await answer.read()
    assert (answer.status, answer.content_type) == (400, "application/vnd.ogc.se_xml")
    assert b'code="InvalidSRS"' in body
    assert not faults(body, schemas, WMS_111_EXCEPTIONS)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"I": "-1"}, "InvalidPoint"),
        ({"I": "90"}, "InvalidPoint"),
        ({"J": "45"}, "InvalidPoint"),
        ({"INFO_FORMAT": "image/png"}, "InvalidFormat"),
        ({"QUERY_LAYERS": "sea/other"}, "LayerNotDefined"),
    ],
)
async def test_a_bad_question_about_a_place_is_refused(sea, change, code):
    answer = await sea.get("/wms", params=INFO | change)
    assert answer.status in (400, 404)
    assert f'code="{code}"' in await answer.text()


@pytest.mark.parametrize("path", ["/wms", "/wms/sea", "/thredds/wms/sea", "/ncWMS2/wms"])
@pytest.mark.parametrize(("version", "kind"), [("1.3.0", WMS_130), ("1.1.1", WMS_111)])
async def test_capabilities_are_valid_and_name_the_path_that_was_asked(sea, schemas, path, version, kind):
    answer = await sea.get(path, params={"service": "WMS", "request": "GetCapabilities", "version": version})
    body = await answer.read()
    assert answer.status == 200
    assert not faults(body, schemas, kind)
    href = "{http://www.w3.org/1999/xlink}href"
    addresses = {element.get(href) for element in ET.fromstring(body).iter() if element.get(href)}
    assert addresses
    assert all(f"{path}?" in str(address) and str(address).startswith("http://127.0.0.1:") for address in addresses)
    assert b"later" not in body


async def test_capabilities_of_an_unknown_dataset_are_refused(sea):
    answer = await sea.get("/wms/nope", params={"service": "WMS", "request": "GetCapabilities"})
    assert answer.status == 404
    assert 'code="LayerNotDefined"' in await answer.text()


async def test_a_host_that_is_no_host_is_not_repeated(sea):
    query = {"service": "WMS", "request": "GetCapabilities"}
    answer = await sea.get("/wms", params=query, headers={"Host": "evil<script>"})
    assert "evil" not in await answer.text()


@pytest.mark.parametrize(
    "request_of",
    [
        MAP,
        INFO,
        {"service": "WMS", "request": "GetCapabilities"},
        {"request": "GetMetadata", "item": "layerDetails", "layerName": "sea/thetao"},
        {"request": "GetLegendGraphic", "layer": "sea/thetao", "colorbaronly": "true"},
    ],
)
async def test_a_client_that_has_the_answer_is_told_so(sea, request_of):
    first = await sea.get("/wms", params=request_of)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    again = await sea.get("/wms", params=request_of, headers={"If-None-Match": tag})
    assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)


async def test_a_304_is_answered_without_reading_a_chunk(sea_config, aiohttp_client):
    client = await aiohttp_client(make_app(sea_config))
    tag = (await client.get("/wms", params=MAP)).headers["ETag"]
    before = await (await client.get("/metrics")).text()
    assert (await client.get("/wms", params=MAP, headers={"If-None-Match": tag})).status == 304
    after = await (await client.get("/metrics")).text()
    counts = [line for line in before.splitlines() if line.startswith("halocline_chunk_")]
    assert counts == [line for line in after.splitlines() if line.startswith("halocline_chunk_")]
    assert any("misses_total" in line for line in counts)


@pytest.mark.parametrize(
    "change",
    [
        {"TIME": "2015-03-01T12:00:00Z"},
        {"ELEVATION": "-100"},
        {"STYLES": "default-scalar/haline"},
        {"COLORSCALERANGE": "0,10"},
        {"NUMCOLORBANDS": "5"},
        {"BBOX": "-180,-90,180,80"},
        {"WIDTH": "91"},
        {"FORMAT": "image/jpeg"},
        {"TRANSPARENT": "FALSE"},
    ],
)
async def test_whatever_changes_the_picture_changes_its_tag(sea, change):
    plain, changed = [await sea.get("/wms", params=asked) for asked in (MAP, MAP | change)]
    assert plain.headers["ETag"] != changed.headers["ETag"]
    assert await plain.read() != await changed.read()


@pytest.mark.parametrize(
    ("written", "mode"), [("image/png", "P"), ("image/png; mode=32bit", "RGBA"), ("image/jpeg", "RGB")]
)
async def test_pictures_are_what_they_say_and_agree_with_each_other(sea, written, mode):
    answer = await sea.get("/wms", params=MAP | {"FORMAT": written})
    picture = Image.open(io.BytesIO(await answer.read()))
    assert (picture.mode, picture.size, answer.content_type) == (mode, (90, 45), written.partition(";")[0])
    plain = Image.open(io.BytesIO(await (await sea.get("/wms", params=MAP)).read())).convert("RGBA")
    land = np.asarray(plain)[..., 3] == 0
    pixels, expected = np.asarray(picture.convert("RGBA")).astype(int), np.asarray(plain).astype(int)
    if written == "image/jpeg":
        assert pixels[land][:, :3].min() > 180
        assert np.abs(pixels[~land] - expected[~land]).mean() < 12
    else:
        assert (pixels[~land] == expected[~land]).all()
        assert (pixels[land][:, 3] == 0).all()


async def test_an_opaque_map_has_its_background_where_there_is_nothing(sea):
    asked = MAP | {"TRANSPARENT": "FALSE", "BGCOLOR": "0x102030"}
    for written in ("image/png", "image/png; mode=32bit"):
        answer = await sea.get("/wms", params=asked | {"FORMAT": written})
        pixels = np.asarray(Image.open(io.BytesIO(await answer.read())).convert("RGBA")).reshape(-1, 4)
        assert (pixels[:, 3] == 255).all()
        assert (pixels == (0x10, 0x20, 0x30, 255)).all(axis=1).any()


async def test_the_left_layer_lies_under_the_right_one(sea):
    asked = MAP | {"LAYERS": "sea/thetao,sea/thetao", "STYLES": "default-scalar/haline,default-scalar/thermal"}
    upper = MAP | {"STYLES": "default-scalar/thermal", "FORMAT": "image/png; mode=32bit"}
    both, alone = [await (await sea.get("/wms", params=query)).read() for query in (asked, upper)]
    pixels = [np.asarray(Image.open(io.BytesIO(body)).convert("RGBA")) for body in (both, alone)]
    assert (pixels[0] == pixels[1]).all()


@pytest.mark.parametrize("written", ["text/plain", "text/xml", "application/json"])
async def test_the_value_under_a_pixel_is_that_of_the_file(sea, sea_store, written):
    answer = await sea.get("/wms", params=INFO | {"INFO_FORMAT": written, "TIME": "2015-03-03T12:00:00Z"})
    with netCDF4.Dataset(sea_store / "sea.nc") as file:
        # Pixel (50, 10) has its centre at 22 E, 48 N, which is the centre of a cell.
        row = int(np.flatnonzero(file["lat"][:] == 48)[0])
        column = int(np.flatnonzero(file["lon"][:] == 22)[0])
        expected = round(float(file["thetao"][2, 0, row, column]), 9)
    assert answer.content_type == written
    assert f"{expected:.6g}" in await answer.text()


async def test_missing_is_said_as_such(sea, sea_store):
    with netCDF4.Dataset(sea_store / "sea.nc") as file:
        row, column = np.argwhere(np.ma.getmaskarray(file["thetao"][0, 0]))[5]
        latitude, longitude = float(file["lat"][row]), float(file["lon"][column])
    longitude = (longitude + 180) % 360 - 180
    asked = INFO | {"BBOX": f"{longitude - 1},{latitude - 1},{longitude + 1},{latitude + 1}", "I": "45", "J": "22"}
    told = await (await sea.get("/wms", params=asked | {"INFO_FORMAT": "application/json"})).json()
    assert told["features"][0]["properties"]["value"] is None
    assert "no data" in await (await sea.get("/wms", params=asked | {"INFO_FORMAT": "text/plain"})).text()


async def test_the_legend_has_the_size_that_capabilities_promise(sea):
    body = await (await sea.get("/wms", params={"service": "WMS", "request": "GetCapabilities"})).read()
    (url, *_) = ET.fromstring(body).iter("{http://www.opengis.net/wms}LegendURL")
    resource = url.find("{http://www.opengis.net/wms}OnlineResource")
    assert resource is not None
    address = str(resource.get("{http://www.w3.org/1999/xlink}href"))
    answer = await sea.get(address[address.index("/wms") :])
    picture = Image.open(io.BytesIO(await answer.read()))
    assert picture.size == (int(url.attrib["width"]), int(url.attrib["height"]))
    assert len(np.unique(np.asarray(picture.convert("RGBA")).reshape(-1, 4), axis=0)) > 50


async def test_a_bar_of_colours_needs_no_layer(sea):
    query = {"request": "GetLegendGraphic", "colorbaronly": "true", "palette": "thermal", "width": "7", "height": "250"}
    picture = Image.open(io.BytesIO(await (await sea.get("/wms", params=query)).read()))
    own = Image.open(io.BytesIO(await (await sea.get("/wms", params=query | {"layer": "sea/thetao"})).read()))
    assert picture.size == (7, 250)
    assert (np.asarray(picture.convert("RGBA")) == np.asarray(own.convert("RGBA"))).all()


async def test_layer_details_name_the_time_nearest_to_the_one_asked_for(sea):
    query = {"request": "GetMetadata", "item": "layerDetails", "layerName": "sea/thetao"}
    times = ["2015-03-02T20:00:00Z", "1900", "2100", "current"]
    told = [await (await sea.get("/wms", params=query | {"time": time})).json() for time in times]
    days = [details["nearestTimeIso"][8:10] for details in told]
    assert days == ["02", "01", "03", "03"]
    assert (await sea.get("/wms", params=query | {"time": "soon"})).status == 400


async def test_layer_details_say_what_a_client_needs_for_its_controls(sea):
    query = {"request": "GetMetadata", "item": "layerDetails", "layerName": "sea/thetao"}
    told = await (await sea.get("/wms", params=query)).json()
    assert (told["units"], told["defaultPalette"], told["logScaling"]) == ("degrees_C", "thermal", False)
    assert told["zaxis"]["values"] == [-0.5, -100.0]
    assert told["datesWithData"] == {"2015": {"2": [1, 2, 3]}}
    assert told["scaleRange"][0] < told["scaleRange"][1]


async def test_head_answers_like_get_without_a_body(sea):
    answer = await sea.head("/wms", params=MAP)
    assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", b"")
