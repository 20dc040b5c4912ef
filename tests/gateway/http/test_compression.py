"""Text is packed where the client takes that, and pictures are left alone."""

import asyncio
import gzip
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Response

from gateway.app import make_app
from gateway.http.compression import Packer, gzip_accepted
from gateway.workers import Workers
from tests.gateway.forms import MAP

CAPABILITIES = "/wms?service=WMS&request=GetCapabilities"
PACKED = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, gzip;q=0.5", True),
        ("br", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("gzip ; q=0.001", True),
        ("gzip;Q=1.000", True),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.4, gzip;q=0.5", True),
        ("gzipped", False),
        ("gzip;q=2", False),
        ("gzip;level=3", False),
        (";;,,=", False),
        ("deflate;q=nan, gzip", True),
    ],
)
def test_accept_encoding_is_read_with_its_weights(given, expected):
    assert gzip_accepted(given) is expected


async def test_capabilities_are_packed_and_still_the_same(sea):
    plain = await sea.get(CAPABILITIES, headers={"Accept-Encoding": "identity"})
    packed = await sea.get(CAPABILITIES, headers=PACKED, auto_decompress=False)
    body = await plain.read()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(await packed.read()) < len(body) / 4
    assert gzip.decompress(await packed.read()) == body
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


async def test_the_packed_form_has_a_strong_tag_of_its_own_and_either_is_recognised(sea):
    plain = (await sea.get(CAPABILITIES, headers={"Accept-Encoding": "identity"})).headers["ETag"]
    packed = (await sea.get(CAPABILITIES, headers=PACKED)).headers["ETag"]
    assert plain != packed
    assert not packed.startswith("W/")
    for known in (plain, packed):
        for taken in ("gzip", "identity"):
            headers = {"If-None-Match": known, "Accept-Encoding": taken}
            again = await sea.get(CAPABILITIES, headers=headers)
            told = again.status, again.headers["ETag"], again.headers["Vary"], await again.read()
            assert told == (304, known, "Accept-Encoding", b"")


async def test_two_packings_are_one_string_of_bytes(sea, sea_config, aiohttp_client):
    other = await aiohttp_client(make_app(sea_config))
    headers = PACKED | {"Host": "unit"}
    answers = [await client.get(CAPABILITIES, headers=headers, auto_decompress=False) for client in (sea, other)]
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    assert await answers[0].read() == await answers[1].read()


@pytest.mark.parametrize(
    "path",
    [
        "/wms?" + urlencode(MAP | {"WIDTH": "512", "HEIGHT": "512"}),
        "/wms?request=GetMap",
        "/health",
    ],
)
async def test_pictures_and_short_texts_are_not_packed(sea, path):
    answer = await sea.get(path, headers=PACKED)
    assert "Content-Encoding" not in answer.headers
    assert ("Vary" in answer.headers) == (answer.content_type != "image/png")


async def test_metrics_refusals_and_details_are_packed_when_they_are_long(sea):
    for path in ("/metrics", "/wms?request=GetMetadata&item=layerDetails&layerName=sea/thetao"):
        assert (await sea.get(path, headers=PACKED)).headers["Content-Encoding"] == "gzip"


async def test_a_large_body_is_packed_once_however_many_ask(monkeypatch):
    calls = []
    monkeypatch.setattr("gateway.http.compression._gzip", lambda body: calls.append(len(body)) or gzip.compress(body))
    workers = Workers(2)
    packer, body = Packer(workers), b"<Layer/>" * 100_000
    request = make_mocked_request("GET", "/", headers=PACKED)

    async def ask(text):
        answer = Response(body=text, headers={"Content-Type": "text/xml", "ETag": '"a"'})
        await packer.pack(request, answer)
        assert gzip.decompress(answer.body) == text
        assert answer.headers["ETag"] == '"a-gzip"'

    await asyncio.gather(*(ask(body) for _ in range(10)))
    await ask(bytes(bytearray(body)))
    assert calls == [len(body)]
    # A tag may come again at another address.
    await ask(body[:-8])
    assert calls == [len(body), len(body) - 8]
    workers.close()
