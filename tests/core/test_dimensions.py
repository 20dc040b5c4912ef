"""Dimensions of fields: what they are called, and which place a client means."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asked.leeway import Found
from core.dataset import Axis
from core.dimensions import dimensions_of
from core.problem import Problem


def other(name, values=(1.0, 2.0), units=""):
    return Axis(name=name, kind="other", values=values, units=units)


def vertical(name, values=(0.5, 10.0), positive="down"):
    return Axis(name=name, kind="vertical", values=values, units="m", positive=positive)


def one(*values):
    (found,) = dimensions_of([other("band", values)])
    return found


@pytest.mark.parametrize(
    ("axes", "names"),
    [
        (["member"], ["member"]),
        (["Wave Length (nm)"], ["Wave_Length__nm_"]),
        (["a&b=c#d%20+;?"], ["a_b_c_d_20___"]),
        (["data_01/ku/band"], ["data_01_ku_band"]),
        (["\u00e9mission", "\u03bb"], ["\u00e9mission", "\u03bb"]),
        (["x\n\x00\ud800"], ["x___"]),
        (["n", "N", "n_2"], ["n", "N_2", "n_2_2"]),
        (["time", "TIME", "elevation", "reference-time.1"], ["time_2", "TIME_3", "elevation_2", "reference-time.1"]),
        (["stra\u00dfe", "STRASSE"], ["stra\u00dfe", "STRASSE_2"]),
    ],
)
def test_a_name_is_one_that_clients_can_write_and_tells_dimensions_apart(axes, names):
    found = dimensions_of([other(name) for name in axes])
    assert [one.name for one in found] == names
    assert [one.parameter for one in found] == [f"DIM_{name}" for name in names]


@given(st.lists(st.text(min_size=1, max_size=4), max_size=6))
def test_names_differ_by_more_than_case_and_hold_no_white_space(names):
    found = dimensions_of([other(name) for name in names])
    assert len({one.name.upper() for one in found}) == len(names)
    assert not any({*one.name} & {*" \t\n&=#+%?/,"} for one in found)


def test_of_several_vertical_axes_the_first_is_the_elevation():
    found = dimensions_of([other("member"), vertical("depth"), vertical("sediment", (0.1, 0.2))])
    assert [(one.name, one.parameter, one.values) for one in found] == [
        ("member", "DIM_member", (1.0, 2.0)),
        ("elevation", "ELEVATION", (-0.5, -10.0)),
        ("sediment", "DIM_sediment", (0.1, 0.2)),
    ]


def test_the_default_is_the_first_value_and_the_level_nearest_to_the_surface():
    found = dimensions_of([other("member", (9.0, 1.0)), vertical("depth", (47.0, 0.5, 9.6))])
    assert [one.find(None) for one in found] == [Found(index=0, how="default"), Found(index=1, how="default")]
    assert [one.find(" ").index for one in found] == [0, 1]


@pytest.mark.parametrize(
    ("values", "asked", "place"),
    [
        ((412.5, 443.0, 490.0), "443", 1),
        ((412.5, 443.0, 490.0), " 4.43e2 ", 1),
        ((float(np.float32(0.1)), float(np.float32(0.7))), "0.7", 1),
        ((412.01, 412.02), "412.02", 1),
        ((20150301.0, 20150302.0), "20150302", 1),
        ((0.0, 1.0), "-0", 0),
        ((1e300, -1e300), "-1e300", 1),
        ((5.0, 3.0, 4.0), "3", 1),
    ],
)
def test_a_value_is_found_wherever_it_stands(values, asked, place):
    assert one(*values).find(asked) == Found(index=place, how="asked")


@pytest.mark.parametrize(
    ("values", "asked", "says"),
    [
        ((412.5, 443.0), "413", "412.5"),
        ((20150301.0, 20150303.0), "20150302", "2015030"),
        ((1.0, 2.0), "0", "1.0"),
        ((1.0, 2.0), "1.4", "1.0"),
        ((1.0, 2.0), "nan", "finite"),
        ((1.0, 2.0), "inf", "finite"),
        ((1.0, 2.0), "one", "finite"),
        ((1.0, 2.0), "3,4", "holds no value"),
        ((1.0, 2.0), "1.1/1.9", "holds no value"),
        ((1.0, 2.0), "0/4/4", "holds no value"),
        ((1.0, 2.0), "0/4/1e-320", "holds no value"),
        ((1.0, 2.0), "1/2/3/4", "BEGIN/END/STEP"),
        ((1.0, 2.0), "1/", "finite"),
        ((1.0, 2.0), "1,", "finite"),
        ((1.0, 2.0), "-1e308/0.5/1e-5", "holds no value"),
        ((1.0, 2.0), "\u0661", "finite"),
        ((1.0, 2.0), "9" * 5000, "finite"),
    ],
)
def test_a_value_that_is_not_there_is_refused_under_its_name(values, asked, says):
    with pytest.raises(Problem, match="DIM_band") as refused:
        one(*values).find(asked)
    assert (refused.value.kind, refused.value.parameter) == ("invalid_dimension", "DIM_band")
    assert says in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("values", [(7.0, 7.0, 8.0), (1.0, float("nan"), 2.0), (float("inf"), 0.0, 1.0)])
def test_values_that_do_not_tell_places_apart_are_counted(values):
    assert one(*values).values == (0.0, 1.0, 2.0)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=30, unique=True))
def test_every_value_written_with_all_its_digits_names_its_own_place(values):
    found = one(*values)
    assert [found.find(repr(value)).index for value in found.values] == list(range(len(values)))


LEVELS = (47.37, 0.49402499, 9.57, 1.54)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("-9.57/-1.5", -1.54),
        ("-1.5/-9.57", -1.54),
        ("-100/0", -0.49402499),
        ("-47.37,-9.57", -9.57),
        ("-47.37, -3", -47.37),
        ("-0.494/-100/5", -0.49402499),
        ("-20/-8/1", None),
        ("-100/-40,-10/-9", -9.57),
        ("-1.54/-1.54", -1.54),
    ],
)
def test_of_several_levels_the_one_nearest_to_the_surface_is_meant(asked, value):
    (levels,) = dimensions_of([vertical("depth", LEVELS)])
    if value is None:
        with pytest.raises(Problem, match="holds no level"):
            levels.find(asked)
    else:
        chosen = levels.find(asked)
        assert (levels.values[chosen.index], chosen.how) == (value, "asked")


@pytest.mark.parametrize(("asked", "place"), [("443,412.5", 1), ("440/500", 0), ("400/500/0.5", 0), ("0/1e9/412.5", 1)])
def test_of_several_values_the_first_of_the_file_is_meant(asked, place):
    assert one(490.0, 412.5, 443.0).find(asked).index == place


@pytest.mark.parametrize(
    ("asked", "leeway", "place"),
    [("-9", 1.0, 2), ("-9.57", 1.0, 2), ("-50", 5.0, 0), ("-9,-45", 3.0, 2), ("-50", 1.0, None), ("-9/-8", 5.0, None)],
)
def test_a_level_near_enough_is_taken_and_said_to_be_near(asked, leeway, place):
    (levels,) = dimensions_of([vertical("depth", LEVELS)])
    if place is None:
        with pytest.raises(Problem, match="the nearest is"):
            levels.find(asked, leeway)
    else:
        assert levels.find(asked, leeway) == Found(index=place, how="asked" if asked == "-9.57" else "nearest")


def test_who_asks_for_a_depth_is_told_how_it_is_written():
    (levels,) = dimensions_of([vertical("depth", LEVELS)])
    with pytest.raises(Problem, match=r"counted upwards: a depth of 9\.57 is -9\.57"):
        levels.find("9.57")
    (heights,) = dimensions_of([vertical("height", (2.0, -10.0), "up")])
    with pytest.raises(Problem) as refused:
        heights.find("10")
    assert "depth" not in str(refused.value)


def test_a_list_longer_than_any_client_means_is_refused():
    with pytest.raises(Problem) as refused:
        one(1.0).find("1," * 300)
    assert refused.value.kind == "too_large"


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=8, unique=True),
    st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60), st.integers(0, 9)), min_size=1, max_size=3),
)
def test_ranges_hold_what_counting_out_finds(values, asked):
    (found,) = dimensions_of([vertical("height", tuple(map(float, values)), "up")])
    inside = set()
    for begin, end, step in asked:
        way = 1 if end >= begin else -1
        inside |= {*range(begin, end + way, way * (step or 1))} | ({begin} if begin == end else set())
    expected = [value for value in values if value in inside]
    text = ",".join(f"{begin}/{end}/{step}" for begin, end, step in asked)
    if not expected:
        with pytest.raises(Problem, match="the nearest is"):
            found.find(text)
    else:
        assert values[found.find(text).index] == min(expected, key=lambda value: (abs(value), values.index(value)))


@given(st.one_of(st.text(max_size=20), st.text("0123456789.,/-+e ", max_size=30)))
def test_whatever_is_written_is_a_place_or_a_refusal(text):
    for axis in (other("band", (1.0, 2.0, 5.0)), vertical("depth")):
        (found,) = dimensions_of([axis])
        with contextlib.suppress(Problem):
            assert 0 <= found.find(text, 1.0).index < len(found.values)
