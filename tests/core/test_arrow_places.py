"""Where arrows stand on maps. Oracle: the rule itself, in whole numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arrow_places import arrow_places
from core.crs import Crs
from core.view import View

WORLD = 2 * math.pi * 6378137.0
UNITS = {"EPSG:3857": WORLD, "EPSG:4326": 360.0, "EPSG:3413": 2.0**24}
"""The length of which distances are halves, quarters, and so on: once round, or any power of two of metres."""


def tile(name, zoom, column, row, size=256):
    """Return a tile of a pyramid that begins with one for the whole world."""
    side = UNITS[name] / 2**zoom
    west, north = column * side - UNITS[name] / 2, UNITS[name] / 2 - row * side
    return View(crs=Crs(name), bbox=(west, north - side, west + side, north), width=size, height=size)


def found(view, reach=14):
    """Return the places of a view by row and column of their pixel."""
    places = arrow_places(view, reach)
    at = zip(places.rows.tolist(), places.columns.tolist(), strict=True)
    return dict(zip(at, zip(places.longitude.tolist(), places.latitude.tolist(), strict=True), strict=True))


@pytest.mark.parametrize("name", UNITS)
@given(zoom=st.integers(1, 18), data=st.data())
@settings(max_examples=15)
def test_tiles_of_a_pyramid_have_an_arrow_every_32_pixels_and_those_that_reach_into_them(name, zoom, data):
    column, row = (data.draw(st.integers(0, 2**zoom - 1)) for _ in range(2))
    side = UNITS[name] / 2**zoom / 8
    places = found(tile(name, zoom, column, row))
    assert sorted(places) == [(32 * down, 32 * across) for down in range(9) for across in range(9)]
    x = [(column * 8 + across - 2 ** (zoom + 2)) * side for across in range(9)]
    y = [(2 ** (zoom + 2) - row * 8 - down) * side for down in range(9)]
    longitude, latitude = Crs(name).to_geographic(*np.meshgrid(x, y))
    for part, wanted in enumerate((longitude, latitude)):
        seen = [places[32 * down, 32 * across][part] for down in range(9) for across in range(9)]
        np.testing.assert_allclose(seen, wanted.ravel(), rtol=1e-12, atol=1e-11)
    # To the last bit what the tile beside it has on the edge that they share: it reads the very same cell.
    beside = found(tile(name, zoom, column + 1, row))
    assert repr([places[32 * down, 256] for down in range(9)]) == repr([beside[32 * down, 0] for down in range(9)])


def sides(view):
    """Return the rows and the columns of pixels with arrows of a view, which has them wherever two of these meet."""
    places = arrow_places(view, 14)
    rows, columns = np.unique(places.rows), np.unique(places.columns)
    assert (places.rows == np.repeat(rows, columns.size)).all()
    assert (places.columns == np.tile(columns, rows.size)).all()
    return rows, columns


# Down to a centimetre: coordinates of ten million metres do not tell a millionth of a millimetre.
@given(pixel=st.floats(1e-2, 1e5), west=st.floats(-1e7, 1e7), cut=st.integers(1, 299))
@settings(max_examples=100)
def test_a_map_has_the_arrows_of_its_parts_at_any_size_of_a_pixel(pixel, west, cut):
    def view(first, last):
        box = (west + first * pixel, -40 * pixel, west + last * pixel, 60 * pixel)
        return View(crs=Crs("EPSG:3413"), bbox=box, width=last - first, height=100)

    rows, columns = sides(view(0, 300))
    together = set()
    for first, last in ((0, cut), (cut, 300)):
        rows_of_part, columns_of_part = sides(view(first, last))
        # Between two columns there are no rows either.
        assert rows_of_part.tolist() == (rows.tolist() if columns_of_part.size else [])
        together.update((columns_of_part + first).tolist())
    # To a pixel at the very ends of reach, where rounding decides.
    assert {at for at in columns.tolist() if -13 <= at <= 313} == {at for at in together if -13 <= at <= 313}
    assert 20 <= np.diff(columns).min(initial=42) <= np.diff(columns).max(initial=21) <= 43


def test_closer_views_have_arrows_between_those_of_farther_ones():
    far, near = (arrow_places(tile("EPSG:3857", zoom, 0, 0, size), 0) for zoom, size in ((3, 256), (3, 512)))
    of = [set(zip(places.longitude.tolist(), places.latitude.tolist(), strict=True)) for places in (far, near)]
    assert of[0] < of[1]


def test_a_stretched_picture_has_arrows_as_far_apart_both_ways():
    view = View(crs=Crs("EPSG:4326"), bbox=(-180.0, -90.0, 180.0, 90.0), width=256, height=256)
    places = arrow_places(view, 0)
    assert np.unique(places.columns).tolist() == np.unique(places.rows).tolist() == list(range(0, 257, 32))


def test_a_mercator_map_in_another_turn_has_them_too():
    view = View(crs=Crs("EPSG:3832"), bbox=(-1e6, -1e6, 1e6, 1e6), width=256, height=256)
    assert 20 <= np.diff(np.unique(arrow_places(view, 0).columns)).min() <= 43
