"""OPACITY, INTERPOLATION, BGCOLOR and FORMAT, as requests say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problem import Problem
from gateway.wms.request.formats import MAPS, format_of
from gateway.wms.request.layering import background, interpolations, opacities
from gateway.wms.request.parameters import Parameters


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("", 2, (100.0, 100.0)),
        ("40", 1, (40.0,)),
        ("40", 3, (40.0, 40.0, 40.0)),
        ("0,100", 2, (0.0, 100.0)),
        (",12.5, ", 3, (100.0, 12.5, 100.0)),
    ],
)
def test_an_opacity_is_for_all_layers_or_for_each(text, count, expected):
    assert opacities(Parameters.of({"OPACITY": text}), count) == expected
    assert opacities(Parameters.of({}), count) == (100.0,) * count


@pytest.mark.parametrize(
    ("query", "count", "expected"),
    [
        ({}, 2, (None, None)),
        ({"interpolation": "bilinear"}, 2, ("bilinear", "bilinear")),
        ({"INTERPOLATION": "NEAREST"}, 1, ("nearest",)),
        ({"INTERPOLATIONS": "nearest neighbor,bilinear"}, 2, ("nearest", "bilinear")),
        ({"INTERPOLATIONS": "nearest_neighbour"}, 1, ("nearest",)),
        ({"INTERPOLATIONS": "bilinear,"}, 2, ("bilinear", None)),
        ({"INTERPOLATIONS": "bilinear", "INTERPOLATION": "nearest"}, 1, ("nearest",)),
    ],
)
def test_an_interpolation_has_several_spellings(query, count, expected):
    assert interpolations(Parameters.of(query), count) == expected


@pytest.mark.parametrize(
    ("change", "count", "parameter", "says"),
    [
        ({"opacity": "101"}, 1, "OPACITY", "from 0 to 100"),
        ({"opacity": "-1"}, 1, "OPACITY", "from 0 to 100"),
        ({"opacity": "nan"}, 1, "OPACITY", "finite"),
        ({"opacity": "half"}, 1, "OPACITY", "half"),
        ({"opacity": "\u0665"}, 1, "OPACITY", ""),
        ({"opacity": "1" * 5000}, 1, "OPACITY", ""),
        ({"opacity": "50,50"}, 1, "OPACITY", "2 values for 1 layer;"),
        ({"opacity": "50,50"}, 3, "OPACITY", "2 values for 3 layers"),
        ({"opacity": "," * 9000}, 3, "OPACITY", "9001 values"),
        ({"interpolation": "bicubic"}, 1, "INTERPOLATION", "nearest and bilinear"),
        ({"interpolation": "x" * 9000}, 1, "INTERPOLATION", "..."),
        ({"interpolations": "bilinear,nearest"}, 1, "INTERPOLATION", "2 values for 1 layer;"),
        ({"bgcolor": "transparent"}, 1, "BGCOLOR", "TRANSPARENT=TRUE"),
        ({"bgcolor": "0x80FFFFFF"}, 1, "BGCOLOR", "not opaque"),
        ({"bgcolor": "red-ish"}, 1, "BGCOLOR", "0x80FF00"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, count, parameter, says):
    with pytest.raises(Problem) as refused:
        read(Parameters.of(change), count)
    assert (refused.value.kind, refused.value.parameter) == ("invalid_value", parameter)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 400


def read(parameters, count):
    return opacities(parameters, count), interpolations(parameters, count), background(parameters)


@given(st.text(max_size=30), st.text(max_size=30), st.integers(1, 4))
def test_whatever_is_sent_is_one_value_for_each_layer_or_refused(opacity, interpolation, count):
    try:
        percent, how, _ = read(Parameters.of({"OPACITY": opacity, "INTERPOLATION": interpolation}), count)
    except Problem:
        return
    assert len(percent) == len(how) == count
    assert all(0 <= one <= 100 for one in percent)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("image/png; mode=24bit", "image/png; mode=32bit"),
        ("image/png24", "image/png; mode=32bit"),
        ("image/png32", "image/png; mode=32bit"),
        ("image/webp", "image/webp"),
        ("IMAGE/WEBP", "image/webp"),
        ("image/gif", "image/gif"),
    ],
)
def test_formats_of_maps(text, written):
    assert format_of(MAPS, text, "FORMAT") == written
