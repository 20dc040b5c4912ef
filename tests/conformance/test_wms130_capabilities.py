"""WMS 1.3.0 (OGC 06-042), clause 7.2: GetCapabilities. Over a socket."""

from collections import Counter

import pytest
from lxml import etree

from tests.conformance.clauses import clause
from tests.conformance.client import HREF, WMS, inherited, named_layers
from tests.conformance.waters import DAYS, FLOOR
from tests.conformance.xsd import WMS_130, faults

CAPABILITY = f"{WMS}Capability"


def local(address):
    """Return what follows the host of an address."""
    return "/" + address.split("/", 3)[3]


def boxes(layer):
    sides = ("minx", "miny", "maxx", "maxy")
    return {box.get("CRS"): [float(box.get(side)) for side in sides] for box in layer.iterfind(f"{WMS}BoundingBox")}


def geographic(layer):
    box = layer.find(f"{WMS}EX_GeographicBoundingBox")
    names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
    return [float(box.findtext(f"{WMS}{name}")) for name in names]


@pytest.mark.parametrize("written", ["text/xml", None, "invalid", "text/html"])
@clause(
    "7.2.3.1",
    "getcapabilities:each-format",
    "getcapabilities:no-format",
    "getcapabilities:invalid-format",
    "getcapabilities:resource-format",
)
def test_the_document_is_xml_whatever_format_is_asked_for(wms, written):
    answer = wms.capabilities(format=written)
    assert (answer.status, answer.type, answer.xml.tag) == (200, "text/xml", f"{WMS}WMS_Capabilities")


@clause("7.2.3.5", "getcapabilities:updatesequence-current")
def test_who_has_the_document_is_told_so(wms, document):
    answer = wms.capabilities(updatesequence=document.get("updateSequence"))
    assert answer.code == "CurrentUpdateSequence"


@clause("7.2.3.5", "getcapabilities:updatesequence-lower")
def test_who_has_an_older_document_gets_the_present_one(wms, document):
    for older in (int(document.get("updateSequence")) - 1, 0):
        assert wms.capabilities(updatesequence=older).xml.tag == f"{WMS}WMS_Capabilities"


@clause("7.2.3.5", "getcapabilities:updatesequence-higher")
def test_who_claims_a_newer_document_is_refused(wms, document):
    answer = wms.capabilities(updatesequence=int(document.get("updateSequence")) + 1)
    assert answer.code == "InvalidUpdateSequence"


@clause("7.2.4", "getcapabilities:normative-schema")
def test_the_document_names_the_normative_schema(document):
    places = document.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation").split()
    found = dict(zip(places[::2], places[1::2], strict=True))
    schema = "http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd"
    assert found["http://www.opengis.net/wms"] == schema


@clause("7.2.4", "getcapabilities:validate-using-schemaLocation")
def test_the_document_is_valid(wms, schemas):
    assert faults(wms.capabilities().body, schemas, WMS_130) == []
    assert faults(wms.get("/wms/waters?SERVICE=WMS&REQUEST=GetCapabilities").body, schemas, WMS_130) == []


@clause("7.2.4.3", "recommendations:service-keywords", "recommendations:service-contact-info")
def test_the_service_says_who_it_is_and_whom_to_ask(document):
    service = document.find(f"{WMS}Service")
    assert service.findtext(f"{WMS}Name") == "WMS"
    assert [word.text for word in service.iterfind(f"{WMS}KeywordList/{WMS}Keyword")] == ["ocean", "temperature"]
    contact = service.find(f"{WMS}ContactInformation")
    assert contact.findtext(f".//{WMS}ContactPerson") == "A person"
    assert contact.findtext(f"{WMS}ContactElectronicMailAddress") == "someone@example.org"


@clause("7.2.4.3", "interactive:fees-and-access-constraints")
def test_fees_and_access_constraints_are_those_that_the_provider_states(document):
    service = document.find(f"{WMS}Service")
    assert service.findtext(f"{WMS}Fees") == service.findtext(f"{WMS}AccessConstraints") == "none"


@clause("7.2.4.4", "getcapabilities:capability-xml-getcapabilities-format")
def test_capabilities_are_offered_as_xml(document):
    assert document.findtext(f"{CAPABILITY}/{WMS}Request/{WMS}GetCapabilities/{WMS}Format") == "text/xml"


