"""Prints what each step of one tile costs, on the path that every tile takes. Run: `make trace`."""

import argparse
import asyncio
import statistics
import time
from collections import defaultdict
from pathlib import Path

from aiohttp.test_utils import make_mocked_request
from yarl import URL

from auth.caller import ANONYMOUS
from gateway.admission import admission
from gateway.app import make_unit
from gateway.config.file import Config, load
from gateway.config.unit import LimitsConfig
from gateway.http.conditional import held
from gateway.metrics import Metrics
from gateway.pictures import Painter
from gateway.wms.maps import picture_of
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.map import parse_get_map
from gateway.workers import Workers
from stores.cache import ChunkCache

ROUNDS = 300
BBOX = {
    "EPSG:4326": "20,-80,50,-50",
    "EPSG:3857": "-8905559,2273030,-5565974,5621521",
    "EPSG:3413": "-3000000,-3000000,3000000,3000000",
}


async def trace(config: Config, layer: str, crs: str, *, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Draw one tile `rounds` times; return the milliseconds of each step."""
    workers = Workers(config.limits.threads)
    unit = make_unit(config, ChunkCache(config.limits.chunk_cache), workers)
    painter, spent = Painter(workers, admission(LimitsConfig(), Metrics())), defaultdict(list)
    limits = MapLimits(max_width=4096, max_height=4096, max_pixels=2**24, max_layers=8)
    query = URL(
        f"/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={layer}&STYLES=&CRS={crs}&BBOX={BBOX[crs]}"
        "&WIDTH=256&HEIGHT=256&FORMAT=image/png&TRANSPARENT=TRUE"
    ).query
    request = make_mocked_request("GET", "/wms", headers={"If-None-Match": '"another"'})
    last = 0.0

    def mark(step: str) -> None:
        nonlocal last
        now = time.perf_counter()
        spent[step].append((now - last) * 1000)
        last = now

    for _ in range(rounds):
        begun = last = time.perf_counter()
        asked = parse_get_map(query, dataset=None, limits=limits)
        mark("parse")
        picture = await picture_of(unit.visible_to(ANONYMOUS), asked)
        mark("resolve")
        held(request, picture.tag)
        mark("etag")
        await painter.paint(picture, mark)
        spent["all"].append((time.perf_counter() - begun) * 1000)
    workers.close()
    return spent


def main() -> None:
    """Trace one layer in each reference system."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--config", type=Path, default=Path("config.yaml"))
    given.add_argument("--layer", default="physics/thetao")
    asked = given.parse_args()
    config = load(asked.config)
    print(f"{asked.layer}, 256 x 256, chunks in cache, median of {ROUNDS}; milliseconds")
    for crs in BBOX:
        spent = asyncio.run(trace(config, asked.layer, crs))
        steps = "  ".join(f"{step} {statistics.median(times):.3f}" for step, times in spent.items())
        print(f"  {crs:10} {steps}")


if __name__ == "__main__":
    main()
