"""Whether a unit is alive, and whether requests should be sent to it."""

import shutil

import pytest

from gateway.app import make_app
from gateway.config.file import parse
from gateway.keys import DRAINING, UNIT


@pytest.fixture
def own_store(sea_store, tmp_path):
    """Return a copy of the small sea's store that a test may damage."""
    shutil.copytree(sea_store / "store", tmp_path / "store")
    return tmp_path


@pytest.fixture
def unit(own_store, aiohttp_client):
    """Return what starts a unit with the datasets of these names; it gives the application and a client."""

    async def start(*names):
        datasets = [{"id": name, "source": f"{name}.nc"} for name in names]
        app = make_app(parse({"store": "store", "datasets": datasets}, name="test", folder=own_store))
        return app, await aiohttp_client(app)

    return start


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
async def test_a_unit_that_is_well_says_so_and_names_nothing(sea, path):
    answer = await sea.get(path)
    assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("names", [(), ("later",), ("sea", "later"), ("later", "sea")])
async def test_a_unit_is_ready_that_can_read_one_dataset_or_has_none_to_read(unit, names):
    _, client = await unit(*names)
    for _ in range(2):
        assert (await client.get("/health/ready")).status == 200


async def test_a_unit_without_its_store_lives_but_is_not_ready(unit, own_store):
    folder = own_store / "store" / "sea" / "snapshots"
    shutil.move(folder, own_store / "away")
    _, client = await unit("sea")
    answer = await client.get("/health/ready")
    text = await answer.text()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "no dataset can be read" in text
    assert "sea" not in text
    assert str(own_store) not in text
    assert (await client.get("/health/live")).status == 200
    shutil.move(own_store / "away", folder)
    assert (await client.get("/health/ready")).status == 200


@pytest.mark.parametrize("disk", ["missing", "not mounted"])
async def test_a_store_that_is_away_when_the_unit_starts_is_no_reason_to_deny_its_layers(unit, own_store, disk):
    (own_store / "store").rename(own_store / "away")
    if disk == "not mounted":
        (own_store / "store").mkdir()
    _, client = await unit("sea", "later")
    asked = "/thredds/ncss/grid/sea/dataset.xml"
    for path in ("/health/ready", asked, "/wms?service=WMS&request=GetCapabilities"):
        answer = await client.get(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (503, "no-store"), path
        assert str(own_store) not in await answer.text()
    if disk == "not mounted":
        (own_store / "store").rmdir()
    (own_store / "away").rename(own_store / "store")
    assert (await client.get(asked)).status == 200
    assert (await client.get("/thredds/ncss/grid/later/dataset.xml")).status == 404


async def test_a_store_that_goes_away_is_noticed_and_so_is_its_return(unit, own_store):
    app, client = await unit("sea")
    assert (await client.get("/health/ready")).status == 200
    shutil.move(own_store / "store", own_store / "away")
    await app[UNIT].refresh()
    assert (await client.get("/health/ready")).status == 503
    shutil.move(own_store / "away", own_store / "store")
    await app[UNIT].refresh()
    assert (await client.get("/health/ready")).status == 200


async def test_a_unit_that_is_told_to_end_is_not_ready_any_more(unit):
    app, client = await unit("sea")
    app[DRAINING].set()
    answer = await client.get("/health/ready")
    assert (answer.status, (await answer.json())["reason"]) == (503, "draining")
    assert (await client.get("/health")).status == (await client.get("/health/live")).status == 200
