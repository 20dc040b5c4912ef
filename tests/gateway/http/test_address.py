"""Every address that the unit writes works for who reached it, also through a proxy that takes a prefix away."""

import asyncio
import json
import re
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession, web
from lxml import etree, html

from gateway.app import make_app
from gateway.config.file import parse

CAPABILITIES = "wms?service=WMS&request=GetCapabilities&version="
DATASETS = [{"id": "sea", "source": "x"}]


@pytest.fixture
async def unit(sea_store, aiohttp_server, tmp_path):
    """Return what starts a unit with some keys; its log goes to `access.log`."""

    async def start(**keys):
        raw = {"store": "store", "datasets": DATASETS, "unit": {"access_log": str(tmp_path / "access.log"), **keys}}
        return await aiohttp_server(make_app(parse(raw, name="test", folder=sea_store)))

    return start


@pytest.fixture
async def proxied(aiohttp_server):
    """Return what puts a proxy in front of a unit, given the prefix it takes away and the headers it sets."""
    sessions = []

    async def start(target, prefix="", headers=None):
        session = ClientSession(auto_decompress=False)
        sessions.append(session)

        async def forward(request):
            path = str(request.rel_url).removeprefix(prefix)
            said = {name: value.format(host=request.host) for name, value in (headers or {}).items()}
            # As proxies do that are told nothing of Host.
            kept = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            async with session.request(request.method, target.make_url(path), headers=kept | said) as answer:
                passed = {k: v for k, v in answer.headers.items() if k.lower() not in ("transfer-encoding", "date")}
                return web.Response(status=answer.status, body=await answer.read(), headers=passed)

        app = web.Application()
        app.router.add_route("*", prefix + "/{path:.*}", forward)
        server = await aiohttp_server(app)
        return f"http://{server.host}:{server.port}{prefix}/"

    yield start
    for session in sessions:
        await session.close()


TOLD = {
    "x-forwarded": {
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "{host}",
        "X-Forwarded-Prefix": "/halocline",
    },
    "forwarded": {"Forwarded": 'for=192.0.2.7;proto=http;host="{host}"', "X-Forwarded-Prefix": "/halocline"},
}


@pytest.fixture(params=["x-forwarded", "forwarded", "public_url"])
async def through(request, unit, proxied):
    """Return the address of a unit behind a proxy that takes `/halocline` away."""
    if request.param != "public_url":
        inside = await unit(proxies=["127.0.0.1"], proxy_headers=request.param)
        return await proxied(inside, "/halocline", TOLD[request.param])
    # Only then is the address known that is to be configured.
    targets = []
    address = await proxied(_Later(targets), "/halocline")
    targets.append(await unit(public_url=address))
    return address


class _Later:
    """A server that is started after what stands before it."""

    def __init__(self, targets):
        self.targets = targets

    def make_url(self, path):
        return self.targets[0].make_url(path)


@pytest.fixture
async def client():
    async with ClientSession() as session:
        yield session


async def _links(client, address, pattern):
    """Return the absolute addresses in a document."""
    async with client.get(address) as answer:
        assert answer.status == 200
        text = await answer.text()
    return {html.fromstring(f"<a>{found}</a>").text for found in re.findall(pattern, text)}


async def _status(client, address):
    async with client.get(address) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
async def test_capabilities_give_addresses_that_work(through, client, version):
    links = await _links(client, through + CAPABILITIES + version, r'xlink:href="([^"]+)"')
    # The service itself, and the legend of its only layer.
    assert sorted("GetLegendGraphic" in link for link in links) == [False, True]
    assert all(link.startswith(through + "wms") for link in links)
    for link in links:
        asked = "" if "GetLegendGraphic" in link else "service=WMS&request=GetCapabilities"
        assert await _status(client, link + asked) == 200


async def test_documents_of_globes_give_addresses_that_work(through, client):
    links = await _links(client, through + "kml/sea/thetao.kml", r"<href>([^<]+)</href>")
    steps = next(link for link in links if "PART=steps" in link)
    links |= await _links(client, steps, r"<href>([^<]+)</href>")
    assert len(links) > 3
    assert all(link.startswith(through) for link in links)
    assert {await _status(client, link) for link in links} == {200}


