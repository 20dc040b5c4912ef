"""One record for each use, as seen from outside: who, what, how much, how it ended."""

import asyncio
import gzip
import hashlib
import hmac
import json
import socket
import struct
import time
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, web

from core.problem import Problem
from gateway.http.sending import begun, send
from gateway.keys import VISIBLE
from tests.gateway.accounting.conftest import lines_in
from tests.gateway.somebody import MAJOR, MINOR

MAP = (
    "/wms?service=WMS&version=1.3.0&request=GetMap&layers=sea/thetao&styles=&crs=CRS:84"
    "&bbox=-180,-90,180,90&width=64&height=32&format=image/png"
)
CAPABILITIES = "/wms?service=WMS&request=GetCapabilities"
SUBSET = "/thredds/ncss/grid/sea?var=thetao&accept=netcdf3"


async def test_a_map_is_one_record(kept):
    unit = await kept()
    before = time.time()
    async with ClientSession(unit.address) as client, client.get(MAP) as answer:
        size = len(await answer.read())
    (use,) = await unit.ended()
    seconds, when = use.pop("seconds"), datetime.fromisoformat(use.pop("time"))
    assert 0 < seconds < 60
    assert before - 0.01 <= when.timestamp() <= time.time() + 0.01
    assert when.tzinfo == UTC
    assert use == {
        "seq": 2, "kind": "use", "who": None, "protocol": "wms", "operation": "GetMap", "datasets": ["sea"],
        "action": "view", "status": 200, "outcome": "answered", "refusal": None, "bytes": size,
    }  # fmt: skip


async def test_each_kind_of_use_says_what_was_opened_for_what_and_how_it_ended(kept):
    unit = await kept()
    async with ClientSession(unit.address) as client:
        tag = (await client.get(MAP)).headers["ETag"]
        for path in (CAPABILITIES, "/wms/sea?service=WMS&request=GetCapabilities", SUBSET, "/kml/sea/thetao.kml"):
            await (await client.get(path)).read()
        await client.get(MAP, headers={"If-None-Match": tag})
        await client.head(MAP)
        await client.get(MAP.replace("sea/", "nope/"))
        await client.get(MAP.replace("sea/thetao", "sea/nope"))
        await client.get(f"{MAP}&exceptions=INIMAGE&time=never")
        await client.get("/wms?request=GetNothing")
        await client.post("/wms", data=MAP.partition("?")[2], headers={"Content-Type": "text/plain"})
    told = [
        (
            use["protocol"],
            use["operation"],
            use["datasets"],
            use["action"],
            use["status"],
            use["outcome"],
            use["refusal"],
        )
        for use in await unit.ended()
    ]
    assert told == [
        ("wms", "GetMap", ["sea"], "view", 200, "answered", None),
        ("wms", "GetCapabilities", [], "discover", 200, "answered", None),
        ("wms", "GetCapabilities", ["sea"], "discover", 200, "answered", None),
        ("ncss", "subset", ["sea"], "download", 200, "answered", None),
        ("kml", "document", ["sea"], "view", 200, "answered", None),
        ("wms", "GetMap", ["sea"], "view", 304, "unchanged", None),
        ("wms", "GetMap", ["sea"], "view", 200, "answered", None),
        ("wms", "GetMap", [], None, 404, "refused", "unknown_layer"),
        ("wms", "GetMap", ["sea"], "view", 404, "refused", "unknown_layer"),
        ("wms", "GetMap", ["sea"], "view", 200, "refused", "invalid_dimension"),
        ("wms", "none", [], None, 400, "refused", told[10][6]),
        ("wms", "none", [], None, told[11][4], "refused", told[11][6]),
    ]
    assert None not in (told[10][6], told[11][6])


async def test_bytes_are_those_of_the_body_as_it_went(kept):
    unit = await kept()
    sizes = []
    async with ClientSession(unit.address, auto_decompress=False) as client:
        for method, path, packed in (
            ("GET", CAPABILITIES, "identity"), ("GET", CAPABILITIES, "gzip"), ("HEAD", CAPABILITIES, "identity"),
            ("GET", SUBSET, "identity"), ("GET", "/wms?request=GetNothing", "identity"),
        ):  # fmt: skip
            async with client.request(method, path, headers={"Accept-Encoding": packed}) as answer:
                sizes.append(len(body := await answer.read()))
                assert (body[:2] == gzip.compress(b"")[:2]) == (packed == "gzip")
    assert [use["bytes"] for use in await unit.ended()] == sizes
    assert sizes[1] < sizes[0]
    assert sizes[2] == 0


