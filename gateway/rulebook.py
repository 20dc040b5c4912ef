"""The rules in force: those of the configuration, read anew when its file changes."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiohttp import web

from auth.policy import Policy
from auth.rules import Rule
from gateway.config.file import Config, State, load, state_of
from gateway.faults import ConfigError
from gateway.workers import Workers

_LOG = logging.getLogger(__name__)
_LOOK: Final = 1.0
"""Seconds between two looks at the file."""


def rules_of(config: Config) -> list[Rule]:
    """Return all rules of a configuration, in the order of the file."""
    rules = [rule.rule(rule.datasets, f"access.{number}", own=False) for number, rule in enumerate(config.access)]
    for number, dataset in enumerate(config.datasets):
        if dataset.access is not None:
            rules.append(dataset.access.rule(dataset.id, f"datasets.{number}.access", own=True))
    return rules


def policy_of(config: Config) -> Policy:
    """Return the rules of a configuration, compiled for its datasets.

    What is served and no longer in the configuration is nobody's: a rule that stood with it would be missing.
    """
    limits = {name: profile.limits for name, profile in config.profiles.items()}
    return Policy([dataset.id for dataset in config.datasets], rules_of(config), limits)


class Rulebook:
    """Holds the policy of a unit and takes up another one only whole: a file that cannot be used changes nothing."""

    def __init__(self, config: Config, workers: Workers) -> None:
        """Begin with the rules of `config`; its file is read in `workers`."""
        self.policy = policy_of(config)
        """The rules in force."""
        self.changed = config.changed
        """When the file that they are from was written, in milliseconds since 1970-01-01T00:00:00Z."""
        self._file = config.file
        self._workers = workers
        self._seen: State = None

    async def background(self, _: web.Application) -> AsyncIterator[None]:
        """Follow the file as long as the unit runs."""
        if self._file is None:
            yield
            return
        before = await self._workers.run(state_of, self._file)
        if before is not None and before[0] // 1_000_000 != self.changed:
            # A process that replaces another must not go back behind rules that were taken up meanwhile.
            self._take(await self._workers.run(load, self._file))
        self._seen = before
        following = asyncio.create_task(self._follow(self._file))
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    async def _follow(self, file: Path) -> None:
        waiting = self._seen
        while True:
            await asyncio.sleep(_LOOK)
            now = await self._workers.run(state_of, file)
            # Written in place, a file is half there for a moment, and may read as one with fewer rules.
            if now == waiting and now != self._seen:
                self._seen = now
                await self.reload()
            waiting = now

    async def reload(self) -> None:
        """Take up the rules of the file, or say in the log why they cannot be used."""
        if self._file is None:
            return
        try:
            self._take(await self._workers.run(load, self._file))
        except ConfigError as error:
            _LOG.error("the rules in force stay, for those of the file cannot be used: %s", error)

    def _take(self, config: Config) -> None:
        """Put the rules of `config` in force.

        Raises:
            ConfigError: there are none, and there were: a file that lost its end must not open what was closed.

        """
        policy = policy_of(config)
        if self.policy.rules.all and not policy.rules.all:
            raise ConfigError(
                f"{self._file}: access: there is no rule any more. To open the unit to all, say so: "
                "access: [{datasets: '*', download: [public]}]"
            )
        self.policy, self.changed = policy, config.changed
        _LOG.warning("the rules of %s are in force: %d", self._file, len(policy.rules.all))
