"""Few datasets are opened at a time; one that waits for its store makes room, and none is opened out of turn."""

import asyncio
import shutil

import pytest

from gateway.app import make_app
from gateway.config.file import parse
from gateway.keys import UNIT
from gateway.openings import Openings

CAPABILITIES = "/wms?service=WMS&request=GetCapabilities"


class Opening:
    """Something that is opened once it is let go."""

    def __init__(self, go):
        self.begun, self._go = False, go

    async def tried(self):
        self.begun = True
        await self._go.wait()


async def in_a_moment(condition):
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- it becomes true by itself
            await asyncio.sleep(0.001)


@pytest.fixture
def many(sea_store, tmp_path):
    """Return the configuration of forty datasets, which share their chunks."""
    names = [f"sea{number:02}" for number in range(40)]
    for name in names:
        shutil.copytree(sea_store / "store" / "sea", tmp_path / "store" / name)
    datasets = [{"id": name, "source": "sea.nc"} for name in names]
    return parse({"store": "store", "datasets": datasets}, name="test", folder=tmp_path)


@pytest.fixture
def unhurried(monkeypatch):
    """Make no room for others, however slow the machine is."""
    monkeypatch.setattr("gateway.openings._ROOM_AFTER", 60.0)


@pytest.mark.usefixtures("unhurried")
async def test_sixteen_are_opened_at_a_time():
    go, openings = asyncio.Event(), Openings()
    asked = [Opening(go) for _ in range(40)]
    waiting = [asyncio.create_task(openings.tried(one)) for one in asked]
    await asyncio.sleep(0.02)
    assert sum(one.begun for one in asked) == 16
    go.set()
    assert await asyncio.gather(*waiting) == [None] * 40


async def test_what_waits_long_for_its_store_makes_room_for_the_others():
    go, openings = asyncio.Event(), Openings()
    asked = [Opening(go) for _ in range(40)]
    waiting = [asyncio.create_task(openings.tried(one)) for one in asked]
    await in_a_moment(lambda: all(one.begun for one in asked))
    assert not any(task.done() for task in waiting)
    go.set()
    await asyncio.gather(*waiting)


@pytest.mark.usefixtures("unhurried")
async def test_what_is_given_up_before_its_turn_is_not_opened():
    go, openings = asyncio.Event(), Openings()
    asked = [Opening(go) for _ in range(17)]
    waiting = [asyncio.create_task(openings.tried(one)) for one in asked]
    await asyncio.sleep(0.02)
    waiting[-1].cancel()
    go.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert [one.begun for one in asked] == [True] * 16 + [False]


@pytest.mark.usefixtures("unhurried")
async def test_readiness_opens_a_few_datasets_and_a_list_opens_all(many, aiohttp_client, looks):
    client = await aiohttp_client(make_app(many))
    assert (await client.get("/health")).status == 200
    assert looks == []
    assert (await client.get("/health/ready")).status == 200
    # Those that were begun beside the first one, and who took their turns when these ended together.
    assert 1 <= len(looks) <= 2 * 16
    text = await (await client.get(CAPABILITIES)).text()
    assert sorted(looks) == sorted(client.app[UNIT].served)
    assert all(f"<Name>{name}/thetao</Name>" in text for name in client.app[UNIT].served)


async def test_lists_that_are_asked_for_at_once_open_each_dataset_once(many, aiohttp_client, looks):
    client = await aiohttp_client(make_app(many))
    await asyncio.gather(*(client.get(CAPABILITIES) for _ in range(5)))
    assert sorted(looks) == sorted(client.app[UNIT].served)
