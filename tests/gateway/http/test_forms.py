"""Parameters in the body of a POST, and bodies that are none."""

import io

import pytest
from yarl import URL

from tests.gateway.forms import FORM, MAP

WRITTEN = "&".join(f"{name}={value}" for name, value in MAP.items())


async def test_a_posted_form_is_answered_like_the_address(sea):
    asked, posted = await sea.get("/wms", params=MAP), await sea.post("/wms", data=MAP)
    assert (posted.status, posted.content_type) == (200, "image/png")
    assert await asked.read() == await posted.read()


async def test_the_form_and_the_address_may_share_the_parameters_and_the_form_comes_first(sea):
    rest = {name: value for name, value in MAP.items() if name not in ("LAYERS", "CRS")}
    query = {"LAYERS": "sea/thetao", "CRS": "CRS:84", "WIDTH": "99999"}
    assert (await sea.post("/wms", params=query, data=rest)).status == 200
    assert (await sea.post("/wms", params=MAP)).status == 200


@pytest.mark.parametrize(
    ("content_type", "body", "status", "says"),
    [
        ("text/xml", b"<GetMap/>", 415, FORM),
        ("application/json", b'{"LAYERS": "sea/thetao"}', 415, FORM),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--", 415, FORM),
        ("application/octet-stream", b"LAYERS=sea", 415, FORM),
        ("<script>", b"LAYERS=sea", 415, FORM),
        (f"{FORM}; charset=base64", b"TEFZRVJT", 415, "utf-8"),
        (f"{FORM}; charset=utf-16", b"\xff\xfea", 415, "utf-8"),
        (f"{FORM}; charset=nope", b"a=b", 415, "utf-8"),
        (FORM, b"LAYERS=\xff\xfe", 400, "utf-8"),
        (FORM, b"LAYERS=%ff%fe", 400, "utf-8"),
        (FORM, b"a=1&" * 2000, 400, "1000"),
        (FORM, b"LAYERS=%zz%&=&&==", 400, "REQUEST"),
        (FORM, b"\x00\x01\x02", 400, "REQUEST"),
        (FORM, b"a" * 1_000_001, 400, "REQUEST"),
        (FORM, b"a" * 1_048_577, 413, "1048576"),
        (FORM, b"", 400, "REQUEST"),
    ],
)
async def test_a_body_that_is_no_form_is_refused_in_words_of_wms(sea, content_type, body, status, says):
    answer = await sea.post("/wms", data=io.BytesIO(body), headers={"Content-Type": content_type})
    text = await answer.text()
    assert (answer.status, answer.content_type) == (status, "text/xml")
    assert "ServiceException" in text
    assert says in text


async def test_a_body_of_unknown_length_is_bounded_too(sea):
    async def endless():
        for _ in range(40):
            yield b"a" * 65536

    answer = await sea.post("/wms", data=endless(), headers={"Content-Type": FORM})
    assert (answer.status, answer.content_type) == (413, "text/xml")
    assert "1048576" in await answer.text()


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "iso-8859-1", "windows-1252", "us-ascii"])
async def test_a_form_may_say_in_which_of_the_usual_charsets_it_is(sea, charset):
    headers = {"Content-Type": f"{FORM}; charset={charset}"}
    assert (await sea.post("/wms", data=WRITTEN.encode(), headers=headers)).status == 200


@pytest.mark.parametrize(
    "query", ["LAYERS=%ff", "LAYERS=%zz&%", "%ed%a0%80=1", "REQUEST=%00", "=&=&&", "REQUEST=GetMap%ff"]
)
async def test_an_address_that_is_not_well_escaped_is_refused_and_no_fault(sea, query):
    for path in ("/wms", "/wms/%ff", "/wms/%c3"):
        answer = await sea.get(URL(f"{path}?{query}", encoded=True))
        assert answer.status in (400, 404)
        assert "ServiceException" in await answer.text()


async def test_a_body_whose_type_is_not_told_is_taken_for_a_form(sea):
    answer = await sea.post("/wms", data=WRITTEN.encode(), skip_auto_headers=["Content-Type"])
    assert "Content-Type" not in answer.request_info.headers
    assert (answer.status, answer.content_type) == (200, "image/png")
