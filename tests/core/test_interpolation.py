"""What lies between the centres of cells: against a loop over pixels, and against numpy's own interpolation."""

import itertools

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attributes import Attribute
from core.cells import Picked, chunks_of, pick
from core.crs import Crs
from core.dataset import Variable
from core.grids.rectilinear import Rectilinear
from core.interpolation import Along, Surroundings, can_mix, mixed
from core.packing import Packing
from core.view import View

FLOAT = Packing(dtype="f8")
GRIDS = {
    "a globe from -180 up": (np.arange(-178.0, 180.0, 4.0), np.arange(-88.0, 90.0, 4.0)),
    "a globe from 0, southward": (np.arange(2.0, 360.0, 4.0), np.arange(88.0, -90.0, -4.0)),
    "a globe with a seam of its own": (np.arange(-298.0, 60.0, 4.0), np.arange(-90.0, 91.0, 4.0)),
    "a region across the date line": (np.arange(150.0, 240.0, 3.0), np.arange(64.0, 19.0, -1.5)),
    "a region across Greenwich": (np.arange(330.0, 390.0, 2.0) % 360.0, np.arange(20.0, 65.0, 2.5)),
    "uneven axes": (np.cumsum(1.0 + np.arange(40) % 3) - 20.0, 60 * np.sin(np.linspace(-1.2, 1.2, 30))),
    "one column": (np.array([20.0]), np.arange(-60.0, 60.0, 4.0)),
}
BOXES = {
    "CRS:84": [(-180, -90, 180, 90), (-200, -45, 20, 65), (140, 10, 260, 70), (-1.0, 29.0, 3.0, 33.0)],
    "EPSG:3857": [(-2e7, -2e7, 2e7, 2e7), (1.8e7, 2e6, 2.2e7, 6e6)],
    "EPSG:3413": [(-5e6, -5e6, 5e6, 5e6), (-1e5, -1e5, 1e5, 1e5), (-3e6, 2e6, -1e6, 4e6)],
}


def field(shape, holes=0.15):
    chosen = np.random.default_rng(shape[0] * 1000 + shape[1])
    values = chosen.normal(size=shape).cumsum(axis=0).cumsum(axis=1)
    values[chosen.random(shape) < holes] = np.nan
    return values


