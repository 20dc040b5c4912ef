"""Under the provider's rules: who may download, how much, and that no cache hands it to others."""

import lxml.html
import pytest

from gateway.config.file import parse
from tests.gateway.somebody import MAJOR, MINOR, unit_for

GRID = "/thredds/ncss/grid/sea"
SUBSET = f"{GRID}?var=all"
RULES = {"discover": ["public"], "view": ["public"], "download": ["major"]}


@pytest.fixture
def unit(sea_store, tmp_path, aiohttp_client):
    async def made(rules, **given):
        dataset = {"id": "sea", "source": "x", "access": rules}
        raw = {"store": "store", "datasets": [dataset], "downloads": {"folder": str(tmp_path)}} | given
        app, who = unit_for(parse(raw, name="test", folder=sea_store))
        return await aiohttp_client(app), who

    return made


async def test_what_may_be_seen_and_not_downloaded_says_what_is_missing(unit):
    client, who = await unit(RULES)
    assert (await client.get(f"{GRID}/dataset.xml")).status == 200
    for address in (SUBSET, f"{SUBSET}&dry-run", f"{SUBSET}&accept=netcdf4"):
        who.found = who.found.__class__()
        anonymous = await client.get(address)
        assert (anonymous.status, "WWW-Authenticate" in anonymous.headers) == (401, True)
        who.found = MINOR
        refused = await client.get(address)
        assert (refused.status, "major" in await refused.text()) == (403, True)
        who.found = MAJOR
        allowed = await client.get(address)
        assert allowed.status == 200
        assert allowed.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in allowed.headers["Vary"]
        held = await client.get(address, headers={"If-None-Match": allowed.headers["ETag"]})
        assert (held.status, held.headers["Cache-Control"]) == (304, "private, no-cache")
        who.found = MINOR
        assert (await client.get(address, headers={"If-None-Match": allowed.headers["ETag"]})).status == 403


@pytest.mark.parametrize("document", ["", "/dataset.xml", "/dataset.html", "/datasetBoundaries.json"])
async def test_what_is_hidden_is_what_is_unknown(unit, document):
    client, who = await unit({"discover": ["major"], "view": ["major"], "download": ["major"]})
    for found, status in ((who.found, 401), (MINOR, 404)):
        who.found = found
        for name in ("sea", "nope"):
            answer = await client.get(f"/thredds/ncss/grid/{name}{document}?var=all")
            assert (answer.status, (await answer.text()).replace(name, "X").count("X")) == (status, 1)


async def test_bytes_are_limited_by_profile(unit):
    profiles = {"public": {"bytes": 1000}, "major": {"bytes": 10**6}}
    client, who = await unit({"download": ["public"]}, profiles=profiles)
    refused = await client.get(SUBSET)
    assert (refused.status, "1 kB" in await refused.text()) == (413, True)
    who.found = MAJOR
    assert (await client.get(SUBSET)).status == 200


async def test_a_form_that_was_asked_for_with_a_token_sends_it_along(unit):
    client, who = await unit(RULES)
    for found, wanted in ((MAJOR, {"token": "T<&>"}), (who.found, {})):
        who.found = found
        answer = await client.get(f"{GRID}/dataset.html", params={"token": "T<&>"})
        tree = lxml.html.fromstring(await answer.text())
        (form,) = tree.forms
        assert {name: value for name, value in form.form_values() if name == "token"} == wanted
        links = [link for link in tree.xpath("//nav/a/@href") if "token=T%3C%26%3E" in link]
        assert bool(links) == bool(wanted)