@clause("7.2.4.4", "getcapabilities:capability-xml-exception-format")
def test_refusals_are_offered_as_xml_and_as_pictures(document):
    offered = [found.text for found in document.iterfind(f"{CAPABILITY}/{WMS}Exception/{WMS}Format")]
    assert offered == ["XML", "INIMAGE", "BLANK"]


@clause("7.2.4.4")
def test_each_format_of_a_legend_is_answered_in_itself(wms, document):
    found = document.find(f"{CAPABILITY}/{WMS}Request/{{http://www.opengis.net/sld}}GetLegendGraphic")
    formats = [written.text for written in found.iterfind(f"{WMS}Format")]
    assert {"image/png", "image/svg+xml", "application/json"} <= set(formats)
    for written in formats:
        answer = wms.ask("GetLegendGraphic", layer="waters/thetao", format=written)
        assert (answer.status, answer.type) == (200, written.partition(";")[0])


@clause("7.2.4.6.3")
def test_a_layer_that_only_holds_others_has_no_name(document):
    unnamed = [layer for layer in document.iter(f"{WMS}Layer") if layer.find(f"{WMS}Name") is None]
    assert [layer.findtext(f"{WMS}Title") for layer in unnamed] == ["A unit", "Waters", "world", "Near"]
    assert all(layer.find(f"{WMS}Layer") is not None for layer in unnamed)


@clause("7.2.4.6.3")
def test_each_name_can_be_asked_for(wms, document):
    names = [layer.findtext(f"{WMS}Name") for layer in named_layers(document)]
    assert FLOOR not in str(names)
    assert f"waters/{FLOOR.replace(',', '_')}" in names
    assert len(set(names)) == len(names) == 6
    assert {wms.map(name).type for name in names} == {"image/png"}


@clause("7.2.4.6.4", "recommendations:layer-abstracts", "recommendations:layer-keywordlists")
def test_each_layer_says_what_it_is(document):
    for layer in named_layers(document):
        assert layer.findtext(f"{WMS}Title")
        assert layer.findtext(f"{WMS}Abstract")
        assert layer.findall(f"{WMS}KeywordList/{WMS}Keyword")
    word = named_layers(document)[0].find(f"{WMS}KeywordList/{WMS}Keyword")
    assert (word.text, word.get("vocabulary")) == ("sea_water_potential_temperature", "CF Standard Name Table")


@clause("7.2.4.6.5", "getcapabilities:style-unique")
def test_no_layer_says_a_style_again_that_one_around_it_has(document):
    for layer in named_layers(document):
        twice = Counter(style.findtext(f"{WMS}Name") for style in inherited(layer, "Style"))
        assert twice.most_common(1)[0][1] == 1


@clause("7.2.4.6.5", "getcapabilities:style-legendurls", "getcapabilities:resource-size")
def test_each_legend_is_a_picture_of_the_size_that_is_said(wms, document):
    for layer in named_layers(document):
        legends = [legend for style in inherited(layer, "Style") for legend in style.findall(f"{WMS}LegendURL")]
        assert legends
        for legend in legends:
            answer = wms.get(local(legend.find(f"{WMS}OnlineResource").get(HREF)))
            assert answer.type == legend.findtext(f"{WMS}Format")
            height, width = answer.pixels.shape[:2]
            assert [str(width), str(height)] == [legend.get("width"), legend.get("height")]


@clause(
    "7.2.4.6",
    "getcapabilities:logourls",
    "getcapabilities:dataurls",
    "getcapabilities:featurelisturls",
    "getcapabilities:metadataurls",
    "getcapabilities:style-stylesheeturls",
    "getcapabilities:style-styleurls",
    "getcapabilities:authorityurl-unique",
    "getcapabilities:identifier-matches-authorityurl",
)
def test_nothing_is_linked_that_is_not_there(document):
    names = {etree.QName(found).localname for found in document.iter(etree.Element)}
    linked = {"LogoURL", "DataURL", "FeatureListURL", "MetadataURL", "StyleSheetURL", "StyleURL"}
    assert not names & (linked | {"AuthorityURL", "Identifier"})


