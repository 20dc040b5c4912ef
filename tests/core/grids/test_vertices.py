"""Corners worked out from centres: at seams and folds a grid meets itself, without a gap."""

import netCDF4
import numpy as np
import pytest

from core.grids.sphere import vectors
from core.grids.vertices import vertices_of


def uneven_ring(overlap):
    # Uneven steps: going on as the last two columns do would miss the first.
    steps = 8.0 + 4.0 * np.sin(np.arange(45))
    longitudes = np.cumsum(steps * 360.0 / steps.sum())
    longitudes = np.append(longitudes, longitudes[:overlap] + 360.0)
    return vectors(*np.meshgrid(longitudes, np.arange(-40.0, 41.0, 8.0)))


@pytest.mark.parametrize("overlap", [0, 1, 2, 3])
def test_a_ring_meets_itself_at_the_seam(overlap):
    vertices = vertices_of(uneven_ring(overlap))
    np.testing.assert_allclose(vertices[:, :, 0], vertices[:, :, 45], atol=1e-12)
    np.testing.assert_allclose(vertices[:, :, overlap], vertices[:, :, 45 + overlap], atol=1e-12)


def test_a_region_does_not_meet_itself():
    vertices = vertices_of(uneven_ring(0)[:, :, :-4])
    apart = np.linalg.norm(vertices[:, :, 0] - vertices[:, :, -1], axis=0)
    assert (apart > 0.2).all()


@pytest.mark.parametrize("upside_down", [False, True])
def test_a_tripolar_grid_meets_itself_along_its_fold(real_data, upside_down):
    name = "curvilinear/nemo_orca1/nemo_1m_20150101-20150201_grid-T.nc"
    with netCDF4.Dataset(real_data(name)) as file:
        centres = vectors(*(np.asarray(file[each][:], dtype=np.float64) for each in ("nav_lon", "nav_lat")))
    vertices = vertices_of(centres[:, ::-1] if upside_down else centres)
    rows = vertices[:, :4] if upside_down else vertices[:, -4:]
    last = rows[:, 0 if upside_down else -1].T
    others = rows.reshape(3, -1).T
    # Each corner of the last row is also the corner of a cell across the fold.
    for index, corner in enumerate(last):
        same = np.linalg.norm(others - corner, axis=1) < 1e-6
        assert same.sum() >= 2, index


def test_corners_lie_in_the_middle_of_their_four_centres():
    centres = vectors(*np.meshgrid(np.arange(10.0, 20.0), np.arange(-3.0, 5.0)))
    expected = centres[:, :-1, :-1] + centres[:, 1:, :-1] + centres[:, :-1, 1:] + centres[:, 1:, 1:]
    expected /= np.linalg.norm(expected, axis=0)
    np.testing.assert_allclose(vertices_of(centres)[:, 1:-1, 1:-1], expected, atol=1e-15)


def test_round_what_is_masked_corners_go_on_as_their_neighbours_do():
    centres = vectors(*np.meshgrid(np.arange(10.0, 22.0), np.arange(-5.0, 5.0)))
    holed = centres.copy()
    holed[:, 4:7, 5:9] = np.nan
    whole, around = vertices_of(centres), vertices_of(holed)
    edge = np.ones((11, 13), dtype=bool)
    edge[5:7, 6:9] = False
    np.testing.assert_allclose(around[:, edge], whole[:, edge], atol=1e-4)
