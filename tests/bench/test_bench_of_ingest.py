"""The measuring of the ingest does what it says: run once, small, without judging any time."""

import os

import netCDF4
import numpy as np
import pytest

from bench import bulk, ingest, processes
from bench.field import FILL, OFFSET, SCALE
from bench.ocean import Ocean, write_day

SMALL = Ocean(ny=102, nx=216, levels=2)
CLASSIC = Ocean(ny=102, nx=216, levels=2, kind="classic")


@pytest.fixture(scope="module")
def waves():
    """Stand for `Ocean.waves`, which takes seconds."""
    return np.random.default_rng(3).standard_normal((3, SMALL.ny, SMALL.nx), dtype=np.float32)


def test_the_files_are_the_same_every_time_and_of_both_kinds(tmp_path, waves):
    found = []
    for name, ocean in (("a.nc", SMALL), ("b.nc", SMALL), ("c.nc", CLASSIC)):
        write_day(tmp_path / name, 3, ocean, waves)
        assert ingest.read_raw(tmp_path / name) == ocean.nbytes
        with netCDF4.Dataset(tmp_path / name) as file:
            file.set_auto_maskandscale(False)
            found.append(file["thetao"][:])
    packed, again, plain = found
    np.testing.assert_array_equal(packed, again)
    assert 0.05 < (packed == FILL).mean() < 0.95
    sea = packed != FILL
    np.testing.assert_allclose(plain[sea], packed[sea] * np.float32(SCALE) + np.float32(OFFSET), rtol=1e-6)


def test_every_way_and_every_step_has_its_cost(tmp_path, monkeypatch, waves):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Ocean, "waves", lambda _: waves)
    files = ingest.prepare(SMALL, 3)
    assert ingest.prepare(SMALL, 3) == files
    best = ingest.costs(files, 1)
    spent = ingest.profile(files)
    assert list(best) == [
        "netCDF4 alone, 1 process",
        "netCDF4 alone, 2 processes",
        "ingest, map copy only",
        "ingest, everything",
    ]
    assert {"read NetCDF", "statistics", "encode", "put", "read back", "all"} <= spent.keys()
    text = ingest.report(SMALL, files, best, spent)
    assert "3 files of one day, packed, 1 variables x 2 levels x 102 x 216: 0 MB raw" in text


def test_the_bulk_run_compares_values_and_finds_a_wrong_one(tmp_path, monkeypatch, waves):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Ocean, "waves", lambda _: waves)
    monkeypatch.setattr(bulk, "EVERY", 0.05)
    files = ingest.prepare(SMALL, 3)
    summary, watch, seconds = bulk.taken(files, tmp_path / "store")
    assert summary.steps == 3
    assert watch.peak > 10 * 2**20
    assert 0 < watch.worst(seconds) <= 1
    count = bulk.asyncio.run(bulk.compared(files, tmp_path / "store", 1))
    assert count == 3 * 3 * 2
    with pytest.raises(SystemExit, match="other values"):
        bulk.asyncio.run(bulk.compared(files[::-1], tmp_path / "store", 1))


def test_the_cpu_of_a_process_grows_with_its_work():
    before = processes.cpu(os.getpid())
    np.random.default_rng(1).standard_normal(6_000_000).sort()
    assert processes.cpu(os.getpid()) > before
    assert os.getpid() in processes.tree(os.getppid())
