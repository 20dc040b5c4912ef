"""A disk that is full at any write, or may no longer be written: named, and what was served is served."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stores.lock import LockedError, locked

ROOT = Path(__file__).parents[3]
CHILD = """
import resource, sys
from pathlib import Path
from stores.failures import StoreError
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

store, source, *limits = sys.argv[1:]
files = sorted(Path(source).glob("*.nc"))
for limit in limits:
    if limit.isdigit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    try:
        ingest(Location.parse(store), "d", files, crew=Processes(0), report=lambda progress: None)
        print("done", flush=True)
    except StoreError as error:
        print("said", error, flush=True)
"""
IN_A_SMALL_FILE_SYSTEM = """
set -e
mount -t tmpfs -o size=$1 none "$2"
cp -a "$3/." "$2"
shift 3
"$@"
"""


def run(store, source, *limits, before=()):
    command = [*before, sys.executable, "-c", CHILD, store, source, *limits]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def taken(make, take):
    """Return the folder of two files that were taken, and then replaced by others."""
    files = [make(f"{number:02}.nc", [number], number, nx=600) for number in range(2)]
    take(*files)
    return [make(f"{number:02}.nc", [number], number + 7, nx=600) for number in range(2)]


def test_a_disk_that_takes_no_more_than_so_many_bytes(taken, take, stored, location):
    """No file grows beyond a limit: from chunks over manifests and snapshots down to references, each fails once."""
    limits = [str(2**power) for power in range(1, 13)]
    done = run(str(location.folder), str(taken[0].parent), *limits)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    failed = [line for line in said if line.startswith("said")]
    assert len(failed) >= 6
    assert all(f"dataset d in {location}: " in line and "File too large" in line for line in failed)
    # None before the first that was done, and from there on nothing is left to do.
    assert said == failed + ["done"] * (len(said) - len(failed))
    take(*taken)
    assert [stored().values("t", step)[0, 0] for step in range(2)] == [7, 8]


def test_what_is_served_stays_where_a_write_fails(taken, take, stored, location):
    run(str(location.folder), str(taken[0].parent), "600")
    found = stored()
    values = [found.values("t", step)[0, 0] for step in range(2)]
    assert values in ([0, 1], [7, 8])
    take(*taken)
    assert [stored().values("t", step)[0, 0] for step in range(2)] == [7, 8]


@pytest.mark.parametrize("room", [0, 24])
def test_a_file_system_that_is_full(taken, take, stored, location, tmp_path, room):
    """With `room` more KiB than the store has: in a mount of its own, which goes with the process."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare, which mounts a small file system for one process")
    used = sum(-(-path.stat().st_size // 4096) for path in location.folder.rglob("*") if path.is_file())
    mount, kept = tmp_path / "mount", tmp_path / "kept"
    mount.mkdir()
    before = [unshare, "-rm", "sh", "-c", IN_A_SMALL_FILE_SYSTEM + f'cp -a "{mount}" "{kept}"\n', "sh"]
    before += [f"{used * 4 + room + 4}k", str(mount), str(location.folder)]
    done = run(str(mount), str(taken[0].parent), "as it is", before=before)
    if done.returncode and "mount" in done.stderr + done.stdout and "denied" in done.stderr:
        pytest.skip("this system lets nobody but root mount anything")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"said dataset d in {mount}: ")
    assert "No space left" in done.stdout
    shutil.rmtree(location.folder)
    kept.rename(location.folder)
    assert [stored().values("t", step)[0, 0] for step in range(2)] == [0, 1]
    take(*taken)
    assert [stored().values("t", step)[0, 0] for step in range(2)] == [7, 8]


def test_a_store_that_may_not_be_written(taken, take, stored, location):
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    folders = [location.folder / "d", *(path for path in (location.folder / "d").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        done = run(str(location.folder), str(taken[0].parent), "as it is")
        assert done.stdout.startswith(f"said dataset d in {location}: ")
        assert "Permission denied" in done.stdout
        assert stored().values("t", 0)[0, 0] == 0
    finally:
        for folder in folders:
            folder.chmod(0o700)
    take(*taken)
    np.testing.assert_array_equal(stored().values("t", 0)[0, 0], 7)


def test_a_second_ingest_is_told_who_is_at_work(taken, take, location):
    with locked(location.lock_file("d")), pytest.raises(LockedError, match=rf"process {os.getpid()} is writing"):
        take(*taken)
    assert len(take(*taken).replaced) == 2
