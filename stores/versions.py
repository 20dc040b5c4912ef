"""The versions of a dataset that the store still holds."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

import icechunk

from core.steps import StepTable
from stores.bridge import Bridge
from stores.failures import named_failures
from stores.layout import MAIN, REJECTED, document
from stores.location import Location
from stores.reader import IcechunkChunks
from stores.rejected import read_rejections
from stores.repository import StoredDataset


class UnknownVersionError(LookupError):
    """The text names no version, or more than one; the message names those there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a dataset, as it was published."""

    id: str
    """Name of the snapshot."""
    published: int
    """Milliseconds since 1970-01-01T00:00:00Z."""
    steps: StepTable
    timed: bool
    """Whether the steps have times."""
    served: bool
    """Whether readers get it now."""
    rejected: bool
    """Whether it was rolled back."""
    content: str | None
    """Id of the version whose content a rollback took up again in this one."""


def versions(location: Location, dataset_id: str) -> list[Version]:
    """Return the versions that are kept, the newest first; those that were rolled back stand last.

    Raises:
        NotPublishedError: there is none yet.
        StoreError: they cannot be read.

    """
    with named_failures(location, dataset_id), closing(Bridge()) as bridge:
        return bridge.run(_versions(StoredDataset(location, dataset_id)))


def chosen(found: Sequence[Version], text: str) -> Version:
    """Return the version whose id begins with `text`.

    Raises:
        UnknownVersionError: there is none, or more than one.

    """
    fitting = [version for version in found if text and version.id.startswith(text)]
    if len(fitting) == 1:
        return fitting[0]
    named = ", ".join(version.id for version in fitting or found)
    raise UnknownVersionError(
        f"{text!r} is the beginning of {len(fitting)} versions: {named}"
        if fitting
        else f"there is no version {text!r}; there are {named}"
    )


async def _versions(source: StoredDataset) -> list[Version]:
    repository = await source.repository()
    served = await repository.lookup_branch_async(MAIN)
    listed = await published(repository, served)
    _, chunks = await source.at(served)
    known = {snapshot.id for snapshot in listed}
    found = [await _version(source, snapshot, served=snapshot.id == served, rejected=False) for snapshot in listed]
    for tip in await _rolled_back(chunks):
        # What was rolled back is collected like any other version.
        for snapshot in [] if tip in known else await _if_kept(repository, tip):
            if snapshot.id not in known:
                known.add(snapshot.id)
                found.append(await _version(source, snapshot, served=False, rejected=True))
    return found


async def published(repository: icechunk.Repository, version: str) -> list[icechunk.SnapshotInfo]:
    """Return a version and those before it, the newest first, without the commits between them."""
    return [
        snapshot
        async for snapshot in repository.async_ancestry(snapshot_id=version)
        if "published" in snapshot.metadata
    ]


async def _if_kept(repository: icechunk.Repository, version: str) -> Iterable[icechunk.SnapshotInfo]:
    try:
        return await published(repository, version)
    except icechunk.IcechunkError:
        return []


async def _rolled_back(chunks: IcechunkChunks) -> list[str]:
    path = document(REJECTED)
    if await chunks.get(f"{path}/zarr.json", f"the metadata of {path}") is None:
        return []
    found = await chunks.read(path, (0,))
    return [each.version for each in read_rejections(None if found is None else found.tobytes())]


async def _version(source: StoredDataset, snapshot: icechunk.SnapshotInfo, *, served: bool, rejected: bool) -> Version:
    dataset, _ = await source.at(snapshot.id)
    return Version(
        id=snapshot.id,
        published=int(snapshot.metadata["published"]),
        steps=dataset.steps,
        timed=dataset.description.time is not None,
        served=served,
        rejected=rejected,
        content=snapshot.metadata.get("content"),
    )
