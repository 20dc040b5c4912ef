"""WMS 1.3.0 (OGC 06-042), clause 6: what holds for every operation. Over a socket."""

from urllib.parse import quote

import pytest
from lxml import etree

from tests.conformance.clauses import clause
from tests.conformance.client import WMS, named_layers
from tests.conformance.waters import FLOOR
from tests.conformance.xsd import WMS_130_EXCEPTIONS, faults


def version_of(answer):
    return answer.xml.get("version")


@clause("6.2.4", "basic_elements:negotiate-no-version")
def test_without_a_version_the_newest_one_is_answered(wms):
    assert version_of(wms.capabilities(version=None)) == "1.3.0"


@clause("6.2.4", "basic_elements:negotiate-basic_elements-version")
def test_the_version_that_is_asked_for_is_answered(wms):
    answer = wms.capabilities("1.3.0")
    assert (answer.xml.tag, version_of(answer)) == (f"{WMS}WMS_Capabilities", "1.3.0")


@pytest.mark.parametrize("version", ["100.0.0", "1.3.1", "1.4.0", "2.0"])
@clause("6.2.4", "basic_elements:negotiate-higher-version")
def test_a_version_beyond_the_newest_is_answered_in_the_newest(wms, version):
    assert version_of(wms.capabilities(version)) == "1.3.0"


@pytest.mark.parametrize("version", ["0.0.0", "1.0.0", "1.0.7", "1.1.0"])
@clause("6.2.4", "basic_elements:negotiate-lower-version")
def test_a_version_below_the_oldest_is_answered_in_the_oldest(wms, version):
    assert version_of(wms.capabilities(version)) == "1.1.1"


@pytest.mark.parametrize("version", ["1.1.1", "1.1.5", "1.2.0", "1.2.99"])
@clause("6.2.4")
def test_a_version_in_between_is_answered_in_the_next_lower_one(wms, version):
    assert version_of(wms.capabilities(version)) == "1.1.1"


@pytest.mark.parametrize("version", ["", "one", "1.3.0.1", "-1.3.0", "1,3,0", "9" * 40])
@clause("6.2.4")
def test_a_version_that_is_none_is_taken_for_none(wms, version):
    assert version_of(wms.capabilities(version)) == "1.3.0"


@clause("6.3.2", "basic_elements:escaped-chars")
def test_escaped_characters_are_read(wms):
    escaped = "".join(f"%{ord(letter):02X}" for letter in "GetCapabilities")
    assert wms.get(f"/wms?ReQuEsT={escaped}&VeRsIoN=1.3.0&SeRvIcE=WMS").xml.tag == f"{WMS}WMS_Capabilities"


@clause("6.3.2", "basic_elements:escaped-space")
def test_a_plus_is_a_blank(wms):
    name = f"waters/{FLOOR.replace(',', '_')}"
    assert " " in name
    query = f"/wms?VERSION=1.3.0&REQUEST=GetMap&LAYERS={quote(name).replace('%20', '+')}&STYLES=&CRS=CRS:84"
    answer = wms.get(query + "&BBOX=-30,30,30,70&WIDTH=60&HEIGHT=40&FORMAT=image/png")
    assert (answer.status, answer.type) == (200, "image/png")


@clause("6.3.3", "getcapabilities:capability-onlineresource")
def test_each_address_is_one_that_parameters_can_be_appended_to(document):
    resources = document.findall(f"{WMS}Capability/{WMS}Request/*/{WMS}DCPType/{WMS}HTTP/{WMS}Get/{WMS}OnlineResource")
    assert len(resources) == 4
    assert all(found.get("{http://www.w3.org/1999/xlink}href").endswith(("?", "&")) for found in resources)


@pytest.mark.parametrize("request_", ["GetCapabilities", "GetMap", "GetFeatureInfo"])
@clause("6.3.4")
def test_a_posted_form_is_answered_as_the_same_query(wms, request_):
    query = (
        f"SERVICE=WMS&VERSION=1.3.0&REQUEST={request_}&LAYERS=waters/thetao&QUERY_LAYERS=waters/thetao&STYLES="
        "&CRS=CRS:84&BBOX=-30,30,30,70&WIDTH=60&HEIGHT=40&FORMAT=image/png&I=40&J=20&INFO_FORMAT=text/xml"
    )
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    posted = wms.send("POST", "/wms", query.encode(), form)
    got = wms.get(f"/wms?{query}")
    assert (posted.status, posted.type, posted.body) == (200, got.type, got.body)


