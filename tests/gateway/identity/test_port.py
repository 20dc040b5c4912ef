"""Who calls, as seen from outside: a unit that trusts one issuer, whose tokens another implementation signed."""

import asyncio
import json
import re
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from lxml import etree

from auth.keys import parse_jwks
from auth.tokens import Expected
from core.problem import Problem
from gateway.app import make_app
from gateway.config.file import ConfigError, parse
from gateway.identity.bearer import Bearer
from gateway.identity.issuer_keys import IssuerKeys
from gateway.identity.key_sources import KeyFile
from gateway.keys import CALLER
from gateway.workers import Workers
from tests.issuer import ISSUER, Issuer

HREF = "{http://www.w3.org/1999/xlink}href"
CAPABILITIES = {"service": "WMS", "request": "GetCapabilities"}
MAP = {
    "service": "WMS", "version": "1.3.0", "request": "GetMap", "layers": "sea/thetao", "styles": "",
    "crs": "CRS:84", "bbox": "-10,40,0,50", "width": "32", "height": "32", "format": "image/png",
}  # fmt: skip
ONE = Issuer()


async def who(request):
    caller = request[CALLER]
    return web.json_response({"subject": caller.subject, "profiles": sorted(caller.profiles)})


def make_unit(folder, **more):
    """Return a unit, with one more address that says who calls."""
    datasets = [{"id": "sea", "source": "sea.nc"}]
    config = {"store": "store", "unit": {"id": "demo"}, "datasets": datasets} | more
    app = make_app(parse(config, name="test", folder=folder))
    app.router.add_get("/who", who)
    return app


@pytest.fixture
def jwks(tmp_path):
    path = tmp_path / "keys.json"
    path.write_bytes(ONE.jwks)
    return path


@pytest.fixture
async def unit(sea_store, jwks, aiohttp_client):
    return await aiohttp_client(make_unit(sea_store, auth={"issuer": ISSUER, "jwks": str(jwks)}))


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def subject(client, **how):
    answer = await client.get("/who", **how)
    return (await answer.json())["subject"] if answer.status == 200 else answer.status


# --- the token in the request


async def test_a_caller_without_a_token_is_anonymous(unit):
    assert await (await unit.get("/who")).json() == {"subject": None, "profiles": []}


async def test_a_token_says_who_calls_in_the_header_or_in_the_address(unit):
    token = ONE.token(time.time())
    for how in (
        {"headers": bearer(token)},
        {"headers": {"authorization": f"bearer   {token} "}},
        {"params": {"token": token}},
        {"params": {"TOKEN": token}},
        {"params": {"tOkEn": token, "other": "1"}},
        {"params": {"token": token}, "headers": bearer(token)},
    ):
        for _ in range(2):
            answer = await unit.get("/who", **how)
            assert await answer.json() == {"subject": "someone", "profiles": ["major", "registered"]}, how


async def test_whoever_proves_nothing_is_refused_everywhere_and_never_taken_for_anonymous(unit):
    now = time.time()
    good, bad = ONE.token(now), ONE.token(now, exp=now - 60)
    for how in (
        {"headers": bearer(bad)},
        {"params": {"token": bad}},
        {"params": {"token": ""}},
        {"params": {"token": "é"}},
        {"headers": bearer("")},
        {"headers": {"Authorization": ""}},
        {"headers": {"Authorization": "Basic bWU6c2VjcmV0"}},
        {"headers": {"Authorization": good}},
        {"headers": {"Authorization": f"Basic {good}"}},
        {"headers": bearer(good), "params": {"token": bad}},
        {"headers": bearer(good), "params": {"token": ONE.token(now + 1)}},
        {"params": [("token", good), ("TOKEN", bad)]},
        {"headers": [("Authorization", f"Bearer {good}"), ("Authorization", f"Bearer {bad}")]},
    ):
        for path in ("/who", "/", "/wms", "/health", "/no/such/path"):
            answer = await unit.get(path, **how)
            assert (answer.status, answer.headers["Cache-Control"]) == (401, "no-store"), (path, how)
            assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="demo", error="invalid_token"'), how


