"""One dataset of a unit: closed until it is used, then kept at its newest version."""

import asyncio
import logging
from typing import Final

from core.problem import Problem
from gateway.config.dataset import DatasetConfig
from gateway.opened import OpenDataset, opened
from gateway.sampling import Shared
from stores.base import Closing, DatasetSource, Watched
from stores.plain.refusal import NotServableError
from stores.repository import NotPublishedError

_LOG = logging.getLogger(__name__)
MOMENT: Final = 1.0
"""Seconds for which a list of datasets waits for one that could not be opened the last time."""


class Served:
    """One dataset of the unit, opened on first use and then kept at its newest version."""

    def __init__(self, config: DatasetConfig, source: DatasetSource, shared: Shared) -> None:
        """Hold it closed."""
        self.config = config
        self._source = source
        self._shared = shared
        self._now: OpenDataset | None = None
        self._attempt: asyncio.Task[OpenDataset] | None = None
        self._fault = ""
        self._reached = False

    @property
    def now(self) -> OpenDataset | None:
        """The version in use; None as long as it is closed."""
        return self._now

    @property
    def reached(self) -> bool:
        """Whether it is open and the last look at its store came through; an unusable newer version is no hindrance."""
        return self._now is not None and self._reached

    @property
    def watched(self) -> bool:
        """Whether `newest` can tell anything."""
        return isinstance(self._source, Watched) and self._source.watched

    def newest(self) -> bool:
        """Tell, by one short look that may block, that nothing is new and nothing was wrong; False if not certain."""
        return self.reached and not self._fault and isinstance(self._source, Watched) and self._source.newest()

    async def open(self) -> OpenDataset:
        """Return the version in use.

        All who ask while it is being opened share the outcome: else they would wait for a dead server one by one.

        Raises:
            NotPublishedError: nothing has been ingested yet.
            OSError: it cannot be read now.

        """
        return self._now if self._now is not None else await asyncio.shield(self._attempted())

    async def tried(self) -> Exception | None:
        """Open it if that can be done; return why not.

        What could not be opened the last time is waited for a moment only.
        """
        if self._now is not None:
            return None
        attempt = self._attempted()
        done, _ = await asyncio.wait({attempt}, timeout=MOMENT if self._fault else None)
        if not done:
            return OSError(f"dataset {self.config.id}: {self._fault}")
        error = attempt.exception()
        return error if isinstance(error, Exception) else None

    async def refresh(self) -> None:
        """Take up the version that is published now, if the dataset is in use; a fault keeps the one before."""
        if self._now is None:
            return
        try:
            self._now = await self._newest()
            self._reached = True
            self._well()
        except (OSError, ValueError, Problem) as error:
            self._reached = not isinstance(error, OSError)
            self._note(error, "its newest version cannot be used; the one before stays")

    async def close(self) -> None:
        """Let go of connections, where the source has any; what is under way on them fails."""
        if isinstance(self._source, Closing):
            await self._source.close()
        if self._attempt is not None:
            await asyncio.wait({self._attempt})

    def _attempted(self) -> asyncio.Task[OpenDataset]:
        if self._attempt is None:
            self._attempt = asyncio.create_task(self._opened())
            self._attempt.add_done_callback(_heard)
        return self._attempt

    async def _opened(self) -> OpenDataset:
        try:
            self._now = found = await self._newest()
            self._reached = True
        except NotPublishedError as error:
            # What cannot be served is looked for as long as what cannot be reached; it has been logged by its source.
            self._fault = str(error) if isinstance(error, NotServableError) else ""
            raise
        except Exception as error:
            self._note(error, "it is in no list until it can be read")
            raise
        else:
            self._well()
            return found
        finally:
            self._attempt = None

    def _note(self, error: Exception, consequence: str) -> None:
        """Log what is wrong, once as long as it stays the same: it is tried again every few seconds."""
        fault = str(error) or type(error).__name__
        if fault != self._fault:
            trace = None if isinstance(error, OSError) else error
            _LOG.error("dataset %s: %s: %s", self.config.id, consequence, fault, exc_info=trace)
        self._fault = fault

    def _well(self) -> None:
        """Log that what was wrong is over."""
        if self._fault:
            _LOG.warning("dataset %s can be read again", self.config.id)
        self._fault = ""

    async def _newest(self) -> OpenDataset:
        dataset, reader = await self._source.open()
        if self._now is not None and self._now.dataset.version == dataset.version:
            return self._now
        return opened(dataset, reader, self.config, self._shared)


def _heard(attempt: asyncio.Task[OpenDataset]) -> None:
    """Take note of how an attempt ended, which nobody may be waiting for any more."""
    if not attempt.cancelled():
        attempt.exception()
