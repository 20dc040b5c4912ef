"""Takes up new versions of the datasets in use, for little where nothing is new."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from gateway.served import Served

_APART: Final = 1 / 64
"""Seconds between two looks that go out to a store: hundreds at once would hold up requests, or pay for nothing."""


async def keep_fresh(served: Sequence[Served], stop: asyncio.Event, every: float) -> None:
    """Look for new versions until `stop`, every so many seconds; then wait for what is under way.

    Those that can tell cheaply are looked at in one go, in a thread. A folder that hangs keeps none of the others
    waiting.
    """
    cheap = [one for one in served if one.watched]
    others = [one for one in served if not one.watched]
    await asyncio.gather(*(_rounds(some, stop, every) for some in (cheap, others) if some))


async def _rounds(served: Sequence[Served], stop: asyncio.Event, every: float) -> None:
    under_way: dict[Served, asyncio.Task[None]] = {}
    while not await _stopped(stop, every):
        in_use = [one for one in served if one.now is not None and one not in under_way]
        for one in await asyncio.to_thread(_stale, in_use):
            under_way[one] = task = asyncio.create_task(one.refresh())
            task.add_done_callback(partial(_ended, under_way, one))
            # A slow one keeps no other waiting.
            if await _stopped(stop, _APART):
                break
    # Never cut short: Icechunk aborts the process where a look at the store outlives the interpreter.
    await asyncio.gather(*under_way.values())


def _ended(under_way: dict[Served, asyncio.Task[None]], one: Served, _: asyncio.Task[None]) -> None:
    del under_way[one]


def _stale(served: Sequence[Served]) -> list[Served]:
    return [one for one in served if not one.newest()]


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait; tell whether it is to end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()
