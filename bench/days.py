"""What a day costs in a store that is fed every day: one more, the oldest gone, all replaced, nothing new.

Run: `make days`. Interrupted, it goes on from the files and days that are there. Bytes and objects are exact; times
hold for this machine and what else it did.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np

from stores.ingest.crew import Processes
from stores.ingest.run import KEPT, ingest
from stores.location import Location

HERE: Final = Path(__file__).parent
DATA: Final = Path("data/days")
VARIABLES: Final = ("thetao", "so", "uo", "vo")
LEVELS, NY, NX = 3, 60, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one ingest wrote and took."""

    nbytes: int
    objects: int
    chunks: int
    """Objects that hold chunks."""
    commits: int
    seconds: float


def write_day(path: Path, day: int, seed: int) -> Path:
    """Write the file of one day unless it is there; its values are noise on a smooth field."""
    if path.exists():
        return path
    random = np.random.default_rng((seed, day))
    draft = path.with_suffix(".part")
    with netCDF4.Dataset(draft, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "Days"})
        axes = {
            "time": (np.array([day + 0.5]), {"units": "days since 2000-01-01", "standard_name": "time"}),
            "depth": (np.array([0.5, 50.0, 500.0]), {"units": "m", "positive": "down", "standard_name": "depth"}),
            "lat": (np.linspace(-60, 60, NY), {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": (np.arange(NX) * 3.0, {"units": "degrees_east", "standard_name": "longitude"}),
        }
        for name, (values, attributes) in axes.items():
            file.createDimension(name, None if name == "time" else len(values))
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts(attributes)
            axis[:] = values
        smooth = 10 * np.cos(np.radians(axes["lat"][0]))[:, None] + np.sin(np.radians(axes["lon"][0]))
        for name in VARIABLES:
            field = file.createVariable(name, "i2", tuple(axes), fill_value=-32767, compression="zlib", complevel=1)
            field.setncatts({"units": "1", "long_name": name, "scale_factor": 0.01})
            field[0] = smooth + random.normal(size=(LEVELS, NY, NX))
    return draft.replace(path)


def written(path: Path) -> dict[Path, int]:
    """Return the bytes of each object of the dataset in a store."""
    return {found: found.stat().st_size for found in (path / "days").rglob("*") if found.is_file()}


def take(store: Path, files: Sequence[Path], *, keep: timedelta = KEPT) -> Cost:
    """Ingest, and return what that wrote."""
    before = written(store)
    began = time.monotonic()
    with Processes(0) as crew:
        summary = ingest(Location.parse(str(store)), "days", files, crew=crew, report=lambda _: None, keep=keep)
    seconds = time.monotonic() - began
    if summary.refused:
        raise SystemExit(f"days: refused {summary.refused[0]}")
    new = {path: size for path, size in written(store).items() if before.get(path) != size}
    kinds = [path.parent.name for path in new]
    return Cost(
        nbytes=sum(new.values()),
        objects=len(new),
        chunks=kinds.count("chunks"),
        commits=kinds.count("snapshots"),
        seconds=seconds,
    )


def appended(folder: Path, days: int, seed: int) -> list[str]:
    """Measure one more day after `days`, beside the same file alone."""
    files = [write_day(folder / f"day{day:05}.nc", day, seed) for day in range(days + 4)]
    alone = folder / "alone"
    shutil.rmtree(alone, ignore_errors=True)
    rows = [_row("the same day, alone in a store", take(alone, files[days : days + 1]), files[days])]
    store = folder / f"store-{days}"
    take(store, files[:days], keep=timedelta(0))
    rows.extend(
        _row(f"day {days + number}", take(store, files[: days + number]), files[days + number - 1])
        for number in range(1, 4)
    )
    return rows


def _row(what: str, cost: Cost, file: Path) -> str:
    size = file.stat().st_size
    return (
        f"| {what} | {size / 1e3:.0f} | {cost.nbytes / 1e3:.0f} | {cost.nbytes / size:.2f} | {cost.objects} | "
        f"{cost.chunks} | {cost.commits} | {cost.seconds:.2f} |"
    )


def turned_over(folder: Path, turns: int, seed: int) -> list[str]:
    """Measure a window of 30 days that slides, and 10 days that are all replaced, `turns` times each."""
    rows = []
    for what, window, replaced in (("window of 30 days", 30, False), ("10 days, all replaced", 10, True)):
        store = folder / ("store-replaced" if replaced else "store-window")
        shutil.rmtree(store, ignore_errors=True)
        found: list[tuple[int, int, float]] = []
        for turn in range(turns):
            first = 0 if replaced else turn
            names = [(day, seed + 1 + turn * replaced) for day in range(first, first + window)]
            files = [write_day(folder / f"turn{number}-{day:05}.nc", day, number) for day, number in names]
            if replaced:
                files = [file.replace(folder / f"now{day:05}.nc") for file, (day, _) in zip(files, names, strict=True)]
            cost = take(store, files, keep=timedelta(0))
            now = written(store)
            found.append((sum(now.values()), len(now), cost.seconds))
        for at in (1, turns - 1):
            nbytes, objects, seconds = found[at]
            rows.append(f"| {what} | {at + 1} | {nbytes / 1e3:.0f} | {objects} | {seconds:.2f} |")
    return rows


def unchanged(folder: Path, files: int) -> str:
    """Measure the whole command where there is nothing to do, in the store of `files` days."""
    config = folder / "days.yaml"
    config.write_text(
        f"unit: {{id: days, title: Days}}\nstore: ./store-{files}\ndatasets: [{{id: days, source: ./day*.nc}}]\n"
    )
    command = [sys.executable, "-m", "cli.main", "ingest", str(config)]
    # The first time the files are new under their absolute paths.
    subprocess.run(command, capture_output=True, check=True)
    began = time.monotonic()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    seconds, peak = time.monotonic() - began, used.ru_maxrss / 1024
    if running.returncode:
        raise SystemExit("days: the ingest with nothing to do failed")
    count = len(list(folder.glob("day*.nc")))
    return f"`halocline ingest` with {count} files and nothing to do: {seconds:.2f} s, {peak:.0f} MB at most."


def main() -> None:
    """Measure, and add the tables to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--days", type=int, default=3650)
    given.add_argument("--turns", type=int, default=100)
    given.add_argument("--files", type=int, default=10_000, help="of the run that has nothing to do")
    given.add_argument("--seed", type=int, default=2015)
    asked = given.parse_args()
    folder = DATA / str(asked.seed)
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    costs, turns = appended(folder, asked.days, asked.seed), turned_over(folder, asked.turns, asked.seed)
    many = [write_day(folder / f"day{day:05}.nc", day, asked.seed) for day in range(asked.files)]
    take(folder / f"store-{len(many)}", many, keep=timedelta(0))
    title = (
        f"\n## {datetime.now(UTC):%Y-%m-%d}, day after day, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n\n"
        f"{len(VARIABLES)} variables, {LEVELS} levels, {NY} x {NX}, one file a day, seed {asked.seed}; "
        f"{time.monotonic() - began:.0f} s in all.\n\n"
    )
    costs_head = "| what | kB of the file | kB written | ratio | objects | with chunks | commits | s |\n"
    turns_head = "\n\n| what | turn | kB in the store | objects | s |\n"
    table = title + costs_head + "|---" * 8 + "|\n" + "\n".join(costs)
    table += turns_head + "|---" * 5 + "|\n" + "\n".join(turns)
    table += f"\n\n{unchanged(folder, len(many))}\n"
    print(table)
    with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
        results.write(table)


if __name__ == "__main__":
    main()
