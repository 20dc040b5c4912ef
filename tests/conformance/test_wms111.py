"""WMS 1.1.1 (OGC 01-068r3), where it differs from 1.3.0. Over a socket."""

import json

import numpy as np
import pytest
from lxml import etree

from tests.conformance.clauses import clause
from tests.conformance.client import named_layers
from tests.conformance.xsd import WMS_111, WMS_111_EXCEPTIONS, faults

OLD = {"version": "1.1.1", "crs": None, "srs": "EPSG:4326"}
SE = "application/vnd.ogc.se_"


def same(one, other):
    return np.array_equal(one.pixels, other.pixels)


@clause("6.2.4")
def test_the_capabilities_have_root_type_and_doctype_of_their_version(wms):
    answer = wms.capabilities("1.1.1")
    assert answer.type == "application/vnd.ogc.wms_xml"
    assert (answer.xml.tag, answer.xml.get("version")) == ("WMT_MS_Capabilities", "1.1.1")
    assert answer.xml.getroottree().docinfo.system_url == WMS_111


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.1.1"])
@clause("6.5.2")
def test_the_version_may_be_called_by_its_first_name(wms, version):
    assert wms.get(f"/wms?WMTVER={version}&REQUEST=GetCapabilities&SERVICE=WMS").xml.get("version") == "1.1.1"
    assert wms.get("/wms?VERSION=1.1.1&WMTVER=1.3.0&REQUEST=GetCapabilities").xml.get("version") == "1.1.1"


@clause("A.1")
def test_the_capabilities_are_valid(wms, schemas):
    assert faults(wms.capabilities("1.1.1").body, schemas, WMS_111) == []


@clause("6.5.5")
def test_systems_are_those_of_the_epsg_alone(wms):
    tree = wms.capabilities("1.1.1").xml
    systems = [found.text for found in tree.iter("SRS")]
    assert systems
    assert all(name.startswith("EPSG:") for name in systems)
    box = named_layers(tree)[0].find("BoundingBox[@SRS='EPSG:4326']")
    assert [float(box.get(side)) for side in ("minx", "miny", "maxx", "maxy")] == [-30, 30, 30, 70]


@clause("6.5.5.1")
def test_x_comes_first_whatever_the_system(wms):
    assert same(wms.map(**OLD, bbox="-30,30,30,70"), wms.map(crs="CRS:84", bbox="-30,30,30,70"))


@clause("7.2.3.5")
def test_the_system_is_called_srs(wms):
    assert "SRS is required" in wms.map(version="1.1.1").xml[0].text
    assert wms.map(**{**OLD, "srs": "EPSG:999999"}).code == "InvalidSRS"


@clause("7.3.3.6")
def test_a_pixel_is_called_x_and_y(wms):
    old = wms.info(**OLD, i=None, j=None, x=41, y=7)
    assert json.loads(old.body) == json.loads(wms.info(i=41, j=7).body)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"layers": "no"}, "LayerNotDefined"),
        ({"styles": "no"}, "StyleNotDefined"),
        ({"format": "no"}, "InvalidFormat"),
        ({"time": "no"}, "InvalidDimensionValue"),
        ({"bbox": "1,0,0,1"}, ""),
        ({"width": "-1"}, ""),
        ({"request": "GetTile"}, ""),
    ],
)
@clause("A.3")
def test_refusals_are_valid_and_have_the_codes_of_their_version(wms, schemas, change, code):
    answer = wms.map(**(OLD | change))
    assert (answer.type, answer.code) == (f"{SE}xml", code)
    assert faults(answer.body, schemas, WMS_111_EXCEPTIONS) == []
    assert answer.xml.getroottree().docinfo.system_url == WMS_111_EXCEPTIONS


@clause("7.2.3.11")
def test_refusals_may_be_pictures(wms):
    offered = [found.text for found in wms.capabilities("1.1.1").xml.iterfind("Capability/Exception/Format")]
    assert offered == [f"{SE}xml", f"{SE}inimage", f"{SE}blank"]
    written = wms.map("no", **OLD, exceptions=offered[1], width=200, height=100)
    assert written.pixels.shape == (100, 200, 4)
    assert len(np.unique(written.pixels.reshape(-1, 4), axis=0)) > 1
    assert (wms.map("no", **OLD, exceptions=offered[2]).pixels == 255).all()


@clause("7.2.3.3")
def test_the_leftmost_layer_is_the_bottommost(wms):
    for layers in ("waters/thetao,waters/sla", "waters/sla,waters/thetao"):
        assert same(wms.map(layers, **OLD), wms.map(layers))


@clause("C.2")
def test_dimensions_are_declared_and_their_values_said_apart(wms):
    layer = named_layers(wms.capabilities("1.1.1").xml)[0]
    assert [found.get("name") for found in layer.iterfind("Dimension")] == ["time", "elevation"]
    assert [found.get("name") for found in layer.iterfind("Extent")] == ["time", "elevation"]
    assert all(found.text and found.get("default") for found in layer.iterfind("Extent"))


@clause("7.1.4.5.4")
def test_each_legend_is_asked_for_in_the_version_of_its_document(wms):
    legend = named_layers(wms.capabilities("1.1.1").xml)[0].find("Style/LegendURL")
    address = legend.find("OnlineResource").get("{http://www.w3.org/1999/xlink}href")
    assert "VERSION=1.1.1" in address
    height, width = wms.get("/" + address.split("/", 3)[3]).pixels.shape[:2]
    assert [str(width), str(height)] == [legend.get("width"), legend.get("height")]


@clause("7.1.4.4")
def test_operations_are_those_that_are_answered(wms):
    offered = wms.capabilities("1.1.1").xml.find("Capability/Request")
    assert [found.tag for found in offered] == ["GetCapabilities", "GetMap", "GetFeatureInfo", "GetLegendGraphic"]
    assert all([etree.QName(way).localname for way in found.find("DCPType/HTTP")] == ["Get", "Post"]
               for found in offered)  # fmt: skip
