"""A unit over a real socket: spoken to in something other than HTTP, and told to end."""

import asyncio
import json
import logging
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from aiohttp import web

from gateway.config.file import parse
from gateway.serve import make_runner
from gateway.sockets import free_port


@pytest.fixture
async def runner(tmp_path):
    """Return what runs a unit without data that listens."""
    limits = {"request_line": 4096, "client_timeout": 0.3}
    runner = make_runner(parse({"limits": limits}, name="test", folder=tmp_path))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner
    await runner.cleanup()


@pytest.fixture
def said(runner):
    """Return what sends bytes to a unit and reads its answer to the end."""

    async def send(sent, until=b""):
        # It lies there before the unit, on the same loop, takes the connection. Sent later, it could come just when a
        # machine that stands still for 0.3 s has let the connection go as one that asks nothing.
        connection = socket.create_connection(runner.addresses[0])
        connection.sendall(sent)
        connection.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=connection)
        # What is left of a body that was refused is waited for, and thrown away.
        answer = await (reader.readuntil(until) if until else reader.read())
        writer.close()
        await writer.wait_closed()
        return answer

    return send


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


_FORM = b"POST /wms HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP", b"GET / HTTP/1.1\r\nHost: a\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP"],
)
async def test_a_client_that_does_not_finish_what_it_asks_is_not_waited_for(said, sent):
    async with asyncio.timeout(5):
        answer = await said(sent)
    assert answer.count(b"HTTP/1.1 200 OK") == sent.count(b"health")
    assert answer.count(b"HTTP/") == sent.count(b"health")


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="a system that cannot tell")
async def test_a_client_that_takes_nothing_of_its_answers_is_let_go(runner):
    request = b"GET /viewer/vendor/ol-10.11.0/ol.js HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(runner.addresses[0])
        # More than the buffers of the system hold.
        client.sendall(request * 50)
        held = []
        for _ in range(200):
            held.append(len(runner.server.connections))
            if 1 in held and held[-1] == 0:
                break
            await asyncio.sleep(0.05)
    assert 1 in held
    assert held[-1] == 0


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        (b"Content-Length: 50\r\n\r\nrequest=GetMap", b"within 0.3 s"),
        (b"Transfer-Encoding: chunked\r\n\r\n5\r\nreque\r\n", b"within 0.3 s"),
        (b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", b"not packed"),
        (b"Content-Encoding: deflate\r\nContent-Length: 5\r\n\r\nhello", b"not packed"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_in_words_of_wms_and_fills_no_log(said, caplog, rest, says):
    with caplog.at_level(logging.INFO):
        async with asyncio.timeout(5):
            answer = await said(_FORM + rest, until=b"</ServiceExceptionReport>")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"<ServiceException>" in answer
    assert says in answer
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
