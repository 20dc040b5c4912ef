import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problem import Problem
from core.steps import StepTable
from core.time import instant


def table(*times):
    rows = [[time, 10 + place, 100 + place, 0, place] for place, time in enumerate(sorted(times))]
    return StepTable(calendar="standard", rows=np.array(rows, dtype=np.int64).reshape(-1, 5))


@given(st.sets(st.integers(-(10**12), 10**12), min_size=1, max_size=50), st.integers(-(10**12), 10**12))
def test_the_nearest_step_is_the_nearest(times, asked):
    steps = table(*times)
    assert abs(steps[steps.nearest(asked)].time - asked) == min(abs(time - asked) for time in times)


def test_a_step_is_found_by_any_spelling_of_its_instant():
    steps = table(*(instant(f"2015-03-0{day}T12:00:00Z", "standard") for day in (1, 2, 3)))
    for text in ("2015-03-02T12:00:00Z", "2015-03-02T12:00:00.000Z", "2015-03-02T14:00+02:00"):
        assert steps.at(text) == 1
    assert steps.at("current") == 2
    assert steps[1].slot == 11


def test_an_instant_between_steps_is_refused_naming_the_nearest():
    steps = table(*(instant(f"2015-03-0{day}T12:00:00Z", "standard") for day in (1, 2)))
    with pytest.raises(Problem, match="2015-03-02T12:00:00Z") as refused:
        steps.at("2015-03-02T11:00:00Z")
    assert (refused.value.kind, refused.value.parameter) == ("invalid_dimension", "TIME")


@pytest.mark.parametrize(
    ("text", "nearest"), [("2015-03-02T11:00:00Z", 1), ("1900", 0), ("2100-01", 1), ("current", 1)]
)
def test_the_step_near_an_instant_is_found_wherever_that_is(text, nearest):
    assert table(*(instant(f"2015-03-0{day}T12:00:00Z", "standard") for day in (1, 2))).near(text) == nearest


def test_near_what_is_no_instant_there_is_no_step():
    with pytest.raises(Problem) as refused:
        table(0).near("soon")
    assert refused.value.kind == "invalid_dimension"