async def test_what_is_no_use_of_data_is_not_recorded(kept):
    unit = await kept()
    async with ClientSession(unit.address) as client:
        for path in ("/", "/health", "/metrics", "/viewer/main.js", "/no/such/path"):
            await client.get(path)
        await client.options("/wms", headers={"Origin": "http://a", "Access-Control-Request-Method": "GET"})
    assert await unit.ended() == []


# --- who


async def test_callers_stand_in_records_under_a_pseudonym_that_needs_the_secret(kept, tmp_path):
    unit = await kept(access=[{"datasets": "*", "download": ["public"]}])
    async with ClientSession(unit.address) as client:
        for unit.who.found in (MAJOR, MINOR, MAJOR):
            await client.get(MAP)
    ada, ben, again = (use["who"] for use in await unit.ended())
    secret = bytes.fromhex((tmp_path / "secret").read_text())
    month = f"{datetime.now(UTC):%Y-%m}"
    assert ada == again == hmac.new(secret, f"{month}\0ada".encode(), hashlib.sha256).hexdigest()[:32]
    assert ben != ada
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


async def test_no_secret_no_address_and_no_name_is_in_any_file(kept):
    unit = await kept(access=[{"datasets": "*", "download": ["public"]}])
    unit.who.found = MAJOR
    async with ClientSession(unit.address) as client:
        headers = {"User-Agent": "hidden1", "Referer": "http://hidden2", "Cookie": "hidden3"}
        await client.get(f"{MAP}&token=hidden4", headers=headers)
        await client.get(MAP.replace("sea/thetao", "hidden5"), headers=headers)
        await client.get("/wms/hidden6?request=hidden7", headers=headers)
    assert len(await unit.ended()) == 3
    text = "".join(path.read_text() for path in unit.folder.iterdir())
    for secret in ("hidden", "127.0.0.1", '"ada"', "major", "thetao"):
        assert secret not in text


async def test_a_refused_caller_is_recorded_and_what_they_may_not_know_of_is_not(kept):
    rules = {"discover": ["public"], "view": ["major"]}
    datasets = [{"id": "sea", "source": "x", "access": rules}, {"id": "later", "source": "x", "access": {"view": []}}]
    unit = await kept(datasets=datasets)
    async with ClientSession(unit.address) as client:
        await client.get(MAP)
        unit.who.found = MINOR
        await client.get(MAP)
        await client.get(MAP.replace("sea/", "later/"))
    told = [(use["datasets"], use["status"], use["refusal"], use["who"] is None) for use in await unit.ended()]
    assert told == [
        (["sea"], 401, "unauthenticated", True),
        (["sea"], 403, "forbidden", False),
        ([], 404, "unknown_layer", False),
    ]


async def test_who_cannot_prove_who_they_are_is_nobody(kept):
    unit = await kept()

    class Refusing:
        async def caller(self, _):
            raise Problem("invalid_token", "no")

    unit.who.caller = Refusing().caller
    async with ClientSession(unit.address) as client:
        await client.get(MAP)
    (use,) = await unit.ended()
    assert (use["who"], use["status"], use["refusal"], use["datasets"]) == (None, 401, "invalid_token", [])


# --- answers that do not arrive


def streaming(fault=None, gate=None, pieces=4):
    """Return a handler of 64 kB pieces, of which the last ones never come or are a fault."""

    async def made():
        for number in range(pieces):
            if number == 2 and gate is not None:
                await gate.wait()
            if number == 2 and fault is not None:
                raise fault
            yield bytes(65536)

    async def handler(request: web.Request) -> web.StreamResponse:
        await request[VISIBLE].open("sea", "download")
        return await send(request, await begun(made(), length=pieces * 65536, least=65536), {})

    return handler