@clause("6.4")
def test_head_has_the_headers_of_get_and_no_body(wms):
    query = "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities"
    head, got = wms.send("HEAD", query), wms.get(query)
    assert head.body == b""
    assert {name: head.headers.get(name) for name in ("content-type", "etag")} == {
        name: got.headers.get(name) for name in ("content-type", "etag")
    }


@clause("6.6", "basic:gif-or-png", "recommendations:png-getmap-format")
def test_maps_are_offered_as_png(document):
    formats = [found.text for found in document.iterfind(f"{WMS}Capability/{WMS}Request/{WMS}GetMap/{WMS}Format")]
    assert formats[0] == "image/png"
    assert {"image/png", "image/jpeg"} <= set(formats)


@clause("6.7.3.1", "recommendations:layer-crs")
def test_each_layer_is_offered_in_degrees(document):
    root = {found.text for found in document.iterfind(f"{WMS}Capability/{WMS}Layer/{WMS}CRS")}
    assert {"CRS:84", "EPSG:4326"} <= root
    assert len(named_layers(document)) == 6


@clause("6.8.1", "basic_elements:extra-GetCapabilities-param")
def test_an_unknown_parameter_of_getcapabilities_is_passed_over(wms):
    assert wms.capabilities(bogus="ignored").xml.tag == f"{WMS}WMS_Capabilities"


@clause("6.8.1", "basic_elements:extra-GetMap-param")
def test_an_unknown_parameter_of_getmap_is_passed_over(wms):
    assert wms.map(bogus="ignored").type == "image/png"


@clause("6.8.1", "basic_elements:extra-GetFeatureInfo-param")
def test_an_unknown_parameter_of_getfeatureinfo_is_passed_over(wms):
    assert wms.info(bogus="ignored", info_format="text/plain").type == "text/plain"


@pytest.mark.parametrize("names", [str.upper, str.lower, str.title])
@clause("6.8.1")
def test_names_of_parameters_are_read_in_any_case_and_order(wms, names):
    given = {"service": "WMS", "version": "1.3.0", "request": "GetCapabilities"}
    forwards = "&".join(f"{names(name)}={value}" for name, value in given.items())
    backwards = "&".join(f"{names(name)}={value}" for name, value in reversed(given.items()))
    assert wms.get(f"/wms?{forwards}").body == wms.get(f"/wms?{backwards}").body == wms.capabilities().body


@pytest.mark.parametrize(("service", "status"), [("WMS", 200), ("wms", 200), (None, 200), ("WFS", 400), ("X", 400)])
@clause("7.2.3.3")
def test_another_service_is_refused(wms, service, status):
    assert wms.ask("GetCapabilities", service=service).status == status


@pytest.mark.parametrize("request_", ["DescribeLayer", "GetTile", "x" * 3000, "GetMap,GetMap"])
@clause("6.9.2")
def test_an_operation_that_is_not_offered_is_refused_as_such(wms, request_):
    answer = wms.ask(request_, service="WMS")
    assert (answer.status, answer.code) == (400, "OperationNotSupported")


@clause("6.11", "getmap:exceptions-default", "getmap:exceptions-xml", "getfeatureinfo:exceptions-default")
def test_every_refusal_is_a_valid_exception_report(wms, schemas):
    for ask in (wms.map, wms.info):
        for exceptions in (None, "XML"):
            answer = ask("NonExistant", bbox="0,0,1,1", exceptions=exceptions)
            assert (answer.type, answer.code) == ("text/xml", "LayerNotDefined")
            assert faults(answer.body, schemas, WMS_130_EXCEPTIONS) == []


@clause("7.4.3.8", "getfeatureinfo:exceptions-xml")
def test_getfeatureinfo_refuses_in_xml_alone(wms):
    for exceptions in ("XML", "INIMAGE", "BLANK"):
        answer = wms.info("UndefinedLayer", exceptions=exceptions)
        assert (answer.type, etree.QName(answer.xml).localname) == ("text/xml", "ServiceExceptionReport")
