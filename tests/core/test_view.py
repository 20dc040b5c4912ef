"""Pixel centres of a view."""

import numpy as np

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
