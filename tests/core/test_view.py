"""Pixel centres of a view."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.crs import Crs
from core.view import View

VIEW = View(crs=Crs("EPSG:4326"), bbox=(-10.0, 30.0, 10.0, 40.0), width=4, height=2)


def test_centres_run_from_left_to_right_and_from_top_to_bottom():
    np.testing.assert_allclose(VIEW.x_centres(), [-7.5, -2.5, 2.5, 7.5])
    np.testing.assert_allclose(VIEW.y_centres(), [37.5, 32.5])


def test_a_pixel_alone_lies_where_it_lay_in_the_picture():
    for column in range(VIEW.width):
        for row in range(VIEW.height):
            alone = VIEW.pixel(column, row)
            assert (alone.width, alone.height) == (1, 1)
            np.testing.assert_allclose(alone.x_centres(), VIEW.x_centres()[[column]])
            np.testing.assert_allclose(alone.y_centres(), VIEW.y_centres()[[row]])


@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 500))
def test_bands_are_whole_rows_that_make_up_the_view(width, height, most):
    view = View(crs=Crs("EPSG:3857"), bbox=(-3.0, -7.0, 11.0, 5.5), width=width, height=height)
    bands = view.bands(most)
    assert sum(band.height for band in bands) == height
    assert all(band.width * band.height <= max(most, width) for band in bands)
    np.testing.assert_allclose(np.concatenate([band.y_centres() for band in bands]), view.y_centres(), atol=1e-12)
    assert all(band.height % 8 == 0 for band in bands[:-1] if most // width >= 8)
    for band in bands:
        np.testing.assert_array_equal(band.x_centres(), view.x_centres())
