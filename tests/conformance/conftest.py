"""One unit behind a socket, for all conformance tests."""

import asyncio
import threading
from contextlib import contextmanager

import pytest
from aiohttp import web

from gateway.config.file import parse
from gateway.serve import make_runner
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.conformance.client import Client
from tests.conformance.waters import write_near, write_waters, write_world

UNIT = {
    "title": "A unit",
    "abstract": "Of the sea",
    "keywords": ["ocean", "temperature"],
    "contact": {"person": "A person", "organization": "An organization", "email": "someone@example.org"},
    "fees": "none",
    "access_constraints": "none",
}
LIMITS = {"width": 1024, "height": 768, "layers": 4}


@pytest.fixture(scope="session")
def wms(tmp_path_factory):
    """Return a client of a unit with the datasets `waters`, `world`, and `near`, where near values are taken."""
    folder = tmp_path_factory.mktemp("conformance")
    for name, write in (("waters", write_waters), ("world", write_world), ("near", write_near)):
        write(folder / f"{name}.nc")
        crew = Processes(0)
        ingest(Location.parse(str(folder / "store")), name, [folder / f"{name}.nc"], crew=crew, report=lambda _: None)
    datasets = [{"id": name, "source": f"{name}.nc"} for name in ("waters", "world")]
    datasets.append({"id": "near", "source": "near.nc", "nearest_time": "12h", "nearest_elevation": 10})
    raw = {"unit": UNIT, "limits": LIMITS, "store": "store", "datasets": datasets}
    with listening(parse(raw, name="conformance", folder=folder)) as port:
        yield Client(port)


@contextmanager
def listening(config):
    """Serve a unit from a thread with a loop of its own; yield its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = make_runner(config)

    async def start():
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner.addresses[0][1]

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@pytest.fixture(scope="session")
def document(wms):
    """Return the capabilities of 1.3.0."""
    return wms.capabilities().xml
