"""A file is compared with the dataset as it is and with the files before it."""

from dataclasses import replace

import netCDF4
import numpy as np
import pytest

from stores.ingest.fitting import CURE, Fitting
from stores.ingest.manifest import State
from stores.ingest.scan import scan


@pytest.fixture
def curved(tmp_path):
    """Return a maker of headers of files on a curvilinear grid."""

    def make(name: str, shift: float = 0.0, field: str = "t"):
        path = tmp_path / f"{name}.nc"
        with netCDF4.Dataset(path, "w") as file:
            for dimension in ("y", "x"):
                file.createDimension(dimension, 3)
            for place, units in (("nav_lat", "degrees_north"), ("nav_lon", "degrees_east")):
                values = np.add.outer(np.arange(3.0), 2 * np.arange(3.0)) + shift
                file.createVariable(place, "f8", ("y", "x"))[:] = values
                file[place].units = units
            file.createVariable(field, "f4", ("y", "x"))[:] = 1
            file[field].coordinates = "nav_lat nav_lon"
        return scan(path)

    return make


def test_a_file_with_another_variable_at_the_same_places_fits(curved):
    fitting = Fitting(State())
    assert fitting.misfit(curved("a")) is None
    assert fitting.misfit(curved("b", field="u")) is None


def test_other_places_do_not_fit_and_the_cure_is_named(curved):
    fitting = Fitting(State())
    assert fitting.misfit(curved("a")) is None
    assert fitting.misfit(curved("b", shift=1.0)) == (
        f"it does not fit the dataset: its horizontal coordinates are others; {CURE}"
    )


def test_a_grid_that_comes_with_others_cannot_be_compared(curved):
    fitting = Fitting(State())
    header = curved("a")
    assert fitting.misfit(header) is None
    (name, grid), *_ = header.description.grids.items()
    more = replace(header, description=replace(header.description, grids={name: grid, "other": grid}))
    assert f"its grid {name} cannot be compared" in (fitting.misfit(more) or "")


def test_files_are_also_compared_with_those_before_them_in_the_same_ingest(make):
    fitting = Fitting(State())
    assert fitting.misfit(scan(make("a.nc", [0]))) is None
    assert "dtype is i4, not i2" in (fitting.misfit(scan(make("b.nc", [1], dtype="i4"))) or "")
