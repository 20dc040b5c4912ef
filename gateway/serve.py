"""Serves a unit in one process: from the sockets that it is handed until it is told to leave or to end."""

import asyncio
import gc
import logging
from contextlib import suppress
from typing import Final

import uvloop
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.app import make_app
from gateway.config.file import Config
from gateway.gathering import GATHERING, Gathering
from gateway.http.descriptors import raise_limit
from gateway.http.draining import Farewell, run_out
from gateway.http.wire import UnitRunner
from gateway.keys import DRAINING
from gateway.processes import END, END_NOW, LEAVE, Link
from gateway.sockets import BACKLOG, Place, admit_new, refuse_new

DRAIN: Final = 20.0
"""Seconds that requests in flight are given at the end."""
_BEAT: Final = 0.5
"""Seconds between two words to the supervisor."""
_BEGINNING: Final = 0.25
"""Seconds for connections that were beginning when no more were let begin: longer than most ways there and back."""
_CUT: Final = 1.0
"""Seconds for what is cut short to be wound up."""


def run(config: Config, place: Place, link: Link) -> None:
    """Serve until told to leave or to end, then finish what is in flight."""
    raise_limit()
    uvloop.run(_run(config, place, link))


async def _run(config: Config, place: Place, link: Link) -> None:
    told = _Told()
    beating = asyncio.create_task(_beat(link))
    farewell = Farewell()
    runner = make_runner(config)
    runner.app.on_response_prepare.append(farewell.told)
    if place.among:
        runner.app[GATHERING] = gathering = Gathering(place.number, place.among)
        runner.app.cleanup_ctx.append(gathering.background)
    await runner.setup()
    # Who was here before may have been on its way out.
    admit_new(place.sockets)
    for one in place.sockets:
        await web.SockSite(runner, one, backlog=BACKLOG).start()
    # What is there now stays: to look through it for rubbish would hold the event loop for tens of milliseconds.
    gc.freeze()
    link.ready()
    await told.anything.wait()
    farewell.begin()
    if told.end.is_set():
        # Whoever shares out the requests is told before connections are refused.
        runner.app[DRAINING].set()
        await told.unless_now(config.unit.drain_seconds)
        refuse_new(place.sockets)
        await told.unless_now(_BEGINNING)
    for site in list(runner.sites):
        await site.stop()
    await run_out(runner.connections, told.over)
    await runner.cleanup()
    beating.cancel()


async def _beat(link: Link) -> None:
    while True:
        link.beat()
        await asyncio.sleep(_BEAT)


class _Told:
    """What the process was told."""

    def __init__(self) -> None:
        self.anything, self.end, self._now = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._loop.add_signal_handler(LEAVE, self.anything.set)
        self._loop.add_signal_handler(END, self._to_end)
        self._loop.add_signal_handler(END_NOW, self._to_end_now)

    def _to_end(self) -> None:
        self._since = self._since or self._loop.time()
        self.end.set()
        self.anything.set()

    def _to_end_now(self) -> None:
        self._now.set()
        self._to_end()

    async def unless_now(self, seconds: float) -> None:
        """Wait for so long, but not if all is to end now."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._now.wait(), seconds)

    def over(self) -> bool:
        """Return whether what is in flight is to be cut. One whose place was taken has all the time that it needs."""
        late = self._since is not None and self._loop.time() - self._since > DRAIN
        return late or self._now.is_set()


def make_runner(config: Config) -> UnitRunner:
    """Return what serves a unit, before it listens anywhere."""
    log = logging.getLogger(__name__)
    log.addFilter(_ours)
    return UnitRunner(
        make_app(config),
        # The access log is ours; two lines for one request help nobody.
        access_log=None,
        logger=log,
        shutdown_timeout=_CUT,
        keepalive_timeout=config.limits.client_timeout,
    )


def _ours(record: logging.LogRecord) -> bool:
    """Keep out of the log what is no HTTP: its sender is told, and anybody could fill the disk with it."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError | web.RequestPayloadError))
