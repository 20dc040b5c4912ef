"""What every grid is judged by: formulas make what they say, and places are found by trying all cells."""

import sys

import netCDF4
import numpy as np
import pytest
from numpy.testing import assert_allclose

from bench import containing, gridded
from bench.built import Cost, FailedError, cost_of
from bench.containing import Lattice, shown
from bench.field import FILL
from bench.grids_http import KINDS, chosen, table_of
from bench.meshes import sea
from bench.workload import EDGE, Place

SIDES = 6


@pytest.fixture
def whole(monkeypatch):
    """A mesh all round the Earth, without land."""
    monkeypatch.setattr(gridded, "land", lambda places: np.zeros(places.shape[1], dtype=bool))
    return gridded.icosahedral(SIDES)


def polygons(mesh, source="nowhere"):
    return containing._of_mesh(source, mesh, 40.0)


def test_a_mesh_all_round_the_earth_has_no_hole_and_no_overlap(whole):
    nodes, longitudes, _ = whole
    assert (len(nodes), longitudes.size) == (20 * SIDES**2, 10 * SIDES**2 + 2)
    random = np.random.default_rng(1).standard_normal((3, 500))
    place, _ = polygons(whole).holding(random / np.linalg.norm(random, axis=0))
    assert np.array_equal(np.sort(place), np.arange(500))


def test_a_cell_is_the_one_that_holds_its_own_middle():
    mesh = sea(8)
    found = polygons(mesh)
    place, cell = found.holding(found.centres)
    assert np.array_equal(cell[np.argsort(place)], np.arange(len(mesh[0])))


def test_what_lies_in_no_cell_is_told(whole):
    nodes, longitudes, latitudes = whole
    first = polygons((nodes[1:], longitudes, latitudes))
    lost = polygons(whole).centres[:, :1]
    assert first.holding(lost)[0].size == 0


@pytest.fixture
def levels(tmp_path, monkeypatch):
    """A small sea whose levels follow the bottom."""

    def axes(file, each):
        for name, values in (("latitude", np.arange(3) - 80.0), ("longitude", np.arange(4) - 180.0)):
            file.createDimension(name, len(values))
            file.createVariable(name, "f8", (name,))[:] = values
        return gridded.vectors(*np.meshgrid(np.arange(4) - 180.0, np.arange(3) - 80.0))

    monkeypatch.setattr(gridded, "_axes", axes)
    gridded.write_levels(tmp_path / "levels.nc")
    return tmp_path / "levels.nc"


def test_a_height_is_found_on_the_level_whose_cell_holds_it(levels):
    truth = Lattice(source=levels, each=1, deep=True)
    place = gridded.vectors(np.array([-178.8]), np.array([-79.1]))
    with netCDF4.Dataset(levels) as file:
        h, eta = float(file["h"][1, 1]), float(file["zeta"][2, 1, 1])
        values = file["thetao"][2, :, 1, 1].filled(np.nan)
        s, c = file["s_rho"][:].data, file["Cs_r"][:].data
    heights = eta + (eta + h) * (200 * s + h * c) / (200 + h)
    assert_allclose(truth.at(place, 2, float(heights[7]))[1], values[7:8])
    assert_allclose(truth.at(place, 2, level=7)[1], values[7:8])
    assert np.isnan(truth.at(place, 2, -h - 1.0)[1]).all()
    assert np.isnan(truth.at(place, 2, eta + 1.0)[1]).all()


def test_a_picture_of_other_values_or_with_a_hole_is_told(tmp_path):
    from bench.gate import BANDS, linear, turbo  # noqa: PLC0415

    source = tmp_path / "flat.nc"
    with netCDF4.Dataset(source, "w") as file:
        for name, size in (("time", 1), ("y", 171), ("x", 360)):
            file.createDimension(name, size)
        field = file.createVariable("thetao", "i2", ("time", "y", "x"), fill_value=FILL)
        field[:] = 0
    truth = Lattice(source=source, each=1)
    place = Place(crs="EPSG:3857", bbox=(0.0, 0.0, EDGE / 8, EDGE / 8), size=(256, 256), step=0, level=0)
    at = np.array([3, 100]), np.array([7, 200])
    colour = turbo((np.arange(BANDS) + 0.5) / BANDS)[linear(np.array([21.0]))[0]]
    right = np.tile([*colour, 255.0], (2, 1))
    assert shown(truth, place, at, right, None) == 0
    assert shown(truth, place, at, np.where([[True], [False]], right, 0.0), None) == 0.5
    assert shown(truth, place, at, right - [40.0, 0.0, 0.0, 0.0], None) == 1


def test_tiles_are_different_and_within_their_sea():
    for kind in KINDS:
        found = chosen(kind, 10)
        assert len({each.path for each in found}) == 10
        assert {each.place.tile[0] for each in found} <= set(range(kind.first, kind.first + 7))


def test_a_run_is_watched_to_its_end_and_a_failed_one_counts_for_nothing():
    cost = cost_of([sys.executable, "-c", "x = bytearray(100_000_000); import time; time.sleep(0.7)"])
    assert cost.peak > 100
    assert cost.seconds > 0.7
    assert Cost.read(cost.written()) == cost
    with pytest.raises(FailedError, match="no such thing"):
        cost_of([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_the_table_says_which_cost_is_too_high():
    found = table_of({
        "index orca": Cost(seconds=100.0, cpu=90.0, peak=2001.0),
        "index coastal": Cost(seconds=59.0, cpu=50.0, peak=9000.0),
    })  # fmt: skip
    assert "at most 120 s and 2000 MB: NO" in found
    assert "at most 60 s: yes" in found
