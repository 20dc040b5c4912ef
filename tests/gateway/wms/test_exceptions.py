"""How a client is refused: as a document or in a picture."""

import io
import re
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.problem import Problem
from gateway.app import make_app
from gateway.config.file import parse
from gateway.wms.report import NEVER_DRAWN, REFUSAL, drawn
from gateway.wms.request.exceptions import refused_picture
from gateway.wms.request.limits import MapLimits

LIMITS = MapLimits(max_width=400, max_height=300, max_pixels=90_000, max_layers=3)
BAD = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "sea/nope",
    "STYLES": "",
    "CRS": "CRS:84",
    "BBOX": "-180,-90,180,90",
    "WIDTH": "200",
    "HEIGHT": "100",
    "FORMAT": "image/png",
}
IN_IMAGE = ["INIMAGE", "inimage", "application/vnd.ogc.se_inimage", "application/vnd.ogc.SE_inimage"]
BLANK = ["BLANK", "Blank", "application/vnd.ogc.se_blank"]


async def picture_of(answer):
    return Image.open(io.BytesIO(await answer.read()))


@pytest.mark.parametrize("version", ["1.3.0", "1.1.1"])
@pytest.mark.parametrize(("spellings", "blank"), [(IN_IMAGE, False), (BLANK, True)])
async def test_a_refusal_is_a_picture_of_the_size_and_format_asked_for(sea, version, spellings, blank):
    for spelling in spellings:
        asked = BAD | {"VERSION": version, "SRS": "EPSG:4326", "EXCEPTIONS": spelling, "BGCOLOR": "0x102030"}
        answer = await sea.get("/wms", params=asked)
        assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (200, "image/png", "no-store")
        assert "ETag" not in answer.headers
        assert answer.headers[REFUSAL].startswith('unknown_layer;parameter="LAYERS";message="')
        assert "sea/nope" in answer.headers[REFUSAL]
        picture = await picture_of(answer)
        assert picture.size == (200, 100)
        pixels = np.asarray(picture.convert("RGBA"))
        assert tuple(pixels[0, 0]) == (0x10, 0x20, 0x30, 255)
        assert (len(np.unique(pixels.reshape(-1, 4), axis=0)) == 1) is blank


async def test_a_refusal_is_in_the_format_of_the_map(sea):
    for written, kind in (("image/jpeg", "JPEG"), ("image/webp", "WEBP"), ("image/gif", "GIF")):
        answer = await sea.get("/wms", params=BAD | {"EXCEPTIONS": "INIMAGE", "FORMAT": written})
        picture = await picture_of(answer)
        assert (answer.content_type, picture.format, picture.size) == (written, kind, (200, 100))


async def test_any_other_word_means_a_document(sea):
    for spelling in ("XML", "application/vnd.ogc.se_xml", "nonsense", "", "INIMAGE,BLANK", "text/xml"):
        answer = await sea.get("/wms", params=BAD | {"EXCEPTIONS": spelling})
        assert (answer.status, answer.content_type) == (404, "text/xml")
        assert REFUSAL not in answer.headers


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"LAYERS": ""}, "missing_parameter"),
        ({"BBOX": "10,10,0,20"}, "invalid_value"),
        ({"CRS": "EPSG:1"}, "unknown_crs"),
        ({"TIME": "2099-01-01T00:00:00Z"}, "invalid_dimension"),
        ({"STYLES": "nope"}, "unknown_style"),
        ({"FORMAT": "image/bmp"}, "unknown_format"),
        ({"WIDTH": "99999"}, "too_large"),
        ({"WIDTH": "\u0662\r\nX: y"}, "invalid_value"),
        ({"BGCOLOR": "mud"}, "invalid_value"),
        ({"SERVICE": "WFS"}, "invalid_value"),
    ],
)
async def test_whatever_is_wrong_with_a_map_can_be_shown(sea, change, kind):
    answer = await sea.get("/wms", params=BAD | {"LAYERS": "sea/thetao", "EXCEPTIONS": "INIMAGE"} | change)
    assert (answer.status, answer.content_type) == (200, "image/png")
    assert re.fullmatch(rf'{kind};(parameter="[ -~]*";)?message="[ -~]+"', answer.headers[REFUSAL])
    assert (await picture_of(answer)).size == (256 if "WIDTH" in change else 200, 100)


@pytest.mark.parametrize("change", [{"REQUEST": "GetFeatureInfo"}, {"REQUEST": "GetCapabilities"}, {"REQUEST": ""}])
async def test_what_is_no_picture_is_refused_in_a_document(sea, change):
    answer = await sea.get("/wms/nope", params=BAD | {"EXCEPTIONS": "INIMAGE"} | change)
    assert answer.status >= 400
    assert answer.content_type == "text/xml"


async def test_a_legend_is_refused_in_a_picture_too(sea):
    asked = {"request": "GetLegendGraphic", "layer": "sea/nope", "exceptions": "INIMAGE", "transparent": "true"}
    answer = await sea.get("/wms", params=asked)
    assert (answer.status, answer.content_type) == (200, "image/png")
    assert (np.asarray((await picture_of(answer)).convert("RGBA"))[..., 3] == 0).any()


