"""Which versions of a dataset are kept."""

from datetime import datetime
from math import inf

import icechunk

from stores.layout import MAIN, ROLLBACK


def forget(repository: icechunk.Repository, older_than: datetime) -> None:
    """Forget the versions that were no longer served at `older_than`, and delete what only they hold.

    The version that is served stays, and so does the one that was served at `older_than`, however old it is.
    """
    if ROLLBACK in repository.list_branches():
        repository.delete_branch(ROLLBACK)
    oldest = min(older_than, _served_at(repository, older_than))
    repository.expire_snapshots(oldest)
    repository.garbage_collect(oldest)


def _served_at(repository: icechunk.Repository, moment: datetime) -> datetime:
    """Return when the version was written that was served at `moment`; `moment` where none was."""
    before = moment.timestamp() * 1000
    for snapshot in repository.ancestry(branch=MAIN):
        if snapshot.metadata.get("published", inf) <= before:
            return snapshot.written_at
    return moment
