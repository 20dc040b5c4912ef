"""WMS 1.3.0 (OGC 06-042), annexes C and D: time, elevation and other dimensions. Over a socket.

`thetao` is ten degrees warmer each day and one degree colder each level, so that a value tells which was taken.
"""

import json

import numpy as np
import pytest

from tests.conformance.clauses import clause
from tests.conformance.client import named_layers
from tests.conformance.waters import DAYS, DEPTHS

RANGE = {"colorscalerange": "-20,60"}


def taken(answer):
    """Return the time and the elevation of which the answer tells, and the value less what the place adds to it."""
    assert answer.status == 200, answer.body
    said = json.loads(answer.body)["features"][0]["properties"]
    return said["time"], said["elevation"], round(said["value"] - 1.1, 3)


def drawn(wms, layers="waters/thetao", **parameters):
    return wms.map(layers, **RANGE, **parameters).pixels


@pytest.mark.parametrize("day", range(4))
@clause("C.3.2", "time:time-each-instant")
def test_each_instant_has_its_own_values(wms, day):
    answer = wms.info(time=DAYS[day])
    assert taken(answer) == (DAYS[day], 0.0, 10.0 * day)
    others = [drawn(wms, time=other) for other in DAYS]
    mine = drawn(wms, time=DAYS[day])
    assert [np.array_equal(mine, other) for other in others] == [place == day for place in range(4)]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2015-03-02T12:00:00.000Z", 1),
        ("2015-03-02T12:00Z", 1),
        ("2015-03-02T12:00:00", 1),
        ("2015-03-02T14:00:00+02:00", 1),
        ("2015-03-02", 1),
        ("2015-03-03T12", 2),
    ],
)
@clause("D.2")
def test_an_instant_may_be_written_with_less_or_more_precision(wms, written, day):
    assert taken(wms.info(time=written))[0] == DAYS[day]


@clause("C.3.2", "time:time-current-instant")
def test_current_is_the_last_instant(wms):
    assert taken(wms.info(time="current"))[0] == DAYS[3]


@pytest.mark.parametrize(
    ("asked", "day"),
    [
        (f"{DAYS[0]}/{DAYS[2]}", 2),
        (f"{DAYS[0]}/{DAYS[2]}/P1D", 2),
        ("2015-03-01/2015-03-02", 1),
        (f"{DAYS[0]},{DAYS[1]}", 1),
        (f"{DAYS[0]}/{DAYS[1]},{DAYS[3]}", 3),
        (f"{DAYS[0]}/{DAYS[1]},{DAYS[1]}/{DAYS[2]}", 2),
        (f"{DAYS[1]}/current", 3),
    ],
)
@clause(
    "C.3.2",
    "time:time-interval",
    "time:time-interval-and-instant",
    "time:time-interval-list",
    "time:time-instant-list",
    "time:time-current-interval",
)
def test_a_list_or_an_interval_is_one_picture_of_its_latest_instant(wms, asked, day):
    assert taken(wms.info(time=asked))[0] == DAYS[day]
    assert np.array_equal(drawn(wms, time=asked), drawn(wms, time=DAYS[day]))


@clause("C.2")
def test_several_values_in_one_picture_are_not_offered(document):
    assert {found.get("multipleValues", "0") for found in document.iter("{*}Dimension")} == {"0"}


@clause("C.4.2", "time:time-default")
def test_without_a_time_the_default_is_taken_and_said(wms, document):
    default = next(found for found in document.iter("{*}Dimension") if found.get("name") == "time").get("default")
    answer = wms.map(**RANGE)
    assert np.array_equal(answer.pixels, drawn(wms, time=default))
    assert f"99 Default value used: time={default}" in answer.headers["warning"]


@clause("C.3.2", "time:time-and-other-layer")
def test_a_layer_without_time_is_drawn_beside_one_with_it(wms):
    layers = "waters/wave,waters/sla"
    assert not np.array_equal(drawn(wms, layers, time=DAYS[0]), drawn(wms, layers, time=DAYS[3]))
    assert np.array_equal(drawn(wms, "waters/wave", time=DAYS[0]), drawn(wms, "waters/wave"))


@pytest.mark.parametrize("asked", ["1999-01-01T00:00:00Z", "2015-03-01T13:00:00Z", "yesterday", "2015-13-01", "/", ","])
@clause("C.4.1")
def test_a_time_that_the_layer_does_not_have_is_refused(wms, asked):
    assert wms.map(time=asked).code == "InvalidDimensionValue"


