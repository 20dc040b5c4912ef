from datetime import UTC, datetime, timedelta
from typing import get_args

import pyproj
import pytest
from lxml import etree
from owslib.wms import WebMapService

from core.crs import OFFERED
from core.extent import Extent
from gateway.wms.capabilities import Contact, Outer, ServiceInfo, capabilities, prefix
from gateway.wms.described import (
    DatasetInfo,
    DimensionInfo,
    Keyword,
    LayerInfo,
    StyleInfo,
    scalar_styles,
    shared_styles,
    vertical_units,
)
from gateway.wms.fragments import HOLE, dataset_layers
from gateway.wms.request.formats import InfoFormat
from gateway.wms.time_extent import time_extent
from renderers.images import Format
from tests.conformance.xsd import WMS_111, WMS_130, faults

SCHEMA = {"1.1.1": WMS_111, "1.3.0": WMS_130}
VERSIONS = ["1.1.1", "1.3.0"]
WMS = {"w": "http://www.opengis.net/wms"}
HREF = "{http://www.w3.org/1999/xlink}href"
NASTY = 'a <b> & "c" ]]> \x00\x1b\ud800\uffff \N{SNOWMAN}'


def days(count, step=timedelta(days=1)):
    first = datetime(2014, 12, 1, 12, tzinfo=UTC)
    return tuple(f"{first + n * step:%Y-%m-%dT%H:%M:%SZ}" for n in range(count))


LAYER = LayerInfo(
    name="phys/thetao",
    title="Temperature",
    abstract="Of the water",
    keywords=(Keyword(text="sea_water_potential_temperature", vocabulary="CF Standard Name Table"), Keyword(text="t")),
    extent=Extent(west=-20.0, south=40.0, east=30.0, north=66.5),
    times=days(5),
    default_time="2014-12-03T12:00:00Z",
    elevations=(-0.49402499198913574, -5.0, -100.25),
    default_elevation=-0.49402499198913574,
    elevation_units="EPSG:5714",
    elevation_symbol="m",
    others=(
        DimensionInfo(name="band", units="nm", values=(490.0, 412.5, 0.10000000149011612), default=490.0),
        DimensionInfo(name="member", units="", values=(0.0,), default=0.0),
    ),
    styles=scalar_styles((110, 264)),
)
BARE = LayerInfo(
    name="mask/depth",
    title="",
    extent=Extent(west=-180.0, south=-90.0, east=180.0, north=-70.0),
    styles=scalar_styles((100, 200)),
    queryable=False,
)
WEIRD = LayerInfo(
    name=f"d/{NASTY}",
    title=NASTY,
    abstract=NASTY,
    keywords=(Keyword(text=NASTY, vocabulary=NASTY),),
    extent=Extent(west=1e-7, south=-1e-7, east=2.5, north=1.0),
    times=(NASTY,),
    default_time=NASTY,
    elevations=(float("1e300"), 0.1),
    elevation_units=NASTY,
    elevation_symbol=NASTY,
    others=(DimensionInfo(name=NASTY, units=NASTY, values=(-0.0,), default=-0.0),),
    styles=(StyleInfo(name=NASTY, title=NASTY, legend=(1, 1)), StyleInfo(name=NASTY, title=NASTY)),
)
SERVICE = ServiceInfo(
    title="A unit",
    abstract="Of the sea",
    keywords=("sea", "ocean"),
    contact=Contact(person=NASTY, organization=NASTY, email=NASTY),
    fees="none",
    access_constraints=NASTY,
    max_width=4096,
    max_height=2048,
    max_layers=8,
    styles=shared_styles(["viridis", "x-Rainbow"]),
)


def written(version, layers=(LAYER, BARE), address="http://example.org/wms", service=SERVICE):
    physics = DatasetInfo(
        title="Physics",
        abstract="Of the sea",
        keywords=(Keyword(text="ocean", vocabulary="GCMD"),),
        attribution="An institute",
        layers=layers,
    )
    nasty = DatasetInfo(
        title=NASTY, abstract=NASTY, keywords=(Keyword(text=NASTY, vocabulary=NASTY),), attribution=NASTY, layers=()
    )
    fragments = [dataset_layers(one, version) for one in (physics, nasty)]
    return capabilities(service, fragments, Outer(version=version, address=address, update_sequence="42"))


def read(version, **change):
    return WebMapService("http://example.org/wms", version=version, xml=written(version, **change))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("layers", [(), (LAYER, BARE), (WEIRD,)])
