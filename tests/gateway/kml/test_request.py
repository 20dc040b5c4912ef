import pytest

from core.problem import Problem
from gateway.kml.request import parse_kml
from renderers.kml.tiles import Tile


def test_names_are_read_in_any_case_and_repeated_as_they_were_sent():
    query = {
        "time": "2015/2016",
        "Dim_Wave": "4",
        "palette": "ice",
        "colorScaleRange": "auto",
        "token": "x",
        "FOO": "y",
    }
    asked = parse_kml(query, "a/b")
    assert asked.part == "opened"
    assert asked.repeated == (
        ("TIME", "2015/2016"), ("DIM_WAVE", "4"), ("PALETTE", "ice"), ("COLORSCALERANGE", "auto"),
    )  # fmt: skip
    assert asked.colouring.auto


@pytest.mark.parametrize(
    ("text", "part"),
    [("steps", "steps"), ("STEPS", "steps"), ("0/1/0", Tile(level=0, column=1, row=0)), ("", "opened")],
)
def test_a_part_is_named(text, part):
    assert parse_kml({"PART": text}, "a/b").part == part


@pytest.mark.parametrize(
    "text",
    ["0/0", "0/0/0/0", "13/0/0", "-1/0/0", "0/0/999999", "1e0/0/0", "\u0661/0/0", " 0/ 0/0", "../0/0", "x" * 9999],
)
def test_what_is_no_part_is_refused(text):
    with pytest.raises(Problem, match="neither steps nor a square") as refused:
        parse_kml({"PART": text}, "a/b")
    assert (refused.value.kind, refused.value.parameter) == ("invalid_value", "PART")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"STYLES": "a,b"}, "invalid_value"),
        ({"STYLES": "nope/ice"}, "unknown_style"),
        ({"COLORSCALERANGE": "1"}, "invalid_value"),
        ({"NUMCOLORBANDS": "1"}, "invalid_value"),
        ({"ABOVEMAXCOLOR": "blueish"}, "invalid_value"),
        ({"LOGSCALE": "maybe"}, "invalid_value"),
        ({"INTERPOLATION": "cubic"}, "invalid_value"),
    ],
)
def test_colours_are_checked_before_they_are_repeated(query, kind):
    with pytest.raises(Problem) as refused:
        parse_kml(query, "a/b")
    assert refused.value.kind == kind
