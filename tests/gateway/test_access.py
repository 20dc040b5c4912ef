"""Rules, seen from outside: what is asked of whom, what may be kept by whom, how much at once."""

import asyncio
import io
import logging
import os

import numpy as np
import pytest
from aiohttp import web
from lxml import etree
from PIL import Image

from auth.caller import ANONYMOUS
from gateway.config.file import ConfigError, load, parse
from gateway.keys import UNIT
from gateway.rulebook import policy_of
from tests.gateway.somebody import MAJOR, MINOR, unit_for

CAPABILITIES = "/wms?service=WMS&request=GetCapabilities"
MAP = (
    "/wms?service=WMS&version=1.3.0&request=GetMap&layers=sea/thetao&styles=&crs=CRS:84"
    "&bbox=-180,-90,180,90&width=64&height=32&format=image/png"
)
UNKNOWN = MAP.replace("sea/", "nope/")
PUBLIC = {"discover": ["public"], "view": ["public"], "download": ["public"]}
VIEW = {"discover": ["public"], "view": ["major"]}
HIDDEN = {"discover": ["major"]}


@pytest.fixture
def unit(sea_store, aiohttp_client):
    """Return what makes a client of a unit of the small sea with some rules, and what says who calls."""

    async def made(own=None, **given):
        raw = {"unit": {"public_url": "http://unit/"}, "store": "store", "datasets": [{"id": "sea", "source": "x"}]}
        if own is not None:
            raw["datasets"][0]["access"] = own
        app, who = unit_for(parse(raw | given, name="test", folder=sea_store))
        return await aiohttp_client(app), who

    return made


async def test_without_rules_everything_is_public_and_what_is_unknown_is_absent(unit):
    client, _ = await unit()
    answer = await client.get(MAP)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert "Authorization" not in answer.headers.get("Vary", "")
    assert (await client.get(UNKNOWN)).status == 404


async def test_what_is_hidden_and_what_is_unknown_ask_an_anonymous_caller_who_they_are(unit):
    client, who = await unit(HIDDEN | {"view": ["major"]})
    for address in (MAP, UNKNOWN, "/wms/sea?service=WMS&request=GetCapabilities", "/wms/nope?request=GetCapabilities"):
        answer = await client.get(address)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="unit"')
        assert answer.headers["Cache-Control"] == "no-store"
        assert etree.fromstring(await answer.read()).tag.endswith("ServiceExceptionReport")
    who.found = MINOR
    for address in (MAP, UNKNOWN):
        answer = await client.get(address)
        assert (answer.status, "WWW-Authenticate" in answer.headers) == (404, False)
    who.found = MAJOR
    assert [(await client.get(address)).status for address in (MAP, UNKNOWN)] == [200, 404]


async def test_what_may_be_discovered_and_not_viewed_says_what_is_missing(unit):
    client, who = await unit(VIEW)
    for who.found in (ANONYMOUS, MINOR, MAJOR):
        assert "sea/thetao" in await (await client.get(CAPABILITIES)).text()
    who.found = ANONYMOUS
    answer = await client.get(MAP)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="unit"')
    who.found = MINOR
    answer = await client.get(MAP)
    assert (answer.status, "the profile major" in await answer.text()) == (403, True)
    who.found = MAJOR
    assert (await client.get(MAP)).status == 200


async def test_a_challenge_is_never_a_picture_and_a_refusal_in_one_shows_nothing_of_the_data(unit):
    client, who = await unit(VIEW)
    assert (await client.get(f"{MAP}&exceptions=INIMAGE")).status == 401
    who.found = MINOR
    answer = await client.get(f"{MAP}&exceptions=BLANK&transparent=true")
    assert (answer.status, answer.headers["Halocline-Refusal"].split(";")[0]) == (200, "forbidden")
    assert answer.headers["Cache-Control"] == "no-store"
    picture = Image.open(io.BytesIO(await answer.read())).convert("RGBA")
    assert np.asarray(picture)[..., 3].max() == 0


