"""Pictures of meshes, and faces drawn in the plane of a map. Oracle: distances in pixels, by PROJ and numpy."""

from collections import Counter

import numpy as np
import pyproj
import pytest

from core.cells import chunks_of, pick
from core.crs import Crs
from core.grids.atlas import FACES, zoom_levels, zooms_for, zooms_of
from core.grids.base import Extent
from core.grids.curvilinear import Curvilinear
from core.grids.faces import build_mesh, faces_of
from core.grids.flat import Plane
from core.grids.memory import answered
from core.grids.mesh import Mesh, with_atlas
from core.grids.sphere import lattice_vectors
from core.view import View

WORLD = 2 * 6378137.0 * np.pi
SIDE = 52
"""Nodes along either side."""


def sea(west, south, wide):
    """Return triangles with a lake, and where their nodes are."""
    random = np.random.default_rng(4)
    x, y = (
        each.ravel()
        for each in np.meshgrid(np.arange(SIDE), np.arange(SIDE)) + random.uniform(-0.3, 0.3, (2, SIDE, SIDE))
    )
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    a, b, c, d = (each.ravel() for each in (number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]))
    nodes = np.concatenate([np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)])
    middle = np.hypot(x[nodes].mean(axis=1) - SIDE / 2, y[nodes].mean(axis=1) - SIDE / 2)
    return nodes[middle > SIDE / 8], west + x * wide / SIDE, south + y * wide / SIDE


