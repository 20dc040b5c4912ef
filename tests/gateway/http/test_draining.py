"""A process that is to end leaves its clients: answers say so, and what is on its way is waited for."""

import asyncio

import pytest
from aiohttp import web

from gateway.config.file import parse
from gateway.http.draining import Farewell, run_out
from gateway.serve import make_runner

ASKED = b"GET /health HTTP/1.1\r\nHost: unit\r\n\r\n"


@pytest.fixture
async def leaving(tmp_path):
    """Return what runs a unit without data, its farewell, and what opens connections to it."""
    runner, farewell = make_runner(parse({}, name="test", folder=tmp_path)), Farewell()
    runner.app.on_response_prepare.append(farewell.told)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    opened = []

    async def connect():
        opened.append(await asyncio.open_connection(*runner.addresses[0]))
        reader, writer = opened[-1]
        writer.write(ASKED)
        assert b"Connection:" not in await answer_of(reader)
        return opened[-1]

    yield runner, farewell, connect
    for _, writer in opened:
        writer.close()
    await runner.cleanup()


async def answer_of(reader):
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
    return head


async def test_each_answer_is_the_last_of_its_connection(leaving):
    runner, farewell, connect = leaving
    reader, writer = await connect()
    farewell.begin()
    writer.write(ASKED)
    head = await answer_of(reader)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Connection: close\r\n" in head
    assert await reader.read() == b""
    await run_out(runner.connections, lambda: False)
    assert not runner.connections()


async def test_a_request_that_comes_within_a_moment_is_answered_and_then_the_idle_are_closed(leaving):
    runner, farewell, connect = leaving
    (late, late_writer), (silent, _) = [await connect() for _ in range(2)]
    farewell.begin()
    ending = asyncio.create_task(run_out(runner.connections, lambda: False))
    await asyncio.sleep(0.4)
    late_writer.write(ASKED)
    assert b"Connection: close" in await answer_of(late)
    assert not ending.done()
    async with asyncio.timeout(10):
        assert await silent.read() == b""
        await ending


async def test_nobody_is_waited_for_once_it_is_over(leaving):
    runner, _, connect = leaving
    await connect()
    await run_out(runner.connections, lambda: True)
    assert runner.connections()
