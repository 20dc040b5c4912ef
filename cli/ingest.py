"""`halocline ingest`: from the provider's files to the store, with a progress bar and a summary."""

import sys
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from tqdm import tqdm

from cli.serve import say
from gateway.config import Config, ConfigError, DatasetConfig, load
from stores.ingest.crew import Processes
from stores.ingest.run import Progress, Summary, ingest
from stores.location import Location, LocationError
from stores.lock import LockedError

PARTLY = 1
FAILED = 2


def ingest_configured(path: Path, wanted: Sequence[str], *, processes: int) -> int:
    """Ingest the datasets of a configuration; return the exit code.

    One that fails does not keep the others from their new data.

    Raises:
        ConfigError: the configuration cannot be used, or names no such dataset.

    """
    config = load(path)
    known = {dataset.id: dataset for dataset in config.datasets}
    for name in wanted:
        if name not in known:
            raise ConfigError(f"{path}: there is no dataset {name!r}; there are {', '.join(known) or 'none'}")
    chosen = [known[name] for name in wanted] if wanted else list(known.values())
    return max((_code(config, dataset, processes=processes) for dataset in chosen), default=0)


def _code(config: Config, dataset: DatasetConfig, *, processes: int) -> int:
    try:
        return PARTLY if ingest_one(config, dataset, processes=processes).refused else 0
    except (LockedError, OSError) as error:
        say(f"halocline: {error}")
        return FAILED


def ingest_one(config: Config, dataset: DatasetConfig, *, processes: int) -> Summary:
    """Ingest one dataset, saying how far it is and what changed."""
    # glob, not Path.glob: the pattern may be absolute.
    files = [Path(found) for found in sorted(glob(dataset.source, recursive=True))]  # noqa: PTH207
    return ingest_files(_location(config), dataset.id, files, processes=processes)


def _location(config: Config) -> Location:
    try:
        return Location.parse(config.store)
    except LocationError as error:
        raise ConfigError(str(error)) from error


def ingest_files(location: Location, dataset_id: str, files: Sequence[Path], *, processes: int) -> Summary:
    """Ingest files as one dataset, saying how far it is and what changed."""
    with (
        Processes(processes) as crew,
        tqdm(total=None, desc=dataset_id, unit="B", unit_scale=True, disable=not sys.stderr.isatty()) as bar,
    ):

        def report(progress: Progress) -> None:
            bar.total = progress.bytes_total
            bar.update(progress.bytes_done - bar.n)

        summary = ingest(location, dataset_id, files, crew=crew, report=report)
    say(
        f"{dataset_id}: {summary.steps} steps; files: {len(summary.added)} new, {len(summary.replaced)} replaced, "
        f"{len(summary.withdrawn)} withdrawn, {len(summary.kept)} unchanged, {len(summary.refused)} refused "
        f"({summary.seconds:.1f} s)"
    )
    for name, reason in summary.refused:
        say(f"  refused {name}: {reason}")
    if not files:
        say(f"  no files found for dataset {dataset_id}")
    return summary
