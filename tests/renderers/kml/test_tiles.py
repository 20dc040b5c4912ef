import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.extent import Extent
from renderers.kml.tiles import DEEPEST, SIDE, Pyramid, Tile, breadth

degrees = st.floats(-180, 180, allow_subnormal=False)
extents = st.tuples(degrees, degrees, degrees, degrees).map(
    lambda four: Extent(west=min(four[:2]), east=max(four[:2]), south=min(four[2:]) / 2, north=max(four[2:]) / 2)
)
grids = st.tuples(st.integers(1, 5000), st.integers(1, 5000))
WORLD = Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)


@st.composite
def pyramids(draw):
    extent = draw(extents)
    assume(extent.east - extent.west > 1e-3)
    assume(extent.north - extent.south > 1e-3)
    return Pyramid.of(extent, draw(grids))


def levels(pyramid, most):
    """Yield the squares of each level, the coarsest first."""
    tiles = list(pyramid.coarsest())
    for _ in range(most):
        yield tiles
        tiles = [quarter for tile in tiles for quarter in pyramid.below(tile)]
        if not tiles:
            return


@given(pyramid=pyramids(), at=st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True)))
def test_every_level_covers_the_extent_without_gap_or_overlap(pyramid, at):
    extent = pyramid.extent
    longitude = extent.west + at[0] * (extent.east - extent.west)
    latitude = extent.south + at[1] * (extent.north - extent.south)
    assume(longitude < extent.east)
    assume(latitude < extent.north)
    for tiles in levels(pyramid, 4):
        parts = [tile.part(extent) for tile in tiles]
        holding = [one for one in parts if one.west <= longitude < one.east and one.south <= latitude < one.north]
        assert len(holding) == 1
        area = math.fsum((one.east - one.west) * (one.north - one.south) for one in parts)
        assert area == pytest.approx((extent.east - extent.west) * (extent.north - extent.south), rel=1e-9)
        # Neighbours share the very same edge, to the last bit.
        wests, easts = {one.west for one in parts}, {one.east for one in parts}
        assert wests ^ easts == {extent.west, extent.east}
        assert {one.south for one in parts} ^ {one.north for one in parts} == {extent.south, extent.north}
        assert len(parts) == len(wests) * len({one.south for one in parts})


@given(pyramid=pyramids())
def test_no_picture_crosses_the_date_line_or_a_pole_or_is_too_large(pyramid):
    assert 1 <= len(pyramid.coarsest()) <= 4
    for tiles in levels(pyramid, 4):
        for tile in tiles:
            box, part = tile.box, tile.part(pyramid.extent)
            assert -180 <= box.west < box.east <= 180
            assert -90 <= box.south < box.north <= 90
            assert box.west <= part.west < part.east <= box.east
            assert all(1 <= side <= SIDE for side in tile.size(part))
            assert pyramid.holds(tile)


@given(extent=extents, cells=grids)
def test_the_finest_pictures_show_every_cell_and_none_are_finer_than_that(extent, cells):
    assume(extent.east - extent.west > 1e-3)
    assume(extent.north - extent.south > 1e-3)
    pyramid = Pyramid.of(extent, cells)
    cell = min((extent.east - extent.west) / cells[1], (extent.north - extent.south) / cells[0])
    pixel = 180 / 2**pyramid.last / SIDE
    assert pyramid.first <= pyramid.last <= DEEPEST
    assert pixel <= cell / 2 * (1 + 1e-12) or pyramid.last == DEEPEST
    assert pixel * 2 > cell / 2 * (1 - 1e-12) or pyramid.last == pyramid.first


def test_the_world_begins_with_its_two_halves():
    pyramid = Pyramid.of(WORLD, (90, 180))
    assert [tile.box for tile in pyramid.coarsest()] == [
        Extent(west=-180.0, south=-90.0, east=0.0, north=90.0),
        Extent(west=0.0, south=-90.0, east=180.0, north=90.0),
    ]
    assert (pyramid.first, pyramid.last) == (0, 0)
    assert not list(pyramid.below(pyramid.coarsest()[0]))


def test_a_sea_begins_with_pictures_of_its_own_size():
    # The Mediterranean at a 24th of a degree: 42 by 16 degrees fit into squares of 45.
    pyramid = Pyramid.of(Extent(west=-6.0, south=30.1875, east=36.3125, north=46.0), (380, 1016))
    assert pyramid.first == 2
    assert [tile.box.west for tile in pyramid.coarsest()] == [-45.0, 0.0] * 2
    assert pyramid.last == 5


@pytest.mark.parametrize("tile", [(0, 2, 0), (0, 0, 1), (3, 0, 0), (2, 0, 3), (6, 20, 20)])
def test_squares_that_show_nothing_are_not_there(tile):
    level, column, row = tile
    pyramid = Pyramid.of(Extent(west=-6.0, south=30.0, east=36.0, north=46.0), (380, 1016))
    assert not pyramid.holds(Tile(level=level, column=column, row=row))


def test_a_region_is_as_broad_as_a_square_of_as_many_pixels():
    assert breadth((512, 512)) == 512
    assert breadth((512, 128)) == 256
    assert breadth((1, 1)) == 1
