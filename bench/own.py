"""The rows of our own server."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench import gate, goals, many, wrk
from bench.drawn import drawn
from bench.field import DEPTHS, FLOAT_STEPS
from bench.measured import Case, Turns, in_turns, late, one_by_one, started, warm
from bench.prepared import World
from bench.servers import Server, ours
from bench.static import serve_static
from bench.table import Row
from bench.workload import ASKED, Place, Sea, maps, path_of, tiles

Report = Callable[[str], None]
SEED: Final = 20150101
_GIB: Final = 2**30
_CAPABILITIES: Final = "?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities"
_ONE_OF_MANY: Final = (
    "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=fine-004/thetao&STYLES=&CRS=CRS:84&BBOX=0,0,90,90"
    "&WIDTH=256&HEIGHT=256&FORMAT=image/png"
)
_PIXEL: Final = 100
"""Column and row that values are asked of."""
_MANY: Final = Path("data/bench/many")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """What is measured, and how long."""

    world: World
    sea: Sea
    turns: Turns
    quick: bool

    def all(self, report: Report) -> tuple[list[Row], float]:
        """Check pixels and measure; return the rows and the worst share of wrong pixels.

        Raises:
            BadAnswersError: an answer was no whole picture.
            WrongPixelsError: one does not show the data.

        """
        worst = self._checked(report)
        rows: list[Row] = []
        for part in (self._limits, self._warm, self._cold, self._crowd, self._documents, self._loaded, self._many):
            for row in part(report):
                report(row.told())
                rows.append(row)
        return rows, worst

    def tiles(self, levels: tuple[int, ...] = ASKED) -> list[Place]:
        """Return the tiles that are asked for."""
        return tiles(500 if self.quick else 6000, SEED, self.sea, levels)

    def maps(self, crs: str = "EPSG:3857") -> list[Place]:
        """Return the maps that are asked for."""
        return maps(60 if self.quick else 600, SEED, self.sea, crs)

    def written(self, name: str, paths: list[str]) -> Path:
        """Write the paths of a load."""
        return wrk.write_paths(self.world.folder / f"{name}.txt", paths)

    def _checked(self, report: Report) -> float:
        report("comparing pixels with the data")
        count = 4 if self.quick else 12
        fine = [place for place in self.tiles() if place.tile and 4 <= place.tile[0] <= 6][:count]
        polar = [place for place in self.maps("EPSG:3413") if place.bbox[2] - place.bbox[0] < 2.5e6][: count // 2]
        with ours(self.world.config("check", chunk_cache=_GIB)) as server:
            worst = gate.ours(self.world.packed, fine + polar, lambda place: _fetch(server, path_of(place)))
            for place in fine:
                content = _fetch(server, path_of(_in_float(place), "floats/thetao", "0.1,30", "&LOGSCALE=true"))
                found = gate.scene(self.world.float, _in_float(place), level=ASKED.index(place.level))
                worst = max(worst, float((~gate.shown(gate.pixels_of(content), found, gate.logarithmic)).mean()))
                value = json.loads(_fetch(server, _point(place)))["features"][0]["properties"]["value"]
                gate.value(self.world.packed, place, (_PIXEL, _PIXEL), value)
        if worst > 0.001:
            raise gate.WrongPixelsError(f"{worst:.2%} of the pixels of a logarithmic picture are wrong")
        return worst

    def _limits(self, report: Report) -> Iterator[Row]:
        report("limits: HTTP alone, reading and encoding alone")
        body = self.written("static", ["/body"])
        with serve_static(12_000) as server:
            yield from in_turns([Case(what="static body", paths=body, server=server)], self.turns)
        paths = [path_of(place) for place in self.tiles()[: 200 if self.quick else 1500]]
        config = self.world.config("drawn", chunk_cache=2 * _GIB)
        yield drawn("reading and encoding alone, chunks in cache", config, paths)
        config = self.world.config("drawn-cold", chunk_cache=0)
        yield drawn("reading and encoding alone, no chunk cache", config, paths)

    def _warm(self, report: Report) -> Iterator[Row]:
        report("pictures with chunks in cache")
        chosen, wide = self.tiles(), self.maps()
        part = [_in_float(place) for place in chosen]
        loads = {
            goals.WARM: [path_of(place) for place in chosen],
            goals.WARM_PEERS: [path_of(place) for place in chosen],
            goals.FLOAT: [path_of(place, "floats/thetao") for place in part],
            goals.LOG: [path_of(place, "floats/thetao", "0.1,30", "&LOGSCALE=true") for place in part],
            goals.SMOOTH: [path_of(place, more="&INTERPOLATION=bilinear") for place in chosen],
            goals.STACKED: [path_of(place, "bench/thetao,floats/thetao", more="&OPACITY=100,50") for place in part],
            goals.MAP: [path_of(place) for place in wide],
            goals.POLAR: [path_of(place) for place in self.maps("EPSG:3413")],
        }
        against = dict.fromkeys((goals.FLOAT, goals.LOG, goals.SMOOTH, goals.STACKED), goals.WARM)
        against[goals.POLAR] = goals.MAP
        with ours(self.world.config("warm", chunk_cache=2 * _GIB)) as server:
            cases = []
            for number, (what, paths) in enumerate(loads.items()):
                written = self.written(f"warm-{number}", paths)
                warm(server, written)
                few = 4 if what in {goals.WARM_PEERS, goals.MAP, goals.POLAR} else 8
                cases.append(
                    Case(what=what, paths=written, server=server, connections=few, against=against.get(what, ""))
                )
            yield from in_turns(cases, self.turns)

    def _cold(self, report: Report) -> Iterator[Row]:
        report("pictures without a chunk cache")
        paths = self.written("cold", [path_of(place) for place in self.tiles()])
        wide = self.written("cold-maps", [path_of(place) for place in self.maps()])
        with ours(self.world.config("cold", chunk_cache=0)) as server:
            yield from in_turns(
                [
                    Case(what=goals.COLD, paths=paths, server=server),
                    Case(what=goals.COLD_FEW, paths=paths, server=server, connections=4),
                    Case(what=goals.MAP_COLD, paths=wide, server=server, connections=4),
                ],
                self.turns,
            )

    def _crowd(self, report: Report) -> Iterator[Row]:
        report("16 clients of one process and of two")
        paths = self.written("crowd", [path_of(place) for place in self.tiles()])
        with ExitStack() as stack:
            servers = [
                stack.enter_context(ours(self.world.config(f"workers-{count}", chunk_cache=2 * _GIB, workers=count)))
                for count in (1, 2)
            ]
            for server in servers:
                # Each process has a cache of its own: enough requests that each is asked for everything.
                wrk.run(server.base, paths, connections=16, seconds=2 if self.quick else 20)
            before = late(servers[0])
            one, two = in_turns(
                [
                    Case(what=goals.CROWD, paths=paths, server=servers[0], connections=16),
                    Case(what=goals.TWO, paths=paths, server=servers[1], connections=16, against=goals.CROWD),
                ],
                self.turns,
            )
            yield replace(one, figures={**one.figures, "late": late(servers[0]) - before})
            yield two

    def _documents(self, report: Report) -> Iterator[Row]:
        report("documents and values")
        count = 30 if self.quick else 300
        with ours(self.world.config("documents", chunk_cache=2 * _GIB)) as server:
            document = [f"/wms/long{_CAPABILITIES}"] * count
            yield one_by_one(goals.LONG, server.base, document)
            yield one_by_one(goals.LONG_PACKED, server.base, document, {"Accept-Encoding": "gzip"})
            points = [_point(place) for place in self.tiles()[: 3 * count]]
            one_by_one("once, to fill the cache", server.base, points)
            yield one_by_one(goals.POINT, server.base, points)

    def _loaded(self, report: Report) -> Iterator[Row]:
        report("memory under load")
        levels = tuple(range(len(DEPTHS)))
        paths = self.written("loaded", [path_of(place) for place in self.tiles(levels)])
        with ours(self.world.config("loaded", chunk_cache=_GIB // 2)) as server:
            yield from in_turns([Case(what=goals.LOAD, paths=paths, server=server)], self.turns)

    def _many(self, report: Report) -> Iterator[Row]:
        if self.quick and not (_MANY / f"config-{many.COUNT}.yaml").exists():
            report("561 datasets: not there yet; a whole run makes them")
            return
        report("561 datasets")
        config = many.prepare(_MANY)
        document = f"/wms{_CAPABILITIES}"
        yield started(goals.START, lambda: ours(config, _ONE_OF_MANY))
        yield started(goals.START_ALL, lambda: ours(config, document))
        with ours(config, document) as server:
            asked = [document] * (20 if self.quick else 100)
            yield one_by_one(goals.MANY, server.base, asked)
            yield one_by_one(goals.MANY_PACKED, server.base, asked, {"Accept-Encoding": "gzip"})


def _in_float(place: Place) -> Place:
    """Return the place at a step that the float32 field has too; its levels are those that are asked for."""
    return replace(place, step=place.step % FLOAT_STEPS)


def _point(place: Place) -> str:
    """Write the GetFeatureInfo of a pixel."""
    asked = f"&QUERY_LAYERS=bench/thetao&I={_PIXEL}&J={_PIXEL}&INFO_FORMAT=application/json"
    return path_of(place).replace("GetMap", "GetFeatureInfo") + asked


def _fetch(server: Server, path: str) -> bytes:
    with urllib.request.urlopen(server.base + path) as answer:
        content: bytes = answer.read()
        return content
