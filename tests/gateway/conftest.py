"""A unit in this process that serves the small sea."""

import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.repository import StoredDataset
from tests.sea import write_sea


@pytest.fixture(scope="session")
def sea_store(tmp_path_factory):
    """Return the folder of a store that holds the dataset `sea`; its source is `sea.nc` beside it."""
    folder = tmp_path_factory.mktemp("sea")
    write_sea(folder / "sea.nc")
    ingest(Location.parse(str(folder / "store")), "sea", [folder / "sea.nc"], crew=Processes(0), report=lambda _: None)
    return folder


@pytest.fixture
def sea_config(sea_store):
    """Return the configuration of a unit that serves `sea`, and `later`, which was never ingested."""
    datasets = [{"id": "sea", "source": "sea.nc"}, {"id": "later", "source": "later.nc"}]
    return parse({"store": "store", "datasets": datasets}, name="test", folder=sea_store)


@pytest.fixture
async def sea(sea_config, aiohttp_client):
    """Return a client of the unit."""
    return await aiohttp_client(make_app(sea_config))


@pytest.fixture
def looks(monkeypatch):
    """Return the ids of the datasets whose stores have been asked."""
    found, opened = [], StoredDataset.open

    async def counted(self):
        found.append(self.id)
        return await opened(self)

    monkeypatch.setattr(StoredDataset, "open", counted)
    return found
