import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wms.figures import computed, coordinate


def test_a_place_that_was_computed_has_no_noise():
    assert repr(computed(10.300000000000011)) == "10.3"
    assert repr(computed(-1e-15)) == "0.0"
    assert np.isnan(computed(float("nan")))


@given(st.integers(-1_800_000, 3_600_000))
def test_a_coordinate_has_no_noise_of_single_precision_on_either_side_of_a_turn(ten_thousandths):
    degrees = ten_thousandths / 10_000
    stored = float(np.float32(degrees))
    west = degrees - 360 if degrees >= 180 else degrees
    assert coordinate(stored - 360 if degrees >= 180 else stored) == pytest.approx(west, abs=1e-9)
    assert coordinate(west) == pytest.approx(west, abs=1e-9)