@pytest.mark.parametrize("fault", [OSError("disk"), RuntimeError("ours")])
async def test_a_body_that_could_not_be_made_whole_is_cut_with_the_bytes_that_went(kept, fault):
    unit = await kept(routes=[("/wms/cut/it", streaming(fault))])
    async with ClientSession(unit.address) as client:
        with pytest.raises(Exception, match=r"."):
            await (await client.get("/wms/cut/it")).read()
    (use,) = await unit.ended()
    assert (use["outcome"], use["status"], use["bytes"], use["datasets"]) == ("cut", 200, 2 * 65536, ["sea"])


async def test_a_client_that_leaves_amid_a_body_has_what_went_until_then(kept):
    gate = asyncio.Event()
    unit = await kept(routes=[("/wms/slow/one", streaming(gate=gate))])
    reader, writer = await asyncio.open_connection("127.0.0.1", unit.port)
    writer.write(b"GET /wms/slow/one HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(2 * 65536)
    sent = writer.get_extra_info("socket")
    sent.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    await _until(lambda: lines_in(unit.folder)[-1]["kind"] == "use")
    gate.set()
    (use,) = await unit.ended()
    assert (use["outcome"], use["status"], use["bytes"]) == ("gone", 200, 2 * 65536)


async def test_a_client_that_leaves_before_anything_was_sent_is_a_499_of_no_bytes(kept):
    gate = asyncio.Event()

    async def handler(request):
        await request[VISIBLE].open("sea", "view")
        await gate.wait()

    unit = await kept(routes=[("/wms/slow/two", handler)])
    _, writer = await asyncio.open_connection("127.0.0.1", unit.port)
    writer.write(b"GET /wms/slow/two HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.sleep(0.1)
    writer.transport.abort()
    await _until(lambda: lines_in(unit.folder)[-1]["kind"] == "use")
    (use,) = await unit.ended()
    assert (use["outcome"], use["status"], use["bytes"], use["datasets"]) == ("gone", 499, 0, ["sea"])


async def test_a_fault_of_ours_is_a_failure(kept):
    async def handler(_):
        raise OSError("disk")

    unit = await kept(routes=[("/wms/fault/y", handler)])
    async with ClientSession(unit.address) as client:
        await client.get("/wms/fault/y")
    (use,) = await unit.ended()
    assert (use["outcome"], use["status"], use["refusal"]) == ("failed", 503, None)


async def test_requests_of_one_connection_are_each_a_record_when_they_end(kept):
    unit = await kept()
    async with ClientSession(unit.address) as client:
        for number in (1, 2, 3):
            await (await client.get(MAP)).read()
            await _until(lambda number=number: len(lines_in(unit.folder)) == number + 1)
    assert [use["seq"] for use in await unit.ended()] == [2, 3, 4]


# --- with the unit


async def test_a_unit_counts_its_records_and_keeps_none_unless_it_is_told_to(kept, sea):
    unit = await kept()
    async with ClientSession(unit.address) as client:
        await (await client.get(MAP)).read()
        await _until(lambda: len(lines_in(unit.folder)) == 2)
        text = await (await client.get("/metrics")).text()
    found = dict(line.split() for line in text.splitlines() if line.startswith("halocline_uses"))
    assert found == {
        "halocline_uses_total": "1.0", "halocline_uses_lost_total": "0.0", "halocline_uses_waiting": "0.0",
    }  # fmt: skip
    assert "halocline_uses" not in await (await sea.get("/metrics")).text()


async def test_answers_do_not_wait_for_a_disk_that_takes_nothing(kept, tmp_path):
    (tmp_path / "records").write_text("in the way")
    unit = await kept()
    async with ClientSession(unit.address) as client:
        assert (await client.get(MAP)).status == 200
        assert "halocline_uses_waiting 1.0" in await (await client.get("/metrics")).text()
        (tmp_path / "records").unlink()
        await _until(lambda: unit.folder.is_dir() and len(lines_in(unit.folder)) == 2)
    assert [line["kind"] for line in lines_in(unit.folder)] == ["begin", "use"]
    assert json.loads(json.dumps(await unit.ended()))[0]["status"] == 200


async def _until(true):
    for _ in range(200):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to be")
