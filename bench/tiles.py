"""Tiles per second, warm and cold, beside a static body of the same size; pixels are checked before a rate counts.

Run: `make bench`. Needs wrk. One server process and the client share the machine.
"""

import argparse
import io
import math
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench import field

HERE = Path(__file__).parent
DATA = Path("data/bench")
EDGE = 20037508.342789244
LOW, HIGH, BANDS = 0.0, 30.0, 250
TIMES = [f"2015-01-{1 + step:02d}T00:00:00Z" for step in range(field.STEPS)]
CONNECTIONS = 8
Tile = tuple[tuple[float, float, float, float], int, int]
"""Bounding box in EPSG:3857, step, level."""


def tiles(count: int, seed: int) -> list[Tile]:
    """Choose web map tiles of zooms 1 to 7 within the data: (bbox, step, level)."""
    chosen = random.Random(seed)
    found: list[Tile] = []
    while len(found) < count:
        zoom = chosen.choices(range(1, 8), [0.03, 0.12, 0.2, 0.25, 0.2, 0.1, 0.1])[0]
        column, row = chosen.randrange(2**zoom), chosen.randrange(2**zoom)
        side = 2 * EDGE / 2**zoom
        west, north = -EDGE + column * side, EDGE - row * side
        if math.degrees(math.atan(math.sinh(north / 6378137))) > -75:
            step, level = chosen.randrange(field.STEPS), chosen.randrange(len(field.DEPTHS))
            found.append(((west, north - side, west + side, north), step, level))
    return found


def path_of(tile: Tile, size: tuple[int, int] = (256, 256)) -> str:
    """Write the GetMap of a tile."""
    bbox, step, level = tile
    return (
        "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=bench/thetao&STYLES=default-scalar/turbo&CRS=EPSG:3857"
        f"&BBOX={','.join(map(repr, bbox))}&WIDTH={size[0]}&HEIGHT={size[1]}&FORMAT=image/png&TRANSPARENT=TRUE"
        f"&TIME={TIMES[step]}&ELEVATION={-field.DEPTHS[level]}&COLORSCALERANGE={LOW},{HIGH}"
    )


def wrong_pixels(base: str, tile: Tile, source: Path) -> float:
    """Return the share of pixels that do not show the cell under their centre; only where no overview is used."""
    (west, south, east, north), step, level = tile
    x = west + (np.arange(256) + 0.5) * (east - west) / 256
    y = north - (np.arange(256) + 0.5) * (north - south) / 256
    column = np.rint((x / EDGE * 180 + 180) * 12).astype(int) % field.NX
    row = np.rint((np.degrees(np.arctan(np.sinh(y / 6378137))) + 80) * 12).astype(int)
    inside = (row >= 0) & (row < field.NY)
    with netCDF4.Dataset(source) as file:
        file.set_auto_maskandscale(False)
        codes = file["thetao"][step, level][np.clip(row, 0, field.NY - 1)][:, column]
    values = codes * field.SCALE + field.OFFSET
    band = np.clip(np.floor((values - LOW) / (HIGH - LOW) * BANDS), 0, BANDS - 1)
    missing = (codes == field.FILL) | ~inside[:, None]
    with urllib.request.urlopen(base + path_of(tile)) as answer:
        pixels = np.asarray(Image.open(io.BytesIO(answer.read())).convert("RGBA"))
    return float(np.mean(~_shown(pixels, band, missing)))


