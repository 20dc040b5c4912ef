"""TIME, ELEVATION and DIM_NAME over HTTP: what is taken, and what is told of it. Oracle: netCDF4, the XSD, the DTD."""

import itertools
from xml.etree import ElementTree as ET

import netCDF4
import numpy as np
import pytest

from gateway.app import make_app
from gateway.config.file import parse
from gateway.wms.dimension_headers import TOLD
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.conformance.xsd import WMS_111, WMS_130, faults
from tests.sea import write_sea
from tests.spectra import write_spectra

WMS = "{http://www.opengis.net/wms}"
NOON = "2015-03-0{}T12:00:00Z"
DEFAULT = "99 Default value used: "
NEAREST = "99 Nearest value used: "
LAND = "model/height"
"""A layer without any dimension."""


def write_model(path):
    """Write three months of a calendar of 360 days, held as days in floating point, beside a field without time."""
    with netCDF4.Dataset(path, "w") as file:
        for name, values, units in (
            ("time", np.array([45.0, 75.0, 105.0]) + 0.4 / 86_400, "days since 2000-01-01"),
            ("lat", np.arange(-60.0, 61.0, 30.0), "degrees_north"),
            ("lon", np.arange(0.0, 360.0, 30.0), "degrees_east"),
        ):
            file.createDimension(name, values.size)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = values
        file["time"].calendar = "360_day"
        file.createVariable("zos", "f4", ("time", "lat", "lon"))[:] = np.arange(180.0).reshape(3, 5, 12)
        file["zos"].units = "m\u00b2 \u03bb"
        file.createVariable("height", "f4", ("lat", "lon"))[:] = np.arange(60.0).reshape(5, 12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("times")
    write_sea(folder / "sea.nc")
    write_sea(folder / "near.nc", first=2)
    write_model(folder / "model.nc")
    write_spectra(folder / "rrs.nc")
    for name in ("sea", "near", "model", "rrs"):
        source = folder / f"{name}.nc"
        assert not ingest(Location.parse(str(folder)), name, [source], crew=Processes(0), report=lambda _: None).refused
    return folder


@pytest.fixture
async def unit(folder, aiohttp_client):
    datasets = [{"id": name, "source": f"{name}.nc"} for name in ("sea", "near", "model", "rrs")]
    datasets[1] |= {"nearest_time": "12h", "nearest_elevation": 5}
    return await aiohttp_client(
        make_app(parse({"store": str(folder), "datasets": datasets}, name="test", folder=folder))
    )


def query(layers, request="GetMap", **change):
    return {
        "service": "WMS", "version": "1.3.0", "request": request, "layers": layers, "query_layers": layers,
        "styles": "", "crs": "CRS:84", "bbox": "0,0,40,40", "width": "8", "height": "8", "i": "4", "j": "4",
        "info_format": "application/json", "format": "image/png",
    } | change  # fmt: skip


async def told(unit, layers, **change):
    """Return the headers of GetMap, which are those of its 304 and of GetFeatureInfo."""
    asked = query(layers, **change)
    picture = await unit.get("/wms", params=asked)
    assert picture.status == 200, await picture.text()
    again = await unit.get("/wms", params=asked, headers={"If-None-Match": picture.headers["ETag"]})
    assert again.status == 304
    info = await unit.get("/wms", params=asked | {"request": "GetFeatureInfo"})
    assert info.status == 200, await info.text()
    found = [[answer.headers.getall(name, []) for name in TOLD] for answer in (picture, again, info)]
    assert found[0] == found[1] == found[2]
    return dict(zip(TOLD, found[0], strict=True))


async def test_values_that_were_asked_for_are_told_without_a_warning(unit):
    assert await told(unit, "sea/thetao", time=NOON.format(2), elevation="-100") == {
        "Warning": [],
        "Halocline-Time": [NOON.format(2)],
        "Halocline-Elevation": ["-100"],
        "Halocline-Dimensions": [],
    }


async def test_defaults_are_warned_of_in_the_words_of_the_standard(unit):
    found = await told(unit, "sea/thetao")
    assert found["Warning"] == [f"{DEFAULT}time={NOON.format(3)} ISO8601", f"{DEFAULT}elevation=-0.5 m"]
    assert (found["Halocline-Time"], found["Halocline-Elevation"]) == ([NOON.format(3)], ["-0.5"])


async def test_the_nearest_values_are_warned_of_in_the_words_of_the_standard(unit):
    found = await told(unit, "near/thetao", time="2015-03-03T00:00:00Z", elevation="-97")
    assert found["Warning"] == [f"{NEAREST}time={NOON.format(2)} ISO8601", f"{NEAREST}elevation=-100 m"]
    assert (found["Halocline-Time"], found["Halocline-Elevation"]) == ([NOON.format(2)], ["-100"])


async def test_further_dimensions_are_told_under_their_parameters(unit):
    found = await told(unit, "rrs/reflectance", time="2015-03-01", dim_member="1")
    assert found["Warning"] == [f"{DEFAULT}DIM_Wave_Length=412.5 nm"]
    assert found["Halocline-Dimensions"] == ["member=1, Wave_Length=412.5"]


async def test_of_several_layers_each_is_named_and_those_without_a_dimension_have_no_part_in_it(unit):
    found = await told(unit, f"{LAND},sea/thetao,near/thetao", elevation="-0.5")
    assert found["Warning"] == [
        f"{DEFAULT}time={NOON.format(3)} ISO8601 (sea/thetao)",
        f"{DEFAULT}time={NOON.format(4)} ISO8601 (near/thetao)",
    ]
    assert found["Halocline-Time"] == [f"none, {NOON.format(3)}, {NOON.format(4)}"]
    assert found["Halocline-Elevation"] == ["-0.5"]


async def test_layers_that_agree_share_one_value(unit):
    found = await told(unit, f"{LAND},sea/thetao,near/thetao", time="2015-03-02", elevation="-0.5")
    assert (found["Warning"], found["Halocline-Time"]) == ([], [NOON.format(2)])


async def test_what_has_no_dimension_tells_nothing(unit):
    assert not any((await told(unit, LAND, time="nonsense")).values())


async def test_another_calendar_is_told_and_jitter_is_passed_over(unit):
    found = await told(unit, "model/zos", time="2000-02-16T00:00:00Z")
    assert (found["Warning"], found["Halocline-Time"]) == ([], ["2000-02-16T00:00:00.400Z"])
    found = await told(unit, "model/zos")
    assert found["Warning"] == [f"{DEFAULT}time=2000-04-16T00:00:00.400Z 360_day"]
    assert (await told(unit, "model/zos", time="2000-02-30/2000-03-30"))["Halocline-Time"] == [
        "2000-03-16T00:00:00.400Z"
    ]


@pytest.mark.parametrize(
    ("change", "day", "level"),
    [
        ({"time": "2015-03-02T12:00:00.000Z"}, 2, 0),
        ({"time": "2015-03-02T14:00:00+02:00"}, 2, 0),
        ({"time": "2015-03-02"}, 2, 0),
        ({"time": "2015-03"}, 1, 0),
        ({"time": "current"}, 3, 0),
        ({"time": "2015-03-01/current"}, 3, 0),
        ({"time": "2015-03-01/2015-03-02"}, 2, 0),
        ({"time": "2015-03-01T12:00:00Z/2015-03-03T11:00:00Z/P1D"}, 2, 0),
        ({"time": "2015-03-02T12:00:00Z,2015-03-01T12:00:00Z"}, 2, 0),
        ({"elevation": "-100.0"}, 3, 1),
        ({"elevation": "-200/-50"}, 3, 1),
        ({"elevation": "-100,-0.5"}, 3, 0),
    ],
)
async def test_the_value_is_that_of_the_file_at_the_step_and_level_that_are_meant(unit, folder, change, day, level):
    answer = await unit.get("/wms", params=query("sea/thetao", "GetFeatureInfo", **change))
    assert answer.status == 200, await answer.text()
    (feature,) = (await answer.json())["features"]
    longitude, latitude = feature["geometry"]["coordinates"]
    with netCDF4.Dataset(folder / "sea.nc") as file:
        row, column = (
            int(np.flatnonzero(file[name][:] == at)[0]) for name, at in (("lat", latitude), ("lon", longitude))
        )
        expected = float(file["thetao"][day - 1, level, row, column])
    assert feature["properties"]["value"] == pytest.approx(expected, abs=1e-9)
    assert answer.headers["Halocline-Time"] == NOON.format(day)


async def test_spellings_of_one_step_are_one_picture_with_one_tag(unit):
    tags = set()
    for time in (NOON.format(3), "2015-03-03", "current", "2015-03-01/2015-03-03", None):
        answer = await unit.get("/wms", params=query("sea/thetao", **({"time": time} if time else {})))
        tags.add(answer.headers["ETag"])
    assert len(tags) == 1


@pytest.mark.parametrize("request_", ["GetMap", "GetFeatureInfo"])
@pytest.mark.parametrize(
    ("layer", "change", "status", "code", "says"),
    [
        (
            "sea/thetao",
            {"time": "2015-03-02T11:00:00Z"},
            400,
            "InvalidDimensionValue",
            "the nearest step is 2015-03-02T12",
        ),
        ("sea/thetao", {"time": "2015-04"}, 400, "InvalidDimensionValue", "the nearest step is 2015-03-03T12"),
        ("sea/thetao", {"time": "2015-03-02/2015-03-01"}, 400, "InvalidDimensionValue", "ends before it begins"),
        ("sea/thetao", {"time": "2016/2017/PT0.001S"}, 400, "InvalidDimensionValue", "holds no step"),
        ("sea/thetao", {"time": "2015,"}, 400, "InvalidDimensionValue", "ISO 8601"),
        ("sea/thetao", {"time": "2015-03-02," * 300}, 413, None, "256"),
        ("sea/thetao", {"elevation": "100"}, 400, "InvalidDimensionValue", "a depth of 100 is -100.0"),
        ("sea/thetao", {"elevation": "-97"}, 400, "InvalidDimensionValue", "the nearest is -100.0"),
        ("near/thetao", {"time": "2015-03-01T23:00:00Z"}, 400, "InvalidDimensionValue", "2015-03-02T12:00:00Z"),
        ("near/thetao", {"elevation": "-94"}, 400, "InvalidDimensionValue", "the nearest is -100.0"),
        ("model/zos", {"time": "2000-02-31"}, 400, "InvalidDimensionValue", "360_day"),
    ],
)
async def test_what_is_not_there_is_refused(unit, request_, layer, change, status, code, says):
    answer = await unit.get("/wms", params=query(layer, request_, **change))
    body = await answer.text()
    assert (answer.status, answer.content_type) == (status, "text/xml")
    assert says in body
    assert ("code=" not in body) if code is None else (f'code="{code}"' in body)
    assert not any(name in answer.headers for name in TOLD)


@pytest.mark.parametrize(("version", "schema"), [("1.1.1", WMS_111), ("1.3.0", WMS_130)])
async def test_capabilities_say_what_is_near_enough(unit, version, schema, schemas):
    body = await (await unit.get("/wms", params={"request": "GetCapabilities", "version": version})).read()
    assert faults(body, schemas, schema) == []
    space, said = ("", "Extent") if version == "1.1.1" else (WMS, "Dimension")
    found = {
        (layer.findtext(f"{space}Name"), one.get("name")): (one.get("nearestValue"), one.get("multipleValues"))
        for layer in ET.fromstring(body).iter(f"{space}Layer")
        for one in layer.iterfind(f"{space}{said}")
    }
    near = {name for name, (nearest, _) in found.items() if nearest == "1"}
    assert near == {("near/thetao", "time"), ("near/thetao", "elevation")}
    assert {several for _, several in found.values()} == {"0"}


async def test_data_of_long_ago_are_not_called_current(unit):
    body = await (await unit.get("/wms", params={"request": "GetCapabilities"})).read()
    assert not [one for one in ET.fromstring(body).iter(f"{WMS}Dimension") if one.get("current") == "1"]


async def test_default_warnings_are_as_the_conformance_tests_read_them(unit):
    body = await (await unit.get("/wms", params={"request": "GetCapabilities"})).read()
    for layer in ET.fromstring(body).iter(f"{WMS}Layer"):
        name = layer.findtext(f"{WMS}Name")
        declared = layer.findall(f"{WMS}Dimension")
        if name and declared:
            found = await told(unit, name)
            for one in declared:
                parameter = ("" if one.get("name") in {"time", "elevation"} else "DIM_") + one.get("name")
                start = f"{DEFAULT}{parameter}={one.get('default')}"
                assert any(text.startswith(start) for text in found["Warning"])


async def test_metadata_tell_the_step_that_is_meant_or_near(unit):
    wanted = {"2015-03-02": 2, "2015-03-01/2015-03-02": 2, "2015-03-02T20:00:00Z": 2, "1900": 1, "current": 3}
    for time, day in itertools.chain(wanted.items(), [("", 3)]):
        asked = {"request": "GetMetadata", "item": "layerDetails", "layerName": "sea/thetao", "time": time}
        assert (await (await unit.get("/wms", params=asked)).json())["nearestTimeIso"] == NOON.format(day)
