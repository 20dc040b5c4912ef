import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.ticker import MaxNLocator

from renderers.scale import Scale
from renderers.ticks import multiples, position, round_step, ticks


def scale(low, high, *, log=False, bands=250):
    return Scale(palette="thermal", low=low, high=high, log=log, bands=bands)


@pytest.mark.parametrize(
    ("given_scale", "count", "expected"),
    [
        (scale(-2, 30), 8, (0, 5, 10, 15, 20, 25, 30)),
        (scale(-0.4, 0.4), 5, (-0.4, -0.2, 0, 0.2, 0.4)),
        (scale(0, 1, bands=10), 11, (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)),
        (scale(0, 1, bands=10), 6, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (scale(0, 7, bands=7), 4, (0, 2, 4, 6)),
        (scale(0.01, 10, log=True), 11, (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)),
        (scale(0.01, 10, log=True), 7, (0.01, 0.03, 0.1, 0.3, 1, 3, 10)),
        (scale(0.01, 10, log=True), 5, (0.01, 0.1, 1, 10)),
        (scale(1e-6, 1e6, log=True), 7, (1e-6, 1e-4, 1e-2, 1, 100, 1e4, 1e6)),
        (scale(0.21, 0.48, log=True), 6, (0.25, 0.3, 0.35, 0.4, 0.45)),
        (scale(1, 16, log=True, bands=4), 11, (1, 2, 4, 8, 16)),
        (scale(3.7, 18.2), 2, (5, 10, 15)),
    ],
)
def test_labels_stand_at_round_numbers_or_at_the_edges_of_few_bands(given_scale, count, expected):
    assert ticks(given_scale, count).major == pytest.approx(expected)


def test_a_logarithmic_scale_marks_every_digit():
    assert ticks(scale(0.1, 10, log=True), 3).minor == pytest.approx(
        [digit * power for power in (0.1, 1) for digit in range(1, 10)] + [10]
    )


@settings(max_examples=300)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.booleans(), st.integers(2, 250), st.integers(2, 12))
def test_marks_stay_on_the_scale_and_rise(low, span, log, bands, count):
    low = abs(low) + 1e-3 if log else low
    given_scale = scale(low, low + span * (1 + abs(low) * 1e-3), log=log, bands=bands)
    found = ticks(given_scale, count)
    places = [position(given_scale, value) for value in found.major]
    assert len(places) >= 2
    assert all(before < after for before, after in itertools.pairwise(places))
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in [*places, *(position(given_scale, v) for v in found.minor)])


@given(st.floats(1e-6, 1e6), st.integers(2, 20))
def test_steps_are_those_of_matplotlib(span, count):
    step = round_step(span, count)
    assert span / step <= count * 1.002
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(mantissa - digit) for digit in (1, 2, 5)) < 1e-9
    found = MaxNLocator(nbins=count, steps=[1, 2, 5, 10]).tick_values(0, span)
    assert step >= (found[1] - found[0]) * 0.999 or math.isclose(span / step, count, rel_tol=0.01)


def test_zero_has_no_sign_and_tenths_no_noise():
    assert [repr(value) for value in multiples(-0.2, 0.3, 0.1)] == ["-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"]


@pytest.mark.parametrize(
    ("low", "bands", "count", "labelled"),
    [(-0.5, 6, 9, (0, 1, 2, 3, 4, 5)), (0.5, 14, 7, (1, 3, 5, 7, 9, 11, 13)), (-1.5, 2, 1, (-1, 0))],
)
def test_bands_that_hold_one_whole_number_each_are_labelled_in_their_middle(low, bands, count, labelled):
    found = ticks(Scale(palette="tab10", low=low, high=low + bands, bands=bands), count)
    assert found.major == labelled
    assert found.minor == tuple(low + edge for edge in range(bands + 1))


def test_bands_one_wide_between_whole_numbers_are_labelled_at_their_edges():
    assert ticks(Scale(palette="viridis", low=0, high=4, bands=4), 9).major == (0, 1, 2, 3, 4)
