"""GetLegendGraphic over HTTP."""

import io

import numpy as np
import pytest
from lxml import etree
from PIL import Image

LEGEND = {"service": "WMS", "version": "1.3.0", "request": "GetLegendGraphic", "layer": "sea/thetao"}


async def got(sea, **change):
    answer = await sea.get("/wms", params=LEGEND | change)
    assert answer.status == 200, await answer.text()
    return answer


async def pixels(sea, **change):
    return np.asarray(Image.open(io.BytesIO(await (await got(sea, **change)).read())).convert("RGBA"))


FORMATS = {
    "image/png": "PNG",
    "image/png; mode=32bit": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}


@pytest.mark.parametrize(
    ("change", "size"),
    [
        ({}, (110, 264)),
        ({"horizontal": "true"}, (396, 60)),
        ({"colorbaronly": "true"}, (110, 264)),
        ({"width": "61", "height": "99"}, (61, 99)),
    ],
)
async def test_a_legend_has_the_same_size_in_every_format(sea, change, size):
    for written, kind in FORMATS.items():
        answer = await got(sea, format=written, **change)
        picture = Image.open(io.BytesIO(await answer.read()))
        assert (answer.content_type, picture.format, picture.size) == (written.partition(";")[0], kind, size)
    answer = await got(sea, format="image/svg+xml", **change)
    tree = etree.fromstring(await answer.read())
    assert (answer.content_type, int(tree.get("width")), int(tree.get("height"))) == ("image/svg+xml", *size)


async def test_a_legend_as_data_agrees_with_the_details_of_the_layer(sea):
    answer = await got(sea, format="application/json", colorscalerange="5,25", numcolorbands="4")
    told = await answer.json()
    assert answer.content_type == "application/json"
    assert (told["title"], told["units"], told["palette"]) == ("Temperature", "degrees_C", "thermal")
    assert [stop["value"] for stop in told["stops"]] == [5.0, 10.0, 15.0, 20.0]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "image/svg+xml"},
        {"showlabel": "false"},
        {"bgcolor": "0x102030"},
        {"fontcolor": "red"},
        {"transparent": "false"},
        {"horizontal": "true"},
        {"height": "300"},
        {"colorscalerange": "0,1"},
        {"style": "default-scalar/haline"},
    ],
)
async def test_whatever_changes_the_legend_changes_its_tag_and_is_known_again(sea, change):
    plain, changed = await got(sea), await got(sea, **change)
    assert plain.headers["ETag"] != changed.headers["ETag"]
    assert await plain.read() != await changed.read()
    again = await sea.get("/wms", params=LEGEND | change, headers={"If-None-Match": changed.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize(
    ("change", "corner"),
    [
        ({}, None),
        ({"transparent": "true"}, None),
        ({"transparent": "false"}, (255, 255, 255, 255)),
        ({"bgcolor": "0x102030"}, (16, 32, 48, 255)),
        ({"bgcolor": "0x102030", "transparent": "true"}, None),
        ({"bgcolor": "transparent"}, None),
        ({"format": "image/jpeg"}, (255, 255, 255, 255)),
    ],
)
async def test_the_ground_is_that_asked_for(sea, change, corner):
    found = (await pixels(sea, **change))[0, 0].tolist()
    if corner is None:
        assert found[3] == 0
    else:
        # JPEG is not exact.
        assert found == pytest.approx(corner, abs=6)


async def test_text_is_light_on_a_dark_ground_unless_its_colour_is_asked_for(sea):
    dark = await pixels(sea, bgcolor="0x000020")
    assert (dark[:60] > 230).all(axis=-1).any()
    red = await pixels(sea, bgcolor="0x000020", fontcolor="0xFF0000")
    assert (red[:60] == (255, 0, 0, 255)).all(axis=-1).any()


async def test_without_its_label_a_legend_keeps_its_numbers(sea):
    tree = etree.fromstring(await (await got(sea, format="image/svg+xml", showlabel="false")).read())
    texts = [text.text for text in tree.iter("{*}text")]
    assert "30" in texts or "20" in texts
    assert not {"Temperature", "°C"} & set(texts)


async def test_what_other_clients_send_along_is_passed_over(sea):
    extra = {
        "SCALE": "1000",
        "SLD_VERSION": "1.1.0",
        "BBOX": "1,2,3,4",
        "CRS": "EPSG:3857",
        "RULE": "x",
        "LEGEND_OPTIONS": "fontSize:9",
        "LANGUAGE": "en",
        "EXCEPTIONS": "XML",
    }
    assert (await pixels(sea, **extra) == await pixels(sea)).all()
    by_layers = LEGEND | {"layers": "sea/thetao", "styles": "default-scalar"}
    del by_layers["layer"]
    assert await (await sea.get("/wms", params=by_layers)).read() == await (await got(sea)).read()


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"format": "image/bmp"}, 400, "image/svg+xml"),
        ({"bgcolor": "mud"}, 400, "BGCOLOR"),
        ({"fontcolor": "mud"}, 400, "FONTCOLOR"),
        ({"showlabel": "perhaps"}, 400, "SHOWLABEL"),
        ({"width": "0"}, 400, "WIDTH"),
        ({"width": "5000"}, 413, "4096"),
        ({"layer": ""}, 400, "LAYER is required"),
        ({"colorscalerange": "3,1"}, 400, "COLORSCALERANGE"),
    ],
)
async def test_a_bad_legend_is_refused(sea, change, status, says):
    answer = await sea.get("/wms", params=LEGEND | change)
    assert (answer.status, answer.content_type) == (status, "text/xml")
    assert says in await answer.text()


@pytest.mark.parametrize("size", ["1", "3", "4096"])
async def test_any_side_up_to_the_limit_can_be_asked_for(sea, size):
    assert (await pixels(sea, width=size, height="20", horizontal="true")).shape == (20, int(size), 4)
