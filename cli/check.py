"""`halocline check`: what will be served, what not, and why. It reads headers alone and writes nothing."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from cli.codes import DONE, FAILED, PARTLY
from cli.crews import Reading
from cli.findings import Finding, findings, layers, too_large, unknown
from cli.ingest import Job, job_of, location_of
from cli.issuer import issuer_findings
from cli.progress import Counted, Progress
from cli.rules import rule_findings
from core.dataset import Dataset, Description, MeshGrid
from gateway.cell_cache import CellCache
from gateway.config.dataset import DatasetConfig
from gateway.config.file import Config, ConfigError, load, parse
from gateway.faults import PortTakenError
from gateway.ranges import Ranges
from gateway.sampling import Shared
from gateway.sockets import free_port
from gateway.sources import source_of
from gateway.workers import Workers
from stores.base import Closing
from stores.bridge import Bridge
from stores.cache import ChunkCache
from stores.ingest.crew import Crew, WorkerDiedError
from stores.ingest.manifest import State
from stores.ingest.mesh_faults import mesh_faults
from stores.ingest.refusal import Unreadable
from stores.ingest.series import grouped
from stores.ingest.survey import Survey, survey
from stores.location import Location
from stores.repository import NoStoreError, NotPublishedError, StoredDataset


def check_config(path: Path, how: Reading) -> int:
    """Check a configuration and all that it names; return the exit code.

    Raises:
        ConfigError: it cannot be used.

    """
    config = load(path)
    location = location_of(config)
    codes = [_printed("unit", _of_unit(config, location), quiet=how.quiet)]
    with how.crew() as crew:
        for dataset in config.datasets:
            found = _of_dataset(config, dataset, location, how, crew)
            codes.append(_printed(dataset.id, found, quiet=how.quiet))
    return max(codes)


def check_files(files: Sequence[Path], how: Reading) -> int:
    """Check files as `halocline serve` would take them; return the exit code.

    Raises:
        ConfigError: a file is not there.

    """
    for path in files:
        if not path.exists():
            raise ConfigError(f"{path}: there is no such file")
    config = parse({}, name="the files given", folder=Path("/"))
    codes = []
    with how.crew() as crew:
        for name, members in grouped([path.resolve() for path in files]).items():
            job = Job(location=location_of(config), dataset=name, source="", quiet=how.quiet)
            codes.append(_printed(name, _of_files(config, None, job, members, crew), quiet=how.quiet))
    return FAILED if FAILED in codes and len(set(codes)) == 1 else min(PARTLY, max(codes))


def _printed(name: str, found: Iterator[Finding], *, quiet: bool) -> int:
    """Print findings and return the exit code that they make."""
    kinds = set()
    for finding in found:
        kinds.add(finding.kind)
        if finding.kind == "not served" or not quiet:
            print(f"{name}: {finding.kind}: {finding.text}", flush=True)
    if "not served" not in kinds:
        return DONE
    return PARTLY if "served" in kinds or name == "unit" else FAILED


def _of_unit(config: Config, location: Location) -> Iterator[Finding]:
    unit = config.unit
    try:
        yield Finding(
            kind="served", text=f"at port {free_port(unit.host, unit.port) if unit.port else 'any'} on {unit.host}"
        )
    except PortTakenError as error:
        yield Finding(kind="note", text=f"{error}; it may be this unit itself, at work")
    if location.folder is not None:
        there = next(folder for folder in (location.folder, *location.folder.parents) if folder.exists())
        if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
            yield Finding(kind="not served", text=f"the store {location}: {there} cannot be written")
    if not config.datasets:
        yield Finding(kind="not served", text="there are no datasets in the configuration")
    yield from rule_findings(config)
    yield from issuer_findings(config)


def _of_dataset(
    config: Config, dataset: DatasetConfig, location: Location, how: Reading, crew: Crew
) -> Iterator[Finding]:
    if dataset.plain:
        yield from _of_plain(config, dataset)
        return
    job = job_of(config, dataset, location, quiet=how.quiet)
    try:
        files = job.files()
    except OSError as error:
        yield Finding(kind="not served", text=f"source {dataset.source}: {error}")
        return
    yield from _of_files(config, dataset, job, files, crew)
    yield from _of_store(job)


def _of_files(
    config: Config, dataset: DatasetConfig | None, job: Job, files: Sequence[Path], crew: Crew
) -> Iterator[Finding]:
    if not files:
        yield Finding(kind="not served", text=f"source {job.source}: no file has such a name")
        return
    with Progress(job.dataset, quiet=job.quiet) as progress:
        found = survey(State(), files, Counted(crew, progress), mesh=job.mesh)
    yield from findings(found)
    description = found.description(State())
    yield from unknown(description, dataset.variables if dataset else ())
    yield from too_large(description, config.limits.chunk_cache)
    yield from _of_meshes(found, description, crew)


def _of_meshes(found: Survey, description: Description | None, crew: Crew) -> Iterator[Finding]:
    """Say what is wrong with meshes, each looked at once however many files have it."""
    grids = () if description is None else description.grids.values()
    meshes = {(grid.x, grid.connectivity): grid for grid in grids if isinstance(grid, MeshGrid)}
    for grid in meshes.values():
        files = [path for path, entry in found.files.items() if grid.x in entry.variables] or list(found.files)
        looking = partial(mesh_faults, grid=grid, mesh="" if found.mesh is None else str(found.mesh))
        try:
            faults = crew.one(looking, Path(files[0]))
        except (Unreadable, WorkerDiedError) as error:
            yield Finding(kind="note", text=str(error))
        else:
            yield from (Finding(kind="note", text=text) for text in faults)


def _of_plain(config: Config, dataset: DatasetConfig) -> Iterator[Finding]:
    # Without its address, which may hold a password.
    yield Finding(kind="note", text="plain Zarr is served as it stands and never ingested")
    try:
        opened = asyncio.run(_open_plain(config, dataset))
    except OSError as error:
        yield Finding(kind="not served", text=str(error))
        return
    yield from layers(opened)
    yield from unknown(opened.description, dataset.variables)


async def _open_plain(config: Config, dataset: DatasetConfig) -> Dataset:
    with closing(Workers(config.limits.threads)) as workers:
        shared = Shared(
            cache=ChunkCache(0),
            cells=CellCache(0),
            ranges=Ranges(),
            workers=workers,
            most_cells=config.limits.plain_cells,
        )
        source = source_of(config, dataset, shared)
        try:
            opened, _ = await source.open()
        finally:
            if isinstance(source, Closing):
                await source.close()
        return opened


def _of_store(job: Job) -> Iterator[Finding]:
    with closing(Bridge()) as bridge:
        try:
            dataset, _ = bridge.run(StoredDataset(job.location, job.dataset).open())
        except (NotPublishedError, NoStoreError):
            yield Finding(kind="note", text=f"nothing is in the store {job.location} yet: run halocline ingest")
        except OSError as error:
            yield Finding(kind="not served", text=str(error))
        else:
            yield Finding(kind="note", text=f"in the store: version {dataset.version}, {len(dataset.steps)} steps")
