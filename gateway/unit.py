"""The dissemination unit: its datasets, and the catalogue of them that a caller may see."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from auth.caller import Action, Caller
from auth.limits import CallerLimits
from auth.policy import Policy
from core.layer import Layer
from core.problem import Problem
from gateway.config.dataset import DatasetConfig
from gateway.opened import OpenDataset, opened
from gateway.refusals import absent, refused
from gateway.rulebook import Rulebook
from gateway.sampling import Shared
from gateway.visit import UnderWay, Visit
from stores.base import Closing, DatasetSource
from stores.plain.refusal import NotServableError
from stores.repository import NotPublishedError

_LOG = logging.getLogger(__name__)
_MOMENT: Final = 1.0
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
        attempt = self._attempted()
        done, _ = await asyncio.wait({attempt}, timeout=_MOMENT if self._fault else None)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """All datasets. Handlers never see it: they are handed `visible_to(caller)`."""

    served: Mapping[str, Served]
    rules: Rulebook
    under_way: UnderWay

    def visible_to(self, caller: Caller, remote: str | None = None) -> "Catalogue":
        """Return the unit as `caller`, at the address `remote`, may see it."""
        return Catalogue(
            served=self.served,
            policy=self.rules.policy,
            changed=self.rules.changed,
            caller=caller,
            visit=Visit(caller, remote, self.under_way),
        )

    async def refresh(self) -> None:
        """Take up new versions of the datasets in use."""
        await asyncio.gather(*(served.refresh() for served in self.served.values()))

    async def close(self) -> None:
        """Let go of connections; what is under way on them fails."""
        await asyncio.gather(*(served.close() for served in self.served.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Datasets that are open."""

    datasets: Sequence[OpenDataset]
    whole: bool = True
    """Whether none had to be left out that is there and cannot be read now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What one caller may see: what they may not discover does not exist in it."""

    served: Mapping[str, Served]
    policy: Policy
    changed: int
    """When the rules were written, in milliseconds since 1970-01-01T00:00:00Z; 0 where no file says so."""
    caller: Caller
    visit: Visit
    """What this request has made use of so far."""

    @property
    def limits(self) -> CallerLimits:
        """How much the caller may ask for."""
        return self.policy.limits(self.caller)

    async def datasets(self) -> Listing:
        """Open every dataset that the caller may discover and that has been ingested, in configured order.

        One that cannot be read now is left out, so that it silences none of the others; the log names it.

        Raises:
            OSError: there are some, and none of them can be read.

        """
        self.visit.note("discover")
        visible = self._visible()
        closed = [served for served in visible if served.now is None]
        outcomes = await asyncio.gather(*(served.tried() for served in closed))
        faults = [error for error in outcomes if error is not None and not isinstance(error, NotPublishedError)]
        found = [served.now for served in visible if served.now is not None]
        if faults and not found:
            raise OSError("no dataset can be read") from faults[0]
        return Listing(datasets=found, whole=not faults)

    async def open(self, dataset_id: str, action: Action) -> OpenDataset:
        """Open one dataset for `action`.

        What is hidden and what is unknown take the same way here, up to the last byte: no store is asked for either.

        Raises:
            Problem: `unknown_layer` or `unauthenticated`, for what is hidden and what is unknown alike;
                `unauthenticated` or `forbidden` for what may be discovered, and no more; `too_many_requests`.

        """
        served = self.served.get(dataset_id)
        if not self.policy.allows(self.caller, dataset_id, "discover") or served is None:
            raise absent(self.policy, self.caller, dataset_id)
        self.visit.note(action, dataset_id)
        self.visit.personal |= not self.policy.public(dataset_id, action)
        if not self.policy.allows(self.caller, dataset_id, action):
            raise refused(self.policy, self.caller, dataset_id, action)
        if action != "discover":
            self.visit.enter(self.limits.requests)
        try:
            return await served.open()
        except NotPublishedError as error:
            message = f"nothing has been ingested for dataset {dataset_id!r} yet"
            if isinstance(error, NotServableError):
                message = f"dataset {dataset_id!r} cannot be served: {error.reason}"
            raise Problem("unknown_layer", message, parameter="LAYERS") from error

    async def layer(self, name: str, action: Action) -> tuple[OpenDataset, Layer]:
        """Open the layer that clients name `dataset/variable`.

        Raises:
            Problem: as `open`.

        """
        dataset_id, _, variable = name.partition("/")
        dataset = await self.open(dataset_id, action)
        return dataset, dataset.layer(variable)

    async def readable(self) -> bool:
        """Tell whether anything that the caller may discover can be read now; so it is where there is nothing to read.

        What is closed is opened, and waited for a moment only: who asks may do so every second.
        """
        served = self._visible()
        if any(one.reached for one in served):
            return True
        waiting = {asyncio.create_task(one.tried()) for one in served if one.now is None}
        if not waiting:
            return not served
        done, late = await asyncio.wait(waiting, timeout=_MOMENT)
        for task in late:
            task.cancel()
        none = all(isinstance(task.result(), NotPublishedError) for task in done) and not late
        return any(one.reached for one in served) or (none and len(done) == len(served))

    def _visible(self) -> list[Served]:
        """Return what the caller may discover, in configured order; what is said of all of it is for them alone."""
        self.visit.personal |= self.policy.guarded or self.caller.subject is not None
        return [
            served
            for dataset_id, served in self.served.items()
            if self.policy.allows(self.caller, dataset_id, "discover")
        ]


def _heard(attempt: asyncio.Task[OpenDataset]) -> None:
    """Take note of how an attempt ended, which nobody may be waiting for any more."""
    if not attempt.cancelled():
        attempt.exception()
