"""One value of an Icechunk store, with absent and unreadable kept apart, and no wait without end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import icechunk
from zarr.core.buffer import Buffer, default_buffer_prototype

R = TypeVar("R")

PATIENCE: Final = 20.0
"""Seconds: Icechunk itself waits for ever where an object store takes a request and does not answer it."""
_PROTOTYPE: Final = default_buffer_prototype()


async def fetch(store: icechunk.IcechunkStore, key: str) -> Buffer | None:
    """Return the value of a key; None only where there is none.

    Raises:
        icechunk.IcechunkError: it cannot be read.

    """
    found = await store.get(key, _PROTOTYPE)
    # Icechunk answers "no such key" for metadata when it cannot read the snapshot; `exists` raises then.
    if found is None and key.endswith("zarr.json") and await store.exists(key):
        raise icechunk.IcechunkError(f"{key} is there and cannot be read")
    return found


async def within(seconds: float, work: Coroutine[Any, Any, R]) -> R:
    """Return the result of `work`, waiting for it at most `seconds`.

    It is left to end by itself then, and where whoever waits is cancelled: Icechunk's work may not be cut short.

    Raises:
        TimeoutError: it has not come.

    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_heard)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        raise TimeoutError(f"the store has given no answer within {seconds:g} s")
    return task.result()


def _heard(task: asyncio.Task[Any]) -> None:
    """Take note of how the work ended, which nobody may be waiting for any more."""
    if not task.cancelled():
        task.exception()
