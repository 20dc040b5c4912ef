"""What every folder of tests may ask for, where a machine has it: real files, published schemas, a browser."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.journeys.chromium import PROGRAM, browser

ROOT = Path(__file__).parent.parent

# How long an example takes is a matter of what else the machine does.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Return the path of a real file, given its place in the data folder.

    The folder is `../shared/data` beside the repository, or HALOCLINE_REAL_DATA. A test is skipped only where the
    folder is missing; a file missing from it is a failure.
    """
    return _inside("HALOCLINE_REAL_DATA", ROOT.parent / "shared" / "data", "real data")


@pytest.fixture(scope="session")
def schemas() -> Callable[[str], Path]:
    """Return the path of a published schema, given its place in the folder `../shared/schemas` or HALOCLINE_SCHEMAS."""
    return _inside("HALOCLINE_SCHEMAS", ROOT.parent / "shared" / "schemas", "published schemas")


@pytest.fixture(scope="session")
def driven() -> Iterator[str]:
    """Return the address at which a headless Chromium is driven; `new_page` opens a fresh profile in it."""
    if PROGRAM is None:
        pytest.skip("no Chromium on PATH")
    with browser() as address:
        yield address


def _inside(variable: str, default: Path, what: str) -> Callable[[str], Path]:
    folder = Path(os.environ.get(variable, default))

    def find(relative: str) -> Path:
        if not folder.is_dir():
            pytest.skip(f"no {what} at {folder}; {variable} names another folder")
        path = folder / relative
        assert path.exists(), f"{what}: {path} is missing"
        return path

    return find
