"""Clients that behave badly, on a socket: each is answered or let go, and nobody else notices."""

import asyncio
import resource
import socket
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from gateway.config.file import parse
from gateway.http.descriptors import raise_limit, within
from gateway.serve import make_runner

FORM = b"POST /wms HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
ASK = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
SCRIPT = b"GET /viewer/vendor/ol-10.11.0/ol.js HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
async def running(tmp_path):
    """Return what starts a unit without data on a socket, given its limits."""
    runners = []

    async def start(site=None, **limits):
        runner = make_runner(parse({"limits": limits}, name="test", folder=tmp_path))
        runners.append(runner)
        await runner.setup()
        await (site(runner) if site else web.TCPSite(runner, "127.0.0.1", 0)).start()
        return runner

    yield start
    for runner in runners:
        await runner.cleanup()


@asynccontextmanager
async def line(runner, **settings):
    reader, writer = await asyncio.open_connection(*runner.addresses[0], **settings)
    yield reader, writer
    writer.close()


async def said(runner, sent):
    """Send bytes and return all that comes until the connection is closed."""
    async with asyncio.timeout(10), line(runner) as (reader, writer):
        writer.write(sent)
        return await reader.read()


async def health(runner):
    return (await said(runner, ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))).split()[1]


async def until(wanted):
    for _ in range(200):
        if wanted():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


async def test_idle_connections_make_room_for_new_ones_the_oldest_first(running):
    runner = await running(connections=32)
    readers = []
    for number in range(32):
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        readers.append((reader, writer))
        if number == 0:
            # The first one is used again, and so is not the one idle for longest.
            await asyncio.sleep(0.01)
    readers[0][1].write(ASK)
    await readers[0][0].readuntil(b"}")
    for _ in range(3):
        assert await health(runner) == b"200"
    gone = [reader.at_eof() or reader.exception() is not None for reader, _ in readers]
    assert gone[:3] == [False, True, False]
    assert sum(gone) == 1
    for _, writer in readers:
        writer.close()


async def test_half_a_head_keeps_nobody_out(running):
    runner = await running(connections=16)
    lines = [await asyncio.open_connection(*runner.addresses[0]) for _ in range(16)]
    for _, writer in lines:
        writer.write(b"GET /health HTTP/1.1\r\nHost: a\r\nX: ")
    await asyncio.sleep(0.05)
    for _ in range(20):
        assert await health(runner) == b"200"
    for _, writer in lines:
        writer.close()


async def test_where_all_connections_are_in_use_new_ones_are_told_so(running):
    runner = await running(connections=2)
    begun = FORM + b"Content-Length: 50\r\n\r\nrequest="
    async with line(runner) as (_, first), line(runner) as (_, second):
        first.write(begun)
        second.write(begun)
        await until(lambda: sum(one._request_in_progress for one in runner.server.connections) == 2)
        head, _, text = (await said(runner, b"")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert {b"Retry-After: 1", b"Connection: close", b"Content-Length: %d" % len(text)} < set(head.split(b"\r\n"))
        assert text.endswith(b".\n")
    await until(lambda: not runner.server.connections)
    assert await health(runner) == b"200"


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="a system that cannot tell")
async def test_who_takes_an_answer_in_crumbs_is_let_go_and_who_is_merely_slow_is_not(running):
    runner = await running(client_timeout=1.0, client_rate=100_000)

    async def read(bytes_at_once, buffer):
        loop = asyncio.get_running_loop()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            client.setblocking(False)
            await loop.sock_connect(client, runner.addresses[0])
            # More than the buffers of the system hold.
            await loop.sock_sendall(client, SCRIPT * 400)
            end = loop.time() + 3
            while loop.time() < end:
                try:
                    await asyncio.wait_for(loop.sock_recv(client, bytes_at_once), 3)
                except ConnectionResetError:
                    return "reset"
                await asyncio.sleep(0.01)
            return "open"

    assert await asyncio.gather(read(600, 4096), read(65536, 65536)) == ["reset", "open"]


async def test_answers_that_nobody_takes_wait_in_bounded_memory(running):
    runner = await running(unsent_bytes=2**22)
    clients = []
    loop = asyncio.get_running_loop()
    for _ in range(12):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        await loop.sock_connect(client, runner.addresses[0])
        await loop.sock_sendall(client, SCRIPT * 12)
        clients.append(client)

    def held():
        return [one.transport.get_write_buffer_size() for one in runner.server.connections if one.transport]

    # An answer is not a megabyte long, and each stays whole in memory until all of it has gone.
    await until(lambda: 1 <= len(runner.server.connections) <= 6)
    await asyncio.sleep(0.1)
    assert 0 < sum(held()) <= 2**22
    # Who came last is served still.
    assert len(await loop.sock_recv(clients[-1], 4096)) > 0
    assert await health(runner) == b"200"
    for client in clients:
        client.close()


async def test_a_head_that_comes_by_the_byte_is_not_waited_for_longer(running):
    runner = await running(client_timeout=0.3)
    async with line(runner) as (reader, writer):
        for byte in b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 300:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if reader.at_eof() or reader.exception() is not None:
                break
        else:
            raise AssertionError("it was waited for")


