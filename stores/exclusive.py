"""The repository of one dataset, opened for the one who may change it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import icechunk

from stores.bridge import Bridge
from stores.failures import named_failures
from stores.halfmade import clear_half_made
from stores.location import Location, settings
from stores.lock import locked
from stores.recovery import clear_torn_branch, settle, sweep


@contextmanager
def exclusively(
    location: Location, dataset_id: str, *, wait: float = 0.0
) -> Iterator[tuple[icechunk.Repository, Bridge]]:
    """Open the repository of a dataset, made if it is absent, and keep other writers out until the context ends.

    In a local folder a second writer waits `wait` seconds; in an object store its commits are refused instead.

    Raises:
        LockedError: another process writes the dataset.
        DatasetIdError: the id is not one.
        StoreError: the store cannot be read or written, now or later in the context.

    """
    lock = location.lock_file(dataset_id)
    exclusive = nullcontext(enter_result=False) if lock is None else locked(lock, wait=wait)
    with exclusive as abandoned, named_failures(location, dataset_id):
        folder = location.repository_folder(dataset_id)
        if folder is not None:
            clear_half_made(folder)
            clear_torn_branch(folder)
            if abandoned:
                sweep(folder)
        repository = icechunk.Repository.open_or_create(location.storage(dataset_id), config=settings())
        bridge = Bridge()
        try:
            settle(repository, bridge, local=folder is not None)
            yield repository, bridge
        finally:
            bridge.close()
