import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import finite, integer, positive, shown
from core.problem import Problem


@pytest.mark.parametrize(
    "text",
    ["", " ", "nan", "NaN", "inf", "-Infinity", "1_000", "1e999", "0x10", "١٢", "²", "1,5", "--1", "9" * 5000, "1e+-3"],
)
def test_what_is_no_finite_number_is_refused_naming_the_parameter(text):
    with pytest.raises(Problem, match="BBOX") as refused:
        finite(text, "BBOX")
    assert (refused.value.kind, refused.value.parameter) == ("invalid_value", "BBOX")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_that_python_writes_is_read_back_exactly(value):
    assert math.copysign(1, finite(repr(value), "X")) == math.copysign(1, value)
    assert finite(repr(value), "X") == value


@pytest.mark.parametrize(("text", "value"), [("5.", 5.0), (".5", 0.5), ("+3", 3.0), (" -1e-3 ", -0.001)])
def test_the_spellings_of_clients_are_read(text, value):
    assert finite(text, "X") == value


@pytest.mark.parametrize("text", ["", "1.0", "٢", "1e3", "9" * 19, "9" * 5000])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(Problem, match="WIDTH"):
        integer(text, "WIDTH")


@pytest.mark.parametrize(
    ("text", "kind"), [("0", "invalid_value"), ("-1", "invalid_value"), ("257", "too_large"), ("x", "invalid_value")]
)
def test_sizes_outside_the_limits_are_refused_with_the_limit(text, kind):
    with pytest.raises(Problem) as refused:
        positive(text, "WIDTH", most=256)
    assert refused.value.kind == kind


def test_a_size_within_the_limits_is_read():
    assert positive("256", "WIDTH", most=256) == 256


def test_what_is_repeated_in_an_answer_is_bounded():
    assert len(shown("x" * 10_000)) < 100
