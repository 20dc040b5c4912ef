"""Temperature, salinity, ice, chlorophyll: what anybody who knows the sea would check."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from demo.days import summer
from demo.grid import Grid
from demo.noise import noise
from demo.ocean import on
from demo.products import CHLOROPHYLL, DEPTHS, ICE, PHYSICS


@pytest.fixture(scope="module")
def physics(day):
    return {name: list(fields) for name, fields in day.fields(PHYSICS).items()}


def at(world, field, lon, lat):
    return field[round((lat + 80) / world.grid.step), round((lon + 180) / world.grid.step)]


def test_temperature_and_salinity_stay_within_what_the_sea_can_be(physics):
    for field in physics["thetao"]:
        assert np.nanmin(field) >= -1.9 - 1e-6
        assert np.nanmax(field) <= 31.0
    for field in physics["so"]:
        assert np.nanmin(field) >= 2.4
        assert np.nanmax(field) <= 42.0


PLACES = [
    ("warm pool", 158, 2, 28, 31),
    ("cold tongue", -100, 0, 21, 26),
    ("Norwegian Sea in March", 4, 66, 4, 9),
    ("Labrador Sea in March", -58, 58, -1.9, 2),
    ("off Peru", -78, -14, 18, 24),
    ("Weddell Sea", -40, -74, -1.9, 0),
]


@pytest.mark.parametrize(("name", "lon", "lat", "low", "high"), PLACES, ids=[row[0] for row in PLACES])
def test_the_surface_is_as_warm_as_expected(world, physics, name, lon, lat, low, high):
    assert low <= at(world, physics["thetao"][0], lon, lat) <= high


@pytest.mark.parametrize(
    ("saltier", "fresher"),
    [
        ((-36, 26), (-150, 46)),  # subtropical Atlantic, subpolar Pacific
        ((30, 34), (-36, 26)),  # Levant, Atlantic
        ((38, 20), (64, 16)),  # Red Sea, Arabian Sea
        ((-36, 26), (-178, 26)),  # Atlantic, Pacific
        ((-36, 0), (-48, 2)),  # open equatorial Atlantic, mouth of the Amazon
        ((64, 16), (90, 18)),  # Arabian Sea, Bay of Bengal
        ((6, 66), (34, 44)),  # Norwegian Sea, Black Sea
    ],
)
def test_seas_are_salty_in_the_order_they_are(world, physics, saltier, fresher):
    assert at(world, physics["so"][0], *saltier) > at(world, physics["so"][0], *fresher) + 0.5


def test_the_abyss_is_cold_under_the_warmest_water(world, physics):
    column = [at(world, field, -150, 10) for field in physics["thetao"]]
    assert all(upper >= lower for upper, lower in pairwise(column))
    assert column[0] > 25
    assert column[-1] < 3.5


def test_there_is_less_and_less_water_further_down(physics):
    wet = [np.isfinite(field).sum() for field in physics["thetao"]]
    assert wet == sorted(wet, reverse=True)
    assert wet[-1] > 0.7 * wet[0]
    for name in ("so", "uo", "vo"):
        assert [np.isfinite(field).sum() for field in physics[name]] == wet
    assert len(wet) == len(DEPTHS)


def test_sst_has_no_seam_at_the_date_line(physics):
    field = physics["thetao"][0]
    jumps = np.nanpercentile(np.abs(np.roll(field, -1, axis=1) - field), 90, axis=0)
    assert jumps[-1] <= np.percentile(jumps, 99)


@pytest.mark.parametrize(("month", "north", "south"), [(3, (13, 18), (2, 5.5)), (9, (3, 7), (15, 22))])
def test_ice_covers_about_what_it_does_in_the_season(world, month, north, south):
    cover = next(on(world, date(2026, month, 8)).fields(ICE)["siconc"])
    cell = (world.grid.step * 111.195) ** 2 * np.cos(np.radians(world.grid.lat))[:, None] * np.ones(cover.shape)
    extent = np.where(cover > 0.15, cell, 0) / 1e6
    assert north[0] < extent[world.grid.lat > 0].sum() < north[1]
    assert south[0] < extent[world.grid.lat < 0].sum() < south[1]


def test_ice_is_a_fraction_and_lies_on_freezing_water_only(day, physics):
    fields = {name: next(levels) for name, levels in day.fields(ICE).items()}
    cover, thickness = fields["siconc"], fields["sithick"]
    assert 0 <= np.nanmin(cover) <= np.nanmax(cover) <= 1
    assert (physics["thetao"][0][cover > 0.5] < 0.5).all()
    assert (thickness[cover == 0] == 0).all()
    assert (thickness[cover > 0] > 0).all()
    assert 2.5 < np.nanmax(thickness) < 6


def test_chlorophyll_spans_decades_and_has_gaps(day, world):
    field = next(day.fields(CHLOROPHYLL)["chl"])
    low, high = np.nanpercentile(field, [1, 99])
    assert high / low > 50
    assert np.nanmin(field) >= 0.01 * 0.999
    assert np.nanmax(field) <= 60
    gaps = np.isnan(field) & ~world.coast.land & (np.abs(world.grid.column) < 35)
    sea = ~world.coast.land & (np.abs(world.grid.column) < 35)
    assert 0.02 < gaps.sum() / sea.sum() < 0.4


def test_nothing_is_seen_in_the_polar_night(world):
    field = next(on(world, date(2026, 12, 21)).fields(CHLOROPHYLL)["chl"])
    assert np.isnan(field[world.grid.lat > 60]).all()


def test_summer_is_in_august():
    assert summer(date(2026, 8, 26)) == pytest.approx(1, abs=0.01)
    assert summer(date(2026, 2, 25)) == pytest.approx(-1, abs=0.01)


def test_noise_has_neither_seam_nor_pole_and_about_unit_variance():
    grid = Grid(step=1.0)
    field = noise(grid, 3, km=2000, octaves=3)
    assert 0.7 < field.std() < 1.3
    jumps = np.abs(np.roll(field, -1, axis=1) - field).max(axis=0)
    assert jumps[-1] <= jumps[:-1].max()
    assert np.ptp(field[-1]) < 1e-3


def test_the_basis_of_inland_seas_holds_only_plausible_water(world):
    basis = world.water
    inside = basis.own > 0.99
    assert inside.any()
    assert (basis.own_salt[inside] > 2).all()
    assert (basis.own_deep[inside] < 42).all()