@pytest.mark.parametrize("level", range(3))
@clause(
    "C.3.2",
    "raster_elevation:terrain-value",
    "vector_elevation:geometry-low",
    "vector_elevation:geometry-med",
    "vector_elevation:geometry-high",
)
def test_each_level_has_its_own_values(wms, level):
    elevation = -DEPTHS[level]
    assert taken(wms.info(elevation=elevation, time=DAYS[0])) == (DAYS[0], elevation, -float(level))
    others = [drawn(wms, elevation=-depth) for depth in DEPTHS]
    mine = drawn(wms, elevation=elevation)
    assert [np.array_equal(mine, other) for other in others] == [place == level for place in range(3)]


@pytest.mark.parametrize("asked", ["-9999", "50", "deep", "1e999", "-25"])
@clause("C.4.1", "raster_elevation:terrain-invalid")
def test_a_level_that_the_layer_does_not_have_is_refused(wms, asked):
    assert wms.map(elevation=asked).code == "InvalidDimensionValue"


@clause("C.4.2", "raster_elevation:terrain-default", "vector_elevation:geometry-default-value")
def test_without_a_level_the_default_is_taken_and_said(wms, document):
    default = next(found for found in document.iter("{*}Dimension") if found.get("name") == "elevation").get("default")
    answer = wms.map(time=DAYS[0], **RANGE)
    assert np.array_equal(answer.pixels, drawn(wms, time=DAYS[0], elevation=default))
    assert f"99 Default value used: elevation={default}" in answer.headers["warning"]


@pytest.mark.parametrize(("asked", "elevation"), [("-50,-300", -50.0), ("-300/-50", -50.0), ("-300/0/50,-300", 0.0)])
@clause("C.3.2", "vector_elevation:geometry-multiple-values")
def test_a_list_of_levels_is_one_picture_of_the_uppermost(wms, asked, elevation):
    assert taken(wms.info(elevation=asked))[1] == elevation


@clause("C.4.2", "vector_elevation:geometry-nearest-value")
def test_the_nearest_value_is_taken_and_said_where_that_is_offered(wms):
    layer = next(one for one in named_layers(wms.capabilities().xml) if one.findtext("{*}Name") == "near/thetao")
    assert {found.get("nearestValue") for found in layer.iterfind("{*}Dimension")} == {"1"}
    answer = wms.map("near/thetao", time="2015-03-02T17:00:00Z", elevation="-45", **RANGE)
    assert np.array_equal(answer.pixels, drawn(wms, "near/thetao", time=DAYS[1], elevation="-50"))
    for value in (f"time={DAYS[1]} ISO8601", "elevation=-50 m"):
        assert f"99 Nearest value used: {value}" in answer.headers["warning"]
    assert wms.map("near/thetao", time="2015-03-20T17:00:00Z").code == "InvalidDimensionValue"
    assert wms.map("near/thetao", elevation="-200").code == "InvalidDimensionValue"


@clause("C.3.2", "raster_elevation:terrain-and-other-layer", "vector_elevation:geometry-and-other-layer")
def test_a_layer_without_levels_is_drawn_beside_one_with_them(wms):
    found = drawn(wms, "waters/thetao,waters/sla", elevation="-300", time=DAYS[0])
    assert np.array_equal(found[:, :30], drawn(wms, elevation="-300", time=DAYS[0])[:, :30])
    assert np.array_equal(found[:, 30:], drawn(wms, "waters/sla", time=DAYS[0])[:, 30:])


@clause("C.3.3")
def test_another_dimension_is_asked_for_by_its_name(wms):
    assert [json.loads(wms.info("waters/wave", dim_member=member).body)["features"][0]["properties"]["value"]
            for member in ("1", "2", "7")] == [1.0, 2.0, 7.0]  # fmt: skip
    assert wms.map("waters/wave", dim_member="3").code == "InvalidDimensionValue"


@clause("C.4.2", "dims:missing-no-default")
def test_a_request_that_names_no_dimension_is_answered_by_the_defaults(wms, document):
    assert all(found.get("default") for found in document.iter("{*}Dimension"))
    for layer in ("waters/thetao", "waters/wave"):
        answer = wms.map(layer)
        assert (answer.status, answer.type) == (200, "image/png")
        assert "99 Default value used" in answer.headers["warning"]
