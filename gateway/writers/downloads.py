"""Makes files for downloads in the spool, each once for all who ask for it: netCDF-4 by a few processes, tables here.

Downloads that are sent while they are made are counted here.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from core.problem import Problem
from gateway.config.downloads import DownloadsConfig
from gateway.extract import Extraction
from gateway.http.conditional import entity_tag
from gateway.workers import Workers
from gateway.writers.hdf5_options import Hdf5Options
from gateway.writers.narrow import narrowed
from gateway.writers.scribe import Scribe
from gateway.writers.spool import Making, Spool, Spooled

_MODELS: Final[Mapping[str, Literal["NETCDF4", "NETCDF4_CLASSIC"]]] = {
    "netcdf4": "NETCDF4",
    "netcdf4-classic": "NETCDF4_CLASSIC",
}


@dataclass(slots=True)
class _Flight:
    """One file that is being made, and how many wait for it."""

    task: asyncio.Task[Spooled]
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Order:
    """One file that is to be made."""

    name: str
    """In the spool."""
    size: int
    """Bytes that are kept for it."""
    turn: asyncio.Semaphore
    """That lets only so many be made at once."""
    write: Callable[[Making], Awaitable[None]]


class Downloads:
    """The writers of one process of a unit, and its spool."""

    def __init__(self, config: DownloadsConfig) -> None:
        """Start nothing before it is needed."""
        self._config = config
        self._spool = Spool(Path(config.folder), most=config.spool_bytes, seconds=config.keep.total_seconds())
        self._turn = asyncio.Semaphore(config.writers)
        self._turn_of_text = asyncio.Semaphore(config.writers)
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

    def tag(self, extraction: Extraction) -> str:
        """Return what names the bytes of the file of a request: a strong entity tag, with quotes."""
        if extraction.wanted.format not in _MODELS:
            return extraction.etag
        return entity_tag(extraction.etag, self._config.deflate, self._config.shuffle)

    def found(self, extraction: Extraction, suffix: str) -> Spooled | None:
        """Return the file of a request if it is there."""
        return self._spool.find(self._name(extraction, suffix))

    async def netcdf4(self, extraction: Extraction) -> Spooled:
        """Return the netCDF-4 file of a request, made now if it is not there.

        When all who wait for it have gone, reading stops and nothing is left of it.

        Raises:
            Problem: `busy`: too many are waiting, or there is no room now; `too_large`;
                `invalid_value`: the classic model cannot hold a value.
            OSError, VersionGoneError: it cannot be read or written.

        """
        size = extraction.estimate.sizes[extraction.wanted.format]
        write = partial(self._write, extraction)
        return await self._file(_Order(name=self._name(extraction, ".nc4"), size=size, turn=self._turn, write=write))

    async def text(self, extraction: Extraction, suffix: str, size: int, pieces: AsyncGenerator[bytes]) -> Spooled:
        """Return a file of `pieces`, of about `size` bytes, made now if it is not there; otherwise as `netcdf4`.

        `suffix` tells it from other files that are made of the same request.
        """
        workers = extraction.reader.sampler.workers
        write = partial(_gathered, pieces, workers)
        return await self._file(
            _Order(name=self._name(extraction, suffix), size=size, turn=self._turn_of_text, write=write)
        )

    def _name(self, extraction: Extraction, suffix: str) -> str:
        return self.tag(extraction).strip('"') + suffix

    async def _file(self, order: _Order) -> Spooled:
        name = order.name
        while (flight := self._flights.get(name)) is not None and not flight.waiting:
            # All have left it, so it is being stopped: who comes now must not be handed that.
            await asyncio.wait({flight.task})
        there = self._spool.find(name)
        if there is not None:
            return there
        if flight is None:
            if len(self._flights) >= self._config.writers + self._config.queue:
                raise Problem("busy", f"{len(self._flights)} downloads are waiting already: ask again in a minute")
            flight = self._flights[name] = _Flight(task=asyncio.create_task(self._made(order)))
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

    async def _made(self, order: _Order) -> Spooled:
        try:
            async with order.turn:
                with self._spool.making(order.name, order.size) as made:
                    await order.write(made)
            found = self._spool.find(order.name)
            if found is None:
                raise OSError("the file was removed as soon as it was made: the room for downloads is too small")
            return found
        finally:
            del self._flights[order.name]

    async def _write(self, extraction: Extraction, made: Making) -> None:
        options = Hdf5Options(
            model=_MODELS[extraction.wanted.format], deflate=self._config.deflate, shuffle=self._config.shuffle
        )
        workers, classic = extraction.reader.sampler.workers, options.model == "NETCDF4_CLASSIC"
        async with self._scribe() as scribe, aclosing(extraction.blocks()) as blocks:
            await scribe.begin(made.path, extraction.layout, options)
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


async def _gathered(pieces: AsyncGenerator[bytes], workers: Workers, made: Making) -> None:
    """Write what comes to a file."""
    size = 0
    with made.path.open("wb") as file:
        async with aclosing(pieces):
            async for piece in pieces:
                size += len(piece)
                made.require(size)
                await workers.run(file.write, piece)


def _heard(task: asyncio.Task[Spooled]) -> None:
    """Take note of how a writing ended, which nobody may be waiting for any more."""
    if not task.cancelled():
        task.exception()
