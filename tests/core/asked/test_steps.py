"""TIME and the step it means. Oracle: the same read naively, with datetime, one instant after the other."""

import contextlib
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.asked.leeway import EXACT, Leeway
from core.asked.steps import step_asked, step_near
from core.problem import Problem
from core.steps import StepTable
from core.time import CALENDARS, instant

HOUR, DAY = 3_600_000, 86_400_000


def table(*times, calendar="standard"):
    """Return the steps at some times, written or in milliseconds, in the order of time."""
    numbers = sorted(time if isinstance(time, int) else instant(time, calendar) for time in times)
    rows = [[time, 10 + place, 100 + place, 0, place] for place, time in enumerate(numbers)]
    return StepTable(calendar=calendar, rows=np.array(rows, dtype=np.int64).reshape(-1, 5))


NOONS = table(*(f"2014-12-{day:02d}T12:00:00Z" for day in range(1, 32)))
MONTHS = table(*(f"{year}-{month:02d}-15T00:00:00Z" for year in (2013, 2014) for month in range(1, 13)))
HOURS = table(*(instant("2014-12-17", "standard") + hour * HOUR for hour in range(48)))


def found(steps, text, leeway=EXACT):
    return steps.iso(step_asked(steps, text, leeway).index)


def refusal(steps, text, leeway=EXACT):
    with pytest.raises(Problem) as refused:
        step_asked(steps, text, leeway)
    assert refused.value.parameter == "TIME"
    return refused.value.kind, str(refused.value)


@pytest.mark.parametrize(
    ("steps", "text", "step"),
    [
        (NOONS, "2014-12-17T12:00:00Z", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T12:00:00.000Z", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T12:00:00", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17 12:00:00", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T14:00:00+02:00", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T14:00:00 02:00", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T10:30-0130", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T12", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12", "2014-12-01T12:00:00Z"),
        (NOONS, "2014", "2014-12-01T12:00:00Z"),
        (NOONS, " current ", "2014-12-31T12:00:00Z"),
        (NOONS, "CURRENT", "2014-12-31T12:00:00Z"),
        (HOURS, "2014-12-18", "2014-12-18T00:00:00Z"),
        (HOURS, "2014-12-18T07:00", "2014-12-18T07:00:00Z"),
        (MONTHS, "2014-03", "2014-03-15T00:00:00Z"),
        (NOONS, "2014-12-01T00:00:00Z/2014-12-05T00:00:00Z", "2014-12-04T12:00:00Z"),
        (NOONS, "2014-12-01/2014-12-05", "2014-12-05T12:00:00Z"),
        (NOONS, "2014-12-17T12:00:00Z/2014-12-17T12:00:00Z", "2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-01/current", "2014-12-31T12:00:00Z"),
        (NOONS, "current/current", "2014-12-31T12:00:00Z"),
        (NOONS, "2014-12-01/2014-12-09/P3D", "2014-12-07T12:00:00Z"),
        (NOONS, "2014-12-01T12:00:00Z/2014-12-09T11:00:00Z/P1D", "2014-12-08T12:00:00Z"),
        (NOONS, "2014-12-01/2014-12-09/0", "2014-12-09T12:00:00Z"),
        (NOONS, "2014-12-01/2014-12-09/PT0S", "2014-12-09T12:00:00Z"),
        (NOONS, "2014-12-03T12:00:00Z,2014-12-01T12:00:00Z", "2014-12-03T12:00:00Z"),
        (NOONS, "2014-12-03, 2014-12-01", "2014-12-03T12:00:00Z"),
        (NOONS, "2014-11-03,2014-12-01/2014-12-02,2016", "2014-12-02T12:00:00Z"),
        (NOONS, "1000-01-01/9999-12-31/PT0.001S", "2014-12-31T12:00:00Z"),
        (HOURS, "2014-12-17/2014-12-19/PT5H", "2014-12-18T21:00:00Z"),
        (MONTHS, "2013-02/2014-12/P6M", "2014-08-15T00:00:00Z"),
        (MONTHS, "2013-02-15/2020-01-01/P1Y", "2014-02-15T00:00:00Z"),
        (MONTHS, "2013-01/2014-03-14/P1M", "2014-02-15T00:00:00Z"),
        (NOONS, "2014-12-01/2014-12-05T11:00:00Z/P1D", "2014-12-04T12:00:00Z"),
        (MONTHS, "2014-10-14T22:00:00Z/2020/P1MT1H", "2014-12-15T00:00:00Z"),
    ],
)
def test_one_picture_is_meant(steps, text, step):
    assert found(steps, text) == step


