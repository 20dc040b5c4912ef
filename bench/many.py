"""A unit of hundreds of datasets: what its start, its documents and its memory cost.

Run: `python -m bench.many`. A few kinds are ingested; every dataset is a copy of one of them, which shares its chunks.
CPU seconds are those of all processes of the server, and tell more than seconds where the machine does other work too.
"""

import gzip
import itertools
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
import yaml

from bench.servers import Server, ours
from bench.table import record

DATA: Final = Path("data/many")
NAMES: Final = {
    "thetao": "sea_water_potential_temperature",
    "so": "sea_water_salinity",
    "uo": "eastward_sea_water_velocity",
    "vo": "northward_sea_water_velocity",
    "zos": "sea_surface_height_above_geoid",
}
"""Of variables, with their standard names."""
COUNT: Final = 561
"""As MyOcean had in 2014."""
_IDLE: Final = 20
"""Seconds that the unit is left alone, with all datasets open."""
_SHARED: Final = ("chunks", "manifests")
"""Folders of a repository that hold what is never written over, and nearly all of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What datasets may be like."""

    variables: int
    levels: int
    steps: int
    shape: tuple[int, int]
    """Rows and columns."""
    hours: float
    """Between steps."""
    irregular: bool = False
    """Whether each step is some minutes off, as a satellite passes."""


KINDS: Final = {
    "climate": Kind(variables=1, levels=1, steps=3000, shape=(45, 90), hours=24.0),
    "deep": Kind(variables=5, levels=75, steps=4, shape=(45, 90), hours=730.5),
    "forecast": Kind(variables=4, levels=1, steps=240, shape=(60, 120), hours=1.0),
    "passes": Kind(variables=2, levels=1, steps=1000, shape=(45, 90), hours=12.0, irregular=True),
    "fine": Kind(variables=1, levels=1, steps=2, shape=(2041, 4320), hours=24.0),
}


def prepare(folder: Path, count: int = COUNT) -> Path:
    """Make a unit of `count` ingested datasets in `folder`, once; return its config.yaml."""
    config = folder / f"config-{count}.yaml"
    if config.exists():
        return config
    folder.mkdir(parents=True, exist_ok=True)
    for name, like in KINDS.items():
        _write(folder / f"{name}.nc", like, seed=len(name))
    kinds = folder / "kinds.yaml"
    _configure(kinds, "kinds", {name: f"{name}.nc" for name in KINDS})
    subprocess.run([sys.executable, "-m", "cli.main", "ingest", str(kinds)], check=True)
    sources = {f"{kind}-{number:03}": kind for number, kind in zip(range(count), itertools.cycle(KINDS), strict=False)}
    for name, kind in sources.items():
        _copied((folder / "kinds" / kind).absolute(), folder / "store" / name)
    _configure(config.with_suffix(".part"), "store", {name: f"{kind}.nc" for name, kind in sources.items()})
    return config.with_suffix(".part").rename(config)


def _write(path: Path, kind: Kind, seed: int) -> None:
    """Write the source file of a kind, with noise on a smooth field."""
    random = np.random.default_rng(seed)
    times = kind.hours * np.arange(kind.steps)
    if kind.irregular:
        times = times + random.integers(0, 60, kind.steps) / 60
    rows, columns = kind.shape
    axes = {
        "time": (times, {"units": "hours since 1993-01-01", "standard_name": "time"}),
        "depth": (10.0 * np.arange(kind.levels), {"units": "m", "positive": "down", "standard_name": "depth"}),
        "latitude": (np.linspace(-80, 90, rows), {"units": "degrees_north", "standard_name": "latitude"}),
        "longitude": (np.arange(columns) * 360 / columns, {"units": "degrees_east", "standard_name": "longitude"}),
    }
    smooth = 20 * np.cos(np.radians(axes["latitude"][0]))[:, None] + np.sin(np.radians(axes["longitude"][0]))
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "One of many", "institution": "Bench"})
        for name, (values, attributes) in axes.items():
            file.createDimension(name, len(values))
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts(attributes)
            axis[:] = values
        for name in list(NAMES)[: kind.variables]:
            chunks = (1, 1, *kind.shape)
            field = file.createVariable(name, "i2", tuple(axes), fill_value=-32767, zlib=True, chunksizes=chunks)
            field.setncatts({"units": "degC", "standard_name": NAMES[name], "scale_factor": 0.01})
            for step in range(kind.steps):
                field[step] = smooth + random.integers(-8, 8, (kind.levels, 1, columns)) / 8


def _copied(kind: Path, copy: Path) -> None:
    """Copy a repository; what no reader writes is shared. Nothing may be ingested into the copy."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(kind, copy, ignore=shutil.ignore_patterns(*_SHARED))
    for name in _SHARED:
        (copy / name).symlink_to(kind / name, target_is_directory=True)


def _configure(path: Path, store: str, datasets: Mapping[str, str]) -> None:
    """Write the configuration of a unit; `datasets` has the source of each."""
    listed = [{"id": name, "source": source} for name, source in datasets.items()]
    path.write_text(yaml.safe_dump({"store": store, "datasets": listed}, sort_keys=False))


def main() -> None:
    """Measure, and add the table to RESULTS.md."""
    config = prepare(DATA)
    server = ours(config)
    try:
        lines = _lines(server)
    finally:
        server.stop()
    head = "| what | ms | CPU ms | kB | MB in memory after it |\n|---|---|---|---|---|\n"
    print(record("many datasets", f"{COUNT} datasets, one process, nothing else asked.", head + "".join(lines)))


def _lines(server: Server) -> list[str]:
    """Ask for one thing after the other; the first capabilities open all datasets."""
    document, packed = "/wms?SERVICE=WMS&REQUEST=GetCapabilities", {"Accept-Encoding": "gzip"}
    lines = [_line("start, to the first answer", server.seconds * 1000, server.cpu() * 1000, 0, server.memory())]
    lines.append(_asked(server, "ready, the first time", "/health/ready", {}, 1))
    lines.append(_asked(server, "capabilities of all, the first time", document, packed, 1))
    lines.append(_asked(server, "the same again, gzip", document, packed, 20))
    lines.append(_asked(server, "the same again, as it is", document, {}, 20))
    before = server.cpu()
    time.sleep(_IDLE)
    used = (server.cpu() - before) * 1000
    return [*lines, _line(f"{_IDLE} s without a request", _IDLE * 1000, used, 0, server.memory())]


def _asked(server: Server, what: str, path: str, headers: dict[str, str], times: int) -> str:
    """Ask `times` times; return the row of the median."""
    before, taken, body = server.cpu(), [], b""
    for _ in range(times):
        began = time.perf_counter()
        with urllib.request.urlopen(urllib.request.Request(server.base + path, headers=headers)) as answer:
            body = answer.read()
        taken.append(time.perf_counter() - began)
    used = (server.cpu() - before) / times * 1000
    if "GetCapabilities" in path:
        document = gzip.decompress(body) if headers else body
        if document.count(b"<Style><Name>default-scalar</Name>") < COUNT:
            raise SystemExit("capabilities do not name every dataset: no figure counts")
    return _line(what, sorted(taken)[times // 2] * 1000, used, len(body) / 1000, server.memory())


def _line(what: str, taken: float, used: float, kilobytes: float, memory: float) -> str:
    return f"| {what} | {taken:.1f} | {used:.1f} | {kilobytes:.0f} | {memory:.0f} |\n"


if __name__ == "__main__":
    main()
