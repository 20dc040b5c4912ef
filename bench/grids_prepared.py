"""The bench's data on other grids, generated and ingested once, with what each ingest cost."""

import hashlib
import shutil
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import yaml

from bench.built import Cost, cost_of, index_of
from bench.gridded import WRITERS

GRIDS: Final = Path("data/bench/grids")
INDEXED: Final = ("orca", "icosahedral", "coastal")
"""Datasets whose cells are found through an index."""
_MADE_BY: Final = ("bench/gridded.py", "bench/tripolar.py", "bench/meshes.py")
_INGESTED_BY: Final = ("core/grids", "core/vertical", "stores/ingest", "core/dataset.py", "core/chunking.py")
_CACHE: Final = 4 * 2**30
"""Bytes: all that is asked for, with its geometry."""

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grids:
    """Where the data lie."""

    folder: Path
    """Of the files."""
    store: Path

    @property
    def files(self) -> dict[str, Path]:
        """The NetCDF files by their datasets."""
        return {name: self.folder / f"{name}.nc" for name in WRITERS}

    def config(self, name: str, datasets: Sequence[str] = tuple(WRITERS)) -> Path:
        """Write a configuration of a unit that serves some of it."""
        settings = {
            "store": str(self.store.absolute()),
            "limits": {"chunk_cache": _CACHE},
            "datasets": [{"id": each, "source": str(self.files[each].absolute())} for each in datasets],
        }
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return path

    def costs(self) -> dict[str, Cost]:
        """Return what was measured, by `ingest NAME` and `index NAME`."""
        found = sorted(self.store.glob("*.json"))
        return {path.stem.replace("-", " ", 1): Cost.read(path.read_text(encoding="utf-8")) for path in found}


def prepare(report: Report, folder: Path, names: Collection[str]) -> Grids:
    """Generate, index and ingest what is missing, one after another: begun again, it goes on where it was.

    What other code made is made anew.

    Raises:
        FailedError: an ingest did not end well.

    """
    files = folder / f"files-{_digest(_MADE_BY)}"
    grids = Grids(folder=files, store=files / f"store-{_digest(_INGESTED_BY)}")
    for stale in [*folder.glob("files-*"), *files.glob("store-*")]:
        if stale not in (files, grids.store):
            shutil.rmtree(stale)
    grids.store.mkdir(parents=True, exist_ok=True)
    for name, write in WRITERS.items():
        path = grids.files[name]
        if name in names and not path.exists():
            report(f"generating {path.name}")
            write(path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
    for name in [name for name in WRITERS if name in names]:
        config, path = str(grids.config(f"ingest-{name}", [name])), grids.files[name]
        once: dict[str, Callable[[], Cost]] = {
            f"ingest-{name}": partial(cost_of, [sys.executable, "-m", "cli.main", "ingest", config])
        }
        if name in INDEXED:
            once[f"index-{name}"] = partial(index_of, path)
        for what, run in once.items():
            done = grids.store / f"{what}.json"
            if not done.exists():
                report(f"{what.replace('-', ' ', 1)}: this takes up to some minutes")
                cost = run()
                report(f"{what.replace('-', ' ', 1)}: {cost.seconds:.0f} s, CPU {cost.cpu:.0f} s, {cost.peak:.0f} MB")
                done.write_text(cost.written(), encoding="utf-8")
    return grids


def _digest(sources: Sequence[str]) -> str:
    """Name the content of modules and packages."""
    root, digest = Path(__file__).parent.parent, hashlib.blake2b(digest_size=6)
    for source in sources:
        path = root / source
        for each in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(each.read_bytes())
    return digest.hexdigest()
