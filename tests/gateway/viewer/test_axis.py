"""The viewer's time axis, in the browser that runs it, against pandas and numpy."""

import numpy as np
import pandas as pd
import pytest

from tests.gateway.viewer.stand_in import empty
from tests.journeys.chromium import new_page

pytestmark = pytest.mark.journey


@pytest.fixture
async def page(driven, aiohttp_server):
    async with new_page(driven) as opened:
        await opened.open(str((await aiohttp_server(empty())).make_url("/")))
        await opened.until("document.querySelector('.explanation')")
        yield opened


PERIODS = [
    ("2015-01-31T00:00:00Z", "P1M", 14),
    ("2012-02-29", "P1Y", 9),
    ("2015-12-31T18:00:00.000Z", "PT6H", 9),
    ("1999-12-30T12:00:00Z", "P1D", 70),
    ("2014-02-26T00:30:00Z", "P1M1D", 30),
    ("2015-01", "P3M", 9),
    ("1850-01-16T12:00:00Z", "P1W", 20),
]


async def in_axis(page, values, then):
    """Evaluate an expression over the TimeAxis made of a dimension's values."""
    return await page.run(
        f"import('./viewer/axis.js').then(({{ TimeAxis }}) => {values}.map((one) => new TimeAxis(one)).map({then}))"
    )


async def test_periods_are_written_out_as_pandas_does(page):
    offsets = {"P1M": {"months": 1}, "P1Y": {"years": 1}, "PT6H": {"hours": 6}, "P1D": {"days": 1}}
    offsets |= {"P1M1D": {"months": 1, "days": 1}, "P1W": {"weeks": 1}, "P3M": {"months": 3}}
    expected = []
    for start, period, count in PERIODS:
        first = pd.Timestamp(start).tz_localize(None)
        steps = [{unit: n * step for unit, n in offsets[period].items()} for step in range(count)]
        expected.append([first + pd.DateOffset(**step) for step in steps])
    texts = [
        f"{start}/{steps[-1].isoformat()}Z/{period}"
        for (start, period, _), steps in zip(PERIODS, expected, strict=True)
    ]
    written = await in_axis(page, texts, "(axis) => Array.from({ length: axis.length }, (_, at) => axis.at(at))")
    for (start, period, _), steps, found in zip(PERIODS, expected, written, strict=True):
        assert [pd.Timestamp(text).tz_localize(None) for text in found] == steps, period
        assert found[0] == start
        assert {len(text) for text in found[:-1]} == {len(start)}


async def test_lists_periods_and_their_mixtures_keep_the_services_own_words(page):
    texts = [
        "",
        "2015-01-01",
        " a , b,\n c ",
        "2000/2002/P1Y,2010-06-01T00:00:00Z, 2011-01-31/2011-03-31/P1M",
        "1950/1951/0",
    ]
    written = await in_axis(page, texts, "(axis) => Array.from({ length: axis.length }, (_, at) => axis.at(at))")
    assert written == [
        [],
        ["2015-01-01"],
        ["a", "b", "c"],
        ["2000", "2001", "2002", "2010-06-01T00:00:00Z", "2011-01-31", "2011-02-28", "2011-03-31"],
        ["1950", "1951"],
    ]


async def test_the_nearest_step_is_the_one_numpy_finds(page):
    rng = np.random.default_rng(1)
    times = np.sort(rng.choice(10_000_000, 500, replace=False)).astype("datetime64[s]")
    wanted = rng.choice(10_000_000, 60).astype("datetime64[s]")
    find = f"(axis) => {[f'{one}Z' for one in wanted]}.map((text) => axis.nearest(text))"
    [found] = await in_axis(page, [",".join(map(str, times))], find)
    for mine, one in zip(found, wanted, strict=True):
        assert abs(times[mine] - one) == np.abs(times - one).min()
