"""A client that goes away ends the work for it, and disturbs nobody."""

import asyncio
import logging
import threading

import pytest
from aiohttp import ClientSession, web

from gateway.keys import METRICS, WORKERS
from gateway.serve import make_runner
from gateway.workers import Workers
from tests.gateway.forms import MAP


async def test_work_that_nobody_waits_for_is_not_begun():
    workers, gate, done = Workers(1), threading.Event(), []
    first = asyncio.create_task(workers.run(gate.wait, 10))
    queued = [asyncio.create_task(workers.run(done.append, number)) for number in range(3)]
    await asyncio.sleep(0.05)
    queued[1].cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *queued, return_exceptions=True)
    assert done == [0, 2]
    workers.close()


async def test_what_work_waited_is_told():
    waits = []
    workers = Workers(1, waits.append)
    await workers.run(int)
    await workers.do(int, long=False)
    assert len(waits) == 1
    assert waits[0] >= 0
    workers.close()


@pytest.fixture
async def served(sea_config):
    """Return a unit on a socket: its application and its address."""
    runner = make_runner(sea_config)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield runner.app, f"http://{host}:{port}"
    await runner.cleanup()


async def test_a_client_that_leaves_is_counted_and_its_work_not_begun(served, caplog):
    app, address = served
    gate, began = threading.Event(), []
    blocked = [asyncio.create_task(app[WORKERS].run(gate.wait, 10)) for _ in range(4)]
    legend = {"request": "GetLegendGraphic", "layer": "sea/thetao"}
    original = app[WORKERS]._waited
    app[WORKERS]._waited = lambda seconds: (began.append(seconds), original(seconds))
    with caplog.at_level(logging.INFO):
        async with ClientSession() as leaving:
            asked = asyncio.create_task(leaving.get(f"{address}/wms", params=legend))
            await _until(lambda: app[METRICS]._in_flight == 1)
            asked.cancel()
        await _until(lambda: app[METRICS]._in_flight == 0)
        gate.set()
        await asyncio.gather(*blocked)
        async with ClientSession() as staying:
            assert (await staying.get(f"{address}/wms", params=legend)).status == 200
            text = await (await staying.get(f"{address}/metrics")).text()
    assert 'operation="GetLegendGraphic",protocol="wms",status="499"} 1.0' in text
    assert "halocline_cancelled_total 1.0" in text
    # Of the two legends, the one that was waited for.
    assert len(began) == len(blocked) + 1
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.WARNING]


async def test_a_client_that_leaves_disturbs_no_other_that_waits_for_the_same(served):
    app, address = served
    gate = threading.Event()
    blocked = [asyncio.create_task(app[WORKERS].run(gate.wait, 10)) for _ in range(4)]
    query = MAP | {"WIDTH": "1024", "HEIGHT": "512"}
    async with ClientSession() as leaving, ClientSession() as staying:
        asked = [asyncio.create_task(session.get(f"{address}/wms", params=query)) for session in (leaving, staying)]
        await _until(lambda: app[METRICS]._in_flight == 2)
        asked[0].cancel()
        await _until(lambda: app[METRICS]._in_flight == 1)
        gate.set()
        answer = await asked[1]
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert len(await answer.read()) > 100
    await asyncio.gather(*blocked)


async def _until(condition):
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")
