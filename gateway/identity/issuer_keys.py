"""The keys of an issuer as a unit holds them: looked for in the background, and kept when they cannot be had."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import MappingProxyType
from typing import Final, Protocol

from aiohttp import web
from cachetools import TTLCache

from auth.keys import KeySet, KeySetError, parse_jwks
from gateway.workers import Workers

_LOG = logging.getLogger(__name__)
_UNKNOWN: Final = 256
"""Names of keys held that the issuer was found not to have."""
_FORGOTTEN: Final = 300.0
"""Seconds until such a name is looked for again."""
_STARTING: Final = "they have not been read yet"
_NONE: Final[KeySet] = MappingProxyType({})


class KeysUnknownError(Exception):
    """Whether the issuer has a key cannot be told now."""


class KeySource(Protocol):
    """Where the keys of an issuer come from."""

    @property
    def every(self) -> float:
        """Seconds between two looks."""
        ...

    @property
    def least(self) -> float:
        """Seconds between two looks at the least, however many ask for a key that is not known."""
        ...

    def kept(self) -> bytes | None:
        """Return what was last had from it, before anything is asked of it; blocking.

        Raises:
            OSError: there is something, and it cannot be read.
            ValueError: the same.

        """
        ...

    async def read(self) -> bytes:
        """Return the JWK Set that there is now.

        Raises:
            OSError: it cannot be had.

        """
        ...

    def keep(self, body: bytes) -> None:
        """Keep a JWK Set that could be used; blocking.

        Raises:
            OSError: it cannot be kept.

        """
        ...


class IssuerKeys:
    """The keys last had from a source, for ever; a look that fails takes none of them away."""

    def __init__(self, source: KeySource, workers: Workers, clock: Callable[[], float] = time.monotonic) -> None:
        """Hold none yet; `workers` read and write files and are closed at the end; `clock` gives seconds."""
        self.now: KeySet = _NONE
        """By name; another object whenever any of them has changed."""
        self._source, self._clock = source, clock
        self._workers = workers
        self._body = b""
        self._looking: asyncio.Task[None] | None = None
        self._looked = -float("inf")
        self._fault = _STARTING
        self._unknown: TTLCache[str, None] = TTLCache(_UNKNOWN, _FORGOTTEN, timer=clock)

    async def look_for(self, kid: str) -> KeySet:
        """Return the keys that there are, after another look where that may help and the last one is long enough ago.

        Raises:
            KeysUnknownError: the key is not among them, and the last look failed.

        """
        if kid not in self._unknown:
            if self._looking is not None or self._clock() - self._looked >= self._source.least:
                # All who wait share the outcome, and whoever leaves takes it from nobody.
                await asyncio.shield(self._looked_once())
            if kid not in self.now and not self._fault:
                self._unknown[kid] = None
        if kid not in self.now and self._fault:
            raise KeysUnknownError
        return self.now

    async def background(self, _: web.Application) -> AsyncIterator[None]:
        """Look again and again as long as the unit runs; its start waits for no issuer."""
        await self._take_kept()
        looking = asyncio.create_task(self._run())
        yield
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        self._workers.close()

    async def _run(self) -> None:
        while True:
            await self._looked_once()
            # After a fault sooner, so that keys that were changed meanwhile are not missed for long.
            await asyncio.sleep(self._source.least if self._fault else self._source.every)

    def _looked_once(self) -> asyncio.Task[None]:
        if self._looking is None:
            self._looked = self._clock()
            self._looking = asyncio.create_task(self._look())
        return self._looking

    async def _take_kept(self) -> None:
        try:
            body = await self._workers.run(self._source.kept)
            if body is not None:
                self.now, self._body = parse_jwks(body), body
        except (OSError, ValueError) as error:
            _LOG.warning("the keys of the issuer that were kept cannot be used: %s", error)

    async def _look(self) -> None:
        try:
            body = await self._source.read()
            if body != self._body:
                self.now, self._body = parse_jwks(body), body
                await self._keep(body)
            self._well()
        except (OSError, KeySetError) as error:
            self._note(str(error) or type(error).__name__)
        finally:
            self._looking = None

    async def _keep(self, body: bytes) -> None:
        try:
            await self._workers.run(self._source.keep, body)
        except OSError as error:
            _LOG.error("the keys of the issuer cannot be kept for the next start: %s", error)

    def _note(self, fault: str) -> None:
        """Log what is wrong, once as long as it stays the same."""
        if fault != self._fault:
            held = f"the {len(self.now)} from before stay" if self.now else "until then no token is believed"
            _LOG.error("the keys of the issuer cannot be had: %s; %s", fault, held)
        self._fault = fault

    def _well(self) -> None:
        if self._fault not in ("", _STARTING):
            _LOG.warning("the keys of the issuer can be had again: %d", len(self.now))
        self._fault = ""
