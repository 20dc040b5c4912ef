"""The judge of every grid: tiles over HTTP beside the rectilinear one, and what ingests cost; run by `make grids`.

Pixels are compared with cells found by trying them all on the sphere before a rate counts. What is generated and
ingested is kept in data/bench/grids and taken again as long as the code that made it is the same; begun anew after an
interruption, it goes on. The first run takes some ten minutes and 3 GB, `--quick` then one minute and no peer.
"""

import argparse
import random
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench import gate, wrk
from bench.built import Cost, FailedError
from bench.containing import Truth, middles_of, shown, truths
from bench.gridded import LEVELS, STEPS, WRITERS, depth, land
from bench.grids_prepared import GRIDS, Grids, prepare
from bench.measured import Case, Turns, in_turns
from bench.peers.curved import PEER, curved
from bench.rows import RESULTS
from bench.servers import NoAnswerError, Server, ours
from bench.table import Goal, Row, last_of, record, written
from bench.workload import EDGE, HIGH, LOW, TIMES, Place
from bench.wrk import BadAnswersError

SEED: Final = 20150101
HEIGHTS: Final = (-30, -100, -300, -1000)
"""Metres, that levels are asked for at."""
_SHARES: Final = (0.03, 0.12, 0.2, 0.25, 0.2, 0.1, 0.1)
"""Of the zooms, from the first one on, as in the other bench."""
_SAMPLE: Final = 1000
"""Pixels of each picture that are compared."""
_WRONG: Final = 0.001
_LEAST: Final = 0.25
"""Share of a picture that shows something."""
_FINE: Final = 4
"""Zoom from which no picture is made of overviews; of the coastal mesh 3 more."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One row."""

    what: str
    dataset: str
    against: str = ""
    share: float = 0.0
    """Of the rate of the other row, to be reached."""
    choice: str = ""
    """What of its levels is asked for: `number` or `height`."""
    first: int = 1
    """Least zoom; there are seven."""
    within: Box = (-180.0, -76.0, 180.0, 85.0)
    """Where places lie: west, south, east, north."""


PLAIN, NATIVE = "rectilinear 2041 x 4320, tile", "s-levels, tile of a level by number"
CURVED: Final = "tripolar 3059 x 4322, tile"
KINDS: Final = (
    Kind(what=PLAIN, dataset="rectilinear"),
    Kind(what=CURVED, dataset="orca", against=PLAIN, share=1 / 2),
    Kind(what="mesh of a million triangles, tile", dataset="icosahedral", against=PLAIN, share=1 / 4),
    Kind(
        what="mesh of a million triangles of one sea, zooms 4 to 10, tile", dataset="coastal", against=PLAIN,
        share=1 / 4, first=4, within=(-58.5, 10.5, -19.5, 39.5),
    ),
    Kind(what=NATIVE, dataset="levels", choice="number"),
    Kind(what="s-levels, tile at a height in metres", dataset="levels", against=NATIVE, share=1 / 6, choice="height"),
)  # fmt: skip
GOALS: Final = (
    *(
        Goal(what=kind.what, figure="share", at_least=True, bound=round(kind.share, 3), unit=" of the other")
        for kind in KINDS
        if kind.against
    ),
    Goal(what=CURVED, figure="rate", at_least=True, bound=15, over=(PEER,)),
)
_MOST: Final[Mapping[str, tuple[float, float]]] = {
    "index orca": (120, 2000), "index icosahedral": (60, np.inf), "index coastal": (60, np.inf),
}  # fmt: skip
"""Seconds and MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One picture of one row."""

    place: Place
    height: float | None
    """Metres, of what is asked for at one."""
    path: str


def chosen(kind: Kind, count: int) -> list[Asked]:
    """Choose different tiles, each at least a quarter of it sea."""
    draw = random.Random(SEED)
    found: dict[str, Asked] = {}
    while len(found) < count:
        zoom = kind.first + draw.choices(range(len(_SHARES)), _SHARES)[0]
        column, row, step = draw.randrange(2**zoom), draw.randrange(2**zoom), draw.randrange(STEPS)
        number, height = draw.randrange(LEVELS), draw.choice(HEIGHTS)
        side = 2 * EDGE / 2**zoom
        west, north = -EDGE + column * side, EDGE - row * side
        place = Place(
            crs="EPSG:3857", bbox=(west, north - side, west + side, north), size=(256, 256), step=step,
            level=number if kind.choice == "number" else 0,
            tile=(zoom, column, row),
        )  # fmt: skip
        which = {"number": f"&DIM_s_rho={number}", "height": f"&ELEVATION={height}"}.get(kind.choice, "")
        if _sea(place, kind.within, -height if kind.choice == "height" else 0) >= _LEAST:
            path = _path(kind.dataset, place) + which
            found[path] = Asked(place=place, height=height if kind.choice == "height" else None, path=path)
    return list(found.values())


def _sea(place: Place, within: Box, deep: float) -> float:
    """Return which share of a picture is sea, so deep in metres."""
    middles = (np.arange(8) + 0.5) * place.size[0] / 8
    across, down = np.meshgrid(middles, middles)
    places = middles_of(place, (down.ravel(), across.ravel()))
    longitudes, latitudes = np.degrees(np.arctan2(places[1], places[0])), np.degrees(np.arcsin(places[2]))
    west, south, east, north = within
    inside = (longitudes >= west) & (longitudes <= east) & (latitudes >= south) & (latitudes <= north)
    return float(np.mean(inside & ~land(places) & (depth(places) >= deep)))


