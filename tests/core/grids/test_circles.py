"""Cells round a pole are those that PROJ finds pixel by pixel, and so are the chunks that hold them."""

import tracemalloc
from itertools import islice

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.azimuthal import azimuthal
from core.cells import chunks_of, pick
from core.crs import OFFERED, Crs
from core.grids.rectilinear import Rectilinear
from core.polar import Polar
from core.view import View

GRIDS = {
    "global": (np.arange(-179.75, 180.0, 0.5), np.arange(-89.75, 90.0, 0.5)),
    "from 0, southward": (np.arange(0.0, 360.0, 0.75), np.arange(89.5, -90.0, -1.0)),
    "westward": (np.arange(359.0, 0.0, -2.0), np.arange(-79.0, 90.0, 2.0)),
    "over Greenwich": (np.arange(-20.0, 60.0, 0.25), np.arange(50.0, 85.0, 0.25)),
    "over the date line, in the south": (np.arange(150.5, 230.0, 1.0), np.arange(-84.5, -40.0, 1.0)),
}
VIEWS = {
    "the pole in the middle": ((-4.5e6, -4.5e6, 4.5e6, 4.5e6), (80, 80)),
    "the pole near a corner": ((-3e5, -7e6, 7e6, 2e5), (70, 71)),
    "the pole on a pixel's centre": ((-1e6, -1e6, 1e6, 1e6), (51, 51)),
    "beside the pole": ((1.2e6, 2e6, 3.2e6, 3.5e6), (90, 64)),
    "a pixel twice as high as wide": ((-2e6, -2e6, 2e6, 2e6), (80, 40)),
    "metres": ((1_510_000.0, -1_420_000.0, 1_510_090.0, -1_419_940.0), (60, 40)),
    "far into the other half": ((-2.4e7, -2.4e7, 2.4e7, 2.4e7), (50, 50)),
}
SYSTEMS = ("EPSG:3413", "EPSG:3031", "EPSG:3575", "EPSG:5041")


def moved(name, box):
    """Return a box that is given from the pole on."""
    pole = azimuthal(name).pole
    return tuple(part + pole[place % 2] for place, part in enumerate(box))


def cell_of(grid, longitude, latitude):
    """Find cells with nothing but the distance from their centres; row and column -1 outside."""
    longitudes, latitudes = grid
    wide, high = abs(longitudes[1] - longitudes[0]), abs(latitudes[1] - latitudes[0])
    known = np.isfinite(longitude) & np.isfinite(latitude)
    longitude, latitude = np.where(known, longitude, 0.0), np.where(known, latitude, 0.0)
    apart = np.abs((longitude[..., None] - longitudes + 180.0) % 360.0 - 180.0)
    column, row = apart.argmin(axis=-1), np.abs(latitude[..., None] - latitudes).argmin(axis=-1)
    inside = (apart.min(axis=-1) <= wide / 2) & (np.abs(latitude - latitudes[row]) <= high / 2 + 1e-12) & known
    return np.where(inside, row, -1), np.where(inside, column, -1)


def places(view, x, y):
    """Return what PROJ says, NaN for what it would not find back."""
    there = pyproj.Transformer.from_crs(view.crs.name, "OGC:CRS84", always_xy=True)
    longitude, latitude = there.transform(x, y)
    back_x, back_y = there.transform(longitude, latitude, direction="INVERSE")
    lost = ~(np.hypot(back_x - x, back_y - y) < 1e3 + 1e-3 * np.hypot(x, y))
    return np.where(lost, np.nan, longitude), np.where(lost, np.nan, latitude)


LARGE = (-1.2e6, -2.2e6, 5e6, 4e6), (1600, 1600)
"""Of which a table for the whole would be too coarse round the pole."""
CASES = [(system, name, place) for system in SYSTEMS[:2] for name in GRIDS for place in VIEWS]
CASES += [(system, "westward", place) for system in SYSTEMS[2:] for place in VIEWS]


