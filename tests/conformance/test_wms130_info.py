"""WMS 1.3.0 (OGC 06-042), clause 7.4: GetFeatureInfo. Over a socket."""

import json

import pytest

from tests.conformance.clauses import clause
from tests.conformance.client import WMS, named_layers
from tests.conformance.waters import temperature

THETAO, SLA = "waters/thetao", "waters/sla"


def offered(document):
    path = f"{WMS}Capability/{WMS}Request/{WMS}GetFeatureInfo/{WMS}Format"
    return [found.text for found in document.iterfind(path)]


def features(answer):
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["features"]


def found(answer):
    return [(feature["properties"]["layer"], feature["properties"]["value"]) for feature in features(answer)]


@clause("7.4.3.3", "getfeatureinfo:each-queryable-layer")
def test_each_layer_that_is_queryable_answers(wms, document):
    for layer in named_layers(document):
        name = layer.findtext(f"{WMS}Name")
        assert layer.get("queryable") == "1"
        assert [one for one, _ in found(wms.info(name))] == [name]


@clause("7.4.3.3")
def test_the_value_is_that_of_the_cell_under_the_pixel(wms):
    asked = {"time": "2015-03-03T12:00:00Z", "elevation": "-50"}
    for column in range(0, 60, 7):
        # 60 pixels over 30 cells.
        value = float(temperature(2, 1)[0, column // 2])
        assert found(wms.info(i=column, j=39, **asked))[0][1] == pytest.approx(value, rel=1e-6)


@clause("7.4.3.3", "getfeatureinfo:two-query_layers", "getfeatureinfo:three-query_layers")
def test_several_layers_are_queried_in_the_order_of_the_list(wms):
    for layers in ([THETAO, SLA], [SLA, THETAO], [SLA, THETAO, "world/ice"]):
        answer = wms.info(",".join(layers))
        assert [layer for layer, _ in found(answer)] == layers


@clause("7.4.3.3", "getfeatureinfo:less-query_layers")
def test_fewer_layers_may_be_queried_than_the_map_has(wms):
    assert [layer for layer, _ in found(wms.info(f"{THETAO},{SLA}", query_layers=SLA))] == [SLA]


@pytest.mark.parametrize("queried", ["UndefinedLayer", f"{THETAO},UndefinedLayer", SLA])
@clause("7.4.3.3", "getfeatureinfo:invalid-query_layers")
def test_a_queried_layer_that_the_map_does_not_have_is_refused(wms, queried):
    assert wms.info(THETAO, query_layers=queried).code == "LayerNotDefined"


@clause("7.4.3.4", "getfeatureinfo:each-info_format")
def test_each_format_is_answered_in_itself(wms, document):
    for written in offered(document):
        answer = wms.info(info_format=written)
        assert (answer.status, answer.type) == (200, written)


@pytest.mark.parametrize("written", ["UnknownFormat", "image/png", "text/xml,text/plain"])
@clause("7.4.3.4", "getfeatureinfo:invalid-info_format")
def test_a_format_that_is_not_offered_is_refused(wms, written):
    assert wms.info(info_format=written).code == "InvalidFormat"


@clause(
    "7.4.3.6",
    "getfeatureinfo:feature_count-default",
    "getfeatureinfo:feature_count-1",
    "queryable:feature_count-default",
    "queryable:feature_count-1",
)
def test_a_smaller_feature_count_never_brings_more(wms):
    sizes = [len(features(wms.info(feature_count=count))) for count in (None, 1, 2, 50)]
    assert sizes == [1, 1, 1, 1]


@pytest.mark.parametrize("place", ["-1", "60", "1000000", "text", "", "1e400", "9" * 500])
@clause("7.4.3.7", "getfeatureinfo:invalid-i")
def test_a_column_outside_the_map_is_refused(wms, place):
    assert wms.info(i=place).code in ({"InvalidPoint"} if place else {"InvalidPoint", ""})


@pytest.mark.parametrize("place", ["-1", "40", "1000000", "text", "", "1e400", "9" * 500])
@clause("7.4.3.7", "getfeatureinfo:invalid-j")
def test_a_row_outside_the_map_is_refused(wms, place):
    assert wms.info(j=place).code in ({"InvalidPoint"} if place else {"InvalidPoint", ""})


@clause("7.4.3.7")
def test_the_corner_pixels_are_inside(wms):
    for column, row in ((0, 0), (59, 0), (0, 39), (59, 39)):
        assert len(features(wms.info(i=column, j=row))) == 1


@clause("7.4.4")
def test_where_there_is_nothing_that_is_said_and_no_error(wms):
    assert found(wms.info(SLA, i=3, j=3)) == [(SLA, None)]
    assert found(wms.info(THETAO, bbox="100,-40,160,0")) == [(THETAO, None)]
