"""The dissemination unit: its datasets, and the catalogue of them that a caller may see."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auth.caller import Action, Caller
from auth.limits import CallerLimits
from auth.policy import Policy
from core.layer import Layer
from core.problem import Problem
from gateway.opened import OpenDataset
from gateway.openings import Openings
from gateway.refusals import absent, refused
from gateway.rulebook import Rulebook
from gateway.served import MOMENT, Served
from gateway.visit import UnderWay, Visit
from stores.plain.refusal import NotServableError
from stores.repository import NotPublishedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """All datasets. Handlers never see it: they are handed `visible_to(caller)`."""

    served: Mapping[str, Served]
    rules: Rulebook
    under_way: UnderWay
    openings: Openings

    def visible_to(self, caller: Caller, remote: str | None = None) -> "Catalogue":
        """Return the unit as `caller`, at the address `remote`, may see it."""
        return Catalogue(
            served=self.served,
            policy=self.rules.policy,
            changed=self.rules.changed,
            caller=caller,
            visit=Visit(caller, remote, self.under_way),
            openings=self.openings,
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
    openings: Openings

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
        outcomes = await asyncio.gather(*(self.openings.tried(served) for served in closed))
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

        What is closed is opened until one can be read, and waited for a moment only: who asks may do so every second.
        """
        served = self._visible()
        if not served or any(one.reached for one in served):
            return True
        waiting = [asyncio.create_task(self.openings.tried(one)) for one in served if one.now is None]
        empty = 0
        try:
            for done in asyncio.as_completed(waiting, timeout=MOMENT):
                error = await done
                if error is None:
                    return True
                empty += isinstance(error, NotPublishedError)
        except TimeoutError:
            return False
        finally:
            for task in waiting:
                task.cancel()
        return empty == len(served)

    def _visible(self) -> list[Served]:
        """Return what the caller may discover, in configured order; what is said of all of it is for them alone."""
        self.visit.personal |= self.policy.guarded or self.caller.subject is not None
        return [
            served
            for dataset_id, served in self.served.items()
            if self.policy.allows(self.caller, dataset_id, "discover")
        ]