class Case:
    """A mesh, and how far inside of each face a place of a map is."""

    def __init__(self, west, south, wide):
        self.nodes, self.x, self.y = sea(west, south, wide)
        found = with_atlas(len(self.nodes), build_mesh(faces_of(self.nodes, self.x, self.y), None), plain=True)
        self.arrays, self.levels = found.arrays, zoom_levels(zooms_of(found.arrays), found.extent)
        faces = Curvilinear((1, len(self.nodes)), found.buckets, found.depth, found.extent)
        self.mesh = Mesh(len(self.nodes), faces, self.levels)

    def asked(self, view):
        """Return how many values of each array a view asks for, and the faces."""
        asking, counts = self.mesh.locate(view), Counter()
        try:
            wanted = next(asking)
            while True:
                counts[wanted.array] += wanted.cells.shape[0] * wanted.cells.shape[1]
                chunks = dict.fromkeys(chunks_of(wanted.cells, wanted.shape), self.arrays[wanted.array])
                wanted = asking.send(pick(wanted.cells, wanted.shape, chunks))
        except StopIteration as end:
            return counts, end.value.columns

    def off(self, view, shown):
        """Return by how many pixels centres lie outside of the face shown, or inside of any where none is shown."""
        x, y = pyproj.Transformer.from_crs("OGC:CRS84", view.crs.name, always_xy=True).transform(self.x, self.y)
        west, south, east, north = view.bbox
        x, y = (x - west) / (east - west) * view.width - 0.5, (north - y) / (north - south) * view.height - 0.5
        down, across = np.indices(shown.shape)
        there = shown >= 0
        outside = -self.inside(x, y, self.nodes[shown[there]], across[there], down[there])
        empty = np.flatnonzero(~there)
        some = empty[:: max(1, empty.size // 40)]
        deep = [self.inside(x, y, self.nodes, across.flat[one], down.flat[one]).max() for one in some]
        return outside.max(initial=0.0), max(deep, default=0.0)

    def inside(self, x, y, nodes, px, py):
        ax, ay = x[nodes], y[nodes]
        bx, by = np.roll(ax, -1, axis=1), np.roll(ay, -1, axis=1)
        turn = np.sign((bx - ax)[:, 0] * (by - ay)[:, 1] - (by - ay)[:, 0] * (bx - ax)[:, 1])
        px, py = np.asarray(px)[..., None], np.asarray(py)[..., None]
        far = ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) / np.hypot(bx - ax, by - ay)
        return (far * turn[:, None]).min(axis=1)


@pytest.fixture(scope="module")
def atlantic():
    return Case(-30.0, 30.0, 10.0)


def around(crs, longitude, latitude, half, side=100):
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(longitude, latitude)
    return View(crs=Crs(crs), bbox=(x - half, y - half, x + half, y + half), width=side, height=side)


def tile_at(zoom, longitude, latitude):
    side = WORLD / 2**zoom
    column = int((longitude + 180) / 360 * 2**zoom)
    row = int((0.5 - np.arctanh(np.sin(np.radians(latitude))) / 2 / np.pi) * 2**zoom)
    west, north = column * side - WORLD / 2, WORLD / 2 - row * side
    return View(crs=Crs("EPSG:3857"), bbox=(west, north - side, west + side, north), width=256, height=256)


@pytest.mark.parametrize("back", [0, 1, 3])
def test_a_web_map_tile_takes_one_value_for_each_pixel_from_the_picture_of_its_zoom(atlantic, back):
    zoom = len(atlantic.levels) - 1 - back
    view = tile_at(zoom, -25.0, 34.0)
    counts, shown = atlantic.asked(view)
    assert counts == {f"zoom{zoom}": 256 * 256}
    np.testing.assert_array_equal(shown, answered(atlantic.mesh.near(view), atlantic.arrays).columns)
    assert max(atlantic.off(view, shown)) < 0.02


def test_a_map_with_the_pixels_of_a_zoom_but_not_their_places_is_not_taken_for_a_tile(atlantic):
    tile = tile_at(len(atlantic.levels) - 1, -25.0, 34.0)
    west, south, east, north = tile.bbox
    shift = 0.4 * (east - west) / 256
    view = View(crs=tile.crs, bbox=(west + shift, south, east + shift, north), width=256, height=256)
    assert max(atlantic.off(view, atlantic.asked(view)[1])) <= 0.125


@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:3857", "EPSG:4326"])
@pytest.mark.parametrize("pixel", [400.0, 1500.0, 6000.0, 45000.0])
def test_any_other_map_shows_faces_that_hold_a_place_within_an_eighth_of_a_pixel(atlantic, crs, pixel):
    half = 50 * pixel / (111e3 if crs == "EPSG:4326" else 1)
    view = around(crs, -26.5, 36.3, half)
    counts, shown = atlantic.asked(view)
    # Faces are drawn or looked up, never searched for pixel by pixel.
    assert counts["edges"] < 6_000
    assert (shown >= 0).any()
    assert max(atlantic.off(view, shown)) <= 0.125


def test_far_faces_near_the_pole_are_drawn_in_its_plane_too():
    case = Case(10.0, 70.0, 9.0)
    view = around("EPSG:3413", 14.0, 74.0, 60e3)
    counts, shown = case.asked(view)
    assert counts["edges"] < 10_000
    assert max(case.off(view, shown)) <= 0.125


def test_quadrilaterals_with_triangles_among_them_are_drawn_as_a_search_finds_them():
    x, y = (each.ravel() for each in np.meshgrid(np.arange(20) * 0.1, 50 + np.arange(20) * 0.07))
    number = np.arange(400).reshape(20, 20)
    a, b, c, d = (each.ravel() for each in (number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]))
    nodes = np.stack([a, b, c, d], axis=1)
    nodes[::3, 3] = -1
    found = build_mesh(faces_of(nodes, x, y), None)
    mesh = Mesh(len(nodes), Curvilinear((1, len(nodes)), found.buckets, found.depth, found.extent))
    view = around("EPSG:3035", 0.9, 50.6, 60e3)
    drawn = answered(mesh._flat(view), found.arrays)
    searched = answered(mesh._faces.near(view), found.arrays).columns
    assert (drawn != searched).mean() < 0.003
    assert len(np.unique(drawn)) > 100


@pytest.mark.parametrize(
    ("crs", "box", "side"),
    [
        ("EPSG:3413", (0, 0, 1e6, 1e6), 16),
        ("EPSG:3413", (0, 0, 1e3, 1e3), 100),
        ("EPSG:3413", (-9e6, -9e6, 9e6, 9e6), 100),
    ],
)
def test_small_views_small_pixels_and_half_the_earth_are_not_drawn_so(crs, box, side):
    assert Plane.of(View(crs=Crs(crs), bbox=box, width=side, height=side)) is None


