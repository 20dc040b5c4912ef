import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.steps import StepTable


def table(*times):
    rows = [[time, 10 + place, 100 + place, 0, place] for place, time in enumerate(sorted(times))]
    return StepTable(calendar="standard", rows=np.array(rows, dtype=np.int64).reshape(-1, 5))


@given(st.sets(st.integers(-(10**12), 10**12), min_size=1, max_size=50), st.integers(-(10**12), 10**12))
def test_the_nearest_step_is_the_nearest(times, asked):
    steps = table(*times)
    assert abs(steps[steps.nearest(asked)].time - asked) == min(abs(time - asked) for time in times)