async def test_a_head_without_an_end_is_refused(running):
    runner = await running(request_line=2048)
    answer = await said(runner, b"GET /health HTTP/1.1\r\n" + (b"X: " + b"a" * 1000 + b"\r\n") * 20)
    assert answer.startswith(b"HTTP/1.1 431 ")
    within_limits = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: " + b"a" * 2000 + b"\r\n\r\n"
    assert (await said(runner, within_limits)).split()[1] == b"200"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 500 + b"\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /health HTTP/1.1\nHost: a\n\n",
        b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\rContent-Length: 3\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        b"GET http://[x/health HTTP/1.1\r\nHost: a\r\n\r\n",
        FORM + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        FORM + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        FORM + b"Content-Length: 1, 1\r\n\r\na",
        FORM + b"Content-Length: +1\r\n\r\na",
        FORM + b"Content-Length: -1\r\n\r\na",
        FORM + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + ASK,
        FORM + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + ASK,
        FORM + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + ASK,
        FORM + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + ASK,
    ],
)
async def test_a_request_that_two_servers_might_read_differently_is_read_by_none(running, sent):
    answer = await said(await running(), sent)
    assert answer.startswith(b"HTTP/1.0 400 ")
    # What follows belongs to nobody knows which request.
    assert answer.count(b"HTTP/1.") == 1


async def test_a_long_body_goes_out_as_it_is_and_a_short_one_together_with_its_head(running, monkeypatch):
    written, transport = [], asyncio.selector_events._SelectorSocketTransport
    write = transport.write
    monkeypatch.setattr(transport, "write", lambda self, data: (written.append(data), write(self, data)))
    runner = await running()
    for asked, apart in ((SCRIPT, True), (ASK, False)):
        written.clear()
        async with asyncio.timeout(10), line(runner) as (reader, writer):
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
        assert written[1:] == ([head, body] if apart else [head + body])


async def test_pipelined_requests_are_answered_in_their_order(running):
    runner = await running()
    asked = b"".join(b"GET /nothing/%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(200))
    last = b"GET /nothing/last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = await said(runner, asked + last)
    told = [part.split(b"'")[0] for part in answer.split(b"nothing at '/nothing/")[1:]]
    assert told == [b"%d" % number for number in range(200)] + [b"last"]


async def test_a_client_of_http_1_0_gets_an_answer_of_its_kind(running):
    runner = await running()
    answer = await said(runner, b"GET /nothing HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 404 ")
    assert b"chunked" not in answer
    kept = b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    assert (await said(runner, kept + b"GET /health HTTP/1.0\r\n\r\n")).count(b" 200 OK") == 2


@pytest.mark.parametrize(
    ("length", "first"),
    [(b"Content-Length: 15", b"HTTP/1.1 100 Continue"), (b"Content-Length: 5000", b"HTTP/1.1 413 ")],
)
async def test_a_body_is_asked_for_only_where_it_is_taken(running, length, first):
    runner = await running(request_body=1024)
    async with asyncio.timeout(5), line(runner) as (reader, writer):
        writer.write(FORM + b"Expect: 100-continue\r\nConnection: close\r\n" + length + b"\r\n\r\n")
        told = await reader.readline()
        assert told.startswith(first)
        if b"100" in told:
            writer.write(b"request=Nothing")
            rest = await reader.read()
            assert b"HTTP/1.1 400 " in rest
            assert b"Nothing" in rest


async def test_a_huge_body_without_a_length_is_refused_while_it_comes(running):
    runner = await running(request_body=4096)
    async with asyncio.timeout(10), line(runner) as (reader, writer):
        writer.write(FORM + b"Transfer-Encoding: chunked\r\n\r\n")
        piece = b"1000\r\n" + b"a" * 4096 + b"\r\n"
        answering = asyncio.create_task(reader.readuntil(b"</ServiceExceptionReport>"))
        sent = 0
        while not answering.done() and sent < 1000:
            writer.write(piece)
            await writer.drain()
            sent += 1
        assert (await answering).startswith(b"HTTP/1.1 413 ")
        assert await health(runner) == b"200"


@pytest.mark.parametrize("sent", [b"GET /hea", FORM + b"Content-Length: 50\r\n\r\nreq", SCRIPT * 20, ASK * 40])
async def test_who_vanishes_leaves_nothing_behind(running, sent, caplog):
    runner = await running()
    for _ in range(5):
        async with line(runner) as (_, writer):
            writer.write(sent)
            await asyncio.sleep(0.01)
            writer.transport.abort()
    await until(lambda: not runner.server.connections)
    assert not caplog.records


async def test_a_socket_of_the_machine_itself_works_too(running, tmp_path, caplog):
    path = str(tmp_path / "unit.sock")
    await running(lambda runner: web.UnixSite(runner, path))
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(ASK)
    assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
    writer.close()
    assert not caplog.records


@pytest.fixture
def descriptors():
    """Put the limits of this process back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_system_gives_as_many_descriptors_as_it_will(descriptors):
    _, hard = descriptors
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard // 2, hard))
    raise_limit()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)


@pytest.mark.parametrize(
    ("soft", "wanted", "most"), [(1024, 10_000, 768), (1024, 100, 100), (8192, 10_000, 7192), (2048, 10_000, 1536)]
)
def test_connections_leave_descriptors_to_everything_else(descriptors, soft, wanted, most):
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, descriptors[1]))
    assert within(wanted) == most
