"""`halocline versions` and `halocline rollback`: what is kept of a dataset, and going back to it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cli.codes import DONE, FAILED
from cli.ingest import Job, jobs_of, one_job
from cli.serve import say
from stores.repository import NoStoreError, NotPublishedError
from stores.rollback import AlreadyServedError, forgive, rollback
from stores.versions import UnknownVersionError, Version, chosen, versions

_WAIT = 10.0
"""Seconds for which a rollback waits for an ingest."""


def list_versions(path: Path, wanted: Sequence[str]) -> int:
    """Print the versions of datasets, one line each; return the exit code.

    Raises:
        ConfigError: the configuration cannot be used, or names no such dataset.

    """
    return max((_listed(job) for job in jobs_of(path, wanted)), default=DONE)


def _listed(job: Job) -> int:
    try:
        found = versions(job.location, job.dataset)
    except (NotPublishedError, NoStoreError):
        print(f"{job.dataset}: nothing has been ingested yet")
        return DONE
    except OSError as error:
        say(f"halocline: {error}")
        return FAILED
    for version in found:
        print(f"{job.dataset} {_line(version)}")
    return DONE


def _line(version: Version) -> str:
    moment = datetime.fromtimestamp(version.published / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    marks = ["served"] if version.served else ["rolled back"] if version.rejected else []
    if version.content is not None:
        marks.append(f"the content of {version.content}")
    return f"{version.id} {moment} {span(version)}" + (f" ({', '.join(marks)})" if marks else "")


def span(version: Version) -> str:
    """Say how many steps a version has, from when to when."""
    count = len(version.steps)
    steps = f"{count} step{'' if count == 1 else 's'}"
    return f"{steps} {version.steps.iso(0)}..{version.steps.iso(count - 1)}" if version.timed and count else steps


def roll_back(path: Path, dataset: str, text: str) -> int:
    """Serve an older version again, whose id begins with `text`; return the exit code.

    Raises:
        ConfigError: the configuration cannot be used, or names no such dataset.
        LockedError: an ingest is under way.
        OSError: the store cannot be read or written, or nothing was ever published.

    """
    job = one_job(path, dataset)
    try:
        version = chosen(versions(job.location, dataset), text)
        done = rollback(job.location, dataset, version.id, wait=_WAIT)
    except (UnknownVersionError, AlreadyServedError) as error:
        say(f"halocline: dataset {dataset}: {error}")
        return FAILED
    print(f"{dataset}: {span(version)} of version {version.id} are served again, as version {done.version}")
    print(f"  before it was {done.before}, to which a rollback can return as long as it is kept")
    for name in done.rejected:
        print(f"  not taken again as it is now: {name}")
    for name in done.held:
        if not Path(name).exists():
            print(f"  not there any more, so the next ingest withdraws it: {name}")
    return DONE


def forgive_all(path: Path, dataset: str) -> int:
    """Let what rollbacks of a dataset have rejected be taken again; return the exit code.

    Raises:
        ConfigError: the configuration cannot be used, or names no such dataset.
        LockedError: an ingest is under way.
        OSError: the store cannot be read or written, or nothing was ever published.

    """
    job = one_job(path, dataset)
    versions(job.location, dataset)
    count = forgive(job.location, dataset, wait=_WAIT)
    print(f"{dataset}: {count} files that were rolled back may be taken again")
    return DONE
