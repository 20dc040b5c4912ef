"""A real unit over a real socket: generated files, ingested and served by the command line."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ocean import write_ocean, write_waves
from tests.sea import write_sea

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedUnit:
    """A unit that runs."""

    address: str
    """Root of the unit, with a slash at the end."""
    source: Path
    """The NetCDF file behind `sea/thetao`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedOcean:
    """A unit that runs and has more to draw: `ocean` with a period of days, `waves` with a list of hours."""

    address: str
    """Root of the unit, with a slash at the end."""
    folder: Path
    """Where `ocean.nc` and `waves.nc` lie."""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedUnit]:
    """Serve a small sea for all journeys."""
    folder = tmp_path_factory.mktemp("unit")
    source = folder / "sea.nc"
    write_sea(source)
    with serving(folder, "A small unit", [{"id": "sea", "source": "*.nc"}]) as address:
        yield ServedUnit(address=address, source=source)


@pytest.fixture(scope="session")
def ocean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOcean]:
    """Serve the ocean and its waves for the clients that draw."""
    folder = tmp_path_factory.mktemp("ocean")
    write_ocean(folder / "ocean.nc")
    write_waves(folder / "waves.nc")
    datasets = [{"id": name, "source": f"{name}.nc"} for name in ("ocean", "waves")]
    with serving(folder, "An ocean for clients", datasets) as address:
        yield ServedOcean(address=address, folder=folder)


@contextmanager
def serving(folder: Path, title: str, datasets: list[dict[str, str]]) -> Iterator[str]:
    """Ingest datasets and serve them as the command line does; yields the root of the unit."""
    config = {"unit": {"title": title}, "store": "store", "datasets": datasets}
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
    yield str(address)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
