"""A small ocean in a unit that is asked hard."""

import numpy as np
import pytest

from bench.ocean import Ocean, write_day
from bench.shelf import written
from bench.standing import changed, configured
from tests.bench.served import serving

SMALL = Ocean(ny=40, nx=80, levels=2, variables=2)


def _made(folder, **more):
    """Return a unit of two days, ready to be served."""
    waves = np.random.default_rng(7).standard_normal((3, SMALL.ny, SMALL.nx), dtype=np.float32)
    files = tuple(folder / f"day{day}.nc" for day in range(2))
    for day, path in enumerate(files):
        write_day(path, day, SMALL, waves)
    found = configured(folder, files, **more)
    changed(found, unit={"workers": 1}, limits={"client_timeout": 0.5})
    return found


@pytest.fixture(scope="session")
def standing(tmp_path_factory):
    """Return a unit of one ocean, and one that is hidden."""
    return _made(tmp_path_factory.mktemp("standing"))


@pytest.fixture(scope="session")
def wide(tmp_path_factory):
    """Return a unit with grids of other kinds as well."""
    folder = tmp_path_factory.mktemp("wide")
    return _made(folder, others=written(folder))


@pytest.fixture(scope="session")
def port(standing):
    """Return the port at which the unit is served."""
    with serving(standing) as found:
        yield found
