"""A real unit over a real socket: generated files, ingested and served by the command line."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sea import write_sea

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedUnit:
    """A unit that runs."""

    address: str
    """Root of the unit, with a slash at the end."""
    source: Path
    """The NetCDF file behind `sea/thetao`."""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedUnit]:
    """Serve a small sea for all journeys."""
    folder = tmp_path_factory.mktemp("unit")
    source = folder / "sea.nc"
    write_sea(source)
    config = {"unit": {"title": "A small unit"}, "store": "store", "datasets": [{"id": "sea", "source": "*.nc"}]}
    # JSON is YAML.
    (folder / "unit.yaml").write_text(json.dumps(config))
    command = [sys.executable, "-m", "cli.main"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "ingest", str(folder / "unit.yaml")], check=True, env=environment)
    process = subprocess.Popen(
        [*command, "serve", str(folder / "unit.yaml"), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stderr is not None
    address = None
    while address is None:
        line = process.stderr.readline()
        assert line, "the unit ended before it served"
        found = re.search(r"map\s+(http://\S+/)$", line)
        address = found and found[1]
    yield ServedUnit(address=str(address), source=source)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
