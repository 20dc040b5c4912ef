"""Parts of datasets over HTTP: what is in them, how they come, and what is refused."""

import csv
import io
import json
import shutil
from xml.etree import ElementTree as ET

import netCDF4
import numpy as np
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from gateway.keys import DOWNLOADS
from gateway.ncss import routes
from tests.gateway.netcdf import answered, stored

GRID = "/thredds/ncss/grid/sea"
# Each unit of these tests starts a process of its own for netCDF-4, which takes a second: few ask for it.
NETCDF = ("netcdf3", "netcdf4", "netcdf4-classic")


@pytest.fixture
def config(sea_store, tmp_path):
    """Return a way to configure a unit with a spool of its own."""

    def configured(**downloads):
        given = {"store": "store", "datasets": [{"id": "sea", "source": "sea.nc"}, {"id": "later", "source": "x.nc"}]}
        return parse(given | {"downloads": {"folder": str(tmp_path), **downloads}}, name="test", folder=sea_store)

    return configured


@pytest.fixture
async def unit(config, aiohttp_client):
    return await aiohttp_client(make_app(config()))


@pytest.fixture
def source(sea_store):
    with stored(sea_store / "sea.nc") as file:
        yield file


async def opened(unit, query):
    return await answered(unit, f"{GRID}?{query}")


@pytest.mark.parametrize("accept", NETCDF)
async def test_a_box_across_the_date_line_is_cut_as_numpy_cuts_it(unit, source, accept):
    query = f"var=thetao&north=20&south=-10&west=170&east=-170&time=all&accept={accept}"
    with await opened(unit, query) as file:
        rows = (source["lat"][:] >= -10) & (source["lat"][:] <= 20)
        columns = (source["lon"][:] >= 170) & (source["lon"][:] <= 190)
        assert np.array_equal(file["thetao"][:], source["thetao"][:][:, :, rows][..., columns])
        assert np.array_equal(file["lat"][:], source["lat"][rows])
        assert np.array_equal(np.mod(file["lon"][:], 360), source["lon"][columns])
        assert (np.diff(file["lon"][:]) > 0).all()
        for name in source["thetao"].ncattrs():
            assert file["thetao"].getncattr(name) == source["thetao"].getncattr(name)


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("", [2]),
        ("time=present", [2]),
        ("time=all", [0, 1, 2]),
        ("temporal=all&timeStride=2", [0, 2]),
        ("time=2015-03-02", [1]),
        ("time=2015-03-02T12:00:00Z", [1]),
        ("time=2015-03-02T23:00:00Z", [1]),
        ("time=2015-03-03T01:00:00Z", [2]),
        ("time=2015-03-02T13:00:00+01:00", [1]),
        ("time_start=2015-03-01&time_end=2015-03-02", [0, 1]),
        ("time_start=2015-03-01T12:00:00&time_end=2015-03-02T11:59:59", [0]),
        ("time_start=2015-03-01T12:00:00Z&time_duration=P1D", [0, 1]),
        ("time_start=2015-03-01T12:00:00Z&time_duration=23 hours", [0]),
        ("time_end=2015-03-03T12:00:00Z&time_duration=1 day", [1, 2]),
        ("time_start=2014-01-01&time_duration=P2Y", [0, 1, 2]),
        ("time_start=2015-03-01&time_end=present&timeStride=2", [0, 2]),
    ],
)
async def test_times_mean_the_steps_that_they_should(unit, source, query, steps):
    with await opened(unit, f"var=thetao&{query.replace('+', '%2B')}") as file:
        assert np.array_equal(file["time"][:], source["time"][steps])
        assert np.array_equal(file["thetao"][:], source["thetao"][steps])


@pytest.mark.parametrize(
    ("query", "levels"),
    [("", [0, 1]), ("vertCoord=60", [1]), ("vertCoord=0/50", [0]), ("vertCoord=100/0", [0, 1]), ("vertStride=2", [0])],
)
async def test_levels_are_the_nearest_or_those_of_a_range(unit, source, query, levels):
    with await opened(unit, f"var=thetao&time=all&{query}") as file:
        assert np.array_equal(file["depth"][:], source["depth"][levels])
        assert np.array_equal(file["thetao"][:], source["thetao"][:, levels])


async def test_every_so_many_rows_and_columns_are_taken(unit, source):
    with await opened(unit, "var=thetao&time=all&horizStride=3") as file:
        assert np.array_equal(file["thetao"][:], source["thetao"][..., ::3, ::3])


