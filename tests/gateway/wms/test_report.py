from typing import get_args

import pytest
from lxml import etree

from core.problem import Kind, Problem
from gateway.wms.report import CODES, internal, report
from tests.conformance.xsd import WMS_111_EXCEPTIONS, WMS_130_EXCEPTIONS, faults

SCHEMA = {"1.1.1": WMS_111_EXCEPTIONS, "1.3.0": WMS_130_EXCEPTIONS}
TYPE = {"1.1.1": "application/vnd.ogc.se_xml", "1.3.0": "text/xml"}
OGC = "{http://www.opengis.net/ogc}"
NASTY = 'a <b> & "c" ]]> \x00\x1b\ud800\uffff \N{SNOWMAN}'


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_every_kind_of_problem_has_an_answer(version):
    assert set(CODES[version]) == set(get_args(Kind))
    assert all(400 <= status < 600 for _, status in CODES[version].values())


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_refusal_is_valid_whatever_it_says(version, kind, schemas):
    answer = report(Problem(kind, NASTY, parameter=NASTY), version)
    assert answer.content_type == TYPE[version]
    assert faults(answer.body, schemas, SCHEMA[version]) == []
    assert 'a <b> & "c" ]]> ' in "".join(etree.fromstring(answer.body).itertext())


def test_130_names_code_and_parameter():
    answer = report(Problem("unknown_layer", "there is no layer 'x'", parameter="LAYERS"), "1.3.0")
    found = etree.fromstring(answer.body)
    assert answer.status == 404
    assert (found.tag, found.get("version")) == (f"{OGC}ServiceExceptionReport", "1.3.0")
    assert dict(found[0].attrib) == {"code": "LayerNotDefined", "locator": "LAYERS"}
    assert found[0].text == "there is no layer 'x'"


@pytest.mark.parametrize(
    ("kind", "version", "code", "status"),
    [
        ("unknown_crs", "1.3.0", "InvalidCRS", 400),
        ("unknown_crs", "1.1.1", "InvalidSRS", 400),
        ("point_outside_image", "1.3.0", "InvalidPoint", 400),
        ("point_outside_image", "1.1.1", None, 400),
        ("unknown_operation", "1.3.0", "OperationNotSupported", 400),
        ("missing_parameter", "1.3.0", None, 400),
        ("too_large", "1.1.1", None, 413),
        ("invalid_dimension", "1.1.1", "InvalidDimensionValue", 400),
    ],
)
def test_codes_are_those_of_the_version(kind, version, code, status):
    answer = report(Problem(kind, "x", parameter="P"), version)
    assert etree.fromstring(answer.body)[0].get("code") == code
    assert answer.status == status


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_a_fault_of_ours_tells_the_reference_and_no_more(version, schemas):
    answer = internal(version, "0123abcd")
    assert answer.status == 500
    assert b"0123abcd" in answer.body
    assert faults(answer.body, schemas, SCHEMA[version]) == []
    assert internal(version, "x", 503).status == 503


def test_the_validation_can_fail(schemas):
    spoilt = report(Problem("busy", "x"), "1.3.0").body.replace(b"ServiceException>", b"Nonsense>")
    spoilt = spoilt.replace(b"<ServiceException>", b"<Nonsense>")
    assert faults(spoilt, schemas, WMS_130_EXCEPTIONS)


def test_the_reason_phrase_is_the_message_on_one_line_of_ascii():
    said = report(Problem("invalid_value", "BBOX='5°\r\nX-Evil: 1' is not four numbers" + "." * 9999), "1.3.0")
    assert said.reason.startswith("BBOX='5???X-Evil: 1' is not four numbers")
    assert len(said.reason) <= 512
    assert said.reason.isascii()
    assert said.reason.isprintable()


def test_a_fault_of_ours_has_the_usual_reason_phrase():
    assert internal("1.3.0", "abc").reason is None