async def test_what_is_for_some_is_kept_by_no_cache_for_others(unit):
    client, who = await unit({"view": ["major"]}, access=[{"datasets": "*", "discover": ["public"]}])
    who.found = MAJOR
    details = await (await client.get("/wms?request=GetMetadata&item=layerDetails&layername=sea/thetao")).json()
    for address, kept in (
        (MAP, "private, no-cache"),
        (f"{MAP}&revision={details['revision']}", "private, max-age=31536000, immutable"),
    ):
        answer = await client.get(f"{address}&time=2015-03-01T12:00:00Z")
        assert (answer.status, answer.headers["Cache-Control"]) == (200, kept)
        assert "Authorization" in answer.headers["Vary"]
        again = await client.get(
            f"{address}&time=2015-03-01T12:00:00Z", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert (again.status, again.headers["Cache-Control"]) == (304, kept)
        assert "Authorization" in again.headers["Vary"]
        who.found = MINOR
        stale = await client.get(f"{address}&time=2015-03-01T12:00:00Z", headers={"If-None-Match": "*"})
        assert stale.status == 403
        who.found = MAJOR
    answer = await client.get(CAPABILITIES)
    assert (answer.headers["Cache-Control"], "Authorization" in answer.headers["Vary"]) == ("private, no-cache", True)


async def test_a_public_map_is_shared_beside_restricted_data(unit):
    client, who = await unit(PUBLIC, access=[{"datasets": "other", "view": ["major"]}])
    who.found = MAJOR
    answer = await client.get(MAP)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert (await client.get(CAPABILITIES)).headers["Cache-Control"] == "private, no-cache"


async def test_readiness_tells_of_what_the_caller_may_discover_alone(sea_store, aiohttp_client):
    raw = {
        "store": "store",
        "datasets": [
            {"id": "sea", "source": "x", "access": {"discover": ["major"]}},
            {"id": "far", "source": "http://127.0.0.1:9/far.zarr", "access": PUBLIC},
        ],
    }
    app, who = unit_for(parse(raw, name="test", folder=sea_store))
    client = await aiohttp_client(app)
    assert (await client.get("/health/ready")).status == 503
    who.found = MAJOR
    assert (await client.get("/health/ready")).status == 200


async def test_pixels_are_limited_by_the_most_generous_profile_and_by_the_unit(unit):
    client, who = await unit(profiles={"public": {"pixels": 100}, "major": {"pixels": 10**9}}, limits={"pixels": 5000})
    refused = await client.get(MAP)
    assert (refused.status, "100" in await refused.text()) == (413, True)
    who.found = MAJOR
    assert (await client.get(MAP)).status == 200
    assert (await client.get(MAP.replace("width=64", "width=640"))).status == 413


async def test_more_requests_at_once_than_a_profile_may_have_are_told_to_come_back(unit, monkeypatch):
    client, who = await unit(profiles={"public": {"requests": 2}, "minor": {"requests": 3}})
    assert (await client.get(MAP)).status == 200
    # What is asked for first waits, as a slow disk would have it.
    held, original = asyncio.Event(), type(client.app[UNIT].served["sea"]).open

    async def slow(served):
        await held.wait()
        return await original(served)

    monkeypatch.setattr("gateway.unit.Served.open", slow)
    under_way = client.app[UNIT].under_way
    for caller, most in ((ANONYMOUS, 2), (MINOR, 3)):
        who.found = caller
        held.clear()
        asked = [asyncio.create_task(client.get(MAP)) for _ in range(most)]
        for _ in range(400):
            if sum(under_way._counts.values()) == most:
                break
            await asyncio.sleep(0.005)
        try:
            refused = await asyncio.wait_for(client.get(MAP), 5)
        finally:
            held.set()
        assert (refused.status, refused.headers["Retry-After"], refused.content_type) == (429, "1", "text/xml")
        assert {(await one).status for one in asked} == {200}
    assert len(under_way) == 0


async def test_who_goes_away_gives_their_place_back(unit, monkeypatch):
    client, _ = await unit(profiles={"public": {"requests": 1}})

    async def broken(*_):
        raise OSError("the disk is gone")

    with monkeypatch.context() as change:
        change.setattr("gateway.unit.Served.open", broken)
        assert (await client.get(MAP)).status == 503
    assert len(client.app[UNIT].under_way) == 0
    assert (await client.get(MAP)).status == 200


RULES = """
unit: {{public_url: "http://unit/"}}
store: {store}
access:
  - datasets: "*"
    view: [{who}]
datasets: [{{id: sea, source: x}}]
"""


def write(path, text):
    """Write a file whose time of modification differs from before."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    if path.stat().st_mtime_ns // 10**6 == before // 10**6:
        os.utime(path, ns=(before + 10**7, before + 10**7))


@pytest.fixture
async def reloading(sea_store, tmp_path, aiohttp_client):
    """Return a client of a unit with rules in a file, who calls, and the file."""
    file = tmp_path / "unit.yaml"
    write(file, RULES.format(store=sea_store / "store", who="public"))
    app, who = unit_for(load(file))
    return await aiohttp_client(app), who, file


async def until(client, status):
    for _ in range(200):
        found = (await client.get(MAP)).status
        if found == status:
            return found
        await asyncio.sleep(0.05)
    return found


async def test_a_changed_file_is_taken_up_and_the_update_sequence_grows(reloading, sea_store):
    client, _, file = reloading
    before = etree.fromstring(await (await client.get(CAPABILITIES)).read()).get("updateSequence")
    assert (await client.get(MAP)).status == 200
    write(file, RULES.format(store=sea_store / "store", who="major"))
    assert await until(client, 401) == 401
    after = etree.fromstring(await (await client.get(CAPABILITIES)).read()).get("updateSequence")
    assert int(after) >= file.stat().st_mtime_ns // 10**6
    assert int(after) >= int(before)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("access: [", "not YAML"),
        ("access: [{datasets: '*', view: everybody}]", "access.0.view"),
        ("access: [{datasets: '*', look: [public]}]", "access.0.look"),
        ("datasets: [{id: sea, source: x}]", "no rule any more"),
        ("", "no rule any more"),
    ],
)
async def test_a_file_that_cannot_be_used_leaves_the_rules_in_force(reloading, sea_store, caplog, text, says):
    client, _, file = reloading
    write(file, RULES.format(store=sea_store / "store", who="major"))
    rules = client.app[UNIT].rules
    await rules.reload()
    assert (await client.get(MAP)).status == 401
    write(file, text)
    with caplog.at_level(logging.ERROR):
        await rules.reload()
    assert says in caplog.text
    assert (await client.get(MAP)).status == 401


async def test_a_file_that_no_reader_understands_does_not_end_the_following_of_it(reloading, sea_store, caplog):
    client, _, file = reloading
    text = RULES.format(store=sea_store / "store", who="major")
    write(file, f"{text}limits: {{width: 2020-13-45}}")
    for _ in range(200):
        if "cannot be used" in caplog.text:
            break
        await asyncio.sleep(0.02)
    assert "'2020-13-45'" in caplog.text
    write(file, text)
    assert await until(client, 401) == 401


async def test_a_second_list_of_rules_does_not_open_what_the_first_one_closes(reloading, sea_store, caplog):
    client, _, file = reloading
    text = RULES.format(store=sea_store / "store", who="major")
    write(file, text)
    await client.app[UNIT].rules.reload()
    write(file, f"{text}access: [{{datasets: '*', view: [public]}}]\n")
    await client.app[UNIT].rules.reload()
    assert "the key 'access' is there twice" in caplog.text
    assert (await client.get(MAP)).status == 401


async def test_a_file_that_is_gone_leaves_the_rules_in_force(reloading, caplog):
    client, _, file = reloading
    file.unlink()
    await client.app[UNIT].rules.reload()
    assert "the rules in force stay" in caplog.text
    assert (await client.get(MAP)).status == 200


async def test_what_the_file_no_longer_names_is_nobodys(reloading, sea_store):
    client, who, file = reloading
    text = RULES.format(store=sea_store / "store", who="public").replace("id: sea", "id: other")
    write(file, text)
    await client.app[UNIT].rules.reload()
    for caller, status in ((ANONYMOUS, 404), (MAJOR, 404)):
        who.found = caller
        assert (await client.get(MAP)).status == status


async def test_a_process_that_starts_later_takes_the_rules_of_the_file_as_it_is_then(
    sea_store, tmp_path, aiohttp_client
):
    file = tmp_path / "unit.yaml"
    write(file, RULES.format(store=sea_store / "store", who="public"))
    config = load(file)
    write(file, RULES.format(store=sea_store / "store", who="major"))
    app, _ = unit_for(config)
    assert (await (await aiohttp_client(app)).get(MAP)).status == 401
    write(file, "access: [")
    runner = web.AppRunner(unit_for(config)[0])
    with pytest.raises(ConfigError, match="not YAML"):
        await runner.setup()
    await runner.cleanup()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"access": [{"datasets": "*"}]}, "say who may"),
        ({"access": [{"view": ["public"]}]}, "access.0.datasets"),
        ({"access": [{"datasets": "../x", "view": ["public"]}]}, "access.0.datasets"),
        ({"access": [{"datasets": "a[b]", "view": ["public"]}]}, "access.0.datasets"),
        ({"access": [{"datasets": "*", "view": "public"}]}, "access.0.view"),
        ({"access": [{"datasets": "*", "view": [""]}]}, "access.0.view.0"),
        ({"access": [{"datasets": "*", "view": ["a b"]}]}, "access.0.view.0"),
        (
            {"access": [{"datasets": "a*", "view": ["x"]}, {"datasets": "a*", "download": ["x"]}]},
            "'a*' is used more than once",
        ),
        ({"datasets": [{"id": "a", "source": "x", "access": {}}]}, "datasets.0.access"),
        ({"datasets": [{"id": "a", "source": "x", "access": {"read": ["public"]}}]}, "datasets.0.access.read"),
        ({"profiles": {"major": {"pixels": 0}}}, "profiles.major.pixels"),
        ({"profiles": {"major": {"requests": "many"}}}, "profiles.major.requests"),
        ({"profiles": {"a b": {}}}, "profiles.a b"),
    ],
)
def test_rules_that_cannot_be_used_are_named(given, says, tmp_path):
    with pytest.raises(ConfigError) as caught:
        parse(given, name="test", folder=tmp_path)
    assert says in str(caught.value)


def test_rules_are_no_part_of_what_names_answers(tmp_path):
    plain, ruled = (
        parse({"datasets": [{"id": "a", "source": "x"} | more]}, name="test", folder=tmp_path).datasets[0]
        for more in ({}, {"access": {"view": ["major"]}})
    )
    assert repr(plain) == repr(ruled)


def test_all_rules_of_a_configuration_are_compiled(tmp_path):
    raw = {
        "access": [{"datasets": "s*", "view": ["public"], "download": ["minor"]}],
        "datasets": [{"id": "sea", "source": "x", "access": {"download": ["major"]}}, {"id": "ice", "source": "x"}],
    }
    policy = policy_of(parse(raw, name="test", folder=tmp_path))
    assert [policy.allows(MAJOR, "sea", action) for action in ("discover", "view", "download")] == [True, True, True]
    assert [policy.allows(MINOR, "sea", action) for action in ("discover", "view", "download")] == [True, True, False]
    assert not policy.allows(MAJOR, "ice", "discover")
