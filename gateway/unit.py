"""The dissemination unit: its datasets, and the catalogue of them that a caller may see."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auth.caller import Action, Caller
from auth.policy import Policy
from core.layer import Layer
from core.numbers import shown
from core.problem import Problem
from gateway.config import DatasetConfig
from gateway.opened import OpenDataset, opened
from gateway.workers import Workers
from stores.base import DatasetSource
from stores.cache import ChunkCache
from stores.repository import NotPublishedError

_LOG = logging.getLogger(__name__)


class Served:
    """One dataset of the unit, opened on first use and then kept at its newest version."""

    def __init__(self, config: DatasetConfig, source: DatasetSource, cache: ChunkCache, workers: Workers) -> None:
        """Hold it closed."""
        self._workers = workers
        self.config = config
        self._source = source
        self._cache = cache
        self._now: OpenDataset | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> OpenDataset:
        """Return the version in use.

        Raises:
            NotPublishedError: nothing has been ingested yet.
            OSError: it cannot be read now.

        """
        if self._now is None:
            async with self._opening:
                if self._now is None:
                    self._now = await self._newest()
        return self._now

    async def refresh(self) -> None:
        """Take up the version that is published now, if the dataset is in use; a fault keeps the one before."""
        if self._now is None:
            return
        try:
            self._now = await self._newest()
        except (OSError, ValueError, Problem):
            _LOG.exception("dataset %s: its newest version cannot be used; the one before stays", self.config.id)

    async def _newest(self) -> OpenDataset:
        dataset, reader = await self._source.open()
        if self._now is not None and self._now.dataset.version == dataset.version:
            return self._now
        return opened(dataset, reader, self.config, cache=self._cache, workers=self._workers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """All datasets. Handlers never see it: they are handed `visible_to(caller)`."""

    served: Mapping[str, Served]
    policy: Policy

    def visible_to(self, caller: Caller) -> "Catalogue":
        """Return the unit as `caller` may see it."""
        return Catalogue(served=self.served, policy=self.policy, caller=caller)

    async def refresh(self) -> None:
        """Take up new versions of the datasets in use."""
        for served in self.served.values():
            await served.refresh()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What one caller may see: what they may not discover does not exist in it."""

    served: Mapping[str, Served]
    policy: Policy
    caller: Caller

    async def datasets(self) -> Sequence[OpenDataset]:
        """Open every dataset that the caller may discover and that has been ingested, in configured order."""
        found = []
        for served in self.served.values():
            if self._may(served, "discover"):
                try:
                    found.append(await served.open())
                except NotPublishedError:
                    continue
        return found

    async def open(self, dataset_id: str, action: Action) -> OpenDataset:
        """Open one dataset for `action`.

        Raises:
            Problem: `unknown_layer`, for what is hidden and what is unknown alike; `forbidden`.

        """
        served = self.served.get(dataset_id)
        if served is None or not self._may(served, "discover"):
            raise Problem("unknown_layer", f"there is no dataset {shown(dataset_id)}", parameter="LAYERS")
        if not self._may(served, action):
            raise Problem("forbidden", f"{action} of {dataset_id!r} needs a profile that you do not have")
        try:
            return await served.open()
        except NotPublishedError as error:
            message = f"nothing has been ingested for dataset {dataset_id!r} yet"
            raise Problem("unknown_layer", message, parameter="LAYERS") from error

    async def layer(self, name: str, action: Action) -> tuple[OpenDataset, Layer]:
        """Open the layer that clients name `dataset/variable`.

        Raises:
            Problem: as `open`.

        """
        dataset_id, _, variable = name.partition("/")
        dataset = await self.open(dataset_id, action)
        return dataset, dataset.layer(variable)

    def _may(self, served: Served, action: Action) -> bool:
        return self.policy(self.caller, served.config.id, action)
