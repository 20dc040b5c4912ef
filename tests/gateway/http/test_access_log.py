"""What is written of each answer, and what never is."""

import asyncio
import json
import logging
import resource

import pytest
from yarl import URL

from gateway.app import make_app
from gateway.config.file import parse
from gateway.http.access_log import AccessLog, Entry
from tests.gateway.forms import FORM, MAP


@pytest.fixture
async def written(sea_store, tmp_path, aiohttp_client):
    """Return a client of a unit that keeps a log, and what ends the unit and reads the lines."""
    given = {"unit": {"access_log": "log.jsonl"}, "datasets": [{"id": "sea", "source": "sea.nc"}]}
    config = parse(given, name="test", folder=tmp_path)
    config = config.model_copy(update={"store": str(sea_store / "store")})
    client = await aiohttp_client(make_app(config))

    async def lines():
        await client.close()
        return [json.loads(line) for line in (tmp_path / "log.jsonl").read_bytes().splitlines()]

    return client, lines


async def test_each_answer_is_one_line(written):
    client, lines = written
    answer = await client.get("/wms", params=MAP, headers={"User-Agent": "QGIS/3"})
    size = len(await answer.read())
    await client.post("/wms", data=MAP | {"LAYERS": "sea/nope"})
    await client.get("/nothing")
    first, second, third = await lines()
    assert first["parameters"] == MAP
    told = first["method"], first["path"], first["status"], first["bytes"], first["agent"], first["remote"]
    assert told == ("GET", "/wms", 200, size, "QGIS/3", "127.0.0.1")
    assert 0 < first["seconds"] < 60
    assert first["time"].endswith("Z")
    assert (second["method"], second["status"], second["parameters"]["LAYERS"]) == ("POST", 404, "sea/nope")
    assert (third["path"], third["status"], third["parameters"]) == ("/nothing", 404, {})


async def test_no_secret_and_nothing_that_wms_does_not_know_is_written(written):
    client, lines = written
    headers = {"Authorization": "Bearer hidden1", "Cookie": "hidden2", "Referer": "http://a/?token=hidden3"}
    await client.get("/wms", params=MAP | {"token": "hidden4", "hidden5": "a", "DIM_hidden 6": "a"}, headers=headers)
    await client.get("/~hidden7/wms/sea", params=MAP)
    await client.get(URL("/%7Ehidden8/wms?token=hidden9", encoded=True))
    await client.post("/wms", data="token=hidden10&request=GetMap", headers={"Content-Type": FORM})
    found = await lines()
    assert [line["path"] for line in found] == ["/wms", "/~/wms/sea", "/~/wms", "/wms"]
    assert "hidden" not in json.dumps(found)
    assert found[3]["parameters"] == {"REQUEST": "GetMap"}


async def test_a_line_stays_one_line_whatever_is_sent(written):
    client, lines = written
    await client.get(URL("/wms%0d%0aforged?TIME=%0a%1b%5b31m%e2%80%a8&STYLES=" + "a" * 9000, encoded=True))
    await client.get(URL("/wms?TIME=%0a%1b%5b31m%e2%80%a8&STYLES=" + "a" * 9000, encoded=True))
    forged, found = await lines()
    assert forged["path"] == "/wms%0d%0aforged"
    assert found["parameters"]["TIME"] == "\n\x1b[31m\u2028"
    assert len(found["parameters"]["STYLES"]) == 500


def entry(path="/"):
    return Entry(
        time=0.0, remote=None, method="GET", path=path, parameters=(), status=200, size=None, seconds=0.1, agent=None
    )


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path):
    log = AccessLog(str(tmp_path / "log"))
    for name in ("/1", "/2"):
        log.add(entry(name))
        log.write()
        (tmp_path / "log").rename(tmp_path / name[1:])
    assert ['"/1"' in (tmp_path / "1").read_text(), '"/2"' in (tmp_path / "2").read_text()] == [True, True]


def test_what_cannot_be_written_is_said_once_and_costs_only_its_lines(tmp_path, caplog):
    log = AccessLog(str(tmp_path / "none" / "log"))
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            log.add(entry())
            log.write()
    assert len(caplog.records) == 1
    (tmp_path / "none").mkdir()
    log.add(entry("/later"))
    log.write()
    assert '"/later"' in (tmp_path / "none" / "log").read_text()


def test_lines_beyond_the_bound_are_dropped_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.http.access_log._WAITING", 3)
    log = AccessLog(str(tmp_path / "log"))
    for _ in range(5):
        log.add(entry())
    log.write()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert (len(lines), lines[-1]) == (4, {"dropped": 2})


def test_a_line_that_a_full_disk_cut_short_takes_no_other_with_it(tmp_path):
    path, before = tmp_path / "log", resource.getrlimit(resource.RLIMIT_FSIZE)
    log = AccessLog(str(path))
    log.add(entry("/first"))
    log.write()
    whole = path.stat().st_size
    try:
        # To a process, a file that may not grow looks like a disk that is full.
        resource.setrlimit(resource.RLIMIT_FSIZE, (whole + 20, before[1]))
        for lost in ("/cut", "/lost"):
            log.add(entry(lost))
            log.write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.stat().st_size == whole + 20
    for kept in ("/next", "/last"):
        log.add(entry(kept))
        log.write()
    first, _, *rest = path.read_text().splitlines()
    assert [json.loads(line)["path"] for line in (first, *rest)] == ["/first", "/next", "/last"]


def test_standard_output_can_be_written_to(capfdbinary):
    log = AccessLog("-")
    log.add(entry("/out"))
    log.write()
    assert b'"path": "/out"' in capfdbinary.readouterr().out


async def test_lines_are_written_while_the_unit_runs(written, tmp_path):
    client, _ = written
    await client.get("/nothing")
    for _ in range(100):
        if (tmp_path / "log.jsonl").exists() and (text := (tmp_path / "log.jsonl").read_text()):
            break
        await asyncio.sleep(0.05)
    assert "/nothing" in text


async def test_no_log_is_kept_unless_it_is_asked_for(sea, sea_store):
    await sea.get("/nothing")
    assert not [path for path in sea_store.iterdir() if "log" in path.name]
