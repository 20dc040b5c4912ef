"""Pages of other origins, as browsers ask for them."""

import pytest

from gateway.app import make_app
from gateway.config.file import ConfigError, parse
from gateway.wms.dimension_headers import TOLD
from gateway.wms.report import REFUSAL

HERE = {"Origin": "https://portal.example.org"}
ASKING = HERE | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def unit(sea_store, aiohttp_client):
    """Return what starts a unit with a list of origins."""

    async def start(origins):
        given = {"unit": {"cors": origins}, "store": "store", "datasets": [{"id": "sea", "source": "sea.nc"}]}
        return await aiohttp_client(make_app(parse(given, name="test", folder=sea_store)))

    return start


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/viewer/main.js", 200),
        ("/health", 200),
        ("/wms?request=GetCapabilities&service=WMS", 200),
        ("/wms?request=GetMap", 400),
        ("/wms/nope?request=GetCapabilities&service=WMS", 404),
        ("/nothing", 404),
    ],
)
async def test_every_answer_may_be_read_by_any_page_refusals_too(sea, path, status):
    answer = await sea.get(path, headers=HERE)
    assert (answer.status, answer.headers[ALLOWED]) == (status, "*")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" not in answer.headers.get("Vary", "")


async def test_a_304_may_be_read_too(sea):
    path = "/wms?request=GetCapabilities&service=WMS"
    tag = (await sea.get(path)).headers["ETag"]
    assert (await sea.get(path, headers={"If-None-Match": tag})).headers[ALLOWED] == "*"


async def test_what_is_told_in_headers_is_exposed(sea):
    exposed = (await sea.get("/", headers=HERE)).headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Content-Length", "Retry-After", REFUSAL, *TOLD} <= set(exposed)


@pytest.mark.parametrize("path", ["/wms", "/wms/sea", "/thredds/wms/sea", "/viewer/main.js", "/health", "/"])
async def test_a_browser_that_asks_first_is_told_what_it_may(sea, path):
    answer = await sea.options(path, headers=ASKING)
    told = answer.headers
    assert (answer.status, await answer.read(), told[ALLOWED]) == (204, b"", "*")
    asked = {name.strip().lower() for name in told["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "if-none-match", "range"} <= asked
    assert {"GET", "HEAD", "POST"} <= set(told["Access-Control-Allow-Methods"].split(", "))
    assert int(told["Access-Control-Max-Age"]) > 0
    assert "GET" in told["Allow"]


async def test_options_without_an_origin_says_which_methods_there_are(sea):
    answer = await sea.options("/wms")
    assert (answer.status, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert "Access-Control-Allow-Methods" not in answer.headers


async def test_options_of_nothing_is_refused(sea):
    assert (await sea.options("/nothing", headers=ASKING)).status == 404


async def test_a_unit_may_name_the_origins_that_it_answers(unit):
    client = await unit(["https://portal.example.org", "http://localhost:3000"])
    for asked in (client.get, client.options):
        answer = await asked("/wms", headers=ASKING)
        assert answer.headers[ALLOWED] == HERE["Origin"]
        assert "Origin" in answer.headers["Vary"]
        for other in ({}, {"Origin": "https://evil.example"}, {"Origin": "https://portal.example.org.evil.example"}):
            refused = await asked("/wms", headers=ASKING | other if other else None)
            assert ALLOWED not in refused.headers
            assert "Access-Control-Allow-Methods" not in refused.headers
            assert "Origin" in refused.headers["Vary"]


async def test_a_unit_may_answer_no_page_but_its_own(unit):
    client = await unit([])
    answer = await client.get("/wms", headers=HERE)
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("wrong", ["portal.example.org", "https://a.example/path", "https://a.example/", "null", "**"])
def test_what_is_no_origin_is_refused_by_the_configuration(tmp_path, wrong):
    with pytest.raises(ConfigError, match=r"unit\.cors.*no origin"):
        parse({"unit": {"cors": [wrong]}}, name="test", folder=tmp_path)
