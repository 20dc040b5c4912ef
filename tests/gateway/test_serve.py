"""A unit over a real socket: spoken to in something other than HTTP, and told to end."""

import asyncio
import json
import logging
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from aiohttp import web

from gateway.config import parse
from gateway.serve import free_port, make_runner


@pytest.fixture
async def said(tmp_path):
    """Return what sends bytes to a unit and reads its answer to the end."""
    runner = make_runner(parse({"limits": {"request_line": 4096}}, name="test", folder=tmp_path))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    async def send(sent):
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    yield send
    await runner.cleanup()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"?\r\n\r\n", 400),
        (b"GET /secret HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n", 400),
        (b"POST /wms HTTP/1.1\r\nHost: a\r\nContent-Length: secret\r\n\r\n", 400),
        (b"POST /wms HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET /wms?" + b"secret" * 2000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"secret" * 2000 + b"\r\n\r\n", 414),
    ],
)
async def test_what_is_no_http_is_refused_in_a_line_of_ours_and_fills_no_log(said, caplog, sent, status):
    with caplog.at_level(logging.INFO):
        answer = await said(sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.0 {status} ".encode())
    assert b"Content-Type: text/plain" in head
    assert body.count(b"\n") == 1
    assert body.endswith(b".\n")
    assert b"secret" not in answer
    assert b"aiohttp" not in answer
    assert not caplog.records


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/favicon.ico",
        "/viewer/main.js",
        "/viewer/vendor/ol-10.11.0/ol.js",
        "/wms?service=WMS&request=GetCapabilities",
        "/wms?request=GetMap",
        "/nothing",
        "/health",
        "/health/live",
        "/health/ready",
    ],
)
@pytest.mark.parametrize("taken", ["gzip", "identity"])
async def test_head_has_the_headers_of_get_and_no_body(sea, path, taken):
    headers = {"Accept-Encoding": taken}
    got, told = [await ask(path, headers=headers, auto_decompress=False) for ask in (sea.get, sea.head)]
    body = await got.read()
    kept = [dict(answer.headers) for answer in (got, told)]
    for one in kept:
        one.pop("Date")
    assert kept[0] == kept[1]
    assert got.headers["Server"] == "Halocline"
    assert (got.status, int(told.headers["Content-Length"]), await told.read()) == (told.status, len(body), b"")


async def test_every_route_that_answers_get_answers_head(sea):
    methods = {}
    for route in sea.app.router.routes():
        methods.setdefault(route.resource.canonical, set()).add(route.method)
    assert methods
    assert not {path for path, found in methods.items() if "GET" in found and "HEAD" not in found}


def test_a_unit_that_is_told_to_end_says_so_before_it_takes_no_more(tmp_path):
    port = free_port("127.0.0.1", 0)
    (tmp_path / "config.yaml").write_text(f"unit: {{port: {port}, drain_seconds: 1}}\n")
    command = [sys.executable, "-m", "cli.main", "serve", str(tmp_path / "config.yaml")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        ready = f"http://127.0.0.1:{port}/health/ready"
        while _asked(ready) != (200, "ok"):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        seen = set()
        while process.poll() is None:
            seen.add(_asked(ready))
            time.sleep(0.05)
        assert (503, "draining") in seen
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()


def _asked(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, json.load(answer)["status"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["reason"]
    except OSError:
        return None