async def test_the_form_asks_at_an_address_that_works(through, client):
    page = through + "thredds/ncss/grid/sea/dataset.html"
    async with client.get(page) as answer:
        form = html.fromstring(await answer.read()).find(".//form")
    assert await _status(client, urljoin(page, form.get("action")) + "?var=thetao&accept=csv") == 200
    async with client.get(through + "thredds/ncss/grid/sea/dataset.xml") as answer:
        location = etree.fromstring(await answer.read()).get("location")
    assert urljoin(through, location) == through + "thredds/ncss/grid/sea"


async def test_the_page_loads_all_its_parts(through, client):
    async with client.get(through) as answer:
        tree = html.fromstring(await answer.read())
    parts = [part.get("src") or part.get("href") for part in tree.iter("script", "link")]
    modules = [urljoin(through, part) for part in parts]
    assert len(modules) > 5
    for module in list(modules):
        if module.endswith("main.js"):
            found = await _links(client, module, r"from '([^']+)'")
            modules += [urljoin(module, name) for name in found]
    assert {await _status(client, module) for module in modules} == {200}


async def test_a_stranger_is_not_believed(unit, client):
    inside = await unit(proxies=["10.0.0.0/8"])
    headers = {**TOLD["x-forwarded"], "X-Forwarded-Host": "evil.example", **TOLD["forwarded"]}
    async with client.get(inside.make_url("/" + CAPABILITIES + "1.3.0"), headers=headers) as answer:
        text = await answer.text()
    assert "evil" not in text
    assert "halocline/wms" not in text
    assert f"http://127.0.0.1:{inside.port}/wms" in text


async def test_the_log_has_the_caller_and_not_the_proxy(unit, client, tmp_path):
    inside = await unit(proxies=["127.0.0.0/8"])
    for said in ("8.8.8.8, 192.0.2.7", "forged\n{}", "192.0.2.9"):
        async with client.get(inside.make_url("/health"), headers={"X-Forwarded-For": said.replace("\n", " ")}):
            pass
    await inside.close()
    lines = (tmp_path / "access.log").read_text().splitlines()
    assert [json.loads(line)["remote"] for line in lines] == ["192.0.2.7", "127.0.0.1", "192.0.2.9"]


@pytest.mark.parametrize(
    ("target", "headers", "base"),
    [
        ("/", {"Host": "ocean.example.org"}, "http://ocean.example.org/"),
        ("/", {"Host": "[2001:db8::7]:8080"}, "http://[2001:db8::7]:8080/"),
        ("http://ocean.example.org:99/", {"Host": "other"}, "http://ocean.example.org:99/"),
        ("http://ocean.example.org/", {"Host": "other:1"}, "http://ocean.example.org/"),
        ("http://user:word@ocean.example.org/", {"Host": "other"}, "http://ocean.example.org/"),
        ("/", {"Host": "evil/path"}, "http://127.0.0.1:8080/"),
        ("/", {"Host": "a" * 300}, "http://127.0.0.1:8080/"),
        ("/", {"Host": "a", "X-Forwarded-Host": "evil/<b>", "X-Forwarded-Prefix": "//evil"}, "http://a/"),
        ("/", {"Host": "a", "X-Forwarded-Host": "b", "X-Forwarded-Proto": "https"}, "https://b/"),
        ("/", {"Host": "a", "X-Forwarded-Prefix": "/halocline"}, "http://a/halocline/"),
    ],
)
async def test_the_base_is_what_the_client_asked_for(unit, target, headers, base):
    inside = await unit(proxies=["127.0.0.1"])
    answer = await _spoken(inside, target, headers)
    assert f'xlink:href="{base}wms?"' in answer


async def test_a_public_address_counts_for_more_than_all_that_is_said(unit):
    inside = await unit(proxies=["127.0.0.1"], public_url="https://ocean.example.org/data")
    said = {"Host": "a", "X-Forwarded-Host": "b", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/c"}
    assert 'xlink:href="https://ocean.example.org/data/wms?"' in await _spoken(inside, "/", said)


async def _spoken(server, target, headers):
    """Ask for capabilities in bytes: clients would put the headers right."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [f"GET {target}{CAPABILITIES}1.3.0 HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()
