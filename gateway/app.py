"""The composition root of one dissemination unit: the only place that holds state and joins the parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from gateway.accounting.journal import Journal
from gateway.admission import Admission, Turns, admission
from gateway.cell_cache import CellCache
from gateway.config.file import Config
from gateway.heap import Heap
from gateway.http.access_log import AccessLog
from gateway.http.compression import Packer
from gateway.http.cors import Cors
from gateway.http.following import note_answer
from gateway.http.forwarded import Proxies
from gateway.http.private import keep_private
from gateway.http.wire import say_little
from gateway.identity.port import Anybody
from gateway.keys import ADMISSION, CONFIG, DOWNLOADS, DRAINING, IDENTITY, METRICS, PAINTER, PROXIES, UNIT, WORKERS
from gateway.kml.routes import kml
from gateway.metrics import Figure, Metrics
from gateway.middleware import Manners, around
from gateway.ncss.routes import ncss
from gateway.opened import prepare
from gateway.openings import Openings
from gateway.operations.routes import operations
from gateway.pictures import Painter
from gateway.protocol import Protocol
from gateway.ranges import Ranges
from gateway.refreshing import keep_fresh
from gateway.rulebook import Rulebook
from gateway.sampling import Shared
from gateway.served import Served
from gateway.sources import source_of
from gateway.unit import Unit
from gateway.viewer.routes import viewer
from gateway.visit import UnderWay
from gateway.wms.catalogue import CapabilitiesWriter
from gateway.wms.routes import CAPABILITIES, wms
from gateway.workers import Workers
from gateway.writers.downloads import Downloads
from stores.cache import ChunkCache

_REFRESH = 2.0
"""Seconds between looks for newly published versions."""
_BEAT = 0.25
"""Seconds between two measures of how late the event loop is."""


def protocols() -> tuple[Protocol, ...]:
    """List what a unit speaks; the viewer, which owns what no other does, comes last."""
    return (wms(), kml(), ncss(), operations(), viewer())


def make_app(config: Config) -> web.Application:
    """Make one unit; two may live in one process."""
    spoken, metrics, cors = protocols(), Metrics(), Cors(config.unit.cors)
    workers = Workers(config.limits.threads, metrics.waited)
    cache = ChunkCache(config.limits.chunk_cache, metrics.read)
    log = None if config.unit.access_log is None else AccessLog(config.unit.access_log)
    journal = None if config.accounting is None else Journal(config.accounting, config.unit.id)
    app = web.Application(
        middlewares=[
            around(spoken, Manners(cors=cors, packer=Packer(workers), log=log, turns=Turns(), journal=journal))
        ],
        handler_args={"max_line_size": config.limits.request_line, "max_field_size": config.limits.request_line},
        client_max_size=config.limits.request_body,
    )
    app[UNIT] = make_unit(config, cache, workers)
    app[CONFIG] = config
    app[PROXIES] = Proxies(config.unit.proxies, config.unit.proxy_headers)
    _identify(app, config)
    app[WORKERS] = workers
    app[ADMISSION] = lanes = admission(config.limits, metrics)
    app[PAINTER] = Painter(workers, lanes)
    app[DOWNLOADS] = Downloads(config.downloads)
    app[CAPABILITIES] = CapabilitiesWriter(config, workers)
    app[METRICS] = metrics
    app[DRAINING] = asyncio.Event()
    metrics.include([*_figures(cache), *_waiting(lanes)])
    if log is not None:
        app.cleanup_ctx.append(log.background)
    if journal is not None:
        metrics.include(_accounted(journal))
        app.cleanup_ctx.append(journal.background)
        app.on_response_prepare.append(note_answer)
    for protocol in spoken:
        app.router.add_routes(protocol.routes)
    app.on_response_prepare.extend((cors.told, say_little, keep_private))
    app.cleanup_ctx.append(Heap().background)
    app.cleanup_ctx.append(app[UNIT].rules.background)
    app.cleanup_ctx.append(_background)
    return app


def _identify(app: web.Application, config: Config) -> None:
    app[IDENTITY] = Anybody()
    if config.auth is not None:
        # It brings cryptography, which would cost every other unit a tenth of a second at its start.
        from gateway.identity.bearer import bearer  # noqa: PLC0415

        app[IDENTITY], background = bearer(config.auth, config.unit.id)
        app.cleanup_ctx.append(background)


def make_unit(config: Config, cache: ChunkCache, workers: Workers) -> Unit:
    """Make the unit's datasets, closed; nothing is read."""
    shared = Shared(
        cache=cache,
        ranges=Ranges(),
        workers=workers,
        cells=CellCache(config.limits.cell_cache),
        most_cells=config.limits.plain_cells,
    )
    return Unit(
        served={dataset.id: Served(dataset, source_of(config, dataset, shared), shared) for dataset in config.datasets},
        rules=Rulebook(config, workers),
        under_way=UnderWay(),
        openings=Openings(),
    )


def _figures(cache: ChunkCache) -> list[Figure]:
    return [
        ("halocline_chunk_hits_total", "Chunks found in the cache.", lambda: cache.hits),
        ("halocline_chunk_misses_total", "Chunks read from the store.", lambda: cache.misses),
        ("halocline_chunk_joined_total", "Chunks that another request was reading already.", lambda: cache.joined),
        ("halocline_chunk_evicted_total", "Chunks that left the cache to make room.", lambda: cache.evicted),
        ("halocline_chunk_bytes", "Bytes of decoded chunks held.", lambda: cache.bytes),
    ]


def _waiting(lanes: Admission) -> list[Figure]:
    quick, long = lanes.quick, lanes.long
    return [
        ("halocline_quick_waiting", "Quick work that waits for a place.", lambda: quick.waiting),
        ("halocline_quick_refused_total", "Quick work for which there was no place.", lambda: quick.refused),
        ("halocline_long_waiting", "Long work that waits for a place.", lambda: long.waiting),
        ("halocline_long_refused_total", "Long work for which there was no place.", lambda: long.refused),
    ]


def _accounted(journal: Journal) -> list[Figure]:
    return [
        ("halocline_uses_total", "Uses of which a record was written.", lambda: journal.kept),
        ("halocline_uses_lost_total", "Uses that no record could be kept of.", lambda: journal.lost),
        ("halocline_uses_waiting", "Uses whose records wait to be written.", lambda: journal.waiting),
    ]


async def _background(app: web.Application) -> AsyncIterator[None]:
    # Off the loop, and before the first request: later it would hold both up.
    await app[WORKERS].run(prepare)
    stop = asyncio.Event()
    refreshing = asyncio.create_task(keep_fresh(list(app[UNIT].served.values()), stop, _REFRESH))
    beating = asyncio.create_task(_beat(app[METRICS]))
    yield
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    await app[DOWNLOADS].close()
    # Never cut short: Icechunk aborts the process where a look at the store outlives the interpreter.
    stop.set()
    await app[UNIT].close()
    await refreshing
    app[WORKERS].close()


async def _beat(metrics: Metrics) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _BEAT
        await asyncio.sleep(_BEAT)
        metrics.lagged(max(0.0, loop.time() - due))
