"""New versions are taken up by themselves, and where nothing is new no store is asked."""

import asyncio
import shutil

import pytest

from gateway.app import make_app
from gateway.config.file import parse
from gateway.keys import UNIT
from gateway.refreshing import keep_fresh
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.repository import StoredDataset
from tests.sea import write_sea

CAPABILITIES = "/wms?service=WMS&request=GetCapabilities"
NAMES = ("other", "sea")


@pytest.fixture
def folder(sea_store, tmp_path):
    """Return a folder with a store of its own, of two datasets."""
    for name in NAMES:
        shutil.copytree(sea_store / "store" / "sea", tmp_path / "store" / name)
    shutil.copy(sea_store / "sea.nc", tmp_path / "sea.nc")
    return tmp_path


@pytest.fixture
async def served(folder, aiohttp_client):
    """Return the datasets, in use."""
    datasets = [{"id": name, "source": "sea.nc"} for name in NAMES]
    client = await aiohttp_client(make_app(parse({"store": "store", "datasets": datasets}, name="t", folder=folder)))
    assert (await client.get(CAPABILITIES)).status == 200
    return client.app[UNIT].served


@pytest.fixture
async def fresh(served):
    """Return the datasets, which are kept fresh."""
    stop = asyncio.Event()
    task = asyncio.create_task(keep_fresh(list(served.values()), stop, 0.01))
    yield served
    stop.set()
    await task


def publish_a_day(folder, name):
    write_sea(folder / "sea4.nc", days=1, first=4)
    files = [folder / "sea.nc", folder / "sea4.nc"]
    ingest(Location.parse(str(folder / "store")), name, files, crew=Processes(0), report=lambda _: None)


async def in_a_moment(condition):
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- it becomes true by itself
            await asyncio.sleep(0.005)


async def test_only_the_store_of_a_dataset_that_was_published_anew_is_asked(looks, fresh, folder):
    before = [fresh[name].now.dataset.version for name in NAMES]
    looks.clear()
    await asyncio.sleep(0.2)
    assert looks == []
    await asyncio.to_thread(publish_a_day, folder, "sea")
    await in_a_moment(lambda: fresh["sea"].now.dataset.version != before[1])
    await asyncio.sleep(0.1)
    assert looks == ["sea"]
    assert fresh["other"].now.dataset.version == before[0]


async def test_a_store_that_goes_away_is_asked_until_it_is_back(looks, fresh, folder):
    shutil.move(folder / "store" / "sea", folder / "away")
    await in_a_moment(lambda: not fresh["sea"].reached)
    assert fresh["sea"].now is not None
    shutil.move(folder / "away", folder / "store" / "sea")
    await in_a_moment(lambda: fresh["sea"].reached)
    looks.clear()
    await asyncio.sleep(0.1)
    assert looks == []
    assert fresh["other"].reached


async def test_a_dataset_that_nobody_has_asked_for_stays_closed(folder, looks):
    app = make_app(parse({"store": "store", "datasets": [{"id": "sea", "source": "x"}]}, name="t", folder=folder))
    stop = asyncio.Event()
    task = asyncio.create_task(keep_fresh(list(app[UNIT].served.values()), stop, 0.01))
    await asyncio.sleep(0.1)
    stop.set()
    await task
    assert looks == []


async def test_one_whose_store_does_not_answer_keeps_no_other_waiting(served, folder, monkeypatch):
    stuck, opened = asyncio.Event(), StoredDataset.open

    async def slow(self):
        if self.id == "other":
            await stuck.wait()
        return await opened(self)

    monkeypatch.setattr(StoredDataset, "open", slow)
    # Neither can be told cheaply, as in an object store.
    monkeypatch.setattr(StoredDataset, "newest", lambda _: False)
    before, stop = served["sea"].now.dataset.version, asyncio.Event()
    task = asyncio.create_task(keep_fresh(list(served.values()), stop, 0.01))
    await asyncio.to_thread(publish_a_day, folder, "sea")
    await in_a_moment(lambda: served["sea"].now.dataset.version != before)
    stop.set()
    # What is under way is not cut short.
    done, _ = await asyncio.wait({task}, timeout=0.1)
    assert not done
    stuck.set()
    await task