async def test_a_place_is_a_table_of_the_values_of_its_cell(unit, source):
    answer = await unit.get(f"{GRID}?var=thetao&latitude=9&longitude=-341&time=all")
    head, *lines = csv.reader(io.StringIO(await answer.text(), newline=""), quoting=csv.QUOTE_NONE)
    assert answer.content_type == "text/plain"
    assert head[0] == "time"
    assert head[-1] == 'thetao[unit="degrees_C"]'
    row, column = np.abs(source["lat"][:] - 9).argmin(), np.abs(source["lon"][:] - 19).argmin()
    wanted = source["thetao"][:, :, row, column] * 0.001 + 20.0
    assert np.allclose([float(line[-1]) for line in lines], wanted.ravel(), atol=1e-9)
    assert [line[0] for line in lines[::2]] == [f"2015-03-0{day}T12:00:00Z" for day in (1, 2, 3)]


async def test_the_same_in_xml_has_a_point_for_each_line(unit):
    place = f"{GRID}?var=thetao&latitude=9&longitude=19&time=all"
    tree = ET.fromstring(await (await unit.get(f"{place}&accept=xml")).read())
    lines = [line.split(",") for line in (await (await unit.get(place)).text()).splitlines()]
    points = [{data.get("name"): data.text for data in point} for point in tree]
    assert [list(point.values()) for point in points] == lines[1:]
    assert list(points[0]) == ["date", "latitude", "longitude", "depth", "thetao"]
    assert [data.get("units") for data in tree[0]] == [None, "degrees_north", "degrees_east", "m", "degrees_C"]


async def test_missing_values_stay_what_they_are(unit, source):
    with await opened(unit, "var=thetao&time=all") as file:
        assert (file["thetao"][:] == -32767).sum() == (source["thetao"][:] == -32767).sum() > 0
    table = await (await unit.get(f"{GRID}?var=thetao&latitude=36&longitude=250")).text()
    assert [line.rsplit(",", 1)[1] for line in table.splitlines()[1:]] == ["NaN", "NaN"]


