"""`halocline ingest`: from the provider's files to the store, with progress and a summary."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cli.codes import DONE, FAILED, PARTLY
from cli.crews import Reading
from cli.progress import Counted, Progress
from cli.serve import say
from cli.stopping import terminable
from cli.summary import faults, headline, partial
from gateway.config.dataset import DatasetConfig
from gateway.config.file import Config, ConfigError, load
from stores.arrays import ArrayMismatchError
from stores.damage import Damage
from stores.ingest.crew import Crew
from stores.ingest.run import KEPT, Summary, ingest
from stores.ingest.run import Progress as Reached
from stores.location import Location, LocationError
from stores.lock import LockedError
from stores.sources import files_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One dataset to be ingested, and how."""

    location: Location
    dataset: str
    source: str
    """Pattern of the files."""
    mesh: Path | None = None
    """The file that has the mesh of files that lack theirs."""
    keep: timedelta = KEPT
    quiet: bool = False

    def files(self) -> list[Path]:
        """Find the files that are there now.

        Raises:
            OSError: a folder is there and cannot be read.

        """
        return files_of(self.source)


def jobs_of(path: Path, wanted: Sequence[str], *, quiet: bool = False) -> list[Job]:
    """Read a configuration, and return the work on the datasets that are wanted: all where none is named.

    Plain Zarr is none; who names such a dataset is told so.

    Raises:
        ConfigError: the configuration cannot be used, or names no such dataset.

    """
    config = load(path)
    location = location_of(config)
    chosen = datasets_of(config, wanted, name=str(path))
    for dataset in chosen:
        if dataset.plain and not quiet:
            say(f"{dataset.id}: plain Zarr is served as it stands: nothing to ingest")
    return [job_of(config, dataset, location, quiet=quiet) for dataset in chosen if not dataset.plain]


def one_job(path: Path, dataset: str) -> Job:
    """Read a configuration, and return the work on one dataset.

    Raises:
        ConfigError: the configuration cannot be used, names no such dataset, or it is plain Zarr.

    """
    jobs = jobs_of(path, [dataset])
    if not jobs:
        raise ConfigError(f"{path}: dataset {dataset!r} has no versions")
    return jobs[0]


def job_of(config: Config, dataset: DatasetConfig, location: Location, *, quiet: bool = False) -> Job:
    """Return the work on one dataset."""
    return Job(
        location=location,
        dataset=dataset.id,
        source=dataset.source,
        mesh=None if dataset.mesh is None else Path(dataset.mesh),
        keep=config.kept(dataset),
        quiet=quiet,
    )


def datasets_of(config: Config, wanted: Sequence[str], *, name: str) -> list[DatasetConfig]:
    """Return the datasets that are wanted, all where none is named; `name` stands for the configuration.

    Raises:
        ConfigError: there is no such dataset.

    """
    known: Mapping[str, DatasetConfig] = {dataset.id: dataset for dataset in config.datasets}
    for each in wanted:
        if each not in known:
            raise ConfigError(f"{name}: there is no dataset {each!r}; there are {', '.join(known) or 'none'}")
    return [known[each] for each in wanted] if wanted else list(known.values())


def location_of(config: Config) -> Location:
    """Return where the store of a configuration lies.

    Raises:
        ConfigError: it is no place.

    """
    try:
        return Location.parse(config.store)
    except LocationError as error:
        raise ConfigError(str(error)) from error


def ingest_configured(path: Path, wanted: Sequence[str], how: Reading) -> int:
    """Ingest the datasets of a configuration; return the exit code.

    Raises:
        ConfigError: the configuration cannot be used, or names no such dataset.
        ClusterError: there is no such Dask cluster.

    """
    jobs = jobs_of(path, wanted, quiet=how.quiet)
    with terminable(), how.crew() as crew:
        return ingest_all(jobs, crew)


def ingest_all(jobs: Sequence[Job], crew: Crew) -> int:
    """Ingest datasets and return the exit code; one that fails does not keep the others from their new data."""
    return max((_code(job, crew) for job in jobs), default=DONE)


def _code(job: Job, crew: Crew) -> int:
    try:
        files = job.files()
        # Of a folder without files nothing is served that was not before: who runs this by the clock is to hear of it.
        return PARTLY if partial(ingest_one(job, files, crew)) or not files else DONE
    except (LockedError, OSError, ArrayMismatchError) as error:
        say(f"halocline: {error}")
        return FAILED


def ingest_one(job: Job, files: Sequence[Path], crew: Crew, *, damage: Damage | None = None) -> Summary:
    """Ingest files as one dataset, saying how far it is and what changed."""
    summary = ingest_quietly(job, files, crew, damage=damage)
    if not job.quiet:
        say(headline(job.dataset, summary))
    for line in faults(summary):
        say(line)
    if not files:
        say(f"  no files found for dataset {job.dataset}: {job.source}")
    return summary


def ingest_quietly(
    job: Job, files: Sequence[Path], crew: Crew, *, unsettled: Collection[Path] = (), damage: Damage | None = None
) -> Summary:
    """Ingest files as one dataset, saying no more than how far it is."""
    with Progress(job.dataset, quiet=job.quiet) as progress:

        def report(reached: Reached) -> None:
            progress.at(reached.bytes_done, reached.bytes_total, "read")

        return ingest(
            job.location,
            job.dataset,
            files,
            crew=Counted(crew, progress),
            report=report,
            keep=job.keep,
            unsettled=set(unsettled),
            damage=damage,
            mesh=job.mesh,
        )
