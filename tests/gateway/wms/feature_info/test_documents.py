import json
from dataclasses import replace
from typing import get_args

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.wms.feature_info.documents import rendered
from gateway.wms.feature_info.point import PointValue
from gateway.wms.request.formats import InfoFormat

VALUE = PointValue(
    layer="phys/thetao",
    title="Sea water potential temperature",
    units="degC",
    standard_name="sea_water_potential_temperature",
    value=0.1,
    longitude=10.25,
    latitude=-60.0,
    requested_longitude=10.3,
    requested_latitude=-60.1,
    time="2014-12-17T12:00:00Z",
    elevation=-0.49402499198913574,
    elevation_units="m",
)
MISSING = replace(VALUE, value=None)
NOWHERE = replace(
    VALUE, value=None, longitude=None, latitude=None, requested_longitude=None, requested_latitude=None, time=None
)
NASTY = replace(VALUE, title="a\n<b> & \x00\ud800", units="1 < 2")


def json_of(*values):
    return json.loads(rendered(values, "application/json"), parse_constant=pytest.fail)


def xml_of(*values):
    return etree.fromstring(rendered(values, "text/xml"))


def text_of(*values):
    return rendered(values, "text/plain").decode()


def test_json_is_a_collection_of_features_at_the_centres_of_cells():
    assert json_of(VALUE) == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [10.25, -60.0]},
                "properties": {
                    "layer": "phys/thetao",
                    "name": "Sea water potential temperature",
                    "standard_name": "sea_water_potential_temperature",
                    "value": 0.1,
                    "units": "degC",
                    "meaning": None,
                    "time": "2014-12-17T12:00:00Z",
                    "elevation": -0.494025,
                    "elevation_units": "m",
                    "dimensions": {},
                    "requested": {"longitude": 10.3, "latitude": -60.1},
                },
            }
        ],
    }


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_missing_value_is_null_in_json_and_said_in_words_elsewhere(value):
    missing = replace(VALUE, value=value)
    assert json_of(missing)["features"][0]["properties"]["value"] is None
    assert xml_of(missing).findtext("Feature/FeatureInfo/value") == "none"
    assert "Value: none (no data here)" in text_of(missing)


def test_a_place_without_a_cell_has_no_geometry():
    assert json_of(NOWHERE)["features"][0]["geometry"] is None
    assert xml_of(NOWHERE).find("longitude") is None
    assert "Longitude" not in text_of(NOWHERE)
    assert "Value: none (no cell here)" in text_of(NOWHERE)


def test_xml_is_what_clients_of_ncwms_read():
    found = xml_of(VALUE, MISSING)
    assert found.tag == "FeatureInfoResponse"
    assert (found.findtext("longitude"), found.findtext("latitude")) == ("10.3", "-60.1")
    assert [feature.findtext("layer") for feature in found.findall("Feature")] == ["phys/thetao"] * 2
    info = found.find("Feature/FeatureInfo")
    assert {part.tag: part.text for part in info} == {
        "id": "thetao",
        "time": "2014-12-17T12:00:00Z",
        "elevation": "-0.494025",
        "value": "0.1",
        "units": "degC",
    }


def test_further_dimensions_are_told_by_name_in_all_formats():
    found = replace(VALUE, others=(("member", 3.0), ("\u03bb", 0.10000000149011612)))
    assert json_of(found)["features"][0]["properties"]["dimensions"] == {"member": 3.0, "\u03bb": 0.1}
    properties = xml_of(found).findall("Feature/FeatureInfo/property")
    assert [(one.get("name"), one.text) for one in properties] == [("dim_member", "3"), ("dim_\u03bb", "0.1")]
    assert "Elevation: -0.494025 m\nDimension member: 3\nDimension \u03bb: 0.1\n" in text_of(found)


def test_a_variable_in_a_group_keeps_its_path():
    assert xml_of(replace(VALUE, layer="sat/data_01/ku/ssha")).findtext("Feature/FeatureInfo/id") == "data_01/ku/ssha"