async def test_the_challenge_says_what_is_wrong_and_repeats_nothing(unit):
    bad = ONE.token(time.time(), exp=1_700_000_000)
    answer = await unit.get("/wms", params=CAPABILITIES | {"token": bad})
    said = re.fullmatch(
        r'Bearer realm="demo", error="invalid_token", error_description="([ !#-\[\]-~]+)"',
        answer.headers["WWW-Authenticate"],
    )
    assert said[1] == "the token has expired (exp) at 2023-11-14T22:13:20Z"
    assert answer.content_type == "text/xml"
    exception = etree.fromstring(await answer.read())[0]
    assert (exception.text, exception.get("locator")) == (said[1], "token")
    assert bad not in str(answer.headers) + await answer.text()


@pytest.mark.parametrize("exceptions", ["INIMAGE", "BLANK", "XML"])
async def test_a_token_is_never_refused_in_a_picture(unit, exceptions):
    answer = await unit.get("/wms", params=MAP | {"exceptions": exceptions, "token": "a.b.c"})
    assert (answer.status, answer.content_type) == (401, "text/xml")


async def test_a_page_that_asks_whether_it_may_send_a_token_is_answered(unit):
    asks = {"Origin": "https://portal.example.org", "Access-Control-Request-Method": "GET"}
    answer = await unit.options("/wms", params={"token": "expired"}, headers=asks)
    assert answer.status == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    refused = await unit.get("/wms", headers=bearer("x") | asks)
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "WWW-Authenticate" in refused.headers["Access-Control-Expose-Headers"]


async def test_a_token_in_a_form_is_refused_since_it_comes_too_late(unit):
    token = ONE.token(time.time())
    answer = await unit.post("/wms", data=CAPABILITIES | {"Token": token})
    assert answer.status == 401
    assert "form" in answer.headers["WWW-Authenticate"]
    for how in ({"headers": bearer(token)}, {"params": {"token": token}}):
        assert (await unit.post("/wms", data=CAPABILITIES, **how)).status == 200


@pytest.mark.parametrize("version", ["1.3.0", "1.1.1"])
@pytest.mark.parametrize("path", ["/wms", "/wms/sea"])
async def test_capabilities_repeat_the_token_of_the_address_and_no_other(unit, version, path):
    token = ONE.token(time.time())
    asked = CAPABILITIES | {"version": version}
    for how, repeated in (
        ({"params": asked | {"TOKEN": token}}, True),
        ({"params": asked | {"TOKEN": token}, "headers": bearer(token)}, True),
        ({"params": asked, "headers": bearer(token)}, False),
        ({"params": asked}, False),
    ):
        answer = await unit.get(path, **how)
        parser = etree.XMLParser(load_dtd=False, no_network=True)
        addresses = [one.get(HREF) for one in etree.fromstring(await answer.read(), parser).iter("{*}OnlineResource")]
        assert len(addresses) > 3
        assert [f"{path}?token={token}&" in address for address in addresses] == [repeated] * len(addresses)
    legend = next(address for address in addresses if "GetLegendGraphic" in address)
    assert (await unit.get(legend.partition(str(unit.port))[2])).status == 200


@pytest.mark.parametrize(
    ("path", "params"), [("/", {}), ("/wms", CAPABILITIES), ("/wms", MAP), ("/kml/sea/thetao.kml", {"PART": "steps"})]
)
async def test_what_a_token_in_the_address_brings_stays_out_of_shared_caches(unit, path, params):
    shared = await unit.get(path, params=params)
    assert (shared.status, shared.headers["Cache-Control"]) == (200, "no-cache")
    for known, status in (({}, 200), ({"If-None-Match": "*"}, 304)):
        answer = await unit.get(path, params=params | {"Token": ONE.token(time.time())}, headers=known)
        assert (answer.status, answer.headers["Cache-Control"]) == (status, "private, no-cache")


