"""Pictures drawn in this process, without HTTP: a limit to what the server can reach."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from yarl import URL

from auth.caller import ANONYMOUS
from bench.table import Row
from gateway.admission import admission
from gateway.app import make_unit
from gateway.config.file import load
from gateway.config.unit import LimitsConfig
from gateway.metrics import Metrics
from gateway.pictures import Painter, Picture
from gateway.wms.maps import picture_of
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.map import parse_get_map
from gateway.workers import Workers
from stores.cache import ChunkCache

_LIMITS = MapLimits(max_width=4096, max_height=4096, max_pixels=2**24, max_layers=8)


def drawn(what: str, config: Path, paths: Sequence[str]) -> Row:
    """Draw the pictures of these addresses once to fill the cache, and three times to measure."""
    return asyncio.run(_drawn(what, config, paths))


async def _drawn(what: str, config: Path, paths: Sequence[str]) -> Row:
    settings = load(config)
    workers = Workers(settings.limits.threads)
    unit = make_unit(settings, ChunkCache(settings.limits.chunk_cache), workers)
    pictures: list[Picture] = []
    for path in paths:
        asked = parse_get_map(URL(path).query, dataset=None, limits=_LIMITS)
        pictures.append(await picture_of(unit.visible_to(ANONYMOUS), asked))
    painter = Painter(workers, admission(LimitsConfig(), Metrics()))
    sizes = [len(await painter.paint(picture)) for picture in pictures]
    rates, cpu = [], time.process_time()
    for _ in range(3):
        begun = time.perf_counter()
        for picture in pictures:
            await painter.paint(picture)
        rates.append(len(pictures) / (time.perf_counter() - begun))
    cpu = time.process_time() - cpu
    workers.close()
    return Row(
        what=what,
        figures={
            "rate": sorted(rates)[1],
            "low": min(rates),
            "high": max(rates),
            "cpu": cpu / 3 / len(pictures) * 1000,
            "kB": sum(sizes) / len(sizes) / 1000,
        },
    )
