"""The composition root: what every protocol may rely on."""

import asyncio
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.problem import Problem
from gateway.app import make_app, protocols
from gateway.config.file import parse
from gateway.keys import UNIT
from gateway.wms import routes
from gateway.wms.routes import CAPABILITIES
from stores.base import VersionGoneError
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.sea import write_sea

MAP = (
    "/wms?service=WMS&version=1.3.0&request=GetMap&layers=sea/thetao&styles=&crs=CRS:84"
    "&bbox=-180,-90,180,90&width=64&height=32&format=image/png"
)


@pytest.fixture
def own_store(sea_store, tmp_path):
    """Return a copy of the small sea's store that a test may damage."""
    shutil.copytree(sea_store / "store", tmp_path / "store")
    return tmp_path


@pytest.fixture
def own_config(own_store):
    return parse({"store": "store", "datasets": [{"id": "sea", "source": "sea.nc"}]}, name="test", folder=own_store)


async def test_a_changed_title_or_palette_changes_the_tag_of_capabilities(own_store, aiohttp_client):
    query = {"service": "WMS", "request": "GetCapabilities"}
    tags = []
    for dataset in ({}, {"title": "Another"}, {"variables": {"thetao": {"palette": "haline"}}}):
        for unit in ({}, {"title": "Another unit"}):
            given = {
                "unit": {"public_url": "http://unit/"} | unit,
                "datasets": [{"id": "sea", "source": "x"} | dataset],
            }
            client = await aiohttp_client(make_app(parse({"store": "store"} | given, name="test", folder=own_store)))
            tags.append((await client.get("/wms", params=query)).headers["ETag"])
    assert len(set(tags)) == 6


async def test_a_version_that_cannot_be_used_stops_no_other_from_being_taken_up(
    own_store, own_config, aiohttp_client, monkeypatch, caplog
):
    app = make_app(own_config)
    client = await aiohttp_client(app)
    assert (await client.get(MAP)).status == 200

    async def broken(_):
        raise ValueError("latitude is repeated")

    monkeypatch.setattr("stores.repository.StoredDataset.open", broken)
    with caplog.at_level(logging.ERROR):
        await app[UNIT].refresh()
    assert "sea" in caplog.text
    assert (await client.get(MAP)).status == 200


async def test_two_units_live_in_one_process(sea_config, tmp_path, aiohttp_client):
    empty = await aiohttp_client(make_app(parse({"store": "none"}, name="test", folder=tmp_path)))
    full = await aiohttp_client(make_app(sea_config))
    assert (await full.get(MAP)).status == 200
    assert (await empty.get(MAP)).status == 404


async def test_an_unknown_path_is_refused_in_the_dialect_of_its_protocol(sea):
    plain, wms = await sea.get("/nothing"), await sea.get("/wms/a/b/c")
    assert (plain.status, plain.content_type) == (404, "text/plain")
    assert (wms.status, wms.content_type) == (404, "text/xml")
    assert "ServiceExceptionReport" in await wms.text()
    assert plain.headers["Cache-Control"] == wms.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/health", "/<script>", "/wms?request=<script>", MAP, f"{MAP}&layers=<b>"])
async def test_what_is_said_is_never_taken_for_something_else(sea, path):
    assert (await sea.get(path)).headers.getall("X-Content-Type-Options") == ["nosniff"]


async def test_a_wrong_method_is_refused_naming_the_right_ones(sea):
    answer = await sea.delete("/wms")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


async def test_a_store_that_cannot_be_read_is_unavailable_never_absent(own_store, own_config, aiohttp_client, caplog):
    client = await aiohttp_client(make_app(own_config))
    assert (await client.get(MAP.replace("64", "65"))).status == 200
    chunks = own_store / "store" / "sea" / "chunks"
    shutil.move(chunks, own_store / "away")
    cold = await aiohttp_client(make_app(own_config))
    with caplog.at_level(logging.ERROR):
        broken = await cold.get(MAP)
    text = await broken.text()
    assert (broken.status, broken.content_type, broken.headers["Cache-Control"]) == (503, "text/xml", "no-store")
    assert "Retry-After" in broken.headers
    assert str(own_store) not in text
    assert "Traceback" not in text
    (reference,) = [
        part for part in text.split() if part.split("<")[0] in caplog.text and len(part.split("<")[0]) == 16
    ]
    assert reference
    shutil.move(own_store / "away", chunks)
    assert (await cold.get(MAP)).status == 200