async def test_a_good_request_is_answered_whatever_exceptions_says(sea):
    answers = [
        await (await sea.get("/wms", params=BAD | {"LAYERS": "sea/thetao", "EXCEPTIONS": how})).read()
        for how in ("XML", "INIMAGE", "BLANK")
    ]
    assert answers[0] == answers[1] == answers[2]


async def test_what_is_no_map_at_all_keeps_its_status(sea):
    asked = BAD | {"EXCEPTIONS": "BLANK"}
    assert (await sea.get("/wms/a/b/c", params=asked)).status == 404
    assert (await sea.put("/wms", params=asked)).status == 405
    passing = {"too_many_requests", "busy"}
    assert {"unknown_path", "wrong_method", "wrong_body", "invalid_token", "unauthenticated"} | passing == NEVER_DRAWN


@pytest.mark.parametrize(("how", "kind"), [("BLANK", "text/xml"), ("INIMAGE", "image/png"), ("XML", "text/xml")])
async def test_a_fault_of_the_store_is_never_an_empty_picture(sea_store, tmp_path, aiohttp_client, how, kind):
    shutil.copytree(sea_store / "store", tmp_path / "store")
    config = {"store": "store", "datasets": [{"id": "sea", "source": "sea.nc"}]}
    client = await aiohttp_client(make_app(parse(config, name="test", folder=tmp_path)))
    asked = BAD | {"LAYERS": "sea/thetao", "EXCEPTIONS": how}
    assert (
        await client.get("/wms", params=asked | {"REQUEST": "GetLegendGraphic", "LAYER": "sea/thetao"})
    ).status == 200
    chunks = sorted((tmp_path / "store").rglob("chunks/*"))
    assert chunks
    for chunk in chunks:
        chunk.unlink()
    answer = await client.get("/wms", params=asked)
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (503, kind, "no-store")
    if how == "INIMAGE":
        assert len(np.unique(np.asarray((await picture_of(answer)).convert("RGB")).reshape(-1, 3), axis=0)) > 5


def read(**change):
    return refused_picture(
        {"REQUEST": "GetMap", "EXCEPTIONS": "INIMAGE", "WIDTH": "200", "HEIGHT": "100"} | change, LIMITS
    )


@pytest.mark.parametrize(
    ("change", "size"),
    [
        ({}, (200, 100)),
        ({"WIDTH": ""}, (256, 100)),
        ({"WIDTH": "0", "HEIGHT": "-3"}, (256, 256)),
        ({"WIDTH": "401"}, (256, 100)),
        ({"WIDTH": "400", "HEIGHT": "300"}, (256, 256)),
        ({"WIDTH": "9" * 5000}, (256, 100)),
        ({"WIDTH": "1e2"}, (256, 100)),
    ],
)
def test_the_size_is_that_asked_for_where_it_can_be(change, size):
    found = read(**change)
    assert (found.width, found.height) == size


def test_limits_below_the_usual_size_hold_as_well():
    limits = MapLimits(max_width=40, max_height=300, max_pixels=2500, max_layers=1)
    found = refused_picture({"REQUEST": "GetMap", "EXCEPTIONS": "BLANK", "HEIGHT": "200"}, limits)
    assert (found.width, found.height) == (40, 40)


@pytest.mark.parametrize(
    ("change", "background"),
    [
        ({}, (255, 255, 255, 255)),
        ({"TRANSPARENT": "TRUE"}, (255, 255, 255, 0)),
        ({"TRANSPARENT": "perhaps"}, (255, 255, 255, 255)),
        ({"BGCOLOR": "0x102030"}, (16, 32, 48, 255)),
        ({"BGCOLOR": "0x102030", "TRANSPARENT": "true"}, (16, 32, 48, 0)),
        ({"BGCOLOR": "transparent"}, (0, 0, 0, 255)),
        ({"BGCOLOR": "mud"}, (255, 255, 255, 255)),
        ({"FORMAT": "image/jpeg", "TRANSPARENT": "true"}, (255, 255, 255, 255)),
    ],
)
def test_the_ground_is_that_asked_for_where_it_can_be(change, background):
    assert read(**change).background == background


@given(st.dictionaries(st.sampled_from(["WIDTH", "HEIGHT", "FORMAT", "BGCOLOR", "TRANSPARENT"]), st.text(max_size=20)))
def test_reading_how_to_refuse_never_refuses(change):
    found = read(**change)
    assert 1 <= found.width <= 400
    assert 1 <= found.height <= 300
    assert found.width * found.height <= 90_000


@given(st.text(max_size=700))
def test_the_header_holds_any_message(message):
    said = drawn(read(EXCEPTIONS="BLANK"), Problem("busy", message, parameter="TIME")).headers[REFUSAL]
    assert re.fullmatch(r'busy;parameter="TIME"(;message="([ !#-\[\]-~]|\\["\\])+")?', said)
