"""Faces drawn row by row: what is drawn is what a search of each pixel finds. Oracles: that search; sampled edges."""

import numpy as np
import pytest

from core.crs import Crs
from core.grids.cubed_sphere import around, bucket_of
from core.grids.curvilinear import Curvilinear
from core.grids.faces import build_mesh, faces_of
from core.grids.memory import answered
from core.grids.mesh import Mesh
from core.grids.scan import boxes_of, painted
from core.grids.sphere import degrees_of, lattice_vectors, pixel_vectors, vectors
from core.view import View
from tests.mesh_cases import polygons, triangles, turned

MESHES = {
    "small triangles": lambda: triangles(location="face", turn=10.0, tilt=40.0, count=900, span=5.0),
    "triangles over the date line": lambda: triangles(location="face", turn=179.0, tilt=-50.0, count=400, span=9.0),
    "large triangles far north": lambda: triangles(location="face", turn=30.0, tilt=70.0, count=60),
    "polygons, some of them cut": lambda: polygons(location="face", turn=-20.0, tilt=50.0),
    "nodes": lambda: triangles(location="node", turn=-100.0, tilt=0.0, count=300, span=20.0),
}
METRES = 6378137.0
NEAR = 1e-5
"""Of the Earth's radius."""


@pytest.fixture(scope="module", params=MESHES)
def case(request):
    return MESHES[request.param]()


def views(case, seed):
    """Yield pictures of random sizes around random nodes, from a tiny part of a face to many faces."""
    random = np.random.default_rng(seed)
    longitudes, latitudes = (np.degrees(part) for part in polar(case.places))
    while True:
        node, size = random.integers(longitudes.size), 10 ** random.uniform(-3.5, 1.4)
        width, height = random.integers(2, 90, 2)
        x, y = longitudes[node] + random.uniform(-size, size), latitudes[node] + random.uniform(-size, size)
        name = random.choice(["CRS:84", "EPSG:3857"])
        if name == "EPSG:3857":
            x, y, size = np.radians(x) * METRES, np.arctanh(np.sin(np.radians(y))) * METRES, np.radians(size) * METRES
        box = (x - size, y - size * height / width, x + size, y + size * height / width)
        yield View(crs=Crs(str(name)), bbox=box, width=int(width), height=int(height))


def polar(places):
    return np.arctan2(places[:, 1], places[:, 0]), np.arcsin(places[:, 2])


def drawn(mesh, geometry, view):
    """Return what is drawn, and what the search finds."""
    searched = answered(mesh._faces.near(view), geometry)
    return answered(mesh._drawn(view), geometry), searched.columns


def test_what_is_drawn_is_what_a_search_of_each_pixel_finds(case):
    some = views(case, 7)
    pictures = 0
    while pictures < 30:
        found, searched = drawn(case.grid, case.geometry, view := next(some))
        if found is not None:
            other = found != searched
            # Around a node faces hold places up to a metre outside: only there they may differ.
            apart = pixel_vectors(view)[:, other, None] - case.places.T[:, None]
            assert (np.sqrt((apart**2).sum(axis=0)).min(axis=1, initial=1.0) < NEAR).all(), view
            pictures += (searched >= 0).any()


def test_of_faces_on_top_of_each_other_the_first_is_drawn():
    longitudes, latitudes = np.array([0.0, 2.0, 0.0, 2.0, 1.0]), np.array([40.0, 40.0, 42.0, 42.0, 43.0])
    geometry = build_mesh(faces_of(np.array([[0, 1, 2], [0, 1, 3], [0, 1, 4]]), longitudes, latitudes), None)
    mesh = Mesh(3, Curvilinear((1, 3), geometry.buckets, geometry.depth, geometry.extent))
    view = View(crs=Crs("CRS:84"), bbox=(-0.5, 39.5, 2.5, 43.5), width=40, height=50)
    found, searched = drawn(mesh, geometry.arrays, view)
    assert (found == searched).all()
    assert np.unique(found).tolist() == [-1, 0, 1, 2]


