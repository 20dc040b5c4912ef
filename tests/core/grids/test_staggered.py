"""Points between the centres of cells: halfway along the great circle, as PROJ measures it on a sphere."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.grids.staggered import between

GEOD = pyproj.Geod(a=6371000, b=6371000)


def centres(west, south, rows, columns):
    """Return centres of cells of about 0.2 degrees on a grid that is turned and bent."""
    row, column = np.mgrid[0:rows, 0:columns].astype("f8")
    longitudes = west + 0.3 * column - 0.1 * row + 0.004 * row * column
    return (longitudes + 180) % 360 - 180, south + 0.2 * row + 0.05 * column


@given(west=st.floats(-180, 180), south=st.floats(-80, 70), rows=st.integers(2, 5), columns=st.integers(2, 6))
def test_points_between_two_centres_are_as_far_from_both(west, south, rows, columns):
    found = centres(west, south, rows, columns)
    longitudes, latitudes = between(found, (0.0, 0.5), (rows, columns - 1))
    for side in (0, 1):
        ends = (each[:, side : columns - 1 + side].ravel() for each in found)
        far = GEOD.inv(*ends, longitudes.ravel(), latitudes.ravel())[2]
        whole = GEOD.inv(*(each[:, :-1].ravel() for each in found), *(each[:, 1:].ravel() for each in found))[2]
        np.testing.assert_allclose(far, whole / 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("offset", "shape", "rows", "columns"),
    [
        ((0.5, 0.0), (3, 5), (0.5, 1), (0, 1)),
        ((0.0, 0.5), (4, 4), (0, 1), (0.5, 1)),
        ((0.0, 0.5), (4, 5), (0, 1), (0.5, 1)),
        ((0.5, 0.5), (3, 4), (0.5, 1), (0.5, 1)),
        ((-0.5, 0.0), (5, 5), (-0.5, 1), (0, 1)),
        ((0.0, -0.5), (4, 5), (0, 1), (-0.5, 1)),
    ],
)
def test_points_follow_their_offset_and_go_on_beyond_the_last_centre(offset, shape, rows, columns):
    column, row = np.meshgrid(10 + 0.01 * np.arange(5), 20 + 0.01 * np.arange(4))
    longitudes, latitudes = between((column, row), offset, shape)
    assert longitudes.shape == latitudes.shape == shape
    wanted_rows = 20 + 0.01 * (rows[0] + np.arange(shape[0]))
    wanted_columns = 10 + 0.01 * (columns[0] + np.arange(shape[1]))
    np.testing.assert_allclose(latitudes, np.broadcast_to(wanted_rows[:, None], shape), atol=1e-6)
    np.testing.assert_allclose(longitudes, np.broadcast_to(wanted_columns, shape), atol=1e-6)


def test_points_beside_a_centre_without_a_place_have_none():
    longitudes, latitudes = centres(10, 20, 3, 5)
    longitudes[1, 2] = np.nan
    longitudes[0, :2] = latitudes[0, :2] = 0.0
    found, _ = between((longitudes, latitudes), (0.0, 0.5), (3, 4))
    assert np.isnan(found).tolist() == [[True, True, False, False], [False, True, True, False], [False] * 4]


def test_a_lone_column_leads_nowhere():
    longitudes, _ = between((np.zeros((3, 1)) + 5, np.arange(3.0)[:, None]), (0.0, 0.5), (3, 1))
    assert np.isnan(longitudes).all()
