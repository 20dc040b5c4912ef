"""Sea level and currents."""

from datetime import date, timedelta

import numpy as np
import pytest

from demo import circulation
from demo.grid import Grid
from demo.ocean import on
from demo.sampling import places
from demo.stamps import Stamps
from demo.stirring import stirring

REGIONAL = Grid(step=0.5, south=-80, north=88)


def test_currents_are_geostrophic_away_from_the_equator(day, world):
    grid, flow = world.grid, day.sea.flow
    metres = np.radians(1.0) * 6.371e6
    d_north, d_east = np.gradient(flow.zos.astype(np.float64), grid.lat * metres, grid.lon * metres)
    f = 2 * 7.2921e-5 * np.sin(np.radians(np.where(grid.lat == 0, 1.0, grid.lat)))[:, None]
    u, v = -9.81 / f * d_north, 9.81 / f * d_east / np.cos(np.radians(grid.lat))[:, None]
    far = np.zeros(grid.shape, dtype=bool)
    far[1:-8, 1:-1] = (np.abs(grid.lat) > 12)[1:-8, None]
    slow = far & (np.hypot(u, v) < 1.5)
    assert slow.sum() > 10_000
    np.testing.assert_allclose(flow.u[slow], u[slow], atol=2e-3, rtol=2e-3)
    np.testing.assert_allclose(flow.v[slow], v[slow], atol=2e-3, rtol=2e-3)


def test_nothing_is_faster_than_the_sea_can_be(day):
    assert np.hypot(day.sea.flow.u, day.sea.flow.v).max() < 2.5


def test_geostrophy_follows_a_level_on_either_side_of_the_date_line():
    zos = np.cos(np.radians(REGIONAL.lon)).astype(np.float32) + 0 * REGIONAL.column
    _, v = circulation.geostrophic(REGIONAL, zos)
    np.testing.assert_allclose(v[60, 1:], -v[60, :0:-1], atol=1e-6)


@pytest.mark.parametrize("name", ["zos", "u", "v", "eddy", "front"])
def test_the_date_line_is_like_any_other_meridian(day, name):
    field = getattr(day.sea.flow, name)
    jumps = np.abs(np.roll(field, -1, axis=1) - field).max(axis=0)
    assert jumps[-1] <= np.percentile(jumps, 99)


def test_one_day_changes_little_and_a_month_much(world, day):
    def change(days):
        other = circulation.flow(world.grid, world.circulation, day.date + timedelta(days=days))
        return np.std(other.eddy - day.sea.flow.eddy)

    assert 0 < change(1) < 0.25 * change(60)


def test_a_day_does_not_depend_on_the_days_before_it(world, day):
    on(world, date(2031, 1, 1))
    again = on(world, day.date)
    assert (again.sea.flow.zos == day.sea.flow.zos).all()
    assert (again.ice.concentration == day.ice.concentration).all()


def test_the_undercurrent_runs_against_the_surface_of_the_pacific(world, day):
    row, column = 40, 25
    assert world.grid.lat[row] == 0
    assert world.grid.lon[column] == -130
    at = [circulation.at_depth(world.circulation, day.sea.flow, depth)[0][row, column] for depth in (0.5, 110, 1000)]
    assert at[0] < -0.1
    assert 0.4 < at[1] < 1.5
    assert abs(at[2]) < 0.1


def test_subtropical_gyres_turn_with_the_wind_and_are_strongest_in_the_west(world):
    basis = world.circulation
    row = round((30 + 80) / world.grid.step)
    pacific = basis.mean[row, (world.grid.lon > -178) & (world.grid.lon < -120)]
    assert pacific[0] > 0.3
    assert (np.diff(pacific) < 0.01).all()
    assert pacific[-1] < pacific[0] - 0.2


@pytest.mark.parametrize("lon", [-180.0, -179.2, 0.0, 179.9, 359.0])
def test_a_stamp_is_the_same_hill_across_the_date_line(lon):
    grid = Grid(step=1.0)
    field = np.zeros(grid.shape, dtype=np.float32)
    one = np.ones(1)
    Stamps(lat=10 * one, lon=lon * one, radius=300 * one, level=one, east=0 * one, north=0 * one).add_to(field, grid)
    x = grid.offset(lon) * 111.195 * np.cos(np.radians(10)) / 300
    y = (grid.column - 10) * 111.195 / 300
    np.testing.assert_allclose(field, np.exp(-0.5 * (x**2 + y**2)), atol=1e-3)


def test_sampling_is_linear_and_wraps():
    grid = Grid(step=10.0)
    field = np.random.default_rng(1).random(grid.shape).astype(np.float32)
    column = np.array([0.0, 3.25, 35.5, -0.5, 71.0])
    found = places(grid, np.full(5, 4.0), column).sample(field)
    ring = np.concatenate([field[4], field[4], field[4]])
    np.testing.assert_allclose(found, np.interp(column + 36, np.arange(108), ring), rtol=1e-6)


def test_stirring_moves_a_field_and_keeps_its_range(day, world):
    field = np.broadcast_to(world.grid.column, world.grid.shape)
    moved = stirring(world.grid, day.sea.flow).stir(field, count=5, restore=0.0)
    assert moved.min() >= field.min() - 1e-4
    assert moved.max() <= field.max() + 1e-4
    assert np.abs(moved - field).max() > 0.5
