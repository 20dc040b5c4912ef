"""Requests changed at random are the same for the same seed, go deep, and find what they are to find."""

import asyncio
from collections import Counter

import pytest

from bench import fuzz
from bench.mutations import case
from bench.wire import BrokenError, Line, Told, told
from tests.bench.served import serving

NUMBERS = range(1200)


def answer(status=200, body=b"", **headers):
    named = {"server": "Halocline"} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = b"HTTP/1.1 %d x\r\n" % status
    return Told(status=status, head=head, headers=named, body=body, closes=False)


def test_a_seed_and_a_number_are_always_the_same_request():
    assert [case(1, number, "t") for number in range(50)] == [case(1, number, "t") for number in range(50)]
    assert len({case(1, number, "t").raw for number in NUMBERS}) > 1150
    assert case(1, 5, "t") != case(2, 5, "t")


def test_every_operation_is_asked_for_and_tokens_stand_where_they_belong():
    labels = Counter(case(1, number, "a-token").label for number in NUMBERS)
    assert min(labels.values()) > 10
    assert set(labels) == {
        "GetMap", "GetFeatureInfo", "GetLegendGraphic", "GetCapabilities", "GetMetadata", "KML", "subset", "NCSS page",
        "other",
    }  # fmt: skip
    assert any(b"Bearer a-token" in case(1, number, "a-token").raw for number in NUMBERS)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (answer(500), "status 500"),
        (answer(502), "status 502"),
        (answer(503), "without Retry-After"),
        (answer(body=b"<p>Traceback (most recent call last):"), "Traceback"),
        (answer(body=b"cannot open /srv/unit/store"), "/srv/unit"),
        (answer(400, body=b"root:x:0:0:"), "root"),
        (answer(404, body=b"is it quarantined-trial/so?"), "quarantined-trial"),
        (answer(set_cookie="a=b"), "odd headers"),
        (answer(server="Python/3.11 aiohttp/3.14.5"), "odd headers"),
    ],
)
def test_what_no_answer_may_say_is_found(found, says):
    assert says in fuzz.judged(case(1, 1, "t"), found, b"/srv/unit")


@pytest.mark.parametrize("found", [answer(), answer(400), answer(503, retry_after="1"), answer(404, body=b"no")])
def test_what_an_answer_may_be_is_no_finding(found):
    assert not fuzz.judged(case(1, 1, "t"), found, b"/srv/unit")


async def read(content, method="GET"):
    reader = asyncio.StreamReader()
    reader.feed_data(content)
    reader.feed_eof()
    return await told(reader, method)


async def test_answers_are_read_to_their_end_however_it_is_told():
    found = await read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert (found.status, found.body, found.closes) == (200, b"ok", False)
    found = await read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\n\r\n")
    assert found.body == b"ok!"
    assert (await read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD")).body == b""
    assert (await read(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")).closes
    assert await read(b"") is None


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nA: b",
        b"HTTP/1.1 200 OK\r\nA: b\nSet-Cookie: c=d\r\n\r\n",
        b"<html>\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno",
    ],
)
async def test_an_answer_that_is_not_whole_or_no_http_is_found(content):
    with pytest.raises(BrokenError):
        await read(content)


def test_a_unit_stands_some_hundred_of_them_over_real_connections(wide, caplog):
    tally = fuzz.Tally(seed=20141217)
    with serving(wide) as port:
        asyncio.run(fuzz.asked_all(range(500), wide, port, tally))
    assert tally.found == []
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
    good = Counter({name.split(":")[0]: count for name, count in tally.statuses.items() if name.endswith(": 200")})
    assert sum(good.values()) > 100
    assert good["GetMap"] > 20
    assert good["subset"] > 10


def test_a_server_that_leaks_hangs_or_hangs_up_is_found(standing, monkeypatch, tmp_path):
    monkeypatch.setattr(fuzz, "_PATIENCE", 0.3)
    monkeypatch.setattr(fuzz, "keep", lambda *_: None)

    async def found(handle):
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        tally = fuzz.Tally(seed=4)
        await fuzz.asked_all([3, 4, 5], standing, server.sockets[0].getsockname()[1], tally)
        server.close()
        await asyncio.sleep(0.05)
        return tally.found

    async def hangs(reader, writer):
        while await reader.read(2**16):
            pass
        writer.close()

    async def fails(reader, writer):
        await reader.read(2**16)
        writer.write(b"HTTP/1.1 500 x\r\nServer: Halocline\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    assert [text.split(": ")[1] for text in asyncio.run(found(hangs))] == ["no answer in time"] * 3
    assert [text.split(": ")[1] for text in asyncio.run(found(fails))] == ["status 500"] * 3


async def test_a_line_that_was_closed_meanwhile_is_opened_anew():
    async def once(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    line = Line(server.sockets[0].getsockname()[1], patience=5)
    for _ in range(3):
        found = await line.ask(b"GET / HTTP/1.1\r\n\r\n", "GET", alone=False)
        assert found.body == b"ok"
    line.close()
    server.close()
    await asyncio.sleep(0.05)
