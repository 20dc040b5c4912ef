"""One small demonstration ocean for all tests."""

from datetime import date

import pytest

from demo.generate import generate
from demo.grid import Grid
from demo.ocean import ocean, on

TODAY = date(2026, 3, 3)
STEP = 2.0


@pytest.fixture(scope="session")
def today():
    return TODAY


@pytest.fixture(scope="session")
def world():
    return ocean(Grid(step=STEP))


@pytest.fixture(scope="session")
def day(world):
    return on(world, TODAY)


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """Paths of the whole demonstration, coarse."""
    return generate(tmp_path_factory.mktemp("demo"), today=TODAY, report=lambda name, part: None, step=STEP)
