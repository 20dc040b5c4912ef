"""`halocline verify`: reads everything that is served, and names what is damaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.codes import DONE, FAILED, PARTLY
from cli.crews import Reading
from cli.ingest import Job, ingest_one, jobs_of
from cli.progress import Progress
from cli.serve import say
from cli.stopping import terminable
from stores.arrays import ArrayMismatchError
from stores.ingest.crew import Crew, WorkerDiedError
from stores.ingest.originals import differences
from stores.lock import LockedError
from stores.repository import NoStoreError, NotPublishedError
from stores.verify import Verified, verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How far a verification goes."""

    sources: bool = False
    """Compare the files with their checksums too."""
    mend: bool = False
    """Read again from the files what is damaged."""


def verify_configured(path: Path, wanted: Sequence[str], how: Reading, depth: Depth) -> int:
    """Verify datasets of a configuration; return the exit code.

    Raises:
        ConfigError: the configuration cannot be used, or names no such dataset.

    """
    jobs = jobs_of(path, wanted, quiet=how.quiet)
    with terminable(), how.crew() as crew:
        return max((_code(job, crew, depth) for job in jobs), default=DONE)


def _code(job: Job, crew: Crew, depth: Depth) -> int:
    try:
        found = _verified(job)
        code = _told(job, found, _of_sources(job, found, crew) if depth.sources else None)
        if depth.mend and found.faults:
            ingest_one(job, job.files(), crew, damage=found.damage)
            # What could not be mended is still there to be named.
            found = _verified(job)
            code = _told(job, found, _of_sources(job, found, crew) if depth.sources else None)
    except (NotPublishedError, NoStoreError):
        print(f"{job.dataset}: nothing has been ingested yet")
        return DONE
    except (LockedError, OSError, ArrayMismatchError, WorkerDiedError) as error:
        say(f"halocline: {error}")
        return FAILED
    return code


def _verified(job: Job) -> Verified:
    with Progress(job.dataset, quiet=job.quiet, unit=" chunks") as progress:
        return verify(job.location, job.dataset, lambda done, total: progress.at(done, total, "checked"))


def _told(job: Job, found: Verified, of_sources: Sequence[str] | None) -> int:
    """Print what was found, of the store and maybe of the files; return the exit code."""
    faults = [f"{fault.what}: {fault.reason}" for fault in found.faults] + list(of_sources or ())
    for fault in faults:
        print(f"{job.dataset}: not as it was written: {fault}")
    if not job.quiet:
        files = "" if of_sources is None else f", {len(found.sources)} files"
        state = f"{len(faults)} faults" if faults else "whole"
        print(f"{job.dataset}: version {found.version}: {found.chunks} chunks, {found.bytes} bytes{files}: {state}")
    return PARTLY if faults else DONE


def _of_sources(job: Job, found: Verified, crew: Crew) -> list[str]:
    faults = []
    total = len(found.sources)
    with Progress(job.dataset, quiet=job.quiet, unit=" files") as progress:
        for done, (path, wrong) in enumerate(differences(found.sources, crew), start=1):
            progress.at(done, total, "compared")
            if wrong is not None:
                faults.append(f"file {path}: {wrong}")
    return faults