@pytest.mark.parametrize(
    ("steps", "text", "says"),
    [
        (NOONS, "2014-12-17T11:00:00Z", "the nearest step is 2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T12:01", "the nearest step is 2014-12-17T12:00:00Z"),
        (NOONS, "2014-12-17T13", "the nearest step is 2014-12-17T12:00:00Z"),
        (NOONS, "2015", "the nearest step is 2014-12-31T12:00:00Z"),
        (NOONS, "2014-12-17T13:00:00Z/2014-12-18T11:00:00Z", "holds no step; the nearest step is 2014-12-18T12:00:00Z"),
        (NOONS, "2014-12-17T13:00:00Z/2014-12-20T11:00:00Z/P1D", "the nearest step is"),
        (NOONS, "2011,2012", "the nearest step is 2014-12-01T12:00:00Z"),
        (NOONS, "2014-12-18/2014-12-17", "ends before it begins"),
        (NOONS, "2014-12-18/2014-12-19/P1D/P1D", "BEGIN/END/PERIOD"),
        (NOONS, "2014-12-18/2014-12-19/P", "ISO 8601 period"),
        (NOONS, "2014-12-18/", "ISO 8601 instant"),
        (NOONS, "2014-12-18,,2014-12-19", "ISO 8601 instant"),
        (NOONS, "yesterday", "ISO 8601 instant"),
        (NOONS, "P1D/2014-12-18", "ISO 8601 instant"),
        (NOONS, "2014-02-30", "no such instant"),
    ],
)
def test_what_means_no_step_is_refused(steps, text, says):
    kind, message = refusal(steps, text)
    assert kind == "invalid_dimension"
    assert says in message
    assert len(message) < 300


@pytest.mark.parametrize(
    ("steps", "text", "kind"),
    [
        (NOONS, ",".join(["2014-12-17"] * 257), "too_large"),
        (NOONS, "2014," * 200_000, "too_large"),
        (table(*range(0, 400 * DAY, DAY)), "0001-02-03T01/9999/P1M", "invalid_dimension"),
        (table(0, 20_000 * DAY), "0001-02-03T01/9999/P1M", "too_large"),
        (NOONS, "0001/9999/P9999Y", "invalid_dimension"),
        (NOONS, "0001-01-01T01/9999/P99999M999999D", "invalid_dimension"),
        (NOONS, "-9999/9999/PT9999999999S", "invalid_dimension"),
    ],
)
def test_hostile_times_are_refused_after_a_bounded_search(steps, text, kind):
    assert refusal(steps, text)[0] == kind


def test_a_long_axis_is_not_compared_again_and_again():
    rows = np.zeros((1 << 17, 5), dtype=np.int64)
    rows[:, 0] = np.arange(1 << 17) * HOUR
    long = StepTable(calendar="standard", rows=rows)
    once = "1970-01-01T00:30:00Z/current/PT1H"
    assert refusal(long, once)[0] == "invalid_dimension"
    assert refusal(long, ",".join([once] * 9))[0] == "too_large"


@pytest.mark.parametrize("off", [-500, -3, 1, 499])
def test_half_a_second_off_is_the_same_instant(off):
    steps = table(*(day * DAY + off for day in range(5)))
    for text in ("1970-01-03", "1970-01-03T00:00:00Z", "1970-01-03T00:00:00Z/1970-01-03T00:00:00Z"):
        assert step_asked(steps, text).index == 2
    assert step_asked(steps, "1970-01-01T00:00:00Z/1970-01-04T00:00:00Z/P1D").index == 3
    assert refusal(steps, "1970-01-03T00:01:00Z")[0] == "invalid_dimension"


def test_where_steps_are_fractions_of_a_second_apart_each_is_itself():
    steps = table(*range(0, 3000, 100))
    assert step_asked(steps, "1970-01-01T00:00:01.300Z").index == 13
    assert step_asked(steps, "1970-01-01T00:00:01Z").index == 10
    assert step_asked(steps, "1970-01-01T00:00:00Z/1970-01-01T00:00:02Z/PT1S").index == 20
    assert refusal(steps, "1970-01-01T00:00:01.350Z")[0] == "invalid_dimension"


@pytest.mark.parametrize(
    ("text", "hours", "step"),
    [
        ("2014-12-17T11:00:00Z", 1, "2014-12-17T12:00:00Z"),
        ("2014-12-18T00:00:00Z", 12, "2014-12-17T12:00:00Z"),
        ("2015-01-01T00:00:00Z", 12, "2014-12-31T12:00:00Z"),
        ("2014-12-17T11:00:00Z", 0.5, None),
        ("2015-01-02", 12, None),
        ("2014-12-17T13:00:00Z/2014-12-18T11:00:00Z", 24, None),
        ("2014-12-17T11:00:00Z,2014-12-20T13:00:00Z", 2, "2014-12-20T12:00:00Z"),
    ],
)
def test_a_step_near_enough_is_taken_and_said_to_be_near(text, hours, step):
    leeway = Leeway(time=int(hours * HOUR))
    if step is None:
        assert refusal(NOONS, text, leeway)[0] == "invalid_dimension"
    else:
        chosen = step_asked(NOONS, text, leeway)
        assert (NOONS.iso(chosen.index), chosen.how) == (step, "nearest")


def test_what_is_there_is_never_called_near():
    chosen = step_asked(NOONS, "2014-12-17,2014-12-18T13:00:00Z", Leeway(time=DAY))
    assert (NOONS.iso(chosen.index), chosen.how) == ("2014-12-17T12:00:00Z", "asked")


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("2014-12-02T11:00:00Z", 1), ("1900", 0), ("2100-01", 30), ("current", 30), ("2014-12-05/2014-12-06", 5)],
)
def test_the_step_near_a_time_is_found_wherever_that_is(text, nearest):
    assert step_near(NOONS, text) == nearest


