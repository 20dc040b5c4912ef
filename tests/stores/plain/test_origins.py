"""What every `stores.plain.origin.Origin` must do, and what each must do besides."""

import asyncio
import os

import pytest
from aiohttp import web
from zarr.abc.store import OffsetByteRequest, RangeByteRequest, SuffixByteRequest

from stores.plain.folder import Folder
from stores.plain.web import Web

CONTENT = bytes(range(200))


@pytest.fixture(params=["folder", "web"])
async def origin(request, site):
    (site.folder / "t").mkdir()
    (site.folder / "t" / "0.0").write_bytes(CONTENT)
    (site.folder / "t" / "empty").write_bytes(b"")
    (site.folder / ".zgroup").write_bytes(b'{"zarr_format": 2}')
    made = Folder(site.folder) if request.param == "folder" else Web(site.address, timeout=5)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (None, CONTENT),
        (RangeByteRequest(10, 20), CONTENT[10:20]),
        (RangeByteRequest(0, 200), CONTENT),
        (SuffixByteRequest(7), CONTENT[-7:]),
        (OffsetByteRequest(150), CONTENT[150:]),
    ],
)
async def test_a_chunk_or_a_part_of_it_is_what_was_written(origin, part, expected):
    assert await origin.read("t/0.0", part) == expected


@pytest.mark.parametrize("part", [None, RangeByteRequest(0, 5), SuffixByteRequest(5)])
async def test_what_was_never_written_is_none(origin, part):
    assert await origin.read("t/9.9", part) is None
    assert await origin.document("t/.zarray") is None
    assert await origin.stamp("t/.zarray") is None


@pytest.mark.parametrize("part", [RangeByteRequest(190, 201), SuffixByteRequest(201), RangeByteRequest(300, 310)])
async def test_a_part_beyond_the_end_is_an_error_not_less(origin, part):
    with pytest.raises(OSError, match=r"t/0\.0"):
        await origin.read("t/0.0", part)


@pytest.mark.parametrize("part", [None, SuffixByteRequest(5)])
async def test_an_empty_chunk_is_an_error_for_zarr_would_take_it_for_absent(origin, part):
    with pytest.raises(OSError, match="t/empty"):
        await origin.read("t/empty", part)


@pytest.mark.parametrize("key", ["../secret", "t/../../secret", "/etc/passwd", "t//0.0", "t/\0", "", ".", "t\\0"])
async def test_a_key_never_leaves_the_store(origin, key):
    for asked in (origin.document(key), origin.stamp(key), origin.read(key, None)):
        with pytest.raises(OSError, match="is no key"):
            await asked


async def test_a_stamp_stays_until_the_document_is_written_again(origin, site):
    first = await origin.document(".zgroup")
    assert (first.data, await origin.stamp(".zgroup")) == (b'{"zarr_format": 2}', first.stamp)
    (site.folder / ".zgroup").write_bytes(b'{"zarr_format": 3}')
    assert await origin.stamp(".zgroup") != first.stamp
    second = await origin.document(".zgroup")
    assert second.data == b'{"zarr_format": 3}'
    os.utime(site.folder / ".zgroup", ns=(1, 10**18))
    touched = await origin.document(".zgroup")
    assert touched.stamp != second.stamp
    assert touched.modified == 10**12


async def test_a_folder_lists_its_folders_and_http_cannot(origin):
    assert await origin.names() == (["t"] if isinstance(origin, Folder) else None)


@pytest.mark.parametrize("where", ["t/0.0/5", "t"])
async def test_in_a_folder_what_is_no_file_is_an_error_not_absent(site, where):
    (site.folder / "t").mkdir()
    (site.folder / "t" / "0.0").write_bytes(CONTENT)
    with pytest.raises(OSError, match=r"t"):
        await Folder(site.folder).read(where, None)


async def test_in_a_folder_a_link_to_nowhere_is_an_error_not_absent(site):
    (site.folder / "0.0").symlink_to("/nowhere/0.0")
    (site.folder / "t").symlink_to("/nowhere/t")
    for key in ("0.0", "t/0.0"):
        for asked in (Folder(site.folder).read(key, None), Folder(site.folder).stamp(key)):
            with pytest.raises(OSError, match="it is a link that leads nowhere"):
                await asked


async def test_a_folder_that_is_not_there_is_an_error_and_no_store_without_anything(tmp_path):
    for asked in (Folder(tmp_path / "x.zarr").document(".zgroup"), Folder(tmp_path / "x.zarr").read("t/0.0", None)):
        with pytest.raises(OSError, match=r"x\.zarr: there is no such folder"):
            await asked


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
async def test_in_a_folder_what_may_not_be_read_is_an_error_not_absent(site):
    (site.folder / "0.0").write_bytes(CONTENT)
    (site.folder / "0.0").chmod(0)
    with pytest.raises(PermissionError):
        await Folder(site.folder).read("0.0", None)


def status(number: int, **headers: str):
    return lambda _: web.Response(status=number, body=b"sorry", headers=headers)