async def test_a_unit_without_an_issuer_looks_at_no_token(sea_store, aiohttp_client):
    client = await aiohttp_client(make_unit(sea_store))
    for how in ({"headers": bearer("x")}, {"params": {"token": "x"}}, {"headers": {"Authorization": "Basic eDp5"}}):
        assert await subject(client, **how) is None
    text = await (await client.get("/wms", params=CAPABILITIES | {"token": "x"})).text()
    assert "token" not in text
    assert (await client.post("/wms", data=CAPABILITIES | {"token": "x"})).status == 200


async def test_no_log_has_a_token(sea_store, jwks, aiohttp_client, tmp_path, caplog):
    log = tmp_path / "access.log"
    config = {"auth": {"issuer": ISSUER, "jwks": str(jwks)}, "unit": {"id": "demo", "access_log": str(log)}}
    app = make_unit(sea_store, **config)

    async def broken(_):
        raise RuntimeError("broken")

    app.router.add_get("/broken", broken)
    client = await aiohttp_client(app)
    good, bad = ONE.token(time.time()), ONE.token(time.time(), aud="other")
    for token in (good, bad):
        for path in ("/wms", "/broken", "/who", "/nothing"):
            await client.get(path, params=CAPABILITIES | {"token": token, "Token": token})
            await client.get(path, headers=bearer(token))
    await client.close()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["status"] for line in lines if line["path"] == "/broken"] == [500, 500, 401, 401]
    assert "broken" in caplog.text
    for text in (log.read_text(), caplog.text):
        for part in (good.split(".")[2], bad.split(".")[2]):
            assert part not in text


async def test_a_unit_that_never_had_the_keys_says_that_it_cannot_tell_and_serves_the_others(
    sea_store, tmp_path, aiohttp_client
):
    path = tmp_path / "later.json"
    client = await aiohttp_client(make_unit(sea_store, auth={"issuer": ISSUER, "jwks": str(path)}))
    token = ONE.token(time.time())
    answer = await client.get("/wms", params=CAPABILITIES, headers=bearer(token))
    assert (answer.status, answer.content_type) == (503, "text/xml")
    assert "WWW-Authenticate" not in answer.headers
    assert int(answer.headers["Retry-After"]) > 0
    assert "cannot be verified now" in await answer.text()
    # What cannot be a token is none whatever the keys are.
    assert await subject(client, headers=bearer("x")) == 401
    assert (await client.get("/wms", params=MAP)).status == 200
    path.write_bytes(ONE.jwks)
    for _ in range(100):
        if await subject(client, headers=bearer(token)) == "someone":
            break
        await asyncio.sleep(0.05)
    assert await subject(client, headers=bearer(token)) == "someone"


async def test_a_token_for_one_unit_opens_no_other(unit, sea_store, jwks, aiohttp_client):
    other = make_unit(sea_store, auth={"issuer": ISSUER, "jwks": str(jwks)}, unit={"id": "elsewhere"})
    other = await aiohttp_client(other)
    token = ONE.token(time.time(), aud=["demo"])
    assert [await subject(client, headers=bearer(token)) for client in (unit, other)] == ["someone", 401]


# --- what is remembered


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
async def told(jwks):
    """Return what tells callers at a time that the test sets, and the keys by which it does."""
    workers, clock = Workers(1), Clock(1_800_000_000.0)
    keys = IssuerKeys(KeyFile(jwks, workers), workers, clock)
    running = keys.background(web.Application())
    await anext(running)
    yield Bearer(Expected(issuer=ISSUER, audience="demo"), keys, clock), keys, clock
    assert await anext(running, None) is None


def request(token):
    return make_mocked_request("GET", "/", headers=bearer(token))


