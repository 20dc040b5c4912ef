"""`halocline ingest --watch`: keeps datasets current by looking at their files again and again.

Two looks are compared with each other and never with a clock: clocks jump, and those of file servers are others.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from cli.crews import Reading
from cli.ingest import Job, ingest_quietly, jobs_of
from cli.serve import say
from cli.stopping import terminable
from cli.summary import changed, faults, headline
from gateway.config.file import ConfigError
from stores.arrays import ArrayMismatchError
from stores.ingest.crew import Crew, WorkerDiedError
from stores.lock import LockedError

SETTLE: Final = 5.0
"""Seconds for which a file must have stayed the same before it is taken."""

Stamps = Mapping[Path, tuple[int, int] | None]
"""Size and time of modification in nanoseconds, by path; None where a file has neither."""


def watch_configured(path: Path, wanted: Sequence[str], how: Reading, *, every: float) -> NoReturn:
    """Keep the datasets of a configuration current until told to stop.

    Raises:
        ConfigError: the configuration cannot be used, names no such dataset, or none that is made of files.
        ClusterError: there is no such Dask cluster.
        Terminated: SIGTERM came.
        KeyboardInterrupt: SIGINT came.

    """
    jobs = jobs_of(path, wanted, quiet=how.quiet)
    if not jobs:
        raise ConfigError(f"{path}: there is nothing to watch: no dataset is made of files")
    with terminable(), how.crew() as crew:
        watch(jobs, crew, every=every)


def watch(jobs: Sequence[Job], crew: Crew, *, every: float) -> NoReturn:
    """Keep datasets current, looking every so many seconds, until interrupted."""
    watched = [Watched(job) for job in jobs]
    say(f"halocline: watching {', '.join(job.dataset for job in jobs)}; stop with Ctrl-C")
    while True:
        soon = [each.look(crew) for each in watched]
        time.sleep(min(every, SETTLE) if any(soon) else every)


class Watched:
    """One dataset that is kept current."""

    def __init__(self, job: Job) -> None:
        """Nothing has been looked at yet."""
        self._job = job
        self._seen: Stamps | None = None
        self._taken: Stamps | None = None
        self._said: list[str] = []
        self._error = ""

    def look(self, crew: Crew) -> bool:
        """Take what has changed and settled since the last look; return whether to look again soon."""
        try:
            seen = stamps(self._job)
            before, self._seen = self._seen, seen
            if before is None:
                return True
            unsettled = {path for path in {*before, *seen} if before.get(path, ()) != seen.get(path, ())}
            settled = {path: stamp for path, stamp in seen.items() if path not in unsettled}
            taken = self._taken or {}
            # What is not settled counts as it was.
            wanted = settled | {path: taken[path] for path in unsettled if path in taken}
            if wanted != self._taken:
                self._take(crew, sorted(seen), unsettled)
                self._taken = wanted
            self._error = ""
        except LockedError as error:
            self._complain(f"waiting: {error}")
            return True
        except (OSError, ArrayMismatchError, WorkerDiedError, MemoryError) as error:
            self._complain(f"{str(error) or type(error).__name__}; trying again")
            return False
        return bool(unsettled)

    def _take(self, crew: Crew, files: Sequence[Path], unsettled: set[Path]) -> None:
        summary = ingest_quietly(self._job, files, crew, unsettled=unsettled)
        if not self._job.quiet and (self._taken is None or changed(summary)):
            say(headline(self._job.dataset, summary))
        for line in faults(summary, self._said):
            say(line)
        self._said = list(faults(summary))
        if not files:
            say(f"  no files found for dataset {self._job.dataset}: {self._job.source}")

    def _complain(self, error: str) -> None:
        """Say what is wrong, once as long as it stays the same."""
        if error != self._error:
            say(f"halocline: {self._job.dataset}: {error}")
        self._error = error


def stamps(job: Job) -> Stamps:
    """Look at the files of a dataset.

    Raises:
        OSError: a folder cannot be read.

    """
    return {path: _stamp(path) for path in job.files()}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        # Gone since, or a dangling link: the ingest says what it is.
        return None
    return found.st_size, found.st_mtime_ns
