"""Descriptions of datasets: XML as siphon reads it, the outline, and the page with the form."""

import base64
import hashlib
import re
import warnings
from xml.etree import ElementTree as ET

import lxml.html
import netCDF4
import numpy as np
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.sea import write_sea

with warnings.catch_warnings():
    # siphon's own imports are not ours to mend.
    warnings.simplefilter("ignore")
    from siphon.ncss_dataset import NCSSDataset

GRID = "/thredds/ncss/grid/sea"


@pytest.fixture
async def described(sea):
    return NCSSDataset(ET.fromstring(await (await sea.get(f"{GRID}/dataset.xml")).read()))


@pytest.fixture
def source(sea_store):
    with netCDF4.Dataset(sea_store / "sea.nc") as file:
        yield file


async def test_siphon_finds_every_axis_with_its_values_and_attributes(described, source):
    assert list(described.axes) == ["time", "depth", "lat", "lon"]
    for name, kind in (("time", "Time"), ("depth", "Height"), ("lat", "Lat"), ("lon", "Lon")):
        axis = described.axes[name]
        (values,) = [found["values"] for found in axis["attributes"] if "values" in found]
        told = {key: value for found in axis["attributes"] for key, value in found.items() if key != "values"}
        assert np.allclose(np.array(values, dtype=float), source[name][:], rtol=0, atol=1e-9)
        assert told == {key: source[name].getncattr(key) for key in source[name].ncattrs()}
        assert (axis["axisType"], axis["type"], axis["shape"]) == (kind, "double", [source[name].size])


async def test_siphon_finds_the_variables_with_their_attributes(described, source):
    (found,) = described.gridsets.values()
    assert found["axisRef"] == ["time", "depth", "lat", "lon"]
    assert found["projectionBox"] == {"minx": 2.0, "miny": -88.0, "maxx": 358.0, "maxy": 88.0}
    field = described.variables["thetao"]
    assert (field["desc"], field["type"], field["shape"]) == ("Temperature", "short", "time depth lat lon")
    for name, value in field["attributes"].items():
        wanted = source["thetao"].getncattr(name)
        assert np.all(np.array(value) == wanted), name
    assert set(field["attributes"]) == set(source["thetao"].ncattrs())


async def test_siphon_finds_place_time_and_formats(described):
    assert described.lat_lon_box == {"west": -180.0, "east": 180.0, "south": -90.0, "north": 90.0}
    assert described.time_span == {"begin": "2015-03-01T12:00:00Z", "end": "2015-03-03T12:00:00Z"}
    assert described.accept_list["Grid"][:3] == ["netcdf3", "netcdf4", "netcdf4-classic"]
    assert {"csv", "xml"} <= set(described.accept_list["GridAsPoint"])
    assert described.featureDataset == {"type": "grid", "url": GRID}


@pytest.mark.parametrize("path", ["/thredds/ncss/grid/sea", "/thredds/ncss/sea"])
@pytest.mark.parametrize(
    ("document", "content_type"),
    [
        ("dataset.xml", "application/xml"),
        ("pointDataset.xml", "application/xml"),
        ("dataset.html", "text/html"),
        ("pointDataset.html", "text/html"),
        ("datasetBoundaries.xml", "text/plain"),
        ("datasetBoundaries.wkt", "text/plain"),
        ("datasetBoundaries.json", "application/json"),
    ],
)
async def test_each_document_is_at_both_addresses_and_is_answered_with_304(sea, path, document, content_type):
    answer = await sea.get(f"{path}/{document}")
    assert (answer.status, answer.content_type) == (200, content_type)
    again = await sea.get(f"{path}/{document}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


async def test_the_outline_is_the_box_around_the_grid(sea):
    corners = [[-180.0, -90.0], [180.0, -90.0], [180.0, 90.0], [-180.0, 90.0], [-180.0, -90.0]]
    for path in ("datasetBoundaries.json", "datasetBoundaries.xml?accept=json"):
        assert (await (await sea.get(f"{GRID}/{path}")).json())["coordinates"] == [corners]
    text = await (await sea.get(f"{GRID}/datasetBoundaries.wkt")).text()
    assert text == "POLYGON((" + ", ".join(f"{x} {y}" for x, y in corners) + "))"


@pytest.mark.parametrize(("page", "fields"), [("dataset.html", {"north", "east"}), ("pointDataset.html", {"latitude"})])
async def test_the_form_asks_for_what_the_service_takes(sea, page, fields):
    answer = await sea.get(f"{GRID}/{page}")
    tree = lxml.html.fromstring(await answer.text())
    (form,) = tree.forms
    form.make_links_absolute(f"http://unit{GRID}/{page}")
    assert (form.method, form.action) == ("GET", f"http://unit{GRID}")
    names = {name for name, _ in form.form_values()}
    assert fields | {"var", "time_start", "time_end", "vertCoord", "accept"} <= names
    assert ("var", "thetao") in form.form_values()
    assert not tree.xpath("//script|//*[@onclick]|//*[@style]")


async def test_the_page_allows_its_own_style_and_nothing_else(sea):
    answer = await sea.get(f"{GRID}/dataset.html")
    style = re.search("<style>(.*)</style>", await answer.text(), re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/thredds/ncss/grid/nope/dataset.xml", 404, "nope"),
        ("/thredds/ncss/grid/later/dataset.xml", 404, "nothing has been ingested"),
        ("/thredds/ncss/grid/sea/station.xml", 404, "there is nothing at"),
    ],
)
async def test_what_is_not_there_is_refused_in_one_line(sea, path, status, says):
    answer = await sea.get(path)
    text = await answer.text()
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (status, "text/plain", "no-store")
    assert says in text
    assert text.count("\n") == 1


async def test_times_in_months_which_are_not_of_one_length_are_described_by_their_number(tmp_path, aiohttp_client):
    write_sea(tmp_path / "sea.nc")
    with netCDF4.Dataset(tmp_path / "sea.nc", "a") as file:
        file["time"].units = "months since 2015-01-01"
        file["time"][:] = [0.5, 1.5, 2.5]
    location, files = Location.parse(str(tmp_path / "store")), [tmp_path / "sea.nc"]
    ingest(location, "sea", files, crew=Processes(0), report=lambda _: None)
    given = {"store": "store", "datasets": [{"id": "sea", "source": "sea.nc"}]}
    client = await aiohttp_client(make_app(parse(given, name="test", folder=tmp_path)))
    found = NCSSDataset(ET.fromstring(await (await client.get(f"{GRID}/dataset.xml")).read()))
    time = found.axes["time"]
    assert time["shape"] == [3]
    assert not [one for one in time["attributes"] if "values" in one]
    assert found.time_span["begin"].startswith("2015-01-16")
    assert (await client.get(f"{GRID}/dataset.html")).status == 200
