"""What a store holds that nobody refers to."""

from datetime import UTC, datetime

import icechunk

from stores.layout import MAIN
from stores.location import Location, settings
from stores.writer import open_writer


def leftovers(location: Location, dataset_id: str) -> list[str]:
    """Collect all that may be collected, and name what is still there for nothing; of an object store, bytes only."""
    with open_writer(location, dataset_id) as writer:
        writer.publish()
        writer.collect(datetime.now(UTC))
    repository = icechunk.Repository.open(location.storage(dataset_id), config=settings())
    kept = [snapshot.id for snapshot in repository.ancestry(branch=MAIN)]
    again = repository.garbage_collect(datetime.now(UTC), dry_run=True)
    found = [f"{again.chunks_deleted} chunks of {len(kept)} versions"] if again.chunks_deleted else []
    if location.folder is None:
        return found
    files = [path for path in (location.folder / dataset_id).rglob("*") if path.is_file()]
    found += [str(path) for path in files if "#" in path.name]
    lock = location.lock_file(dataset_id)
    if lock is not None and lock.stat().st_size:
        found.append(f"{lock} names a holder")
    return found
