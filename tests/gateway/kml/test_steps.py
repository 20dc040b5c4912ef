from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asked.leeway import EXACT
from core.problem import Problem
from core.steps import StepTable
from gateway.kml.steps import shown_steps, steps_asked, until_asked

HOUR = timedelta(hours=1)
BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
hours = st.integers(0, 24 * 400)


def layer_of(moments, calendar="standard"):
    times = sorted({round(moment.timestamp() * 1000) for moment in moments})
    rows = np.zeros((len(times), 5), np.int64)
    rows[:, 0] = times
    table = StepTable(calendar=calendar, rows=rows)
    return SimpleNamespace(steps=table, has_time=True, default_step=len(times) - 1, leeway=EXACT)


def moments_of(layer):
    return [datetime.fromtimestamp(int(time) / 1000, UTC) for time in layer.steps.times]


layers = st.lists(hours, min_size=1, max_size=40).map(lambda found: layer_of(BEGIN + HOUR * one for one in found))


def written(moment, form):
    return moment.strftime(form)


@given(layer=layers, ends=st.tuples(hours, hours), whole_days=st.booleans())
def test_a_range_means_every_step_in_it_with_both_ends(layer, ends, whole_days):
    first, last = (BEGIN + HOUR * one for one in sorted(ends))
    if whole_days:
        first, last = (one.replace(hour=0) for one in (first, last))
    form = "%Y-%m-%d" if whole_days else "%Y-%m-%dT%H:%M:%SZ"
    after = last + (timedelta(days=1) if whole_days else timedelta(seconds=1))
    wanted = tuple(place for place, one in enumerate(moments_of(layer)) if first <= one < after)
    text = f"{written(first, form)}/{written(last, form)}"
    if not wanted:
        with pytest.raises(Problem, match="holds no step; the nearest step is"):
            steps_asked(layer, text, 100)
        return
    assert steps_asked(layer, text, 100) == wanted
    if len(wanted) > 1:
        with pytest.raises(Problem, match=f"more than the {len(wanted) - 1} steps") as refused:
            steps_asked(layer, text, len(wanted) - 1)
        assert refused.value.kind == "too_large"


@given(layer=layers, begin=hours, days=st.integers(1, 90))
def test_a_period_means_the_first_step_of_each_of_its_days(layer, begin, days):
    first = (BEGIN + HOUR * begin).replace(hour=0)
    last = first + timedelta(days=200)
    wanted = []
    moment = first
    while moment <= last:
        within = [place for place, one in enumerate(moments_of(layer)) if moment <= one < moment + timedelta(days=1)]
        wanted += within[:1]
        moment += timedelta(days=days)
    text = f"{first:%Y-%m-%d}/{last:%Y-%m-%d}/P{days}D"
    if wanted:
        assert steps_asked(layer, text, 300) == tuple(wanted)
    else:
        with pytest.raises(Problem, match="holds no step"):
            steps_asked(layer, text, 300)


@given(layer=layers, data=st.data())
def test_spans_follow_one_another_without_overlap(layer, data):
    places = sorted(data.draw(st.sets(st.sampled_from(range(len(layer.steps))), min_size=1)))
    steps = shown_steps(layer, places)
    begins = [datetime.fromisoformat(step.span.begin) for step in steps]
    assert begins == [moments_of(layer)[place] for place in places]
    assert [step.number for step in steps] == places
    ends = [step.span.end and datetime.fromisoformat(step.span.end) for step in steps]
    assert ends[:-1] == [one - timedelta(seconds=1) for one in begins[1:]]
    if len(layer.steps) == 1:
        assert ends == [None]
    else:
        assert ends[-1] > begins[-1]


def test_steps_less_than_a_second_apart_touch():
    layer = layer_of([BEGIN, BEGIN + timedelta(milliseconds=400)])
    first, second = shown_steps(layer, (0, 1))
    assert first.span.end == second.span.begin == "2015-01-01T00:00:00.400Z"


@pytest.mark.parametrize("calendar", ["360_day", "all_leap", "julian"])
def test_days_of_other_calendars_have_no_span(calendar):
    assert [step.span for step in shown_steps(layer_of([BEGIN], calendar), (0,))] == [None]


def test_a_layer_without_time_has_one_step_whatever_is_asked():
    layer = SimpleNamespace(has_time=False)
    assert steps_asked(layer, "nonsense", 1) == (0,)
    (only,) = shown_steps(layer, (0,))
    assert (only.time, only.span) == (None, None)


@pytest.mark.parametrize("text", ["2014-12-31", "soon", "2015-01-01T00:00:00Z/2016-01-01"])
def test_an_end_that_is_none_is_refused(text):
    with pytest.raises(Problem) as refused:
        until_asked(text, round(BEGIN.timestamp() * 1000), "standard")
    assert refused.value.parameter == "UNTIL"
