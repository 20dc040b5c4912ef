"""The viewer's files over HTTP."""

import gzip
import re

import pytest
from aiohttp import web

from gateway.viewer.routes import FOLDER, read_assets, routes


@pytest.fixture
async def client(aiohttp_client):
    app = web.Application()
    app.add_routes(routes())
    return await aiohttp_client(app)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/favicon.ico", "image/svg+xml"),
        ("/viewer/main.js", "text/javascript"),
        ("/viewer/viewer.css", "text/css"),
        ("/viewer/icon.svg", "image/svg+xml"),
        ("/viewer/vendor/ol-10.11.0/ol.js", "text/javascript"),
        ("/viewer/vendor/ol-10.11.0/LICENSE.txt", "text/plain"),
        ("/viewer/vendor/world-atlas-2.0.2/land-110m.json", "application/json"),
    ],
)
async def test_a_file_is_answered_with_its_own_content_type(client, path, content_type):
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (200, content_type)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_body_is_the_file_and_packed_only_for_those_who_take_it(client):
    file = (FOLDER / "main.js").read_bytes()
    plain = await client.get("/viewer/main.js", headers={"Accept-Encoding": "identity"})
    packed = await client.get("/viewer/main.js", headers={"Accept-Encoding": "gzip, br"}, auto_decompress=False)
    assert await plain.read() == file
    assert gzip.decompress(await packed.read()) == file
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("taken", ["identity", "gzip;q=0, identity", "", "br"])
async def test_a_client_that_does_not_take_gzip_gets_none(client, taken):
    answer = await client.get("/viewer/main.js", headers={"Accept-Encoding": taken}, auto_decompress=False)
    assert "Content-Encoding" not in answer.headers


async def test_a_client_that_has_the_file_gets_304_without_it(client):
    first = await client.get("/")
    again = await client.get("/", headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert (await client.get("/", headers={"If-None-Match": '"other"'})).status == 200


async def test_only_what_carries_a_version_in_its_name_is_immutable(client):
    for name, asset in read_assets().items():
        versioned = re.match(r"vendor/[a-z0-9-]+-\d+\.\d+\.\d+/", name)
        assert ("immutable" in asset.cache_control) == bool(versioned), name


@pytest.mark.parametrize(
    "path",
    [
        "/viewer/",
        "/viewer/nope.js",
        "/viewer/../routes.py",
        "/viewer/%2e%2e/routes.py",
        "/viewer/..%2froutes.py",
        "/viewer/..%5croutes.py",
        "/viewer//etc/passwd",
        "/viewer/%2fetc%2fpasswd",
        "/viewer/vendor",
        "/viewer/main.js%00",
        "/viewer/main.js/",
    ],
)
async def test_nothing_but_the_viewers_own_files_is_answered(client, path):
    answer = await client.get(path, allow_redirects=False)
    assert answer.status == 404
    assert "import" not in await answer.text()


async def test_the_page_holds_nothing_that_its_own_policy_forbids(client):
    answer = await client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = await answer.text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", page)


def test_the_page_names_only_relative_addresses_that_exist():
    page = (FOLDER / "index.html").read_text()
    names = re.findall(r'(?:src|href)="([^"#?]+)', page)
    assert names
    for name in names:
        assert name == "wms" or name.removeprefix("viewer/") in read_assets(), name


def test_no_own_file_names_another_host():
    for name, asset in read_assets().items():
        if not name.startswith("vendor/"):
            addresses = set(re.findall(rb"https?://[^\s\"'<>]+", asset.body))
            assert addresses <= {b"http://www.w3.org/2000/svg"}, name


def test_own_files_are_small():
    for name, asset in read_assets().items():
        if not name.startswith("vendor/"):
            assert asset.body.count(b"\n") < 200, name


def test_a_kind_of_file_that_is_not_known_stops_the_start(tmp_path):
    (tmp_path / "odd.exe").write_bytes(b"")
    with pytest.raises(ValueError, match=r"odd\.exe.*'\.exe'"):
        read_assets(tmp_path)
