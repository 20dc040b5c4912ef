"""Goes back to an older version: readers get its content at once, and what it lacks is not taken again."""

import time
from dataclasses import dataclass

import icechunk

from stores.bridge import Bridge
from stores.durable import make_durable
from stores.exclusive import exclusively
from stores.layout import INGEST, MAIN, REJECTED, ROLLBACK
from stores.location import Location
from stores.rejected import Rejection, read_rejections, without, write_rejections
from stores.repository import StoredDataset
from stores.taken import files_taken
from stores.versions import published
from stores.writer import Writer


class AlreadyServedError(ValueError):
    """The version is the one that is served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What a rollback did."""

    version: str
    """That is served now."""
    before: str
    """That was served before."""
    rejected: tuple[str, ...]
    """Files, by path, whose present content is not taken again."""
    held: tuple[str, ...]
    """All files, by path, that the version served now was made of."""


def rollback(location: Location, dataset_id: str, version: str, *, wait: float = 0.0) -> RolledBack:
    """Serve the content of `version`, the full id of one that is kept, as a new version.

    Killed at any moment, it has happened or not: the new commit is made beside the branches, which then move to it.

    Raises:
        AlreadyServedError: it is served already.
        LockedError: another process writes the dataset, after `wait` seconds still.
        StoreError: the store cannot be read or written.
        OSError: there is no such version.

    """
    with exclusively(location, dataset_id, wait=wait) as (repository, bridge):
        served, tip = repository.lookup_branch(MAIN), repository.lookup_branch(INGEST)
        if version == served:
            raise AlreadyServedError(f"version {version} of dataset {dataset_id} is served already")
        before = Writer(repository, dataset_id, bridge).read_document(REJECTED)
        source = StoredDataset(location, dataset_id)
        taken = bridge.run(_taken_since(source, repository, tip, version))
        kept = bridge.run(_sources(source, version))
        files = {checksum: path for checksum, path in taken.items() if checksum not in kept}
        rejection = Rejection(version=served, at=time.time_ns() // 1_000_000, checksums=tuple(files))
        rejections = (*without(read_rejections(before), frozenset(kept)), rejection)
        moved = _prepared(repository, dataset_id, bridge, version, rejections)
        make_durable(location.repository_folder(dataset_id))
        repository.reset_branch(INGEST, moved, from_snapshot_id=tip)
        # As with every publication: readers are moved only to what is on the disk.
        make_durable(location.repository_folder(dataset_id))
        repository.reset_branch(MAIN, moved, from_snapshot_id=served)
        make_durable(location.repository_folder(dataset_id))
        repository.delete_branch(ROLLBACK)
    return RolledBack(
        version=moved, before=served, rejected=tuple(sorted(files.values())), held=tuple(sorted(kept.values()))
    )


def forgive(location: Location, dataset_id: str, *, wait: float = 0.0) -> int:
    """Let the ingest take again what rollbacks have rejected; return how many contents that are.

    Raises:
        LockedError: another process writes the dataset, after `wait` seconds still.
        StoreError: the store cannot be read or written.

    """
    with exclusively(location, dataset_id, wait=wait) as (repository, bridge):
        writer = Writer(repository, dataset_id, bridge)
        rejections = read_rejections(writer.read_document(REJECTED))
        count = sum(len(each.checksums) for each in rejections)
        if count:
            every = frozenset(checksum for each in rejections for checksum in each.checksums)
            writer.put_document(REJECTED, write_rejections(without(rejections, every)))
            writer.commit("forgive")
        return count


def _prepared(
    repository: icechunk.Repository, dataset_id: str, bridge: Bridge, version: str, rejections: tuple[Rejection, ...]
) -> str:
    """Return a new version with the content of `version`, on a branch of its own."""
    if ROLLBACK in repository.list_branches():
        repository.delete_branch(ROLLBACK)
    repository.create_branch(ROLLBACK, version)
    writer = Writer(repository, dataset_id, bridge, branch=ROLLBACK)
    writer.put_document(REJECTED, write_rejections(rejections))
    return writer.stamp({"content": version})


async def _taken_since(
    source: StoredDataset, repository: icechunk.Repository, tip: str, version: str
) -> dict[str, str]:
    """Return the files of the last commit, and of the versions before it down to what it has in common with `version`.

    The newest path, by checksum.
    """
    common = {snapshot.id for snapshot in await published(repository, version)}
    since = [snapshot.id for snapshot in await published(repository, tip) if snapshot.id not in common]
    found: dict[str, str] = {}
    for each in dict.fromkeys((tip, *since)):
        found = {**await _sources(source, each), **found}
    return found


async def _sources(source: StoredDataset, version: str) -> dict[str, str]:
    """Return the paths of the files that a version was made of, by checksum."""
    _, chunks = await source.at(version)
    return {file.checksum: file.path for file in await files_taken(chunks)}
