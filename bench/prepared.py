"""The bench's data, generated and ingested once; what is there is taken as it is."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from bench import field

WORLD: Final = Path("data/bench/world")
_WRITERS: Final = {
    "bench": ("packed.nc", field.write_packed),
    "floats": ("float.nc", field.write_float),
    "long": ("long.nc", field.write_long),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where the bench's data lie."""

    folder: Path

    @property
    def packed(self) -> Path:
        """The int16 field as NetCDF."""
        return self.folder / "packed.nc"

    @property
    def float(self) -> Path:
        """The float32 field as NetCDF."""
        return self.folder / "float.nc"

    @property
    def long(self) -> Path:
        """The 10,000 steps as NetCDF."""
        return self.folder / "long.nc"

    def config(self, name: str, *, chunk_cache: int, workers: int = 1) -> Path:
        """Write a configuration of a unit that serves all of it."""
        datasets = [{"id": each, "source": source} for each, (source, _) in _WRITERS.items()]
        settings = {
            "store": "store",
            "unit": {"workers": workers},
            "limits": {"chunk_cache": chunk_cache},
            "datasets": datasets,
        }
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return path


def prepare(report: Callable[[str], None], folder: Path = WORLD) -> World:
    """Generate and ingest what is missing: some minutes and 3 GB the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, write in _WRITERS.values():
        path = folder / source
        if not path.exists():
            part = path.with_suffix(".part")
            write(part, report)
            part.rename(path)
    world = World(folder=folder)
    done = folder / "ingested"
    if not done.exists():
        config = world.config("ingest", chunk_cache=0)
        report("ingesting; this takes some minutes")
        subprocess.run([sys.executable, "-m", "cli.main", "ingest", str(config)], check=True)
        done.touch()
    return world
