"""What ingest finds out about a grid is described in its store, and is all that a reader needs."""

import copy
import json
from dataclasses import replace

import netCDF4
import numpy as np
import pytest

from bench.tripolar import tripolar
from core.grids.adapters import grid_of
from core.grids.chart import chart_level
from core.grids.charting import chart_of
from core.grids.layout import Layout
from core.grids.memory import answered
from stores.documents import read_description, write_description
from stores.ingest.geometry import Asked, build_geometry
from stores.ingest.scan import scan
from tests.core.grids.charted import Charted, every, tile

TILES = [(2, 3, 0), (3, 3, 3), (3, 3, 5), (4, 11, 5), (5, 6, 8)]


@pytest.fixture(scope="module")
def ocean():
    return Charted(*tripolar(200))


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The description of a file on that grid, after its geometry was worked out."""
    path = tmp_path_factory.mktemp("ocean") / "ocean.nc"
    places = tripolar(200)
    with netCDF4.Dataset(path, "w") as file:
        for dimension, size in zip(("y", "x"), places[0].shape, strict=True):
            file.createDimension(dimension, size)
        for name, values, units in zip(("lon", "lat"), places, ("degrees_east", "degrees_north"), strict=True):
            file.createVariable(name, "f8", ("y", "x"))[:] = values
            file[name].units = units
        file.createVariable("sst", "f4", ("y", "x"))[:] = 1.0
        file["sst"].coordinates = "lon lat"
    description = scan(path).description
    ((name, grid),) = description.grids.items()
    return replace(description, grids={name: build_geometry(Asked(path=str(path), grid=grid)).grid})


def reading(ocean, text):
    """Return the grid as a reader of a store has it, with the arrays of `ocean`."""
    found = copy.copy(ocean)
    (description,) = read_description(text).grids.values()
    found.quick = grid_of(description)
    return found


def test_a_reader_of_a_store_draws_straight_rows_and_folds_as_they_were_found(ocean, described):
    read = reading(ocean, write_description(described))
    (grid,) = described.grids.values()
    assert (grid.period, *grid.fold) == (200, 2 * ocean.shape[0] - 3, 199)
    assert len(grid.straight.latitudes) > 50
    for place in TILES:
        (counts, cells), (expected, shown) = read.asked(tile(*place)), ocean.asked(tile(*place))
        assert counts == expected
        assert type(cells) is type(shown)
        for part in ("rows", "columns"):
            np.testing.assert_array_equal(getattr(cells, part), getattr(shown, part))


def test_a_store_that_was_written_before_these_were_looked_for_is_drawn_from_its_own_chart(ocean, described):
    document = json.loads(write_description(described))
    for grid in document["grids"].values():
        del grid["fold"], grid["straight"]
    before = reading(ocean, json.dumps(document).encode())
    layout = Layout(period=ocean.layout.period)

    def find(places):
        return answered(ocean.slow.search.find(places), ocean.arrays)

    before.arrays = ocean.arrays | {"chart": chart_of(ocean.arrays, chart_level(ocean.levels), find, layout)}
    assert before.asked(tile(3, 3, 5))[0].keys() == {"chart"}
    assert [before.wrong(tile(*place)) for place in TILES] == [0] * len(TILES)
    assert (every(before.asked(tile(3, 3, 5))[1]).rows >= 0).any()
