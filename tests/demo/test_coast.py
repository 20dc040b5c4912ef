"""Land and sea: the atlas, the rasteriser, bodies and distances."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as Outline
from pyproj import Geod

from demo import atlas, bodies
from demo.coast import coast
from demo.distance import to_nearest
from demo.grid import Grid
from demo.raster import inside

SPHERE = Geod(a=6371000.0, b=6371000.0)


@pytest.fixture(scope="module")
def rings():
    return atlas.rings()


@pytest.fixture(scope="module")
def shore(rings):
    return coast(Grid(step=0.5), rings)


PLACES = [
    ("Sahara", 10, 20, True),
    ("Siberia", 100, 60, True),
    ("Chukotka, beyond the antimeridian", -176, 67, True),
    ("Chukotka, before it", 178, 68, True),
    ("Greenland", -40, 75, True),
    ("Antarctica, Greenwich", 0, -78, True),
    ("Antarctica, antimeridian east", 160, -78, True),
    ("South Island of New Zealand", 170.5, -44, True),
    ("Amazonia", -60, -5, True),
    ("North Atlantic", -40, 30, False),
    ("Pacific on the date line, north", -180, 30, False),
    ("Pacific on the date line, south", -180, -40, False),
    ("Ross Sea", -175, -76, False),
    ("Drake Passage", -65, -58, False),
    ("Mediterranean", 18, 35, False),
    ("Caspian, a hole in Eurasia", 51, 40, False),
    ("North Pole", 0, 90, False),
    ("Hudson Bay", -85, 60, False),
    ("Lake Baikal, too small a water for this ocean", 108, 53.5, True),
]


@pytest.mark.parametrize(("name", "lon", "lat", "land"), PLACES, ids=[row[0] for row in PLACES])
def test_places_are_on_the_side_of_the_coast_one_knows(shore, name, lon, lat, land):
    assert shore.land[round((lat + 80) / 0.5), round((lon + 180) / 0.5)] == land


def test_the_land_covers_the_part_of_the_earth_it_does(shore):
    weight = np.cos(np.radians(Grid(step=0.5).lat))
    weight = np.broadcast_to(weight[:, None], shore.land.shape)
    # Of 510 million km2, 149 are land; 5 of them south of 80 S, where the grid ends.
    share = weight[shore.land].sum() / weight.sum()
    assert share == pytest.approx((149 - 3.9) / (510 - 3.9), abs=0.012)


@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), min_size=3, max_size=8, unique=True))
def test_the_rasteriser_agrees_with_matplotlib_on_simple_polygons(corners):
    ring = np.array(sorted(corners, key=lambda at: np.arctan2(at[1] + 0.3, at[0] + 0.1)), dtype=float) + 0.123
    grid = Grid(step=5.0)
    lon, lat = np.meshgrid(grid.lon, grid.lat)
    centres = np.column_stack([lon.ravel(), lat.ravel()])
    outline = Outline(np.vstack([ring, ring[:1]]), closed=True)
    wanted = outline.contains_points(centres).reshape(grid.shape)
    near = np.zeros(grid.shape, dtype=bool)
    # matplotlib fills by winding, this by parity: they may only differ where the ring crosses itself.
    near |= outline.contains_points(centres, radius=1e-6).reshape(grid.shape) != outline.contains_points(
        centres, radius=-1e-6
    ).reshape(grid.shape)
    assert (inside(grid, [ring]) == wanted)[~near].all()


@pytest.mark.parametrize("turn", [-360, -180, -90, 0, 17, 90, 180, 359])
def test_a_polygon_is_the_same_wherever_it_is_on_the_cylinder(turn):
    grid = Grid(step=1.0)
    ring = np.array([[-20.3, -10.2], [30.1, -5.7], [12.2, 40.4], [-14.9, 22.2]])
    moved = inside(grid, [ring + np.array([turn, 0])])
    assert (moved == np.roll(inside(grid, [ring]), turn, axis=1)).all()


def test_a_ring_cut_at_the_antimeridian_or_not_encloses_the_same():
    grid = Grid(step=1.0)
    whole = np.array([[170.5, 0.5], [190.5, 0.5], [190.5, 20.5], [170.5, 20.5]])
    wrapped = whole.copy()
    wrapped[wrapped > 180] -= 360
    assert (inside(grid, [whole]) == inside(grid, [wrapped])).all()
    assert inside(grid, [wrapped]).sum() == 400


def test_a_ring_round_the_earth_encloses_its_pole():
    grid = Grid(step=1.0, south=-90)
    lon = np.arange(-180.0, 180.0, 7.0)
    cap = inside(grid, [np.column_stack([lon, np.full_like(lon, -70.5)])])
    assert (cap == (grid.lat < -70.5)[:, None]).all()


def test_bodies_are_those_of_a_flood_fill_round_the_cylinder():
    grid = Grid(step=10.0)
    mask = np.random.default_rng(5).random(grid.shape) < 0.55
    cell = (10 * 111.195) ** 2 * np.cos(np.radians(grid.lat))
    wanted = np.zeros(grid.shape)
    seen = ~mask
    for start in zip(*np.nonzero(mask), strict=True):
        if seen[start]:
            continue
        body, todo = [], deque([start])
        seen[start] = True
        while todo:
            row, column = todo.popleft()
            body.append((row, column))
            for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                near = (row + down, (column + right) % grid.shape[1])
                if 0 <= near[0] < grid.shape[0] and not seen[near]:
                    seen[near] = True
                    todo.append(near)
        area = sum(cell[row] for row, _ in body)
        for at in body:
            wanted[at] = area
    np.testing.assert_allclose(bodies.areas(grid, mask), wanted)


def test_distances_are_those_on_the_sphere():
    grid = Grid(step=2.0)
    dice = np.random.default_rng(3)
    mask = np.zeros(grid.shape, dtype=bool)
    mask[dice.integers(0, grid.shape[0], 60), dice.integers(0, grid.shape[1], 60)] = True
    found = to_nearest(grid, mask, reach=1500.0)
    seeds = np.argwhere(mask)
    for row, column in dice.integers(0, grid.shape, (150, 2)):
        here = np.full(len(seeds), grid.lon[column]), np.full(len(seeds), grid.lat[row])
        _, _, metres = SPHERE.inv(*here, grid.lon[seeds[:, 1]], grid.lat[seeds[:, 0]])
        if abs(grid.lat[row]) < 75:  # flooding in rows and columns loses its way where columns meet
            # A straight line is a little shorter than the way round.
            assert found[row, column] == pytest.approx(min(metres.min() / 1000, 1500), rel=0.05, abs=1.0)