@pytest.mark.parametrize(("system", "name", "place"), CASES)
def test_a_pixel_shows_the_cell_under_its_centre(system, name, place):
    box, (width, height) = VIEWS[place]
    view = View(crs=Crs(system), bbox=moved(system, box), width=width, height=height)
    cells = Rectilinear(*GRIDS[name])._cells(view)
    assert isinstance(cells, Polar)
    x, y = np.meshgrid(view.x_centres(), view.y_centres())
    row, column = cell_of(GRIDS[name], *places(view, x, y))
    other = (cells.rows != row) | (cells.columns != column)
    assert other.mean() < 0.1
    dx, dy = (box[2] - box[0]) / width, (box[3] - box[1]) / height
    turns = np.linspace(0.0, 2.0 * np.pi, 32, endpoint=False)[:, None]
    # On an edge, rounding decides here.
    near = places(view, x[other] + 1e-6 * dx * np.cos(turns), y[other] + 1e-6 * dy * np.sin(turns))
    rows, columns = cell_of(GRIDS[name], *near)
    right = ((rows == cells.rows[other]) & (columns == cells.columns[other])).any(axis=0)
    other[other] = ~right
    # At the pole itself, and beyond the reach of a system, every direction and no cell are right.
    assert not (other & (np.hypot(x - azimuthal(system).pole[0], y - azimuthal(system).pole[1]) > 1e-3)).any()


