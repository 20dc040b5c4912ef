"""What it costs to work out how cells are found, and to ingest: seconds, CPU and memory of processes of their own."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, Self

from bench.processes import memory, tree
from core.dataset import CurvilinearGrid, MeshGrid
from stores.ingest.geometry import Asked, build_geometry
from stores.ingest.scan import scan

_LOOK: Final = 0.5
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one run."""

    seconds: float
    cpu: float
    """CPU seconds of all its processes."""
    peak: float
    """MB in memory at most, all its processes together; what they share counts once."""

    def written(self) -> str:
        """Return it as JSON."""
        return json.dumps({"seconds": self.seconds, "cpu": self.cpu, "peak": self.peak})

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `written` returned."""
        return cls(**json.loads(text))


class FailedError(Exception):
    """A run did not end well."""


def cost_of(command: Sequence[str]) -> Cost:
    """Run a command to its end, and watch it.

    Raises:
        FailedError: it ended with an error.

    """
    begun, used, peak = time.perf_counter(), os.times(), 0.0
    with TemporaryFile() as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        while process.poll() is None:
            peak = max(peak, memory(process.pid) / 1e6, _highest(process.pid))
            time.sleep(_LOOK)
        seconds = time.perf_counter() - begun
        output.seek(0)
        said = output.read().decode(errors="replace").strip().splitlines()
    if process.returncode:
        raise FailedError(f"{' '.join(command[1:])}: {' '.join(said[-2:])}")
    ended = os.times()
    spent = ended.children_user + ended.children_system - used.children_user - used.children_system
    return Cost(seconds=seconds, cpu=spent, peak=peak)


def index_of(path: Path) -> Cost:
    """Work out how the cells of a file's grid are found, and nothing else."""
    return cost_of([sys.executable, "-m", "bench.built", str(path)])


def _highest(root: int) -> float:
    """Return the most MB that a single process of them ever had in memory: looks may miss it."""
    found = 0.0
    for process in tree(root):
        try:
            text = Path(f"/proc/{process}/status").read_text()
        except OSError:
            continue
        if "VmHWM:" in text:
            found = max(found, int(text.split("VmHWM:")[1].split()[0]) / 1000 * 1.024)
    return found


def main() -> None:
    """Work out the geometry of each grid of a file, as an ingest does."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("path", type=Path)
    path = given.parse_args().path
    for grid in scan(path).description.grids.values():
        if isinstance(grid, CurvilinearGrid | MeshGrid):
            built = build_geometry(Asked(path=str(path), grid=grid))
            print(built.grid, {array.name: array.shape for array in built.arrays}, os.times().user)


if __name__ == "__main__":
    main()