def _path(dataset: str, place: Place) -> str:
    return (
        f"/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={dataset}/thetao&STYLES=default-scalar/turbo"
        f"&CRS={place.crs}&BBOX={','.join(map(repr, place.bbox))}&WIDTH=256&HEIGHT=256&FORMAT=image/png"
        f"&TRANSPARENT=TRUE&TIME={TIMES[place.step]}Z&COLORSCALERANGE={LOW},{HIGH}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Measures one server."""

    server: Server
    grids: Grids
    turns: Turns
    count: int
    """Tiles of each row."""
    compared: int
    """Of these."""
    kinds: tuple[Kind, ...]

    def rows(self) -> Iterator[Row]:
        """Compare, fill the cache, and measure in turns.

        Raises:
            BadAnswersError: an answer was no whole picture, or an empty one.
            WrongPixelsError: one does not show the data.

        """
        known, cases = truths(self.grids.files, {kind.dataset for kind in self.kinds}), []
        for kind in self.kinds:
            asked = chosen(kind, self.count)
            worst = self._compared(kind, asked, known[kind.dataset])
            say(f"{kind.what}: at most {worst:.2%} of the pixels of a picture are wrong; filling the cache")
            for each in asked:
                self._there(each)
            name = f"{kind.dataset}-{kind.choice or 'all'}"
            paths = wrk.write_paths(self.grids.folder / f"{name}.txt", [each.path for each in asked])
            cases.append(Case(what=kind.what, paths=paths, server=self.server, against=kind.against))
        yield from in_turns(cases, self.turns)

    def _compared(self, kind: Kind, asked: list[Asked], truth: Truth) -> float:
        fine = kind.first + _FINE - 1
        few = [each for each in asked if each.place.tile and each.place.tile[0] >= fine][: self.compared]
        draw, worst = np.random.default_rng(SEED), 0.0
        for each in few:
            at = draw.integers(0, 256, _SAMPLE), draw.integers(0, 256, _SAMPLE)
            wrong = shown(truth, each.place, at, self._there(each)[at], each.height)
            if wrong > _WRONG:
                raise gate.WrongPixelsError(f"{wrong:.2%} of the pixels are wrong at {each.path}")
            worst = max(worst, wrong)
        return worst

    def _there(self, asked: Asked) -> NDArray[np.uint8]:
        """Return a picture that is not empty."""
        with urllib.request.urlopen(self.server.base + asked.path, timeout=60) as answer:
            pixels = gate.pixels_of(answer.read())
        if not pixels[..., 3].any():
            raise BadAnswersError(f"an empty picture at {asked.path}")
        return pixels


def table_of(costs: Mapping[str, Cost]) -> str:
    """Write what ingests cost."""
    lines = ["| what | s | CPU s | peak MB | to reach |", "|---|---|---|---|---|"]
    for what, cost in costs.items():
        judged = "-"
        if what in _MOST:
            seconds, room = _MOST[what]
            reached = "yes" if cost.seconds <= seconds and cost.peak <= room else "NO"
            judged = f"at most {seconds:g} s" + ("" if np.isinf(room) else f" and {room:g} MB") + f": {reached}"
        lines.append(f"| {what} | {cost.seconds:.0f} | {cost.cpu:.0f} | {cost.peak:.0f} | {judged} |")
    return "\n".join(lines) + "\n"


def say(line: str) -> None:
    """Tell how far it is."""
    print(f"  {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Prepare, measure, and add the tables to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--quick", action="store_true", help="short runs, few pictures, no peer")
    given.add_argument("--seconds", type=float, help="of each run of a row; 4, with --quick 1")
    given.add_argument("--peers", choices=("all", "none"), default="all", help="whether xpublish-tiles is asked too")
    given.add_argument("--only", default="", help="datasets with commas between them, beside the rectilinear one")
    given.add_argument("--folder", type=Path, default=GRIDS, help="of the data")
    given.add_argument("--results", type=Path, default=RESULTS, help="the file that the tables are added to")
    asked = given.parse_args()
    turns = Turns(seconds=asked.seconds or (1.0 if asked.quick else 4.0), rounds=2 if asked.quick else 3)
    try:
        names = {"rectilinear", *asked.only.split(",")} if asked.only else set(WRITERS)
        kinds = tuple(kind for kind in KINDS if kind.dataset in names)
        grids = prepare(say, asked.folder, names)
        with ours(grids.config("serve", sorted({kind.dataset for kind in kinds}))) as server:
            count, compared = (150, 4) if asked.quick else (3000, 12)
            judge = Judge(server=server, grids=grids, turns=turns, count=count, compared=compared, kinds=kinds)
            rows = list(judge.rows())
    except (BadAnswersError, gate.WrongPixelsError, NoAnswerError, FailedError) as error:
        raise SystemExit(f"bench: {error}: nothing is recorded") from error
    peer = ""
    if not asked.quick and asked.peers == "all" and "orca" in names:
        tiles = [each.place for each in chosen(KINDS[1], 1000)]
        row, peer = curved(grids, tiles, turns, say)
        rows.append(row)
    kind = "grids quick" if asked.quick else "grids"
    said = (
        f"`make grids`: wrk with 8 connections and the server on the same cores; {turns.rounds} runs of "
        f"{turns.seconds:g} s in turns, the median (least-most); 4 connections of the peer"
        f"{f', {peer}' if peer else ''}. {_SAMPLE} pixels of {compared} pictures of each row were compared with cells "
        "found by trying all; every picture was looked at once, and none is empty."
    )
    last = last_of(kind, asked.results.read_text(encoding="utf-8")) if asked.results.exists() else {}
    table = written(rows, GOALS, last)
    built = "`index`: working out how cells are found, alone; memory of all processes. Each in a process of its own:"
    print(record(kind, said, f"{table}\n{built}\n\n{table_of(grids.costs())}", asked.results))


if __name__ == "__main__":
    main()