@st.composite
def pictures(draw):
    """Return cells of a view, from anywhere near the pole, and a size of chunks."""
    name = draw(st.sampled_from(list(GRIDS)))
    system = draw(st.sampled_from(SYSTEMS[:2]))
    side = 10.0 ** draw(st.floats(4.0, 7.0))
    west, south = (draw(st.floats(-1.2, 0.4)) * min(side, 5e6) for _ in range(2))
    width, height = draw(st.integers(17, 90)), draw(st.integers(17, 90))
    high = side * height / width
    view = View(crs=Crs(system), bbox=(west, south, west + side, south + high), width=width, height=height)
    cells = Rectilinear(*GRIDS[name])._cells(view)
    factor = draw(st.sampled_from([1, 2, 5]))
    shape = tuple(-(-axis.size // factor) for axis in reversed(GRIDS[name]))
    size = draw(st.integers(7, 200)), draw(st.integers(7, 200))
    return cells.coarser(factor), shape, size, draw(st.integers(0, 2**32 - 1))


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_what_is_picked_round_a_pole_is_what_indexing_gives(case):
    cells, shape, size, seed = case
    random = np.random.default_rng(seed)
    array = random.integers(0, 30000, [side + over for side, over in zip(shape, size, strict=True)], dtype="i2")
    listed = chunks_of(cells, size)
    rows, columns = cells.rows, cells.columns
    inside = rows >= 0
    np.testing.assert_array_equal(inside, columns >= 0)
    needed = set(zip((rows[inside] // size[0]).tolist(), (columns[inside] // size[1]).tolist(), strict=True))
    assert needed <= set(listed)
    assert listed == sorted(set(listed))
    gone = {place for place in listed if random.random() < 0.1}
    chunks = {
        place: None if place in gone else array[tuple(slice(at * by, at * by + by) for at, by in zip(place, size))]  # noqa: B905 -- both are pairs
        for place in listed
    }
    picked = pick(cells, size, chunks)
    lost = np.zeros_like(inside)
    for row, column in gone:
        lost |= (rows // size[0] == row) & (columns // size[1] == column)
    shown = inside & ~lost
    if picked is None:
        assert not shown.any()
        return
    np.testing.assert_array_equal(np.zeros_like(shown) if picked.absent is None else picked.absent, ~shown)
    np.testing.assert_array_equal(picked.values[shown], array[rows[shown], columns[shown]])


def test_hardly_any_chunk_is_read_that_no_pixel_shows():
    grid = Rectilinear(-180 + np.arange(4320) / 12, np.linspace(-80, 90, 2041))
    counts = []
    for box in ((-4.5e6, -3e6, 4.5e6, 3.75e6), (1e6, 1e6, 1.9e6, 1.675e6), (-3e6, 1e5, 1e6, 3.1e6)):
        cells = grid._cells(View(crs=Crs("EPSG:3413"), bbox=box, width=1024, height=768))
        needed = set(zip((cells.rows // 511).ravel().tolist(), (cells.columns // 480).ravel().tolist(), strict=True))
        listed = chunks_of(cells, (511, 480))
        counts.append((len(listed), len(needed)))
    assert all(listed <= 1.15 * needed + 1 for listed, needed in counts), counts


def test_the_systems_round_a_pole_are_those_whose_method_says_so():
    for name in (*OFFERED, "EPSG:27700", "EPSG:32633", "EPSG:3408", "EPSG:3411", "EPSG:3571"):
        operation = pyproj.CRS(name if name != "CRS:84" else "OGC:CRS84").coordinate_operation
        method = operation.method_name if operation else ""
        origin = {param.name: param.value for param in operation.params} if operation else {}
        polar = "Polar Stereographic" in method or (
            "Lambert Azimuthal" in method and abs(origin["Latitude of natural origin"]) == 90.0
        )
        assert (azimuthal(name) is not None) == polar, name


def pieces(view, size):
    """Cut a view into tiles, each made from its own corners as a client would."""
    west, south, east, north = view.bbox
    dx, dy = (east - west) / view.width, (north - south) / view.height
    for top in range(0, view.height, size):
        for left in range(0, view.width, size):
            bottom, right = min(top + size, view.height), min(left + size, view.width)
            box = (west + left * dx, north - bottom * dy, west + right * dx, north - top * dy)
            yield (
                np.s_[top:bottom, left:right],
                View(crs=view.crs, bbox=box, width=right - left, height=bottom - top),
            )


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("pixel", "pole"), [(3e5 / 7, 60.0), (3e5 / 7, 60.5), (611.3, 60.5), (1 / 3, 60.5)])
def test_a_pixel_shows_the_same_cell_in_whatever_view(system, pixel, pole):
    # Centres lie on axes and diagonals, which are edges, and on the pole itself, but for rounding.
    first, last = -pole * pixel, (121 - pole) * pixel
    view = View(crs=Crs(system), bbox=moved(system, (first, first, last, last)), width=121, height=121)
    grid = Rectilinear(*GRIDS["global"])
    whole = grid._cells(view)
    rows, columns = whole.rows, whole.columns
    for at, tile in [*pieces(view, 50), *islice(pieces(view, 1), 0, None, 610)]:
        part = grid._cells(tile)
        np.testing.assert_array_equal(part.rows, rows[at])
        np.testing.assert_array_equal(part.columns, columns[at])
    if pole == 60.5:
        assert rows[60, 60] == (359 if azimuthal(system).northern else 0)


@pytest.mark.parametrize("far", [1e18, 1e100, 1e200, 8e307])
@pytest.mark.parametrize("size", [5, 300])
def test_beyond_the_earth_there_is_nothing_however_far(far, size):
    view = View(crs=Crs("EPSG:3413"), bbox=(-far, -far, far, far / 2), width=size, height=size)
    cells = Rectilinear(*GRIDS["over Greenwich"])._cells(view)
    assert (cells.rows == -1).all()
    assert chunks_of(cells, (16, 16)) == []


def test_close_to_the_pole_of_a_large_map_rows_are_as_exact_as_elsewhere():
    latitudes = 90.0 - np.arange(0.005, 30.0, 0.01)
    box, (width, height) = LARGE
    view = View(crs=Crs("EPSG:3413"), bbox=box, width=width, height=height)
    rows = Rectilinear(np.arange(0.5, 360.0, 1.0), latitudes)._cells(view).rows
    x, y = np.meshgrid(view.x_centres(), view.y_centres())
    near = np.hypot(x, y) < 60 * (box[2] - box[0]) / width
    _, latitude = places(view, x[near], y[near])
    assert np.abs(latitudes[rows[near]] - latitude).max() <= 0.005 + 1e-9


def test_rows_and_columns_of_few_pixels_take_little_room_however_many_cells_there_are():
    view = View(crs=Crs("EPSG:3413"), bbox=(-1.5e6, 5e4, 1.5e6, 5.1e4), width=4096, height=1)
    cells = Rectilinear(np.arange(0.005, 360.0, 0.01), np.arange(60.005, 90.0, 0.01))._cells(view)
    tracemalloc.start()
    assert cells.rows.min() >= 0
    assert np.unique(cells.columns).size > 2000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1000 * cells.rows.size