@pytest.mark.parametrize("south", [10.0, -12.0, 60.0])
def test_a_parallel_that_leaves_a_face_and_comes_back_is_drawn_so(south):
    longitudes, latitudes = np.array([-20.0, 20.0, 20.0, -20.0]), south + np.array([0.0, 0.0, 3.0, 3.0])
    geometry = build_mesh(faces_of(np.array([[0, 1, 2, 3]]), longitudes, latitudes), None)
    mesh = Mesh(1, Curvilinear((1, 1), geometry.buckets, geometry.depth, geometry.extent))
    view = View(crs=Crs("CRS:84"), bbox=(-22.0, south - 2.0, 22.0, south + 7.0), width=160, height=80)
    found, searched = drawn(mesh, geometry.arrays, view)
    assert (found == searched).all()
    twice = (np.count_nonzero(np.diff((found >= 0).astype(int), axis=1), axis=1) > 2).any()
    assert twice


@pytest.mark.parametrize(
    ("box", "there"),
    [
        ((0, 80, 5, 84.9), True),
        # To where web maps end.
        ((0, 84.9, 0.5, 85.06), True),
        ((-50, 84, 50, 86), False),
        ((0, -85.5, 1, -84.5), False),
        ((-170, -20, 170, 20), False),
    ],
)
def test_what_is_near_a_pole_or_wide_is_searched(box, there):
    mesh = triangles(location="face", turn=0.0, tilt=80.0, count=50)
    found, _ = drawn(mesh.grid, mesh.geometry, View(crs=Crs("CRS:84"), bbox=box, width=20, height=20))
    assert (found is not None) == there


@pytest.mark.parametrize(("count", "size"), [(0, 9), (3, 40), (60, 500), (60, 70_000), (4000, 70_000)])
def test_where_runs_of_pixels_lie_over_each_other_the_last_is_seen(count, size):
    random = np.random.default_rng(count + size)
    at, wide = random.integers(0, size, count), random.integers(0, 30, count)
    wide = np.minimum(wide, size - at)
    expected = [-1] * size
    for number, first, last in zip(range(100, 100 + count), at.tolist(), (at + wide).tolist(), strict=True):
        expected[first:last] = [number] * (last - first)
    assert painted(np.arange(100, 100 + count), at, wide, size).tolist() == expected


@pytest.mark.parametrize("tilt", [0.0, 40.0, -75.0, 89.0])
def test_the_box_of_a_face_holds_all_of_its_edges_and_the_pole_within(tilt):
    random = np.random.default_rng(11)
    x, y = random.uniform(-8, 8, (2, 200))[:, :, None] + 12 * np.array([[[-1, 1, 0]], [[-1, -1, 1]]])
    corners = np.stack(vectors(*turned(x, y, 50.0, tilt)))
    boxes = boxes_of(corners)
    share = np.linspace(0, 1, 2000)[:, None, None]
    edges = corners[:, None] * share + np.roll(corners, -1, axis=2)[:, None] * (1 - share)
    _, latitudes = degrees_of(edges)
    low, high = latitudes.min(axis=(0, 2)), latitudes.max(axis=(0, 2))
    pole = np.cross(corners, np.roll(corners, -1, axis=2), axis=0)[2]
    holds = (pole > 0).all(axis=1) | (pole < 0).all(axis=1)
    north, south = holds & (tilt > 0), holds & (tilt < 0)
    assert (boxes[:, 0] <= np.where(south, -90, low)).all()
    assert (boxes[:, 1] >= np.where(north, 90, high)).all()
    assert (boxes[:, 0] > low - 0.02)[~south].all()
    assert (boxes[:, 1] < high + 0.02)[~north].all()


def test_all_buckets_of_pixels_are_around_the_nodes_of_a_view():
    random = np.random.default_rng(2)
    for _ in range(200):
        n, size = int(10 ** random.uniform(0.5, 4.0)), 10 ** random.uniform(-3, 1.2)
        x, y = random.uniform(-180, 180), random.uniform(-84 + size, 84 - size)
        view = View(crs=Crs("CRS:84"), bbox=(x - size, y - size, x + size, y + size), width=70, height=66)
        found = around(lattice_vectors(view, 32, margin=0), n, 1 << 13)
        if found is None:
            continue
        there = set(zip(*(part.tolist() for part in found), strict=True))
        wanted = bucket_of(pixel_vectors(view).reshape(3, -1), n)
        assert set(zip(*(part.tolist() for part in wanted), strict=True)) <= there, view


def test_too_many_buckets_are_not_listed():
    view = View(crs=Crs("CRS:84"), bbox=(0.0, 0.0, 5.0, 5.0), width=70, height=66)
    nodes = lattice_vectors(view, 32, margin=0)
    found = around(nodes, 1000, 1 << 20)
    assert found is not None
    assert around(nodes, 1000, found[0].size // 2) is None
