"""The working state of one repository: keys and values on a branch, until they are committed."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import icechunk
from zarr.core.buffer import default_buffer_prototype

from stores.bridge import Bridge
from stores.durable import make_durable
from stores.fetching import fetch
from stores.layout import INGEST, MAIN

_IN_FLIGHT: Final = 32
"""Writes at once: more gain nothing on a local disk and little on an object store."""
_PROTOTYPE: Final = default_buffer_prototype()


class WorkingState:
    """What would be committed now. Not for use in several threads at once."""

    def __init__(
        self, repository: icechunk.Repository, bridge: Bridge, branch: str = INGEST, *, folder: Path | None = None
    ) -> None:
        """Take up the last commit of a branch, which begins at the published version if it is absent.

        `folder` is the local folder of the repository.
        """
        self._folder = folder
        self._repository = repository
        self._bridge = bridge
        self._branch = branch
        if branch not in repository.list_branches():
            repository.create_branch(branch, repository.lookup_branch(MAIN))
        self.restart()

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit."""
        return self._session.has_uncommitted_changes

    @property
    def tip(self) -> str:
        """Name of the last commit; before the first, of the empty snapshot."""
        return self._repository.lookup_branch(self._branch)

    @property
    def begun(self) -> bool:
        """Whether there is a commit."""
        return self._repository.lookup_snapshot(self.tip).parent_id is not None

    @property
    def published(self) -> str:
        """Name of the snapshot that readers open."""
        return self._repository.lookup_branch(MAIN)

    def restart(self) -> None:
        """Drop all changes and take up the last commit."""
        self._session = self._repository.writable_session(self._branch)
        self._store = self._session.store

    def commit(self, message: str, metadata: dict[str, Any] | None = None) -> str:
        """Make all changes permanent at once and return the version; there must be some."""
        version = self._session.commit(message, metadata=metadata)
        self.restart()
        return version

    def publish(self, version: str, *, instead_of: str) -> None:
        """Let readers open `version`, once it is on the disk, and return when that is."""
        make_durable(self._folder)
        self._repository.reset_branch(MAIN, version, from_snapshot_id=instead_of)
        make_durable(self._folder)

    def get(self, key: str) -> bytes | None:
        """Return a value; None where there is none."""
        found = self._bridge.run(fetch(self._store, key))
        return None if found is None else found.to_bytes()

    def get_many(self, keys: Iterable[str]) -> list[bytes | None]:
        """Return values, read many at once; None where there is none."""
        return self._bridge.run(self._get_many(keys))

    def put(self, values: Mapping[str, bytes]) -> None:
        """Write values, many at once."""
        self._bridge.run(self._put(values))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove values; those not there are passed over."""
        self._bridge.run(self._delete(keys))

    async def _get_many(self, keys: Iterable[str]) -> list[bytes | None]:
        gate = asyncio.Semaphore(_IN_FLIGHT)

        async def get(key: str) -> bytes | None:
            async with gate:
                found = await fetch(self._store, key)
                return None if found is None else found.to_bytes()

        return list(await asyncio.gather(*(get(key) for key in keys)))

    async def _put(self, values: Mapping[str, bytes]) -> None:
        gate = asyncio.Semaphore(_IN_FLIGHT)

        async def put(key: str, value: bytes) -> None:
            async with gate:
                await self._store.set(key, _PROTOTYPE.buffer.from_bytes(value))

        await asyncio.gather(*(put(key, value) for key, value in values.items()))

    async def _delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            await self._store.delete(key)