def test_the_document_is_valid(version, layers, schemas):
    assert faults(written(version, layers), schemas, SCHEMA[version]) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_service_that_says_little_is_valid(version, schemas):
    service = ServiceInfo(title="A unit", max_width=1, max_height=1, max_layers=1)
    assert faults(written(version, service=service), schemas, SCHEMA[version]) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_validation_can_fail(version, schemas):
    assert faults(written(version).replace(b"LegendURL", b"LegendUrl"), schemas, SCHEMA[version])


@pytest.mark.parametrize(
    ("version", "start"),
    [("1.1.1", b"<WMT_MS_Capabilities "), ("1.3.0", b"<WMS_Capabilities ")],
)
def test_the_first_tag_is_literally_the_one_clients_look_for(version, start):
    assert start in written(version)
    assert b"ns0" not in written(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_another_implementation_reads_the_layers_back(version):
    found = read(version)
    assert list(found.contents) == ["phys/thetao", "mask/depth"]
    layer = found["phys/thetao"]
    assert (layer.title, layer.abstract, layer.queryable) == ("Temperature", "Of the water", 1)
    assert layer.boundingBoxWGS84 == (-20.0, 40.0, 30.0, 66.5)
    assert layer.timepositions == ["2014-12-01T12:00:00Z/2014-12-05T12:00:00Z/P1D"]
    assert layer.defaulttimeposition == "2014-12-03T12:00:00Z"
    assert list(layer.styles) == ["default", "default-scalar/viridis", "default-scalar/x-Rainbow", "default-scalar"]
    assert found["mask/depth"].queryable == 0
    assert found["mask/depth"].title == "mask/depth"
    assert found.updateSequence == "42"


@pytest.mark.parametrize("version", VERSIONS)
def test_formats_are_those_that_are_answered(version):
    found = read(version)
    assert found.getOperationByName("GetMap").formatOptions == list(get_args(Format))
    assert found.getOperationByName("GetFeatureInfo").formatOptions == list(get_args(InfoFormat))
    assert {"image/png", "image/jpeg", "image/webp", "image/gif"} <= set(get_args(Format))
    assert {"text/plain", "text/xml", "text/html", "application/json"} <= set(get_args(InfoFormat))


SOUTHERN = {"EPSG:3031", "EPSG:5042", "EPSG:32761"}


def boxes(version):
    tree = etree.fromstring(written(version))
    found = tree.iterfind(".//{*}Layer[{*}Name]")
    layer = next(layer for layer in found if layer.findtext("{*}Name") == "phys/thetao")
    name = "CRS" if version == "1.3.0" else "SRS"
    sides = ("minx", "miny", "maxx", "maxy")
    return {box.get(name): [float(box.get(side)) for side in sides] for box in layer.iterfind("{*}BoundingBox")}


def test_130_writes_each_box_in_the_order_of_its_system():
    found = boxes("1.3.0")
    assert set(found) == set(OFFERED) - SOUTHERN
    assert found["EPSG:4326"] == [40.0, -20.0, 66.5, 30.0]
    assert found["CRS:84"] == [-20.0, 40.0, 30.0, 66.5]
    mercator = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True)
    assert found["EPSG:3857"] == pytest.approx([*mercator.transform(-20, 40), *mercator.transform(30, 66.5)])


def test_111_writes_each_box_as_x_and_y():
    found = boxes("1.1.1")
    assert set(found) == {name for name in OFFERED if name.startswith("EPSG:")} - SOUTHERN
    assert found["EPSG:4326"] == [-20.0, 40.0, 30.0, 66.5]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_system_that_cannot_show_a_layer_has_no_box_of_it(version):
    tree = etree.fromstring(written(version, layers=(BARE,)))
    layer = tree.find(".//{*}Layer[{*}Name]")
    name = "CRS" if version == "1.3.0" else "SRS"
    assert "EPSG:3413" not in {box.get(name) for box in layer.iterfind("{*}BoundingBox")}


def test_the_outermost_layer_lists_the_systems():
    tree = etree.fromstring(written("1.3.0"))
    assert [crs.text for crs in tree.iterfind("w:Capability/w:Layer/w:CRS", WMS)] == list(OFFERED)


def test_130_dimensions_are_exact():
    tree = etree.fromstring(written("1.3.0"))
    time, elevation, band, member = tree.iterfind(".//w:Dimension", WMS)
    assert dict(time.attrib) == {
        "name": "time",
        "units": "ISO8601",
        "default": "2014-12-03T12:00:00Z",
        "multipleValues": "0",
        "nearestValue": "0",
    }
    assert dict(elevation.attrib) == {
        "name": "elevation",
        "units": "EPSG:5714",
        "unitSymbol": "m",
        "default": "-0.494025",
        "multipleValues": "0",
        "nearestValue": "0",
    }
    assert elevation.text == "-0.494025,-5,-100.25"
    assert dict(band.attrib) == {
        "name": "band",
        "units": "nm",
        "unitSymbol": "nm",
        "default": "490",
        "multipleValues": "0",
        "nearestValue": "0",
    }
    assert band.text == "490,412.5,0.1"
    # What has no units says so by an empty text (06-042, C.2).
    assert dict(member.attrib) == {
        "name": "member",
        "units": "",
        "default": "0",
        "multipleValues": "0",
        "nearestValue": "0",
    }
    assert member.text == "0"