@pytest.mark.parametrize(("accept", "suffix"), [("netcdf", ".nc"), ("netcdf4", ".nc4"), ("csv_file", ".csv")])
async def test_a_file_has_a_name_a_length_and_a_tag_for_304(unit, accept, suffix):
    query = f"{GRID}?var=all&accept={accept}"
    answer = await unit.get(query, headers={"Accept-Encoding": "identity"})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="sea{suffix}"'
    assert answer.headers["Content-Length"] == str(len(await answer.read()))
    again = await unit.get(query, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    head = await unit.head(query)
    assert (head.status, await head.read(), head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    if accept == "csv_file":
        assert "Content-Length" not in head.headers, "it is small: nothing is kept of it"
    else:
        assert head.headers["Content-Length"] == answer.headers["Content-Length"]
        assert head.headers["Accept-Ranges"] == "bytes"
        other = await unit.head(f"{query}&horizStride=2")
        assert ("Content-Length" in other.headers) == (accept == "netcdf"), "no file is made to tell how long it is"


@pytest.mark.parametrize("accept", ["netcdf3", "netcdf4", "csv"])
async def test_a_download_that_broke_off_can_be_gone_on_with(unit, accept, monkeypatch):
    monkeypatch.setattr(routes, "_SMALL", 2**19)
    query = f"{GRID}?var=all&time=all&accept={accept}"
    whole = await unit.get(query)
    body, tag = await whole.read(), whole.headers["ETag"]
    assert (whole.headers["Accept-Ranges"], whole.headers["Content-Length"]) == ("bytes", str(len(body)))
    for first in (1, 1000, len(body) // 2, len(body) - 1):
        rest = await unit.get(query, headers={"Range": f"bytes={first}-", "If-Range": tag})
        assert (rest.status, await rest.read()) == (206, body[first:])
        assert rest.headers["Content-Range"] == f"bytes {first}-{len(body) - 1}/{len(body)}"
    some = await unit.get(query, headers={"Range": "bytes=700-1801"})
    assert (some.status, await some.read()) == (206, body[700:1802])
    other = await unit.get(query, headers={"Range": "bytes=1000-", "If-Range": '"other"'})
    assert (other.status, await other.read()) == (200, body)
    beyond = await unit.get(query, headers={"Range": f"bytes={len(body)}-"})
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(body)}")
    assert (await unit.head(query)).headers["Content-Length"] == str(len(body))


async def test_a_large_table_is_the_small_ones_one_after_the_other(unit, tmp_path, monkeypatch):
    """The large one by way of the spool, the small ones at once."""
    monkeypatch.setattr(routes, "_SMALL", 2**19)
    query = f"{GRID}?var=thetao&accept=csv"
    large = await unit.get(f"{query}&time=all", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in large.headers
    (made,) = tmp_path.glob("*.csv")
    body = await large.read()
    assert made.stat().st_size == len(body) > 2**19
    parts = [(await (await unit.get(f"{query}&time=2015-03-0{day}")).read()).split(b"\r\n", 1) for day in (1, 2, 3)]
    assert body == b"\r\n".join([parts[0][0], b"".join(lines for _, lines in parts)])


async def test_another_compression_is_another_file_of_netcdf4_and_of_nothing_else(config, aiohttp_client):
    tags = {}
    for kept in ({}, {"deflate": 4}, {"shuffle": False}):
        client = await aiohttp_client(make_app(config(**kept)))
        for accept in (*NETCDF, "csv"):
            answer = await client.head(f"{GRID}?var=all&accept={accept}", headers={"Host": "unit"})
            tags.setdefault(accept, set()).add(answer.headers["ETag"])
    assert {accept: len(found) for accept, found in tags.items()} == {
        "netcdf3": 1,
        "netcdf4": 3,
        "netcdf4-classic": 3,
        "csv": 1,
    }


@pytest.mark.parametrize("accept", ["netcdf3", "netcdf4"])
async def test_equal_tags_are_equal_bytes_in_every_process(config, tmp_path, aiohttp_client, accept):
    answers = []
    for process in ("one", "two"):
        client = await aiohttp_client(make_app(config(folder=str(tmp_path / process))))
        answer = await client.get(f"{GRID}?var=all&time=all&accept={accept}", headers={"Host": "unit"})
        answers.append((answer.headers["ETag"], await answer.read()))
    assert answers[0] == answers[1]


async def test_history_names_an_address_that_gives_the_same_again_and_no_secret(unit):
    query = "var=thetao&time=2015-03-02&horizStride=2&token=secret&north=10&south=-10&west=0&east=90"
    with await opened(unit, query) as file:
        line, values = file.history.splitlines()[-1], file["thetao"][:]
        assert "secret" not in "".join(str(file.getncattr(name)) for name in file.ncattrs())
    address = line.split(" ")[-1]
    with await opened(unit, address.partition("?")[2]) as again:
        assert np.array_equal(again["thetao"][:], values)


async def test_a_dry_run_tells_what_it_would_take_and_makes_nothing(unit, tmp_path):
    query = f"{GRID}?var=all&time=all"
    told = await (await unit.get(f"{query}&dry-run")).json()
    body = await (await unit.get(query)).read()
    assert (told["bytes"], told["cells"], told["fits"], told["pieces"]) == (len(body), 3 * 2 * 45 * 90, True, [])
    assert (await (await unit.get(f"{query}&dry-run&accept=netcdf4")).json())["bytes"] >= told["cells"] * 2
    assert not list(tmp_path.iterdir())


async def test_no_more_are_streamed_at_once_than_memory_is_for(config, aiohttp_client, monkeypatch):
    monkeypatch.setattr(routes, "_AHEAD", 2**14)
    client = await aiohttp_client(make_app(config(streams=1)))
    query = f"{GRID}?var=all&time=all&accept=netcdf3"
    with client.app[DOWNLOADS].streaming():
        refused = await client.get(query)
        assert refused.status == 503
        assert "under way already: ask again" in await refused.text()
        for small in ("&time=all&dry-run", "&time=present&horizStride=9", "&time=all&accept=csv"):
            assert (await client.get(f"{GRID}?var=all{small}")).status == 200
    for _ in range(2):
        assert (await client.get(query)).status == 200, "its place is free again"


async def test_what_is_too_large_is_refused_naming_pieces_that_fit(config, aiohttp_client):
    client = await aiohttp_client(make_app(config(bytes=20_000)))
    query = f"{GRID}?var=all&time=all"
    told = await (await client.get(f"{query}&dry-run")).json()
    assert (told["fits"], told["allowed"], len(told["pieces"])) == (False, 20_000, 3)
    refused = await client.get(query)
    assert (refused.status, refused.content_type) == (413, "text/plain")
    said = (await refused.text()).partition("ask 3 requests: ")[2].strip().split(", ")
    assert said == [f"time_start={piece['time_start']}&time_end={piece['time_end']}" for piece in told["pieces"]]
    for piece in said:
        assert (await client.get(f"{GRID}?var=all&{piece}")).status == 200


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"{GRID}", 400, "var is required"),
        (f"{GRID}?var=nope", 400, "it has thetao"),
        (f"{GRID}?var=thetao&time=2016-01-01", 400, "from 2015-03-01T12:00:00Z to 2015-03-03T12:00:00Z"),
        (f"{GRID}?var=thetao&time=soon", 400, "ISO 8601"),
        (f"{GRID}?var=thetao&time_start=2015-03-02&time_end=2015-03-01", 400, "exchange them"),
        (
            f"{GRID}?var=thetao&time_start=2015-03-01T13:00:00Z&time_duration=PT1H",
            400,
            "nearest is 2015-03-01T12:00:00Z",
        ),
        (f"{GRID}?var=thetao&time_start=2015-03-01&time_duration=long", 400, "time_duration"),
        (f"{GRID}?var=thetao&time_end=2015-03-03&time_duration=P1M", 400, "counts from time_start"),
        (f"{GRID}?var=thetao&vertCoord=200/300", 400, "vertCoord"),
        (f"{GRID}?var=thetao&DIM_member=1", 400, "they have none"),
        (f"{GRID}?var=thetao&accept=zarr", 400, "netcdf3"),
        ("/thredds/ncss/grid/nope?var=all", 404, "nope"),
        ("/thredds/ncss/grid/later?var=all", 404, "nothing has been ingested"),
        ("/thredds/ncss/grid", 404, "there is no dataset 'grid'"),
        (f"{GRID}/a/b", 404, "there is nothing at"),
    ],
)
async def test_refuses_in_one_line_that_says_what_would_be_right(unit, path, status, says):
    path = f"{path}?var=all" if path.endswith("/grid") else path
    answer = await unit.get(path)
    text = await answer.text()
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (status, "text/plain", "no-store")
    assert says in text
    assert text.count("\n") == 1


