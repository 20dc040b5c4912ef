import numpy as np
import pytest

from core.packing import Packing
from stores.ingest.statistics import contribution, joined, statistics_of

PACKING = Packing(dtype="i2", scale=np.float64(0.5), offset=np.float64(10), missing=(-999,))


def test_the_extremes_and_percentiles_are_those_of_the_valid_unpacked_values():
    codes = np.random.default_rng(0).normal(0, 100, (60, 70)).astype("i2")
    codes[::7] = -999
    found = statistics_of([{"t": contribution(codes, PACKING)}])["t"]
    values = codes[codes != -999] * 0.5 + 10
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    np.testing.assert_allclose((found.low, found.high), np.percentile(values, (2, 98)))


@pytest.mark.parametrize("spread", [1.0, 50.0])
def test_files_are_weighed_by_their_valid_values(spread):
    random = np.random.default_rng(1)
    parts = [random.normal(place * spread, 10, 1000 * (place + 1)) for place in range(6)]
    packing = Packing(dtype="f8")
    found = statistics_of([{"t": contribution(part, packing)} for part in parts])["t"]
    whole = np.concatenate(parts)
    assert (found.minimum, found.maximum) == (whole.min(), whole.max())
    tolerance = 0.02 * np.ptp(whole)
    np.testing.assert_allclose((found.low, found.high), np.percentile(whole, (2, 98)), atol=tolerance)


def test_a_field_without_any_valid_value_has_none():
    codes = np.full((3, 3), -999, "i2")
    assert contribution(codes, PACKING) is None
    assert joined([None, None]) is None
    assert statistics_of([{}]) == {}


def test_infinite_values_do_not_count():
    found = contribution(np.array([np.inf, 1.0, -np.inf, np.nan, 3.0]), Packing(dtype="f8"))
    assert found is not None
    assert (found.minimum, found.maximum, found.count) == (1.0, 3.0, 2)


def test_a_constant_field_has_one_value_everywhere():
    parts = [{"t": contribution(np.full(9, 4.0), Packing(dtype="f8"))} for _ in range(2)]
    found = statistics_of(parts)["t"]
    assert (found.minimum, found.low, found.high, found.maximum) == (4.0, 4.0, 4.0, 4.0)
