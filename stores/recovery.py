"""Puts in order what a writer left that was killed or lost power, or whose clock was wrong, before the next begins."""

import asyncio
import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import icechunk

from stores.bridge import Bridge
from stores.codec import DamagedChunkError, verified
from stores.fetching import fetch
from stores.layout import INGEST, MAIN, chunk_key

_LOG: Final = logging.getLogger(__name__)
_UNFINISHED: Final = re.compile(r".*#\d+")
"""What Icechunk calls a file until it is whole."""
_REFERENCES: Final = "refs/branch.{}/ref.json"
_AT_ONCE: Final = 64
_PATIENCE: Final = 5.0
"""Seconds that a clock may be set back without more ado."""


class ClockError(OSError):
    """The clock of this machine is so far behind the store's commits that nothing can be written."""


def sweep(folder: Path) -> None:
    """Remove the unfinished files of a writer that was killed; only the holder of the lock may.

    Icechunk's own collection does not see them.
    """
    for path in folder.rglob("*#*"):
        if _UNFINISHED.fullmatch(path.name):
            path.unlink()


def clear_torn_branch(folder: Path) -> None:
    """Remove the branch `ingest` of a local repository where a power cut left its file without its content.

    It begins anew where readers are. The branch of the readers is only moved to what is on the disk.
    """
    file = folder / _REFERENCES.format(INGEST)
    if not file.exists():
        return
    try:
        json.loads(file.read_bytes())
    except ValueError:
        _LOG.warning("%s is torn: what was not published is read again", file)
        file.unlink()


def settle(repository: icechunk.Repository, bridge: Bridge, *, local: bool, now: datetime | None = None) -> None:
    """Let the branch `ingest` be one that can be gone on with: whole, and not from the future.

    Commits that were not published may be lost in part: their writer was killed before it had read them back, or the
    power was cut. They are dropped then, and what they held is read again. In an object store, what was answered for
    is kept, so that what cannot be read there is a fault and no loss.

    Raises:
        ClockError: all commits are later than `now`, by default the time of this machine.
        icechunk.IcechunkError: the store cannot be read or written.

    """
    if INGEST not in repository.list_branches():
        return
    try:
        tip = repository.lookup_branch(INGEST)
        _go_back_to(repository, tip, datetime.now(UTC) if now is None else now)
        bridge.run(_check(repository, repository.lookup_branch(MAIN), repository.lookup_branch(INGEST)))
    except (icechunk.IcechunkError, DamagedChunkError) as error:
        if not local and isinstance(error, icechunk.IcechunkError):
            raise
        _LOG.warning("what was committed and not published is not whole, and is read again: %s", error)
        repository.reset_branch(INGEST, repository.lookup_branch(MAIN))


def _go_back_to(repository: icechunk.Repository, tip: str, now: datetime) -> None:
    """Let the branch end before `now`: Icechunk commits nothing on top of what is later."""
    ahead = (repository.lookup_snapshot(tip).written_at - now).total_seconds()
    if ahead <= 0:
        return
    if ahead <= _PATIENCE:
        time.sleep(ahead)
        return
    for snapshot in repository.ancestry(snapshot_id=tip):
        if snapshot.written_at <= now:
            _LOG.warning("commits are %.0f seconds ahead of the clock: what they held is read again", ahead)
            repository.reset_branch(INGEST, snapshot.id, from_snapshot_id=tip)
            return
    raise ClockError(
        f"all commits are later than the time of this machine, the last one by {ahead:.0f} seconds: set the clock, or "
        "remove the repository and ingest again"
    )


async def _check(repository: icechunk.Repository, served: str, tip: str) -> None:
    """Read each chunk that was written since the version `served`."""
    if served == tip or not await _follows(repository, served, tip):
        return
    changes = await repository.diff_async(from_snapshot_id=served, to_snapshot_id=tip)
    keys = (chunk_key(path.strip("/"), tuple(at)) for path, found in changes.updated_chunks.items() for at in found)
    store = (await repository.readonly_session_async(snapshot_id=tip)).store
    for some in _batches(keys):
        await asyncio.gather(*(_read(store, key) for key in some))


async def _follows(repository: icechunk.Repository, served: str, tip: str) -> bool:
    async for snapshot in repository.async_ancestry(snapshot_id=tip):
        if snapshot.id == served:
            return True
    return False


async def _read(store: icechunk.IcechunkStore, key: str) -> None:
    found = await fetch(store, key)
    # None was removed by a later commit.
    if found is not None:
        try:
            verified(found.as_numpy_array().data)
        except DamagedChunkError as error:
            raise DamagedChunkError(f"{key}: {error}") from error


def _batches(keys: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(keys, _AT_ONCE)):
        yield some
