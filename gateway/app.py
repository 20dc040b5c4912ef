"""The composition root of one dissemination unit: the only place that holds state and joins the parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from auth.policy import everything_public
from gateway.config import Config
from gateway.keys import CONFIG, METRICS, PAINTER, UNIT, WORKERS
from gateway.metrics import Metrics
from gateway.middleware import around
from gateway.operations.routes import operations
from gateway.pictures import Painter
from gateway.protocol import Protocol
from gateway.sampling import Shared
from gateway.sources import source_of
from gateway.unit import Served, Unit
from gateway.viewer.routes import viewer
from gateway.wms.catalogue import CapabilitiesWriter
from gateway.wms.routes import CAPABILITIES, wms
from gateway.workers import Workers
from stores.cache import ChunkCache

_REFRESH = 2.0
"""Seconds between looks for newly published versions."""
_BEAT = 0.25
"""Seconds between two measures of how late the event loop is."""


def protocols() -> tuple[Protocol, ...]:
    """List what a unit speaks; the viewer, which owns what no other does, comes last."""
    return (wms(), operations(), viewer())


def make_app(config: Config) -> web.Application:
    """Make one unit; two may live in one process."""
    spoken = protocols()
    app = web.Application(
        middlewares=[around(spoken)],
        handler_args={"max_line_size": config.limits.request_line, "max_field_size": config.limits.request_line},
    )
    workers = Workers(config.limits.threads)
    cache = ChunkCache(config.limits.chunk_cache)
    app[UNIT] = make_unit(config, cache, workers)
    app[CONFIG] = config
    app[WORKERS] = workers
    app[PAINTER] = Painter(workers)
    app[CAPABILITIES] = CapabilitiesWriter(config, workers)
    app[METRICS] = Metrics(cache)
    for protocol in spoken:
        app.router.add_routes(protocol.routes)
    app.cleanup_ctx.append(_background)
    return app


def make_unit(config: Config, cache: ChunkCache, workers: Workers) -> Unit:
    """Make the unit's datasets, closed; nothing is read."""
    shared = Shared(cache=cache, workers=workers, most_cells=config.limits.plain_cells)
    return Unit(
        served={dataset.id: Served(dataset, source_of(config, dataset, shared), shared) for dataset in config.datasets},
        policy=everything_public,
    )


async def _background(app: web.Application) -> AsyncIterator[None]:
    stop = asyncio.Event()
    refreshing = asyncio.gather(*(_refresh(served, stop) for served in app[UNIT].served.values()))
    beating = asyncio.create_task(_beat(app[METRICS]))
    yield
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    # Never cut short: Icechunk aborts the process where a look at the store outlives the interpreter.
    stop.set()
    await app[UNIT].close()
    await refreshing
    app[WORKERS].close()


async def _refresh(served: Served, stop: asyncio.Event) -> None:
    """Look for new versions of one dataset: a slow one keeps no other waiting."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _REFRESH)
            return
        await served.refresh()


async def _beat(metrics: Metrics) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _BEAT
        await asyncio.sleep(_BEAT)
        metrics.lagged(max(0.0, loop.time() - due))