@clause("7.2.4.6.6", "getcapabilities:ex_geobbox-present", "getcapabilities:ex_geobbox-coordinates")
def test_each_layer_says_where_it_is_in_degrees(document):
    for layer in document.iter(f"{WMS}Layer"):
        if layer.find(f"{WMS}Layer") is None or layer.getparent().tag == CAPABILITY:
            west, south, east, north = geographic(layer)
            assert -180 <= west < east <= 360
            assert -90 <= south < north <= 90
    assert geographic(named_layers(document)[0]) == [-30, 30, 30, 70]


@clause("7.2.4.6.7", "getcapabilities:crs-present", "getcapabilities:crs-for-all-layers")
def test_the_systems_are_those_of_all_layers_and_stand_at_the_outermost(document):
    root = document.find(f"{CAPABILITY}/{WMS}Layer")
    assert root.findall(f"{WMS}CRS") == list(document.iter(f"{WMS}CRS"))
    assert len(root.findall(f"{WMS}CRS")) >= 4


@clause("6.7.3.4", "getcapabilities:crs-auto2-declarations")
def test_no_system_has_variables(document):
    assert not [found.text for found in document.iter(f"{WMS}CRS") if "," in found.text]


@clause("7.2.4.6.8", "getcapabilities:bbox-present", "getcapabilities:bbox-distinct-crs")
def test_each_layer_has_one_box_for_a_system(document):
    for layer in named_layers(document):
        found = [box.get("CRS") for box in layer.iterfind(f"{WMS}BoundingBox")]
        assert found
        assert len(set(found)) == len(found)


@clause("7.2.4.6.8", "getcapabilities:bbox-crs-advertised")
def test_each_box_is_of_a_system_on_offer(document):
    offered = {found.text for found in document.iter(f"{WMS}CRS")}
    assert {box.get("CRS") for box in document.iter(f"{WMS}BoundingBox")} <= offered


@clause("6.7.4", "getcapabilities:layer-extents")
def test_each_box_follows_the_axes_of_its_system(document):
    for layer in [document.find(f"{CAPABILITY}/{WMS}Layer"), *named_layers(document)]:
        west, south, east, north = geographic(layer)
        found = boxes(layer)
        assert found["CRS:84"] == [west, south, east, north]
        assert found["EPSG:4326"] == [south, west, north, east]
        assert all(minx < maxx and miny < maxy for minx, miny, maxx, maxy in found.values())


@clause("C.2", "getcapabilities:dims-time", "getcapabilities:dims-elevation-crs88", "recommendations:dims-defaults")
def test_each_dimension_says_units_and_a_default_that_is_one_of_its_values(document):
    dimensions = list(document.iter(f"{WMS}Dimension"))
    assert Counter(found.get("name") for found in dimensions) == {"time": 3, "elevation": 2, "member": 1}
    for found in dimensions:
        assert found.get("default")
        if found.get("name") == "time":
            assert (found.get("units"), found.text) == ("ISO8601", f"{DAYS[0]}/{DAYS[-1]}/P1D")
        else:
            assert found.get("default") in found.text.split(",")
        if found.get("name") == "elevation":
            # EPSG:5714 is the mean sea level that CRS:88 is not: North America's datum.
            assert (found.get("units"), found.get("unitSymbol")) == ("EPSG:5714", "m")


@clause("C.2", "getcapabilities:dims-no-redeclarations", "recommendations:dims-no-whitespace")
def test_no_dimension_is_said_twice_and_no_name_has_a_blank(document):
    for layer in named_layers(document):
        names = [found.get("name").lower() for found in inherited(layer, "Dimension")]
        assert len(set(names)) == len(names)
        assert not [name for name in names if len(name.split()) != 1]


@clause("7.2.4.7.2")
def test_every_layer_can_be_queried_and_lets_through_what_is_below(document):
    assert {(layer.get("queryable"), layer.get("opaque")) for layer in named_layers(document)} == {("1", "0")}


@clause("7.4", "queryable:getfeatureinfo-supported")
def test_getfeatureinfo_is_offered(document):
    formats = [found.text for found in document.iterfind(f"{CAPABILITY}/{WMS}Request/{WMS}GetFeatureInfo/{WMS}Format")]
    assert {"text/xml", "text/plain", "text/html", "application/json"} <= set(formats)