def test_111_declares_dimensions_and_says_their_values_apart():
    tree = etree.fromstring(written("1.1.1"))
    names = ["time", "elevation", "band", "member"]
    assert [(d.get("name"), d.text) for d in tree.iterfind(".//Dimension")] == [(name, None) for name in names]
    assert [(e.get("name"), e.get("default")) for e in tree.iterfind(".//Extent")] == [
        ("time", "2014-12-03T12:00:00Z"),
        ("elevation", "-0.494025"),
        ("band", "490"),
        ("member", "0"),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_operation_is_offered_by_get_and_by_post(version):
    tree = etree.fromstring(written(version))
    operations = {etree.QName(found).localname: found for found in tree.find("{*}Capability/{*}Request")}
    assert list(operations) == ["GetCapabilities", "GetMap", "GetFeatureInfo", "GetLegendGraphic"]
    for found in operations.values():
        methods = found.find("{*}DCPType/{*}HTTP")
        assert [etree.QName(method).localname for method in methods] == ["Get", "Post"]
        assert {method[0].get(HREF) for method in methods} == {"http://example.org/wms?"}


@pytest.mark.parametrize(
    ("version", "formats"),
    [
        (
            "1.1.1",
            ["application/vnd.ogc.se_xml", "application/vnd.ogc.se_inimage", "application/vnd.ogc.se_blank"],
        ),
        ("1.3.0", ["XML", "INIMAGE", "BLANK"]),
    ],
)
def test_refusals_are_offered_in_the_forms_of_the_version(version, formats):
    tree = etree.fromstring(written(version))
    assert [found.text for found in tree.iterfind("{*}Capability/{*}Exception/{*}Format")] == formats


@pytest.mark.parametrize("version", VERSIONS)
def test_a_dataset_says_what_its_file_does_and_has_no_name(version):
    dataset = etree.fromstring(written(version)).find("{*}Capability/{*}Layer/{*}Layer")
    assert dataset.find("{*}Name") is None
    assert dataset.findtext("{*}Title") == "Physics"
    assert dataset.findtext("{*}Abstract") == "Of the sea"
    assert dataset.findtext("{*}Attribution/{*}Title") == "An institute"
    assert [word.text for word in dataset.iterfind("{*}KeywordList/{*}Keyword")] == ["ocean"]


def test_130_names_the_vocabulary_of_a_keyword():
    layer = etree.fromstring(written("1.3.0")).find(".//{*}Layer[{*}Name]")
    assert [(word.text, word.get("vocabulary")) for word in layer.iterfind("w:KeywordList/w:Keyword", WMS)] == [
        ("sea_water_potential_temperature", "CF Standard Name Table"),
        ("t", None),
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("address", "start"),
    [
        ("http://example.org/wms", "http://example.org/wms?"),
        ("http://example.org/wms?", "http://example.org/wms?"),
        ('https://example.org/wms/a?token="<&>', 'https://example.org/wms/a?token="<&>&'),
    ],
)
def test_every_address_is_the_one_that_the_caller_uses(version, address, start):
    tree = etree.fromstring(written(version, address=address))
    found = [resource.get(HREF) for resource in tree.iterfind(".//{*}OnlineResource")]
    assert len(found) >= 8
    assert all(href.startswith(start) for href in found)
    assert HOLE.encode() not in written(version, address=address)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_legend_names_layer_and_style_and_its_true_size(version):
    layer = etree.fromstring(written(version)).find(".//{*}Layer[{*}Name]")
    legend = layer.find("{*}Style/{*}LegendURL")
    assert dict(legend.attrib) == {"width": "110", "height": "264"}
    assert read(version)["phys/thetao"].styles["default-scalar"]["legend"] == (
        f"http://example.org/wms?SERVICE=WMS&VERSION={version}&REQUEST=GetLegendGraphic"
        "&FORMAT=image/png&LAYER=phys/thetao&STYLE=default-scalar"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_styles_that_all_layers_have_are_said_once_by_the_outermost_the_default_first(version):
    tree = etree.fromstring(written(version))
    outermost = tree.find("{*}Capability/{*}Layer")
    shared = ["default", "default-scalar/viridis", "default-scalar/x-Rainbow"]
    assert [style.findtext("{*}Name") for style in outermost.iterfind("{*}Style")] == shared
    # The range of a layer, which its legend shows, is its own.
    assert outermost.findall("{*}Style/{*}LegendURL") == []
    rest = [style.findtext("{*}Name") for style in tree.iterfind(".//{*}Layer/{*}Layer/{*}Layer/{*}Style")]
    assert rest == ["default-scalar", "default-scalar"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [("http://h/w", "http://h/w?"), ("http://h/w?", "http://h/w?"), ("http://h/w?a=b", "http://h/w?a=b&")],
)
def test_addresses_end_so_that_parameters_can_follow(address, expected):
    assert prefix(address) == expected
    assert prefix(expected) == expected


@pytest.mark.parametrize(
    ("units", "depth", "expected"),
    [
        ("m", True, ("EPSG:5714", "m")),
        ("metres", True, ("EPSG:5714", "m")),
        ("m", False, ("m", "m")),
        ("hPa", False, ("hPa", "hPa")),
        ("", False, ("", "")),
    ],
)
def test_only_a_depth_in_metres_is_a_height_above_the_sea(units, depth, expected):
    assert vertical_units(units, depth=depth) == expected


@pytest.mark.parametrize(
    ("step", "period"),
    [
        (timedelta(days=1), "P1D"),
        (timedelta(days=7), "P7D"),
        (timedelta(hours=6), "PT6H"),
        (timedelta(minutes=90), "PT1H30M"),
        (timedelta(seconds=5), "PT5S"),
        (timedelta(days=1, hours=12), "P1DT12H"),
    ],
)
def test_regular_times_are_a_period(step, period):
    times = days(4, step)
    assert time_extent(times) == f"{times[0]}/{times[-1]}/{period}"


@pytest.mark.parametrize(
    ("first", "months", "period"),
    [
        ("01-01T00:00:00Z", 1, "P1M"),
        ("01-16T12:00:00Z", 3, "P3M"),
        ("07-02T12:00:00Z", 12, "P1Y"),
        ("02-28T00:00:00Z", 1, "P1M"),
    ],
)
def test_times_that_are_months_apart_by_the_calendar_are_a_period(first, months, period):
    begin = int(first[:2]) - 1
    counted = [divmod(2014 * 12 + begin + months * number, 12) for number in range(30)]
    times = [f"{year}-{month + 1:02d}-{first[3:]}" for year, month in counted]
    assert time_extent(times) == f"{times[0]}/{times[-1]}/{period}"


@pytest.mark.parametrize(
    "times",
    [
        (),
        days(1),
        days(2),
        (*days(5), "2014-12-07T12:00:00Z"),
        (*days(5)[:2], *days(5)[3:]),
        ("2014-01-01T00:00:00Z", "2014-02-01T00:00:00Z", "2014-04-01T00:00:00Z"),
        ("2014-01-01T00:00:00Z", "2014-02-01T00:00:00Z", "2014-03-01T12:00:00Z"),
        ("2014-01-01T00:00:00Z", "2014-02-02T00:00:00Z", "2014-03-01T00:00:00Z"),
        ("2014-01-31T00:00:00Z", "2014-03-31T00:00:00Z", "2014-05-31T00:00:00Z"),
        ("2014-01-01T00:00:00Z", "2015-01-01T00:00:00Z", "2015-07-01T00:00:00Z"),
        ("2000-02-28T00:00:00Z", "2000-02-29T00:00:00Z", "2000-02-30T00:00:00Z"),
        ("2001-02-27T00:00:00Z", "2001-02-28T00:00:00Z", "2001-03-01T00:00:00Z", "2001-03-03T00:00:00Z"),
        ("2000-02-27T00:00:00Z", "2000-02-28T00:00:00Z", "2000-03-01T00:00:00Z"),
        ("2014-01-01T00:00:00.500Z", "2014-01-01T00:00:01Z", "2014-01-01T00:00:01.500Z"),
        ("0000-01-01T00:00:00Z", "0000-01-02T00:00:00Z", "0000-01-03T00:00:00Z"),
    ],
)
def test_times_that_no_client_could_count_out_are_all_listed(times):
    assert time_extent(times) == ",".join(times)


def test_thousands_of_irregular_times_are_listed():
    times = (*days(9_999, timedelta(hours=1)), "2020-01-01T00:00:00Z")
    assert read(
        "1.3.0",
        layers=(
            LayerInfo(
                name="a/b", title="b", extent=LAYER.extent, times=times, default_time=times[-1], styles=LAYER.styles
            ),
        ),
    )["a/b"].timepositions == list(times)
