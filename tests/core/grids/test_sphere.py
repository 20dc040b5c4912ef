"""Interpolated pixel places against PROJ at every pixel."""

import numpy as np
import pyproj
import pytest

from core.crs import OFFERED, Crs
from core.extent import Extent
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


INSEPARABLE = [name for name in (*OFFERED, "EPSG:6931", "EPSG:27700", "ESRI:54030") if not Crs(name).separable]
SHARES = {
    "what is shown": (-0.6, -0.6, 0.6, 0.6),
    "twice as far": (-1.1, -1.2, 1.2, 1.3),
    "over the rim": (0.4, 0.3, 2.9, 2.4),
    "many worlds": (-30.0, -30.0, 31.0, 30.0),
    "one street": (0.31, -0.11, 0.31 + 3e-5, -0.11 + 3e-5),
    "squeezed": (-1.2, 0.1, 1.3, 0.102),
}
"""Parts of the area of use, from its middle."""


def part_of(name, share):
    west, south, east, north = Crs(name).bounds(Extent(west=-180.0, south=-90.0, east=180.0, north=90.0))
    x, y, side = (west + east) / 2, (south + north) / 2, max(east - west, north - south)
    return x + share[0] * side, y + share[1] * side, x + share[2] * side, y + share[3] * side


@pytest.mark.parametrize("share", SHARES.values(), ids=SHARES)
@pytest.mark.parametrize("name", INSEPARABLE)
def test_no_pixel_of_any_system_is_misplaced_and_none_without_a_place_is_given_one(name, share):
    box = part_of(name, share)
    view = View(crs=Crs(name), bbox=box, width=72, height=56)
    to_places = pyproj.Transformer.from_crs(name, "OGC:CRS84", always_xy=True).transform
    from_places = pyproj.Transformer.from_crs("OGC:CRS84", name, always_xy=True).transform
    x, y = np.meshgrid(view.x_centres(), view.y_centres())
    across, down = (box[2] - box[0]) / view.width, (box[3] - box[1]) / view.height
    with np.errstate(invalid="ignore", over="ignore"):
        exact = vectors(*to_places(x, y))
        back = from_places(*to_places(x, y))
        there = np.isfinite(exact).all(axis=0) & (np.hypot(back[0] - x, back[1] - y) < 1e6)
        found = pixel_vectors(view)
        error = np.sqrt(((found / np.sqrt((found * found).sum(axis=0)) - exact) ** 2).sum(axis=0))
        beside = [vectors(*to_places(x + dx, y + dy)) for dx, dy in ((across, 0.0), (0.0, down))]
        sides = np.fmin(*[np.sqrt(((other - exact) ** 2).sum(axis=0)) for other in beside])
    np.testing.assert_array_equal(np.isfinite(found).all(axis=0), there)
    assert (error[there] <= np.nan_to_num(sides[there], nan=2.0) / 8 + 1e-12).all()


@pytest.mark.parametrize("share", [(-0.6, -0.6, 0.6, 0.6), (-1.3, -1.5, 1.7, 1.5)], ids=["shown", "over the rim"])
@pytest.mark.parametrize("name", INSEPARABLE)
def test_a_tile_is_placed_as_the_whole_map_is(name, share):
    west, south, east, north = part_of(name, share)
    side = 2.0 ** np.ceil(np.log2(max(east - west, north - south)))
    west, north = np.floor([west, north])
    whole = pixel_vectors(View(crs=Crs(name), bbox=(west, north - side, west + side, north), width=256, height=256))
    for row in range(0, 256, 64):
        for column in range(0, 256, 64):
            left, top = west + column * side / 256, north - row * side / 256
            tile = View(crs=Crs(name), bbox=(left, top - side / 4, left + side / 4, top), width=64, height=64)
            expected = whole[:, row : row + 64, column : column + 64]
            np.testing.assert_allclose(pixel_vectors(tile), expected, rtol=0.0, atol=1e-11)


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
