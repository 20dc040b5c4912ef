"""Finding cells along an axis is a search of its edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.grids.intervals import Intervals


@st.composite
def edges(draw):
    count = draw(st.integers(2, 40))
    unevenness = draw(st.sampled_from([0.0, 1e-7, 0.2, 0.9, 10.0]))
    steps = [1.0 + unevenness * draw(st.floats(0.0, 1.0)) for _ in range(count)]
    return draw(st.floats(-400.0, 400.0)) + draw(st.sampled_from([0.001, 1.0, 30.0])) * np.cumsum(steps)


@settings(max_examples=200, deadline=None)
@given(edges(), st.data())
def test_a_value_lies_in_the_cell_between_its_edges(axis, data):
    order = np.random.default_rng(axis.size).permutation(axis.size - 1)
    span = axis[-1] - axis[0]
    values = np.array(data.draw(st.lists(st.floats(axis[0] - span, axis[-1] + span), max_size=30)))
    # The edges themselves, and the nearest numbers on either side of them.
    values = np.concatenate([values, axis, np.nextafter(axis, -np.inf), np.nextafter(axis, np.inf)])
    expected = np.searchsorted(axis, values, side="right") - 1
    inside = (values >= axis[0]) & (values < axis[-1])
    expected = np.where(inside, order[expected.clip(0, order.size - 1)], -1)
    np.testing.assert_array_equal(Intervals.of(axis, order).find(values), expected)


@pytest.mark.parametrize("axis", [np.arange(5.0), np.array([0.0, 1.0, 10.0, 11.0])])
def test_what_is_no_number_or_far_away_lies_nowhere(axis):
    found = Intervals.of(axis, np.arange(axis.size - 1)).find(np.array([np.nan, np.inf, -np.inf, 1e300, -1e300]))
    assert found.tolist() == [-1] * 5