async def test_older_addresses_and_names_work_too(unit):
    new = await (await unit.get(f"{GRID}?var=thetao&accept=netcdf3")).read()
    old = await (await unit.get("/thredds/ncss/sea?VAR=thetao&Accept=netcdf")).read()
    assert len(new) > 10_000
    with netCDF4.Dataset("a", memory=new) as one, netCDF4.Dataset("b", memory=old) as other:
        assert np.array_equal(one["thetao"][:], other["thetao"][:])


@pytest.mark.parametrize("accept", ["netcdf3", "netcdf4", "csv"])
async def test_a_store_that_cannot_be_read_is_503_and_never_a_hole(sea_store, tmp_path, aiohttp_client, accept):
    shutil.copytree(sea_store / "store", tmp_path / "store")
    given = {"store": "store", "datasets": [{"id": "sea", "source": "x.nc"}], "downloads": {"folder": "spool"}}
    client = await aiohttp_client(make_app(parse(given, name="test", folder=tmp_path)))
    assert (await client.get(f"{GRID}?var=all&dry-run")).status == 200
    shutil.rmtree(tmp_path / "store" / "sea" / "chunks")
    answer = await client.get(f"{GRID}?var=all&time=all&accept={accept}")
    text = await answer.text()
    assert (answer.status, answer.content_type) == (503, "text/plain")
    assert str(tmp_path) not in text
    spool = tmp_path / "spool"
    assert not spool.exists() or not list(spool.iterdir())


async def test_each_kind_of_use_has_a_label_of_its_own_in_the_metrics(unit):
    for path in (f"{GRID}?var=all", f"{GRID}?var=all&dry-run", f"{GRID}/dataset.xml", f"{GRID}?var=nope"):
        await unit.get(path)
    counts = await (await unit.get("/metrics")).text()
    for operation, status in (("subset", 200), ("dry-run", 200), ("description", 200), ("subset", 400)):
        assert f'operation="{operation}",protocol="ncss",status="{status}"' in counts


async def test_the_log_holds_what_was_asked_for_and_no_secret(config, tmp_path, aiohttp_client):
    log = tmp_path / "log"
    wanted = config().model_copy(update={"unit": config().unit.model_copy(update={"access_log": str(log)})})
    client = await aiohttp_client(make_app(wanted))
    await client.get(f"{GRID}?var=thetao&vertCoord=1&token=secret&password=x")
    await client.close()
    (entry,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert entry["parameters"] == {"VAR": "thetao", "VERTCOORD": "1"}
