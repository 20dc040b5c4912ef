"""Makes netCDF-4 files for downloads: by a few processes, into the spool, each file once for all who ask for it.

Downloads in other formats are counted here.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from core.problem import Problem
from gateway.config.downloads import DownloadsConfig
from gateway.extract import Extraction
from gateway.writers.hdf5_options import Hdf5Options
from gateway.writers.narrow import narrowed
from gateway.writers.scribe import Scribe
from gateway.writers.spool import Spool, Spooled

_MODELS: Final[Mapping[str, Literal["NETCDF4", "NETCDF4_CLASSIC"]]] = {
    "netcdf4": "NETCDF4",
    "netcdf4-classic": "NETCDF4_CLASSIC",
}


@dataclass(slots=True)
class _Flight:
    """One file that is being made, and how many wait for it."""

    task: asyncio.Task[Spooled]
    waiting: int = 0


class Downloads:
    """The writers of one process of a unit, and its spool."""

    def __init__(self, config: DownloadsConfig) -> None:
        """Start nothing before it is needed."""
        self._config = config
        self._spool = Spool(Path(config.folder), most=config.spool_bytes, seconds=config.keep.total_seconds())
        self._turn = asyncio.Semaphore(config.writers)
        self._idle: list[Scribe] = []
        self._flights: dict[str, _Flight] = {}
        self._streams = 0

    def keeping(self, spooled: Spooled) -> AbstractContextManager[None]:
        """Let a file not be removed to make room while it is handed out."""
        return self._spool.keeping(spooled)

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Count one download that is sent while it is made: each holds what it has read ahead of a slow client.

        Raises:
            Problem: `busy`: too many are under way.

        """
        if self._streams >= self._config.streams:
            raise Problem("busy", f"{self._streams} downloads are under way already: ask again in a minute")
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    async def netcdf4(self, extraction: Extraction) -> Spooled:
        """Return the file of a request, made now if it is not there.

        When all who wait for it have gone, reading stops and nothing is left of it.

        Raises:
            Problem: `busy`: too many are waiting, or there is no room now; `too_large`;
                `invalid_value`: the classic model cannot hold a value.
            OSError, VersionGoneError: it cannot be read or written.

        """
        etag = extraction.etag
        while (flight := self._flights.get(etag)) is not None and not flight.waiting:
            # All have left it, so it is being stopped: who comes now must not be handed that.
            await asyncio.wait({flight.task})
        there = self._spool.find(etag)
        if there is not None:
            return there
        if flight is None:
            if len(self._flights) >= self._config.writers + self._config.queue:
                raise Problem("busy", f"{len(self._flights)} downloads are waiting already: ask again in a minute")
            flight = self._flights[etag] = _Flight(task=asyncio.create_task(self._made(extraction)))
            flight.task.add_done_callback(_heard)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()

    async def close(self) -> None:
        """Stop all writing and end the processes."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for scribe in self._idle:
            scribe.kill()
            await scribe.gone()
        self._idle.clear()

    async def _made(self, extraction: Extraction) -> Spooled:
        try:
            async with self._turn:
                size = extraction.estimate.sizes[extraction.wanted.format]
                with self._spool.making(extraction.etag, size) as path:
                    await self._write(extraction, path)
            found = self._spool.find(extraction.etag)
            if found is None:
                raise OSError("the file was removed as soon as it was made: the room for downloads is too small")
            return found
        finally:
            del self._flights[extraction.etag]

    async def _write(self, extraction: Extraction, path: Path) -> None:
        options = Hdf5Options(
            model=_MODELS[extraction.wanted.format], deflate=self._config.deflate, shuffle=self._config.shuffle
        )
        workers, classic = extraction.reader.sampler.workers, options.model == "NETCDF4_CLASSIC"
        async with self._scribe() as scribe, aclosing(extraction.blocks()) as blocks:
            await scribe.begin(path, extraction.layout, options)
            async for block in blocks:
                values = await workers.run(narrowed, block.values, block.variable) if classic else block.values
                await scribe.put(block.variable.name, block.start, values)
            await scribe.finish()

    @asynccontextmanager
    async def _scribe(self) -> AsyncIterator[Scribe]:
        """Lend a process; one that could not finish is ended."""
        while self._idle and not self._idle[-1].alive:
            # The system ends processes when memory is short.
            await self._idle.pop().gone()
        scribe = self._idle.pop() if self._idle else Scribe()
        try:
            yield scribe
        except BaseException:
            scribe.kill()
            await scribe.gone()
            raise
        self._idle.append(scribe)


def _heard(task: asyncio.Task[Spooled]) -> None:
    """Take note of how a writing ended, which nobody may be waiting for any more."""
    if not task.cancelled():
        task.exception()
