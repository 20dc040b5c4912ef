"""Bodies that are made while they are sent: whole, or cut so that nobody takes them for whole."""

import asyncio
import logging
import urllib.request
from http.client import IncompleteRead, RemoteDisconnected

import pytest
from aiohttp import ClientError

from gateway.app import make_app
from gateway.http.sending import begun, send
from stores.base import VersionGoneError

PIECE = bytes(range(256)) * 256


async def made(count, error=None):
    for _ in range(count):
        yield PIECE
        await asyncio.sleep(0)
    if error is not None:
        raise error


@pytest.fixture
async def sends(sea_config, aiohttp_client):
    """Return a way to send pieces through a whole unit, and what became of making them."""
    ended = []

    async def noted(pieces):
        try:
            async for piece in pieces:
                yield piece
            ended.append("done")
        finally:
            ended.append("ended")

    async def handler(request):
        count, length = int(request.query["count"]), request.query.get("length")
        errors = {"disk": OSError("the disk"), "gone": VersionGoneError("v1"), "ours": RuntimeError("oops")}
        pieces = made(count, errors.get(request.query.get("error")))
        body = await begun(noted(pieces), length=None if length is None else int(length), least=1)
        return await send(request, body, {"Content-Type": "application/x-netcdf"})

    app = make_app(sea_config)
    app.router.add_get("/viewer/sent", handler)
    app.router._resources.reverse()
    return await aiohttp_client(app), ended


@pytest.mark.parametrize(("length", "said"), [(f"&length={3 * len(PIECE)}", str(3 * len(PIECE))), ("", None)])
async def test_a_body_arrives_whole_with_the_headers_of_every_answer(sends, length, said):
    client, ended = sends
    answer = await client.get(f"/viewer/sent?count=3{length}")
    assert await answer.read() == PIECE * 3
    assert answer.headers.get("Content-Length") == said
    assert (answer.headers["Server"], answer.headers["Access-Control-Allow-Origin"]) == ("Halocline", "*")
    assert ended == ["done", "ended"]


@pytest.mark.parametrize("error", ["disk", "gone", "ours", "none"])
@pytest.mark.parametrize("length", [f"&length={9 * len(PIECE)}", ""])
async def test_a_fault_on_the_way_is_a_reset_connection_for_every_client(sends, error, length, caplog):
    client, _ = sends
    if error == "none" and not length:
        pytest.skip("a body without a length may end anywhere")
    path = f"/viewer/sent?count=3&error={error}{length}"
    with caplog.at_level(logging.ERROR):
        with pytest.raises(ClientError):
            await (await client.get(path)).read()
        with pytest.raises((OSError, IncompleteRead, RemoteDisconnected)):
            await asyncio.to_thread(lambda: urllib.request.urlopen(str(client.make_url(path)), timeout=10).read())
    assert "/viewer/sent" in caplog.text
    counts = await (await client.get("/metrics")).text()
    status = "503" if error in ("disk", "gone") else "500"
    assert f'status="{status}"' in counts


@pytest.mark.parametrize("length", [f"&length={9 * len(PIECE)}", ""])
async def test_nothing_follows_a_body_that_was_cut_but_the_reset(sends, length):
    client, _ = sends
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(f"GET /viewer/sent?count=3&error=disk{length} HTTP/1.1\r\nHost: unit\r\n\r\n".encode())
    received: list[bytes] = []

    async def read():
        while piece := await asyncio.wait_for(reader.read(2**16), 10):
            received.append(piece)

    with pytest.raises(ConnectionResetError):
        await read()
    writer.close()
    assert b"".join(received).count(b"HTTP/1.1") <= 1


async def test_a_fault_at_once_is_answered_like_any_other(sends):
    client, _ = sends
    answer = await client.get("/viewer/sent?count=0&error=disk")
    assert (answer.status, answer.content_type) == (503, "text/plain")


async def test_who_goes_away_ends_the_making_and_is_no_fault(sends, caplog):
    client, ended = sends
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/viewer/sent?count=100000")
        await answer.content.read(1000)
        answer.close()
        for _ in range(200):
            if ended:
                break
            await asyncio.sleep(0.02)
    assert ended == ["ended"]
    assert not caplog.text