def test_text_has_a_line_for_each_thing():
    assert text_of(VALUE).splitlines() == [
        "Longitude: 10.3",
        "Latitude: -60.1",
        "Layer: phys/thetao",
        "Title: Sea water potential temperature",
        "Time: 2014-12-17T12:00:00Z",
        "Elevation: -0.494025 m",
        "Centre of the cell: 10.25, -60.0",
        "Value: 0.1 degC",
    ]


@pytest.mark.parametrize(
    ("value", "written"), [(7, "7"), (0.1, "0.1"), (1e-12, "1e-12"), (-0.0, "-0.0"), (0.10000000149011612,) * 2]
)
def test_values_keep_all_their_digits(value, written):
    asked = replace(VALUE, value=value)
    assert repr(json_of(asked)["features"][0]["properties"]["value"]) == str(written)
    assert xml_of(asked).findtext("Feature/FeatureInfo/value") == str(written)


@pytest.mark.parametrize(("meanings", "said"), [(("land",), "land"), (("cloud", "ice edge"), "cloud, ice edge")])
def test_the_number_of_a_flag_stays_and_what_it_means_is_said(meanings, said):
    flagged = replace(VALUE, value=3, units="1", meanings=meanings)
    assert json_of(flagged)["features"][0]["properties"]["value"] == 3
    assert json_of(flagged)["features"][0]["properties"]["meaning"] == said
    assert xml_of(flagged).findtext("Feature/FeatureInfo/value") == "3"
    assert xml_of(flagged).findtext("Feature/FeatureInfo/property[@name='meaning']") == said
    assert f"Value: 3 1 ({said})\n" in text_of(flagged)
    assert page_of(flagged)["Value"] == [f"3 1 ({said})"]


def test_both_names_of_json_are_the_same_document():
    assert rendered([VALUE, MISSING], "application/geo+json") == rendered([VALUE, MISSING], "application/json")


def page_of(*values):
    found = {}
    for row in lxml.html.document_fromstring(rendered(values, "text/html").decode()).iter("tr"):
        found.setdefault(row.find("th").text, []).append(row.find("td").text)
    return found


def test_the_page_has_a_table_for_the_place_and_for_each_layer():
    assert page_of(VALUE, MISSING) == {
        "Longitude": ["10.3"],
        "Latitude": ["-60.1"],
        "Time": ["2014-12-17T12:00:00Z"] * 2,
        "Elevation": ["-0.494025 m"] * 2,
        "Centre of the cell": ["10.25, -60.0"] * 2,
        "Value": ["0.1 degC", "none (no data here)"],
        "Layer": ["phys/thetao"] * 2,
    }
    written = rendered([VALUE, MISSING], "text/html").decode()
    tree = lxml.html.document_fromstring(written)
    captions = [caption.text for caption in tree.iter("caption")]
    assert captions == ["Place", VALUE.title, VALUE.title]
    assert written.startswith("<!DOCTYPE html>\n<html")
    # QGIS takes any answer that begins with <html for a page of errors.
    assert not written.startswith("<html")
    assert tree.xpath("//meta/@charset") == ["utf-8"]


@given(st.text(), st.text())
def test_nothing_that_a_file_says_becomes_markup(title, units):
    written = rendered([replace(VALUE, title=title, units=units, meanings=(title, "<script>"))], "text/html")
    tree = lxml.html.document_fromstring(written.decode())
    known = {"html", "head", "meta", "title", "style", "body", "table", "caption", "tbody", "tr", "th", "td"}
    assert {element.tag for element in tree.iter()} == known
    assert not [name for element in tree.iter() for name in element.attrib if name not in ("lang", "charset", "scope")]


def test_whatever_a_file_says_the_answers_can_be_read():
    assert json_of(NASTY)["features"][0]["properties"]["units"] == "1 < 2"
    assert xml_of(NASTY).findtext("Feature/title") == "a\n<b> & \ufffd\ufffd"
    assert "Title: a <b> & \ufffd\ufffd\n" in text_of(NASTY)


@pytest.mark.parametrize("written", get_args(InfoFormat))
def test_nothing_asked_is_nothing_answered(written):
    assert isinstance(rendered([], written), bytes)
