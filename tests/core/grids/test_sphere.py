"""Interpolated pixel places against PROJ at every pixel."""

import numpy as np
import pyproj
import pytest

from core.crs import Crs
from core.grids.sphere import degrees_of, node_vectors, pixel_vectors, vectors
from core.view import View

BOXES = {
    "over the pole": (-3.3e6, -3.3e6, 3.3e6, 3.3e6),
    "near the pole": (-2e5, -1e5, 1e5, 2e5),
    "one street": (1e6, 1e6, 1.001e6, 1.001e6),
    "far beyond use": (-2e7, -2e7, 2e7, 2e7),
    "out to the antipodes": (-4e8, -4e8, 4e8, 4e8),
    "squeezed": (-3e6, -1e4, 3e6, 1e4),
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
@pytest.mark.parametrize("size", [(256, 256), (17, 250), (1, 1), (16, 300), (65, 24)])
def test_no_pixel_is_misplaced_by_more_than_an_eighth_of_itself(box, size):
    width, height = size
    view = View(crs=Crs("EPSG:3413"), bbox=box, width=width, height=height)
    to_places = pyproj.Transformer.from_crs("EPSG:3413", "OGC:CRS84", always_xy=True).transform
    x, y = np.meshgrid(view.x_centres(), view.y_centres())
    exact = vectors(*to_places(x, y))
    found = pixel_vectors(view)
    found /= np.sqrt((found * found).sum(axis=0))
    error = np.sqrt(((found - exact) ** 2).sum(axis=0))
    across = (box[2] - box[0]) / width, (box[3] - box[1]) / height
    sides = [
        np.sqrt(((vectors(*to_places(x + dx, y + dy)) - exact) ** 2).sum(axis=0))
        for dx, dy in ((across[0], 0.0), (0.0, across[1]))
    ]
    assert (error <= np.minimum(*sides) / 8 + 1e-12).all()


@pytest.mark.parametrize("name", ["EPSG:4326", "EPSG:3857"])
def test_separable_views_are_exact(name):
    view = View(crs=Crs(name), bbox=(-170.0, -80.0, 200.0, 85.0), width=31, height=23)
    expected = vectors(*view.crs.to_geographic(*np.meshgrid(view.x_centres(), view.y_centres())))
    np.testing.assert_allclose(pixel_vectors(view), expected, atol=1e-15)


def test_pixels_beyond_the_pole_of_a_flat_map_have_no_place():
    view = View(crs=Crs("EPSG:4326"), bbox=(0.0, 80.0, 10.0, 100.0), width=2, height=2)
    assert np.isnan(pixel_vectors(view)).all(axis=2).tolist() == [[True, False]] * 3


def test_nodes_are_pixels_and_enclose_them_all():
    view = View(crs=Crs("CRS:84"), bbox=(0.0, 0.0, 20.0, 10.0), width=20, height=10)
    longitude, latitude = degrees_of(node_vectors(view))
    np.testing.assert_allclose(longitude[0], [0.5, 8.5, 16.5, 24.5])
    np.testing.assert_allclose(latitude[:, 0], [9.5, 1.5, -6.5])
