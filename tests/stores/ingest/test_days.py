"""What a day costs, in a store that is fed every day: counts and bytes, which do not depend on the machine."""

from datetime import timedelta
from pathlib import Path

import icechunk
import numpy as np
import pytest
import zarr

from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location


def size(location: Location) -> dict[Path, int]:
    """Return the bytes of each object of the store."""
    return {path: path.stat().st_size for path in (location.folder / "d").rglob("*") if path.is_file()}


def added(location: Location, files: list[Path], keep: timedelta = timedelta(days=1)) -> dict[Path, int]:
    """Ingest, and return the objects that this wrote."""
    before = size(location)
    summary = ingest(location, "d", files, crew=Processes(0), report=lambda progress: None, keep=keep)
    assert not summary.refused
    return {path: found for path, found in size(location).items() if before.get(path) != found}


def kinds(objects: dict[Path, int], kind: str) -> int:
    return sum(path.parent.name == kind for path in objects)


@pytest.fixture
def day(make):
    """Return what writes the file of one day, of 24 times, with values that do not compress to nothing."""

    def day(number: int, *, seed: int = 0) -> Path:
        noise = np.random.default_rng((number, seed)).integers(0, 9999, (24, 4, 100))
        return make(f"day{number:04}.nc", list(number + np.arange(24) / 24), value=noise, nx=100)

    return day


def test_one_more_day_writes_as_much_in_a_dataset_of_many(day, location, tmp_path):
    files = [day(number) for number in range(26)]
    alone = added(Location.parse(str(tmp_path / "alone")), files[:1])
    costs = []
    for known in (5, 25):
        added(location, files[:known])
        costs.append(added(location, files[: known + 1]))
    few, many = costs
    # The table of steps is one chunk of up to 4,096 rows: 25 days of 24 times are a seventh of it.
    assert sum(many.values()) <= 2 * max(sum(alone.values()), files[0].stat().st_size)
    assert sum(many.values()) - sum(few.values()) <= 20 * 24 * 20
    assert kinds(many, "chunks") <= kinds(few, "chunks") + 1
    assert kinds(many, "snapshots") <= 3
    assert kinds(many, "manifests") <= kinds(few, "manifests") + 3


def test_nothing_new_writes_nothing(day, location):
    files = [day(number) for number in range(3)]
    added(location, files)
    assert added(location, files) == {}


def test_a_window_that_slides_keeps_the_store_as_large_as_it_was(day, location):
    sizes = []
    for first in range(11):
        files = [day(number) for number in range(first, first + 4)]
        added(location, files, keep=timedelta(0))
        sizes.append(size(location))
    began, ended = sizes[2], sizes[-1]
    assert sum(ended.values()) <= 1.2 * sum(began.values())
    assert len(ended) <= 1.2 * len(began)
    assert slots(location) <= 5 * 24


def test_forecasts_that_are_replaced_every_day_leave_nothing_behind(day, location):
    sizes = []
    for today in range(7):
        files = [day(number, seed=today) for number in range(3)]
        added(location, files, keep=timedelta(0))
        sizes.append(size(location))
    began, ended = sizes[2], sizes[-1]
    assert sum(ended.values()) <= 1.2 * sum(began.values())
    assert len(ended) <= 1.2 * len(began)


def slots(location: Location) -> int:
    session = icechunk.Repository.open(location.storage("d")).readonly_session("main")
    return zarr.open_group(session.store, mode="r")["data/t"].shape[0]
