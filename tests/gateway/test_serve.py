"""A unit over a real socket, spoken to in something other than HTTP."""

import asyncio
import logging

import pytest
from aiohttp import web

from gateway.config import parse
from gateway.serve import make_runner


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"?\r\n\r\n"],
)
async def test_what_is_no_http_is_refused_and_fills_no_log(tmp_path, caplog, sent):
    runner = make_runner(parse({}, name="test", folder=tmp_path))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with caplog.at_level(logging.ERROR):
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    await runner.cleanup()
    assert answer.startswith(b"HTTP/1.0 400")
    assert not caplog.records