async def cut(request):
    """Promise more than is sent."""
    answer = web.StreamResponse(headers={"Content-Length": "200"})
    await answer.prepare(request)
    await answer.write(CONTENT[:50])
    request.transport.abort()
    return answer


async def never(_request):
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (status(500), "500"),
        (status(403), "403"),
        (status(401), "401"),
        (status(204), "204"),
        (status(206), "206"),
        (status(429), "429"),
        (status(503), "503"),
        (status(304), "304"),
        (
            status(302, Location="http://elsewhere.example/"),
            r"302 and names http://elsewhere\.example/; it is n",
        ),
        (cut, "t/0"),
        (never, "no whole answer within 0.3 s"),
    ],
)
async def test_over_http_nothing_but_404_is_absent(site, fault, says):
    site.fault = fault
    origin = Web(site.address, timeout=0.3)
    for asked in (origin.read("t/0", None), origin.document("t/0"), origin.stamp("t/0")):
        with pytest.raises(OSError, match=says):
            await asked
    await origin.close()


@pytest.mark.parametrize("number", [404, 410])
async def test_over_http_what_is_not_there_or_gone_is_absent(site, number):
    site.fault = status(number)
    origin = Web(site.address, timeout=5)
    assert await origin.read("t/0", None) is None
    assert await origin.document("t/0") is None
    await origin.close()


async def test_a_server_that_is_not_there_is_an_error_not_absent(unused_tcp_port):
    origin = Web(f"http://127.0.0.1:{unused_tcp_port}/c.zarr", timeout=5)
    with pytest.raises(OSError, match=r"c\.zarr/t/0"):
        await origin.read("t/0", None)
    await origin.close()


@pytest.mark.parametrize(
    ("headers", "body", "says"),
    [
        ({"Content-Range": "bytes 0-9/200"}, CONTENT[:10], "not the part"),
        ({"Content-Range": "bytes 10-19/200"}, CONTENT[10:15], "not the part"),
        ({"Content-Range": "bytes 10-19/*"}, CONTENT[10:20], "tells no part"),
        ({}, CONTENT[10:20], "tells no part"),
    ],
)
async def test_a_part_that_is_another_is_refused(site, headers, body, says):
    site.fault = lambda _: web.Response(status=206, body=body, headers=headers)
    origin = Web(site.address, timeout=5)
    with pytest.raises(OSError, match=says):
        await origin.read("t/0", RangeByteRequest(10, 20))
    await origin.close()


async def test_a_server_that_passes_over_ranges_is_understood(site):
    site.fault = lambda _: web.Response(body=CONTENT)
    origin = Web(site.address, timeout=5)
    assert await origin.read("t/0", RangeByteRequest(10, 20)) == CONTENT[10:20]
    with pytest.raises(OSError, match="it ends at byte 200"):
        await origin.read("t/0", RangeByteRequest(190, 210))
    await origin.close()


async def test_a_document_that_is_known_is_not_sent_again(site):
    (site.folder / ".zgroup").write_bytes(b"{}")
    sent = []
    site.fault = lambda request: sent.append(request.headers.get("If-None-Match"))
    origin = Web(site.address, timeout=5)
    first, second = await origin.document(".zgroup"), await origin.document(".zgroup")
    assert first is second
    assert (sent[0], bool(sent[1])) == (None, True)
    await origin.close()


@pytest.mark.parametrize("age", [0, 3600])
async def test_without_entity_tags_what_was_just_written_is_not_trusted_to_stay(site, age):
    content = [b"{}"]

    def answer(request):
        if "If-Modified-Since" in request.headers:
            return web.Response(status=304)
        dates = {"Date": "Sat, 21 Nov 2015 12:00:00 GMT", "Last-Modified": "Sat, 21 Nov 2015 12:00:00 GMT"}
        dates["Date"] = dates["Date"].replace("12:", "13:" if age else "12:")
        return web.Response(body=content[0], headers=dates)

    site.fault = answer
    origin = Web(site.address, timeout=5)
    await origin.document(".zgroup")
    content[0] = b'{"a": 1}'
    assert (await origin.document(".zgroup")).data == (b"{}" if age else content[0])
    await origin.close()


async def test_what_is_secret_in_an_address_is_sent_but_not_said(site):
    seen = []
    site.fault = lambda request: seen.append((request.headers.get("Authorization"), request.query_string))
    origin = Web(site.address.replace("http://", "http://me:pass@") + "/c.zarr?sig=token", timeout=5)
    assert origin.name.endswith("/c.zarr")
    assert await origin.read("t/0", None) is None
    assert seen == [("Basic bWU6cGFzcw==", "sig=token")]
    assert not {"me", "pass", "token"} & set(origin.name.replace("/", " ").replace("@", " ").split())
    await origin.close()


async def test_after_the_end_nothing_is_asked_any_more(site):
    origin = Web(site.address, timeout=5)
    await origin.close()
    with pytest.raises(OSError, match="stopped"):
        await origin.read("t/0", None)
    assert not site.asked