def blocks(values, factor):
    """Return the means of blocks and NaN where a block has no value, as an overview has them."""
    ny, nx = (-(-side // factor) for side in values.shape)
    found = np.full((ny, nx), np.nan)
    for row, column in itertools.product(range(ny), range(nx)):
        block = values[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        if np.isfinite(block).any():
            found[row, column] = block[np.isfinite(block)].mean()
    return found


def view_of(crs, box, size):
    return View(crs=Crs.parse(crs, "CRS"), bbox=box, width=size[0], height=size[1])


def drawn(grid, view, values, factor=1, packing=FLOAT):
    """Draw a field through the code under test."""
    around = grid.around(view, factor)
    cells = around.cells()
    size = values.shape
    picked = pick(cells, size, dict.fromkeys(chunks_of(cells, size), values))
    if picked is None:
        return np.full((view.height, view.width), np.nan)
    return mixed(around, picked, packing)


def places(crs, box, size):
    width, height = size
    west, south, east, north = box
    x = west + (np.arange(width) + 0.5) * (east - west) / width
    y = north - (np.arange(height) + 0.5) * (north - south) / height
    x, y = np.meshgrid(x, y)
    if crs == "CRS:84":
        return x, y
    return pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(x, y)


class Loop:
    """Bilinear interpolation, pixel by pixel, in words."""

    def __init__(self, longitude, latitude, values, factor):
        self.values = values
        self.rows = self._axis(latitude, factor)
        eastward = longitude.copy()
        # From the widest gap on, eastward: what the file's convention is does not matter.
        turned = np.sort(longitude % 360)
        gaps = np.diff(np.append(turned, turned[0] + 360))
        first = turned[(np.argmax(gaps) + 1) % turned.size]
        eastward = first + (longitude - first) % 360
        self.columns = self._axis(eastward, factor)
        step = np.diff(np.sort(eastward)).max(initial=0)
        self.ring = longitude.size > 1 and abs(gaps.max() - step) < 1e-6 and step * longitude.size > 359
        self.first = min(low for low, _, _, _ in self.columns)
        if longitude.size == 1:
            width = np.median(np.diff(np.sort(latitude)))
            self.columns = [(eastward[0] - width / 2, eastward[0] + width / 2, eastward[0], 0)]
            self.first = eastward[0] - width / 2
        self.row_centres = self._centres(self.rows, (0,))
        self.column_centres = self._centres(self.columns, (-360, 0, 360) if self.ring else (0,))

    @staticmethod
    def _axis(centres, factor):
        """Return (lower edge, upper edge, centre of the block, index of the block) of every cell."""
        order = np.argsort(centres)
        ascending = centres[order]
        if ascending.size == 1:
            return [(ascending[0], ascending[0], ascending[0], 0)]
        middle = (ascending[1:] + ascending[:-1]) / 2
        edges = [2 * ascending[0] - middle[0], *middle, 2 * ascending[-1] - middle[-1]]
        cells = []
        for position, index in enumerate(order):
            block = index // factor
            members = centres[block * factor : (block + 1) * factor]
            # A block that is cut by the seam has its centre on the side of its members.
            near = members + 360 * np.rint((ascending[position] - members) / 360) if np.ptp(members) > 180 else members
            cells.append((edges[position], edges[position + 1], near.mean(), block))
        return cells

    @staticmethod
    def _centres(cells, turns):
        return sorted({(centre + turn, block) for _, _, centre, block in cells for turn in turns})

    @staticmethod
    def _neighbours(cells, centres, place):
        own = next((cell for cell in cells if cell[0] <= place < cell[1]), None)
        if own is None:
            return None
        before = max((other for other in centres if other[0] <= place), default=None)
        after = min((other for other in centres if other[0] > place), default=None)
        if before is None or after is None:
            return own[3], [(own[3], 1.0)]
        share = (place - before[0]) / (after[0] - before[0])
        return own[3], [(before[1], 1 - share), (after[1], share)]

    def __call__(self, longitude, latitude):
        if not np.isfinite(longitude + latitude):
            return np.nan
        down = self._neighbours(self.rows, self.row_centres, latitude)
        turned = self.first + (longitude - self.first) % 360
        across = self._neighbours(self.columns, self.column_centres, turned)
        if down is None or across is None or np.isnan(self.values[down[0], across[0]]):
            return np.nan
        corners = [(self.values[row, column], a * b) for row, a in down[1] for column, b in across[1]]
        there = [(value, weight) for value, weight in corners if np.isfinite(value)]
        return sum(value * weight for value, weight in there) / sum(weight for _, weight in there)


@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize("crs", BOXES)
@pytest.mark.parametrize("name", GRIDS)
def test_every_pixel_is_what_a_loop_over_pixels_finds(name, crs, factor):
    longitude, latitude = GRIDS[name]
    values = blocks(field((latitude.size, longitude.size)), factor)
    grid, loop = Rectilinear(longitude, latitude), Loop(longitude, latitude, values, factor)
    for box in BOXES[crs]:
        # Small enough to be transformed exactly; no centre of a pixel is the pole, where any longitude will do.
        size = (12, 8)
        found = drawn(grid, view_of(crs, box, size), values, factor)
        expected = np.vectorize(loop)(*places(crs, box, size))
        np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_inside_a_field_without_holes_it_is_what_numpy_interpolates_along_each_axis():
    longitude, latitude = GRIDS["uneven axes"]
    values = field((latitude.size, longitude.size), holes=0)
    view = view_of("CRS:84", (-10.0, -40.0, 30.0, 40.0), (80, 61))
    across = np.array([np.interp(view.x_centres(), longitude, row) for row in values])
    expected = np.array([np.interp(view.y_centres(), latitude, column) for column in across.T]).T
    np.testing.assert_allclose(drawn(Rectilinear(longitude, latitude), view, values), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["a globe from 0, southward", "a region across the date line"])
@pytest.mark.parametrize("crs", ["CRS:84", "EPSG:3857"])
@pytest.mark.parametrize("factor", [1, 2])
def test_tiles_are_the_whole_picture(name, crs, factor):
    longitude, latitude = GRIDS[name]
    values = blocks(field((latitude.size, longitude.size)), factor)
    grid, box = Rectilinear(longitude, latitude), BOXES[crs][-1 if crs == "EPSG:3857" else 0]
    west, south, east, north = box
    whole = drawn(grid, view_of(crs, box, (256, 256)), values, factor)
    for row, column in itertools.product(range(4), range(4)):
        dx, dy = (east - west) / 4, (north - south) / 4
        part = (west + column * dx, north - (row + 1) * dy, west + (column + 1) * dx, north - row * dy)
        tile = drawn(grid, view_of(crs, part, (64, 64)), values, factor)
        expected = whole[row * 64 : (row + 1) * 64, column * 64 : (column + 1) * 64]
        np.testing.assert_allclose(tile, expected, rtol=1e-9, atol=1e-9)


def test_packed_numbers_are_unpacked_before_they_are_mixed():
    grid = Rectilinear(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    packing = Packing(dtype="i2", scale=np.float32(0.5), offset=np.float32(10), missing=(-99,))
    view = view_of("CRS:84", (0.0, 0.0, 1.0, 1.0), (1, 1))
    found = drawn(grid, view, np.array([[0, 1], [2, 3]], dtype="i2"), packing=packing)
    assert (found.dtype, found[0, 0]) == (np.float32, 10.75)
    holed = drawn(grid, view, np.array([[0, -99], [-99, 3]], dtype="i2"), packing=packing)
    # The pixel's centre is the corner of four cells: it belongs to the last of them.
    assert holed[0, 0] == 10.75


def test_a_chunk_that_was_never_written_is_missing():
    grid = Rectilinear(np.arange(4.0), np.arange(2.0))
    around = grid.around(view_of("CRS:84", (-0.5, -0.5, 3.5, 1.5), (32, 16)), 1)
    picked = pick(around.cells(), (2, 2), {(0, 0): np.full((2, 2), 7.0), (0, 1): None})
    found = mixed(around, picked, FLOAT)
    assert (found[:, :16] == 7.0).all()
    assert np.isnan(found[:, 16:]).all()


finite = st.floats(-1e6, 1e6, width=32)


def corner_case(values, share, own):
    """Return one pixel among four cells, as scattered cells."""
    rows, columns = (
        Along(
            low=np.array([[0]]),
            high=np.array([[1]]),
            share=np.array([[one]]),
            own_is_high=np.array([[high]]),
        )
        for one, high in zip(share, own, strict=True)
    )
    picked = Picked(values=np.array(values, dtype="f4").reshape(4, 1), absent=None)
    return mixed(Surroundings(rows=rows, columns=columns), picked, Packing(dtype="f4"))[0, 0]


@settings(max_examples=300)
@given(
    st.lists(finite | st.just(np.nan) | st.sampled_from([np.inf, -np.inf]), min_size=4, max_size=4),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.tuples(st.booleans(), st.booleans()),
)
def test_the_cells_own_value_decides_and_the_others_only_pull(values, share, own):
    found = corner_case(values, share, own)
    mine = np.float32(values[2 * own[0] + own[1]])
    if not np.isfinite(mine):
        np.testing.assert_equal(found, mine)
        return
    there = [np.float32(value) for value in values if np.isfinite(value)]
    slack = 1e-6 * max(abs(value) for value in there)
    assert min(there) - slack <= found <= max(there) + slack


@settings(max_examples=200)
@given(finite, st.tuples(st.floats(0, 1), st.floats(0, 1)), st.sets(st.integers(0, 3), max_size=3))
def test_a_constant_field_stays_exactly_what_it_is(value, share, holes):
    corners = [np.nan if corner in holes else value for corner in range(4)]
    own = min(set(range(4)) - holes)
    assert corner_case(corners, share, (own >= 2, bool(own % 2))) == np.float32(value)


def test_numbers_too_far_apart_for_single_precision_are_mixed_all_the_same():
    assert corner_case([-3e38, 3e38, -3e38, 3e38], (0.5, 0.5), (False, False)) == 0.0


@pytest.mark.parametrize(
    ("attributes", "mixes"),
    [
        ({"units": "degrees_C", "standard_name": "sea_water_temperature"}, True),
        ({"units": "1"}, True),
        ({"flag_values": "0b, 1b"}, False),
        ({"flag_masks": "1b, 2b"}, False),
        ({"standard_name": "sea_surface_wave_from_direction", "units": "degree"}, False),
        ({"standard_name": "direction_of_sea_ice_velocity"}, False),
        ({"units": "degrees"}, False),
        ({"units": "Degree "}, False),
        ({"units": "radian"}, False),
        ({"units": "degrees true"}, False),
        ({"standard_name": "sea_ice_mask"}, False),
        ({"standard_name": "sea_water_temperature status_flag"}, False),
        ({"units": "degree_Celsius"}, True),
    ],
)
def test_codes_and_angles_are_never_mixed(attributes, mixes):
    written = {name: Attribute(type="char", data=text.encode()) for name, text in attributes.items()}
    variable = Variable(
        name="v", dtype="f4", dimensions=(), shape=(1, 1), chunks=(1, 1), attributes=written, stepped=False
    )
    assert can_mix(variable) is mixes


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_has_no_number_of_its_own_keeps_that_and_its_neighbours_share_its_weight(seed):
    random = np.random.default_rng(seed)
    values = random.normal(size=(9, 12))
    for odd in (np.nan, np.inf, -np.inf):
        values[random.random(values.shape) < 0.12] = odd
    grid = Rectilinear(np.arange(0.5, 12.0), np.arange(0.5, 9.0))
    view = view_of("CRS:84", (-0.5, 0.2, 12.3, 9.4), (40, 31))
    found = drawn(grid, view, values)
    for row, latitude in enumerate(view.y_centres()):
        for column, longitude in enumerate(view.x_centres()):
            inside = 0 <= latitude < 9 and 0 <= longitude < 12
            own = values[int(latitude), int(longitude)] if inside else np.nan
            if not np.isfinite(own):
                np.testing.assert_equal(found[row, column], own)
                continue
            low = [np.floor(place - 0.5) for place in (latitude, longitude)]
            share = [place - 0.5 - first for place, first in zip((latitude, longitude), low, strict=True)]
            total = weight = 0.0
            for down, across in itertools.product((0, 1), (0, 1)):
                y, x = (
                    int(np.clip(first + more, 0, most))
                    for first, more, most in zip(low, (down, across), (8, 11), strict=True)
                )
                part = abs(1 - down - share[0]) * abs(1 - across - share[1])
                if np.isfinite(values[y, x]) and part > 0:
                    total, weight = total + part * values[y, x], weight + part
            np.testing.assert_allclose(found[row, column], total / weight, rtol=1e-9, atol=1e-9)