def _shown(pixels: NDArray[np.uint8], band: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which pixels have the colour of their band, taken from the palette's own definition (matplotlib)."""
    from matplotlib import colormaps  # noqa: PLC0415 -- the oracle, needed only here

    samples = colormaps["turbo"]((np.arange(BANDS) + 0.5) / BANDS)
    expected = np.rint(samples * 255).astype(int)[band.astype(int)]
    near = np.abs(pixels[..., :3].astype(int) - expected[..., :3]).max(axis=-1) <= 12
    return np.asarray(np.where(missing, pixels[..., 3] == 0, near & (pixels[..., 3] == 255)))


def wrk(base: str, paths: Path, seconds: int, start: int = 0) -> dict[str, float]:
    """Run wrk and return its figures."""
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "-s",
        str(HERE / "tiles.lua"),
        base,
        "--",
        str(paths),
        str(start),
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests, micros, bad, p50, p99, most, volume = map(float, text.split("RESULT ")[1].split())
    if bad:
        raise SystemExit(f"{bad:.0f} of {requests:.0f} answers were wrong")
    return {
        "rate": requests / micros * 1e6,
        "p50": p50,
        "p99": p99,
        "max": most,
        "kB": volume / requests / 1000,
        "requests": requests,
    }


class Server:
    """One server process on a free port."""

    def __init__(self, *command: str) -> None:
        """Start it and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.base}/health").read()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise SystemExit("the server does not answer")

    def cpu(self) -> float:
        """Return the CPU seconds used so far."""
        parts = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> float:
        """Return the peak resident memory in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1000

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


def prepare() -> Path:
    """Generate and ingest the field, once; return the NetCDF file."""
    DATA.mkdir(parents=True, exist_ok=True)
    source = DATA / "ocean.nc"
    if not source.exists():
        field.write(source.with_suffix(".part"))
        source.with_suffix(".part").rename(source)
    text = "store: store\ndatasets: [{id: bench, source: ocean.nc}]\n"
    (DATA / "warm.yaml").write_text(text + "limits: {chunk_cache: 1073741824}\n")
    (DATA / "cold.yaml").write_text(text + "limits: {chunk_cache: 0}\n")
    halocline("ingest", str(DATA / "warm.yaml"))
    return source


def halocline(*arguments: str) -> None:
    """Run a command of ours."""
    subprocess.run([sys.executable, "-m", "cli.main", *arguments], check=True)


def measure(name: str, config: str, paths: Path, seconds: int, *, warm: bool) -> str:
    """Return one row of the table: the median of three runs."""
    server = Server(sys.executable, "-m", "cli.main", "serve", str(DATA / config))
    try:
        if warm:
            for path in paths.read_text().splitlines():
                urllib.request.urlopen(server.base + path).read()
        before = server.cpu()
        runs = [wrk(server.base, paths, seconds, start=997 * run) for run in range(3)]
        seconds_per_thousand = (server.cpu() - before) / sum(run["requests"] for run in runs) * 1000
        run = sorted(runs, key=lambda found: found["rate"])[1]
        spread = f"{min(r['rate'] for r in runs):.0f}-{max(r['rate'] for r in runs):.0f}"
        return (
            f"| {name} | {run['rate']:.0f} ({spread}) | {run['p50']:.2f} | {run['p99']:.2f} | {run['kB']:.1f} "
            f"| {seconds_per_thousand:.2f} | {server.peak():.0f} |"
        )
    finally:
        server.stop()


def static(size: int, seconds: int) -> str:
    """Return the row of a static body of `size` bytes from the same kind of server."""
    paths = DATA / "static.txt"
    paths.write_text("/body\n")
    server = Server(sys.executable, "-m", "bench.static", "--size", str(size))
    try:
        runs = sorted((wrk(server.base, paths, seconds) for _ in range(3)), key=lambda found: found["rate"])
        run = runs[1]
        spread = f"{runs[0]['rate']:.0f}-{runs[2]['rate']:.0f}"
        times = f"{run['p50']:.2f} | {run['p99']:.2f}"
        return f"| static body | {run['rate']:.0f} ({spread}) | {times} | {run['kB']:.1f} | | |"
    finally:
        server.stop()


def main() -> None:
    """Check pixels, measure, and add the table to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=int, default=5)
    seconds = given.parse_args().seconds
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is not installed; it is in the packages of most systems")
    source = prepare()
    chosen = tiles(3000, 20150101)
    server = Server(sys.executable, "-m", "cli.main", "serve", str(DATA / "warm.yaml"))
    fine = [tile for tile in chosen if 4 <= round(math.log2(2 * EDGE / (tile[0][2] - tile[0][0]))) <= 6][:12]
    try:
        wrong = max(wrong_pixels(server.base, tile, source) for tile in fine)
    finally:
        server.stop()
    if wrong > 0.001:
        raise SystemExit(f"{wrong:.2%} of the pixels of a tile are wrong: no rate counts")
    paths = DATA / "tiles.txt"
    paths.write_text("\n".join(path_of(tile) for tile in chosen) + "\n")
    rows = [
        static(15_000, seconds),
        measure("tile 256, chunks in cache", "warm.yaml", paths, seconds, warm=True),
        measure("tile 256, no chunk cache", "cold.yaml", paths, seconds, warm=False),
    ]
    _record(rows, wrong)


def _record(rows: list[str], wrong: float) -> None:
    head = (
        f"\n## {datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n\n"
        f"One server process, wrk with {CONNECTIONS} connections on the same cores, median of 3 runs (spread). "
        f"Worst share of wrong pixels in 12 checked tiles: {wrong:.5f}.\n\n"
        "| what | per second | p50 ms | p99 ms | kB | CPU s per 1,000 | peak MB |\n|---|---|---|---|---|---|---|\n"
    )
    table = head + "\n".join(rows) + "\n"
    print(table)
    with (HERE / "RESULTS.md").open("a", encoding="utf-8") as file:
        file.write(table)


if __name__ == "__main__":
    main()
