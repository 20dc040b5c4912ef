"""An ingest that is killed at any moment is completed by the next one, and gives the same store."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

ROOT = Path(__file__).parents[3]
KILLS = 6
FILES = 8
CHILD = """
import sys
from pathlib import Path
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

def main():
    location, folder, workers = sys.argv[1:]
    print("ready", flush=True)
    sys.stdin.readline()
    files = sorted(Path(folder).glob("*.nc"))
    ingest(Location.parse(location), "d", files, crew=Processes(int(workers)), report=lambda progress: None)

if __name__ == "__main__":
    main()
"""


def kill(children: list[subprocess.Popen[str]], moments: list[float]) -> list[int]:
    """Let one child after the other ingest, kill each after its moment, in seconds; return their exit statuses."""
    statuses = []
    for child, moment in zip(children, moments, strict=True):
        with child:
            assert child.stdout is not None
            assert child.stdin is not None
            assert child.stdout.readline() == "ready\n"
            child.stdin.write("go\n")
            child.stdin.flush()
            time.sleep(moment)
            child.send_signal(signal.SIGKILL)
            statuses.append(child.wait())
    return statuses


def children(store: Path, folder: Path, count: int, workers: int = 0) -> list[subprocess.Popen[str]]:
    """Start ingests that wait to be told to go."""
    command = [sys.executable, "-c", CHILD, str(store), str(folder), str(workers)]
    pipe = subprocess.PIPE
    return [
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        for _ in range(count)
    ]


@pytest.mark.parametrize("kind", ["first ingest", "replaced files"])
def test_what_was_killed_is_completed_and_equals_a_clean_ingest(make, take, stored, location, tmp_path, kind, look):
    waiting = children(location.folder, tmp_path / "source", KILLS // 2)
    files = [make(f"{number:02}.nc", [number, number + 0.5], number) for number in range(FILES)]
    if kind == "replaced files":
        take(*files)
        files = [make(f"{number:02}.nc", [number, number + 0.25], number + 7) for number in range(FILES)]
    moments = random.Random(kind)
    hits = kill(waiting, [moments.uniform(0, 0.2) for _ in waiting])
    assert hits.count(-signal.SIGKILL) >= 1
    take(*files)
    assert_equals_clean(stored(), files, tmp_path, look)


def test_readers_see_nothing_of_an_ingest_that_was_killed(make, take, stored, location, tmp_path):
    waiting = children(location.folder, tmp_path / "source", 1, workers=1)
    take(make("00.nc", [0], 1))
    for number in range(FILES):
        make(f"{number:02}.nc", [number], 2)
    kill(waiting, [0.1])
    found = stored()
    assert len(found.dataset.steps) in (1, FILES)


def assert_equals_clean(found, files: list[Path], folder: Path, look) -> None:
    """Compare with a store that was never killed, step by step: slots may differ, content and revisions may not."""
    clean_location = Location.parse(str(folder / "clean"))
    ingest(clean_location, "d", files, crew=Processes(0), report=lambda progress: None)
    clean = look(clean_location)
    ours, theirs = found.dataset.steps, clean.dataset.steps
    np.testing.assert_array_equal(ours.rows[:, [0, 2]], theirs.rows[:, [0, 2]])
    assert sorted(found.arrays) == sorted(clean.arrays)
    for name, variable in found.dataset.description.variables.items():
        for prefix in ("data", *(f"overviews/{factor}" for factor in variable.overviews)):
            left, right = found.arrays[f"{prefix}/{name}"], clean.arrays[f"{prefix}/{name}"]
            if variable.stepped:
                left, right = left[ours.rows[:, 1]], right[theirs.rows[:, 1]]
            np.testing.assert_array_equal(left, right)
    assert found.dataset.statistics == clean.dataset.statistics
    assert found.dataset.description == clean.dataset.description