async def test_a_fault_of_ours_is_logged_whole_and_told_without_internals(sea, monkeypatch, caplog):
    async def broken(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("gateway.wms.routes.picture_of", broken)
    with caplog.at_level(logging.ERROR):
        answer = await sea.get(MAP)
    assert (answer.status, answer.content_type) == (500, "text/xml")
    assert "secret" not in await answer.text()
    assert "secret detail" in caplog.text


async def test_a_collected_version_is_reopened_not_taken_for_absent(sea, monkeypatch):
    original, calls = routes.picture_of, []

    async def once_gone(*given):
        calls.append(given)
        if len(calls) == 1:
            raise VersionGoneError("collected")
        return await original(*given)

    monkeypatch.setattr(routes, "picture_of", once_gone)
    assert (await sea.get(MAP)).status == 200
    assert len(calls) == 2


async def test_a_version_collected_again_and_again_is_unavailable(sea, monkeypatch):
    async def gone(*_):
        raise VersionGoneError("collected")

    monkeypatch.setattr(routes, "picture_of", gone)
    answer = await sea.get(MAP)
    assert (answer.status, "Retry-After" in answer.headers) == (503, True)


async def test_a_new_day_is_taken_up_and_leaves_the_tags_of_others_alone(
    sea_store, own_store, own_config, aiohttp_client
):
    app = make_app(own_config)
    client = await aiohttp_client(app)
    days = [f"{MAP}&colorscalerange=0,30&time=2015-03-0{day}T12:00:00Z" for day in (1, 2, 3, 4)]
    before = [(await client.get(day)).headers.get("ETag") for day in days]
    shutil.copy(sea_store / "sea.nc", own_store / "sea.nc")
    write_sea(own_store / "sea4.nc", days=1, first=4)
    location, files = Location.parse(str(own_store / "store")), [own_store / "sea.nc", own_store / "sea4.nc"]
    ingest(location, "sea", files, crew=Processes(0), report=lambda _: None)
    await app[UNIT].refresh()
    after = [(await client.get(day)).headers.get("ETag") for day in days]
    assert before[:3] == after[:3]
    assert before[3] is None
    assert after[3] not in after[:3]


async def test_capabilities_of_a_replaced_version_are_forgotten(sea_store, own_store, own_config, aiohttp_client):
    app = make_app(own_config)
    client, capabilities = await aiohttp_client(app), "/wms?service=WMS&request=GetCapabilities"
    assert "2015-03-04" not in await (await client.get(capabilities)).text()
    shutil.copy(sea_store / "sea.nc", own_store / "sea.nc")
    write_sea(own_store / "sea4.nc", days=1, first=4)
    location, files = Location.parse(str(own_store / "store")), [own_store / "sea.nc", own_store / "sea4.nc"]
    ingest(location, "sea", files, crew=Processes(0), report=lambda _: None)
    await app[UNIT].refresh()
    assert "2015-03-04" in await (await client.get(capabilities)).text()
    assert len(app[CAPABILITIES]._fragments) == 1


async def test_many_clients_are_answered_alike(sea):
    bodies = await asyncio.gather(*(one(sea) for _ in range(20)))
    assert len(set(bodies)) == 1


async def one(client):
    return await (await client.get(MAP)).read()


def test_every_protocol_has_its_own_paths():
    owners = [[spoken.name for spoken in protocols() if spoken.owns(path)] for path in ("/wms/x", "/health", "/")]
    assert [found[0] for found in owners] == ["wms", "operations", "viewer"]


def test_a_problem_keeps_what_its_sender_can_act_on():
    problem = Problem("invalid_value", "WIDTH=0 must be at least 1", parameter="WIDTH")
    assert (str(problem), problem.kind, problem.parameter) == ("WIDTH=0 must be at least 1", "invalid_value", "WIDTH")


def test_what_the_first_dataset_would_wait_for_is_loaded_before_a_unit_is_ready():
    code = (
        "import asyncio, sys; from aiohttp import web; from gateway.app import make_app\n"
        "from gateway.config.file import parse; from pathlib import Path; from renderers import palettes\n"
        "async def begin():\n"
        "    runner = web.AppRunner(make_app(parse({'store': '.', 'datasets': []}, name='x', folder=Path())))\n"
        "    await runner.setup()\n"
        "    print('numpy.ma' in sys.modules, palettes._table.cache_info().currsize)\n"
        "    await runner.cleanup()\n"
        "asyncio.run(begin())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, ["True", "1"]), done.stderr
