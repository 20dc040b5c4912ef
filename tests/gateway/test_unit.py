"""One dataset that cannot be opened silences none of the others, and keeps nobody waiting twice."""

import asyncio
import logging
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.app import make_app
from gateway.config.file import parse
from gateway.keys import UNIT

CAPABILITIES = {"SERVICE": "WMS", "REQUEST": "GetCapabilities"}


class Remote:
    """A server that is to have plain Zarr, and takes its time before it says that it is broken."""

    def __init__(self):
        self.asked, self.seconds = 0, 0.0

    async def answer(self, _):
        self.asked += 1
        await asyncio.sleep(self.seconds)
        return web.Response(status=500)


@pytest.fixture
async def remote():
    found = Remote()
    app = web.Application()
    app.router.add_get("/{tail:.*}", found.answer)
    server = TestServer(app)
    await server.start_server()
    found.address = str(server.make_url("/far.zarr"))
    yield found
    await server.close()


@pytest.fixture
async def client(remote, sea_store, aiohttp_client):
    """A unit of the small sea, a dataset that was never ingested, and one behind the server that is broken."""
    datasets = [
        {"id": "far", "source": remote.address},
        {"id": "sea", "source": "sea.nc"},
        {"id": "later", "source": "later.nc"},
    ]
    raw = {"store": "store", "datasets": datasets, "limits": {"plain_timeout": 5}}
    return await aiohttp_client(make_app(parse(raw, name="test", folder=sea_store)))


async def test_a_dataset_that_cannot_be_reached_is_left_out_and_named_once(client, caplog):
    with caplog.at_level(logging.WARNING):
        answers = [await client.get("/wms", params=CAPABILITIES) for _ in range(3)]
    for answer in answers:
        text = await answer.text()
        assert answer.status == 200
        assert "<Name>sea/thetao</Name>" in text
        assert "far" not in text
    assert caplog.text.count("dataset far: it is in no list until it can be read") == 1


async def test_its_own_requests_are_unavailable_and_never_absent(client):
    for query in (CAPABILITIES, {"SERVICE": "WMS", "REQUEST": "GetMetadata", "item": "layerDetails", "LAYERNAME": "x"}):
        assert (await client.get("/wms/far", params=query)).status == 503
    assert (await client.get("/wms/later", params=CAPABILITIES)).status == 404


async def test_where_nothing_can_be_reached_there_is_no_empty_list(remote, tmp_path, aiohttp_client):
    raw = {"datasets": [{"id": "far", "source": remote.address}, {"id": "later", "source": "later.nc"}]}
    alone = await aiohttp_client(make_app(parse(raw, name="test", folder=tmp_path)))
    assert (await alone.get("/wms", params=CAPABILITIES)).status == 503


async def test_what_failed_before_keeps_a_list_waiting_a_moment_only(client, remote):
    assert (await client.get("/wms", params=CAPABILITIES)).status == 200
    remote.seconds = 3.0
    started = time.monotonic()
    assert (await client.get("/wms", params=CAPABILITIES)).status == 200
    assert time.monotonic() - started < 2.5


async def test_all_who_ask_for_what_is_being_opened_share_the_outcome(client, remote):
    await client.get("/wms/far", params=CAPABILITIES)
    once, remote.asked, remote.seconds = remote.asked, 0, 0.2
    answers = await asyncio.gather(*(client.get("/wms/far", params=CAPABILITIES) for _ in range(10)))
    assert {answer.status for answer in answers} == {503}
    assert remote.asked <= 2 * once


async def test_what_fails_while_it_is_in_use_is_logged_once(sea_config, aiohttp_client, monkeypatch, caplog):
    app = make_app(sea_config)
    client = await aiohttp_client(app)
    assert (await client.get("/wms", params=CAPABILITIES)).status == 200

    async def broken(_):
        raise OSError("the disk is gone")

    with monkeypatch.context() as change:
        change.setattr("stores.repository.StoredDataset.open", broken)
        for _ in range(3):
            await app[UNIT].refresh()
    assert caplog.text.count("the one before stays") == 1
    await app[UNIT].refresh()
    with monkeypatch.context() as change:
        change.setattr("stores.repository.StoredDataset.open", broken)
        await app[UNIT].refresh()
    assert caplog.text.count("the one before stays") == 2