async def test_a_token_that_was_verified_is_looked_up_for_a_minute(told):
    told, keys, clock = told
    token = ONE.token(clock.now)
    caller = await told.caller(request(token))
    # With this key it would not pass; the set of keys is the same as before.
    keys.now["one"] = parse_jwks(Issuer("one").jwks)["one"]
    clock.now += 59.9
    assert await told.caller(request(token)) is caller
    clock.now += 0.2
    with pytest.raises(Problem, match="signature"):
        await told.caller(request(token))


async def test_a_token_that_was_verified_is_not_believed_beyond_its_end(told):
    told, _, clock = told
    token = ONE.token(clock.now, exp=clock.now + 20)
    assert (await told.caller(request(token))).expires == clock.now + 20
    clock.now += 49.5
    assert (await told.caller(request(token))).subject == "someone"
    clock.now += 0.5
    with pytest.raises(Problem, match="expired"):
        await told.caller(request(token))


async def test_a_token_that_was_refused_is_not_remembered_as_believed(told):
    told, _, clock = told
    token = ONE.token(clock.now + 100)
    for _ in range(2):
        with pytest.raises(Problem, match="future"):
            await told.caller(request(token))
    clock.now += 100
    assert (await told.caller(request(token))).subject == "someone"


async def test_what_is_remembered_is_bounded_and_holds_no_token(told):
    told, _, clock = told
    tokens = [ONE.token(clock.now, jti=str(number)) for number in range(3)]
    for token in tokens:
        await told.caller(request(token))
    assert len(told._verified) == 3
    assert told._verified.maxsize == 4096
    assert not any(token in repr(told._verified) for token in tokens)


async def test_a_key_that_was_withdrawn_verifies_nothing_from_then_on(unit, jwks):
    two = Issuer("two")
    tokens = [issuer.token(time.time()) for issuer in (ONE, two)]
    assert [await subject(unit, headers=bearer(token)) for token in tokens] == ["someone", 401]
    jwks.write_bytes(two.jwks)
    for _ in range(100):
        if await subject(unit, headers=bearer(tokens[0])) == 401:
            break
        await asyncio.sleep(0.05)
    assert [await subject(unit, headers=bearer(token)) for token in tokens] == [401, "someone"]


# --- the configuration


@pytest.mark.parametrize(
    ("auth", "says"),
    [
        ({}, "auth.issuer"),
        ({"issuer": ISSUER}, "auth.jwks"),
        ({"issuer": "", "jwks": "k"}, "auth.issuer"),
        ({"issuer": ISSUER, "jwks": ""}, "auth.jwks"),
        ({"issuer": ISSUER, "jwks": "ftp://example.org/k"}, "https://HOST"),
        ({"issuer": ISSUER, "jwks": "https:///k"}, "https://HOST"),
        ({"issuer": ISSUER, "jwks": "http://[::1/k"}, "no address"),
        ({"issuer": ISSUER, "jwks": "k", "secret": "s"}, "auth.secret"),
        ([], "auth"),
    ],
)
def test_an_issuer_that_cannot_be_meant_is_refused(tmp_path, auth, says):
    with pytest.raises(ConfigError) as refused:
        parse({"auth": auth}, name="test", folder=tmp_path)
    assert says in str(refused.value)


def test_paths_of_keys_start_at_the_folder_of_the_configuration(tmp_path):
    auth = parse({"auth": {"issuer": "i", "jwks": "k.json"}}, name="test", folder=tmp_path).auth
    assert (auth.jwks, auth.jwks_copy) == (str(tmp_path / "k.json"), str(tmp_path / "data/issuer-keys.json"))
    address = {"issuer": "i", "jwks": "https://example.org/k", "jwks_copy": "/var/k"}
    auth = parse({"auth": address}, name="test", folder=tmp_path).auth
    assert (auth.jwks, auth.jwks_copy) == ("https://example.org/k", "/var/k")
