import numpy as np
import pytest

from core.distinct import distinct


@pytest.mark.parametrize("dtype", ["u1", "i2", "i8", "f4", "f8"])
@pytest.mark.parametrize("shape", [(0,), (1,), (7,), (20, 30)])
def test_each_value_is_there_once_in_order(dtype, shape):
    values = np.random.default_rng(1).integers(0, 99, shape).astype(dtype)
    found = distinct(values)
    np.testing.assert_array_equal(found, np.unique(values), strict=True)


def test_extremes_and_both_zeros_are_values_like_others():
    values = np.array([np.inf, 0.0, -np.inf, -0.0, np.inf])
    np.testing.assert_array_equal(distinct(values), [-np.inf, 0.0, np.inf])
