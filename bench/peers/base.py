"""What a peer is to the bench: how it is installed, started and asked."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.prepared import World
from bench.servers import Server
from bench.workload import Place

HOME: Final = Path("data/bench/peers")
APPS: Final = Path(__file__).with_name("apps")
UVICORN: Final = ("uvicorn", "uvloop", "httptools", "zarr", "netCDF4")

Report = Callable[[str], None]


class NotHereError(Exception):
    """A peer cannot be installed or started here; says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment with what comes from the package index."""

    name: str
    packages: tuple[str, ...]
    """The peer's own distribution is the first."""

    def python(self) -> Path:
        """Return its interpreter."""
        return HOME.absolute() / self.name / "bin" / "python"

    def install(self, report: Report) -> str:
        """Install it once; return name and version.

        Raises:
            NotHereError: the package index has it not, or cannot be reached.

        """
        done = HOME / self.name / "installed.json"
        if not done.exists():
            report(f"installing {self.packages[0]}")
            commands = (
                [sys.executable, "-m", "venv", "--clear", str(HOME / self.name)],
                [str(self.python()), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *self.packages],
            )
            for command in commands:
                found = subprocess.run(command, check=False, capture_output=True, text=True)
                if found.returncode:
                    reasons = found.stderr.strip().splitlines() or ["pip says nothing"]
                    raise NotHereError(f"cannot be installed: {reasons[-1]}")
            command = [str(self.python()), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
            done.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        own = self.packages[0].partition("[")[0]
        listed = json.loads(done.read_text(encoding="utf-8"))
        # Source: PyPA specification of name normalization: runs of `-`, `_` and `.` are one.
        versions = {one["name"].replace(".", "-").replace("_", "-").lower(): one["version"] for one in listed}
        return f"{own} {versions[own.replace('.', '-')]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One server in one way of reading the field."""

    name: str
    """Of its row."""
    install: Callable[[World, Report], str]
    """Install it and make its data; return name and version."""
    start: Callable[[World], Server]
    tile: Callable[[Place], str]
    """Write the address of a web map tile."""
    map: Callable[[Place], str]
    """Write the address of any other picture."""


def get_map(before: str, place: Place, layer: str, more: str) -> str:
    """Write a GetMap in EPSG:3857, whose axes nobody swaps; `before` ends where the query begins or goes on."""
    bbox = ",".join(map(repr, place.bbox))
    return (
        f"{before}service=WMS&version=1.3.0&request=GetMap&layers={layer}&crs={place.crs}&bbox={bbox}"
        f"&width={place.size[0]}&height={place.size[1]}&format=image/png&transparent=TRUE{more}"
    )
