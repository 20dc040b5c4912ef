"""Prints the CPU that each kind of picture costs, in process and without HTTP: ratios hold where rates do not.

Run: `python -m bench.drawing --config FILE --packed LAYER --real LAYER`, two layers of one place, one packed in two
bytes and one of single precision. All threads count, and the kinds take turns, so that a busy machine harms all alike.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from yarl import URL

from auth.caller import ANONYMOUS
from bench.workload import EDGE, HIGH, everywhere, tiles
from gateway.admission import admission
from gateway.app import make_unit
from gateway.config.file import Config, load
from gateway.metrics import Metrics
from gateway.pictures import Painter
from gateway.unit import Unit
from gateway.wms.maps import picture_of
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.map import parse_get_map
from gateway.workers import Workers
from stores.cache import ChunkCache

ROUNDS = 7
EACH = 40
"""Pictures of one kind in each round."""
SEED = 20150101
LIMITS = MapLimits(max_width=4096, max_height=4096, max_pixels=2**24, max_layers=8)
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of picture."""

    name: str
    """In the table."""
    layers: str
    """As LAYERS names them."""
    crs: str = "EPSG:3857"
    """Of the view."""
    size: tuple[int, int] = (256, 256)
    """Width and height in pixels."""
    more: str = ""
    """Further parameters."""
    cold: bool = False
    """Whether no chunk is kept."""


def kinds(packed: str, real: str) -> tuple[Kind, ...]:
    """Return what is measured; the first one is what the others are compared with."""
    large = (1024, 768)
    return (
        Kind(name="tile, packed, linear", layers=packed),
        Kind(name="tile, float32, linear", layers=real),
        Kind(name="tile, float32, log", layers=real, more="&LOGSCALE=true"),
        Kind(name="tile, packed, bilinear", layers=packed, more="&INTERPOLATION=bilinear"),
        Kind(name="tile, float32, bilinear", layers=real, more="&INTERPOLATION=bilinear"),
        Kind(name="tile, RGBA PNG", layers=packed, more="&FORMAT=image/png;%20mode=32bit"),
        Kind(name="tile, two layers", layers=f"{packed},{real}", more="&OPACITY=100,60"),
        Kind(name="tile, EPSG:3413", layers=packed, crs="EPSG:3413"),
        Kind(name="tile, no chunk cache", layers=packed, cold=True),
        Kind(name="tile, float32, no chunk cache", layers=real, cold=True),
        Kind(name="1024 x 768, EPSG:3857", layers=packed, size=large),
        Kind(name="1024 x 768, EPSG:3413", layers=packed, crs="EPSG:3413", size=large),
    )


def boxes(kind: Kind, count: int) -> list[Box]:
    """Choose places: web map tiles of zooms 1 to 7, or squares of the same sizes of a polar map."""
    found = [place.bbox for place in tiles(count, SEED, everywhere())]
    if kind.crs == "EPSG:3413":
        # What lies within 45 degrees of the pole.
        half = 4.5e6
        found = [tuple(half * (part / EDGE) for part in box) for box in found]  # type: ignore[misc]
    if kind.size[0] != kind.size[1]:
        share = kind.size[1] / kind.size[0]
        found = [(west, south, east, south + (north - south) * share) for west, south, east, north in found]
    return found


def path_of(kind: Kind, box: Box) -> str:
    """Write the GetMap of one picture."""
    picture = "" if "FORMAT" in kind.more else "&FORMAT=image/png"
    return (
        f"/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={kind.layers}&STYLES=&CRS={kind.crs}"
        f"&BBOX={','.join(map(repr, box))}&WIDTH={kind.size[0]}&HEIGHT={kind.size[1]}&TRANSPARENT=TRUE"
        f"&COLORSCALERANGE=0.5,{HIGH}{picture}{kind.more}"
    )


async def draw(unit: Unit, painter: Painter, path: str) -> bytes:
    """Answer one GetMap as the server would, from the query to the file."""
    asked = parse_get_map(URL(path, encoded=True).query, dataset=None, limits=LIMITS)
    return await painter.paint(await picture_of(unit.visible_to(ANONYMOUS), asked))


@contextmanager
def _units(config: Config) -> Iterator[dict[bool, tuple[Unit, Painter]]]:
    """Make a unit that keeps chunks, and by True one that does not."""
    workers = Workers(config.limits.threads)
    lanes = admission(config.limits, Metrics())
    kept = {False: 2**30, True: 0}
    yield {cold: (make_unit(config, ChunkCache(room), workers), Painter(workers, lanes)) for cold, room in kept.items()}
    workers.close()


async def measure(config: Config, chosen: Sequence[Kind], *, rounds: int, each: int) -> dict[str, list[float]]:
    """Return, for each kind and round, the milliseconds of CPU for a picture."""
    spent: dict[str, list[float]] = {kind.name: [] for kind in chosen}
    with _units(config) as units:
        paths = {kind.name: [path_of(kind, box) for box in boxes(kind, each)] for kind in chosen}
        for kind in chosen:
            for path in paths[kind.name]:
                await draw(*units[kind.cold], path)
        for _ in range(rounds):
            for kind in chosen:
                begun = time.process_time()
                for path in islice(cycle(paths[kind.name]), each):
                    await draw(*units[kind.cold], path)
                spent[kind.name].append((time.process_time() - begun) / each * 1000)
    return spent


def main() -> None:
    """Measure and print the table."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--config", type=Path, required=True)
    given.add_argument("--packed", required=True)
    given.add_argument("--real", required=True)
    given.add_argument("--rounds", type=int, default=ROUNDS)
    given.add_argument("--each", type=int, default=EACH)
    given.add_argument("--only", default="")
    asked = given.parse_args()
    chosen = [kind for kind in kinds(asked.packed, asked.real) if asked.only in kind.name]
    spent = asyncio.run(measure(load(asked.config), chosen, rounds=asked.rounds, each=asked.each))
    least = {name: min(times) for name, times in spent.items()}
    plain = next(iter(least.values()))
    print("| what | CPU ms, least | median | rate to the first |\n|---|---|---|---|")
    for name, times in spent.items():
        print(f"| {name} | {least[name]:.3f} | {statistics.median(times):.3f} | {plain / least[name]:.2f} |")


if __name__ == "__main__":
    main()