def test_near_what_is_no_time_there_is_no_step():
    with pytest.raises(Problem) as refused:
        step_near(table(0), "soon")
    assert refused.value.kind == "invalid_dimension"


@pytest.mark.parametrize("calendar", CALENDARS)
def test_in_every_calendar_a_month_is_as_long_as_the_calendar_makes_it(calendar):
    steps = table(
        *(f"2000-{month:02d}-{day:02d}T12:00:00Z" for month in (1, 2, 3) for day in (1, 28)), calendar=calendar
    )
    assert [found(steps, f"2000-{month:02d}-01/2000-{month:02d}") for month in (1, 2)] == [
        "2000-01-28T12:00:00Z",
        "2000-02-28T12:00:00Z",
    ]
    assert found(steps, "2000-01-28T12/2000-12/P1M") == "2000-03-28T12:00:00Z"


# The oracle: Gregorian, whole minutes, every instant of a member counted out one by one.
ORIGIN = datetime(2001, 1, 1, tzinfo=UTC)
WRITTEN = {"month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H", "minute": "%Y-%m-%dT%H:%MZ"}
LONG = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
MOMENTS = st.tuples(st.integers(0, 60 * 24 * 90), st.sampled_from(list(WRITTEN)))
PERIODS = st.sampled_from([("PT1H", 60), ("PT6H", 360), ("P1D", 1440), ("P1DT1M", 1441), ("PT7M", 7)])
MEMBERS = st.one_of(st.tuples(MOMENTS), st.tuples(MOMENTS, MOMENTS), st.tuples(MOMENTS, MOMENTS, PERIODS))


def begin_and_end(moment):
    minutes, unit = moment
    form = WRITTEN[unit].removesuffix("Z")
    begin = datetime.strptime((ORIGIN + timedelta(minutes=minutes)).strftime(form), form).replace(tzinfo=UTC)
    if unit != "month":
        return begin, begin + LONG[unit]
    return begin, begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)


def written(member):
    moments = [begin_and_end(moment)[0].strftime(WRITTEN[moment[1]]) for moment in member[:2]]
    return "/".join(moments + [every for every, _ in member[2:]])


def naively(times, member):
    """Return the latest time that a member means, None for none, "refused" where it is no range."""
    begin, end = begin_and_end(member[0])
    if len(member) == 1:
        inside = [time for time in times if begin <= time < end]
        return begin if begin in inside else min(inside, default=None)
    last = begin_and_end(member[1])[1]
    if last <= begin:
        return "refused"
    if len(member) == 2:
        return max((time for time in times if begin <= time < last), default=None)
    best, width = None, end - begin
    while begin < last:
        inside = [time for time in times if begin <= time < min(begin + width, last)]
        best = begin if begin in inside else min(inside, default=best)
        begin += timedelta(minutes=member[2][1])
    return best


def _apart(member):
    """Tell whether the moments of a range do not overlap, as far as the oracle can tell: a month has no length."""
    return len(member) < 3 or LONG.get(member[0][1], timedelta.max) <= timedelta(minutes=member[2][1])


@settings(deadline=None)
@given(st.sets(st.integers(0, 24 * 90), min_size=1, max_size=12), st.lists(MEMBERS, min_size=1, max_size=3))
@example({0, 24}, [((0, "day"), (2880, "day"), ("P1D", 1440))])
def test_the_step_is_the_one_that_is_found_by_counting_out(hours, members):
    members = [one if _apart(one) else one[:2] for one in members]
    times = [ORIGIN + timedelta(hours=hour) for hour in sorted(hours)]
    steps = table(*(int(time.timestamp() * 1000) for time in times))
    expected = [naively(times, member) for member in members]
    text = ",".join(map(written, members))
    if "refused" in expected or set(expected) == {None}:
        assert refusal(steps, text)[0] == "invalid_dimension"
    else:
        assert times[step_asked(steps, text).index] == max(time for time in expected if time is not None)


PIECES = st.sampled_from(
    ["2014", "2014-12", "2014-12-17", "T12", ":00", ":00", ".5", "Z", "+01:00", " ", ",", "/", "P1D", "P1M", "PT6H",
     "0", "current", "-", "9999", "-0001", "P9999Y", "PT0.001S", "\u0661", "T24:00:00Z"]
)  # fmt: skip


@pytest.mark.parametrize("calendar", ["standard", "360_day", "noleap"])
@settings(deadline=None)
@given(text=st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=30)))
def test_whatever_is_written_is_a_step_or_a_refusal(calendar, text):
    steps = table("2014-12-16T12:00:00Z", "2014-12-17T12:00:00Z", "2014-12-18T12:00:00Z", calendar=calendar)
    for leeway in (EXACT, Leeway(time=DAY)):
        with contextlib.suppress(Problem):
            assert 0 <= step_asked(steps, text, leeway).index < 3