@pytest.mark.parametrize(
    ("cells", "buckets", "extent", "zooms"),
    [
        (4000, 300, Extent(west=0.0, south=0.0, east=9.0, north=9.0), 0),
        (10**6, 2711, Extent(west=-59.0, south=10.0, east=-19.0, north=40.0), 9),
        # As many as there is room for, where cells are much smaller than what they are spread over.
        (10**6, 200_000, Extent(west=-180.0, south=-80.0, east=180.0, north=90.0), 6),
        (10**6, 200_000, Extent(west=10.0, south=86.0, east=20.0, north=88.0), 0),
    ],
)
def test_pictures_are_as_fine_as_faces_and_no_more_than_some_squares_for_each(cells, buckets, extent, zooms):
    assert zooms_for(cells, buckets, extent, FACES) == zooms
    levels = zoom_levels(zooms, extent)
    assert [level.name for level in levels] == [f"zoom{zoom}" for zoom in reversed(range(zooms))]
    assert all(level.shape[0] * level.shape[1] <= 96 * cells for level in levels)


@pytest.mark.parametrize("ring", [[0, 1, 2, -1], [1, 2, 0, -1], [2, 0, 1, -1]])
def test_a_triangle_alone_among_faces_of_four_corners_is_drawn_no_wider_than_it_is(ring):
    found = build_mesh(faces_of(np.array([ring]), np.array([0.0, 1.0, 0.5]), np.array([70.0, 70.0, 70.5])), None)
    mesh = Mesh(1, Curvilinear((1, 1), found.buckets, found.depth, found.extent))
    view = around("EPSG:3413", 0.5, 70.1, 4e4)
    drawn = answered(mesh._flat(view), found.arrays)
    np.testing.assert_array_equal(drawn, answered(mesh._faces.near(view), found.arrays).columns)
    assert 0 < (drawn >= 0).sum() < 2_000


def test_nothing_is_drawn_of_faces_on_the_other_side_of_the_earth():
    case = Case(18.0, -71.0, 2.0)
    view = around("EPSG:3413", -161.0, 70.0, 6e4)
    # Fewer places are in the table of buckets than there are buckets.
    assert answered(case.mesh._faces.search.around(lattice_vectors(view, 32, margin=0), 20_000), case.arrays).size > 0
    assert (answered(case.mesh.near(view), case.arrays).columns == -1).all()


def test_pictures_reach_as_far_to_the_north_as_great_circles_bend():
    nodes, x, y = sea(-5.0, 50.0, 10.0)
    count = x.size
    nodes = np.concatenate([nodes, [[count, count + 1, count + 2]]])
    x, y = np.concatenate([x, [-15, 15, 0]]), np.concatenate([y, [60.5, 60.5, 60.2]])
    found = with_atlas(len(nodes), build_mesh(faces_of(nodes, x, y), None), plain=True)
    # Half way, on the great circle: tan(latitude) = tan(60.5) / cos(15).
    top = np.degrees(np.arctan(np.tan(np.radians(60.5)) / np.cos(np.radians(15))))
    assert found.extent.north == pytest.approx(top, abs=1e-4)
    faces = Curvilinear((1, len(nodes)), found.buckets, found.depth, found.extent)
    mesh = Mesh(len(nodes), faces, zoom_levels(zooms_of(found.arrays), found.extent))
    view = tile_at(4, 1.0, 61.0)
    shown = answered(mesh.locate(view), found.arrays).columns
    np.testing.assert_array_equal(shown, answered(mesh.near(view), found.arrays).columns)


def test_parts_of_a_picture_are_all_of_it_each_once_and_where_they_are_in_it():
    level = zoom_levels(5, Extent(west=-170.0, south=-60.0, east=130.0, north=90.0))[0]
    whole, seen = level.view(0, level.shape[0]), np.zeros(level.shape, dtype=np.uint8)
    for (rows, columns), view in level.parts():
        seen[rows, columns] += 1
        np.testing.assert_allclose(view.x_centres(), whole.x_centres()[columns], atol=1e-6)
        np.testing.assert_allclose(view.y_centres(), whole.y_centres()[rows], atol=1e-6)
    assert (seen == 1).all()
