"""Measures the peers, one after another, each once its pictures were compared with the data."""

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from bench import gate, wrk
from bench.measured import Case, Turns, in_turns
from bench.peers.base import NotHereError, Peer, Report
from bench.peers.mapserver import mapserver_peers
from bench.peers.python import python_peers
from bench.prepared import World
from bench.servers import NoAnswerError, Server
from bench.table import Row
from bench.workload import Place
from bench.wrk import BadAnswersError

MAPS = "map 1024 x 768"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerLoad:
    """What every peer is asked for."""

    tiles: list[Place]
    maps: list[Place]
    turns: Turns


def measured(world: World, load: PeerLoad, names: str, report: Report) -> tuple[list[Row], str]:
    """Measure the peers named, or `all`; return their rows and versions."""
    known = (*mapserver_peers(), *python_peers(world))
    wanted = set(names.split(","))
    unknown = wanted - {"all"} - {peer.name.split(",")[0] for peer in known}
    if unknown:
        listed = ", ".join(dict.fromkeys(peer.name.split(",")[0] for peer in known))
        raise SystemExit(f"bench: no peer is called {', '.join(sorted(unknown))}; there are {listed}")
    rows: list[Row] = []
    versions: dict[str, None] = {}
    for peer in known:
        if wanted & {"all", peer.name.split(",")[0]}:
            report(f"peer: {peer.name}")
            found, version = _measured(peer, world, load, report)
            rows += found
            for row in found:
                report(row.told())
            versions |= {version: None} if version else {}
    return rows, ", ".join(versions) or "none"


def _measured(peer: Peer, world: World, load: PeerLoad, report: Report) -> tuple[list[Row], str]:
    version = ""
    try:
        version = peer.install(world, report)
        with peer.start(world) as server:
            return list(_rows(peer, server, world, load)), version
    except (NotHereError, NoAnswerError, BadAnswersError, gate.WrongPixelsError) as error:
        return [Row(what=peer.name, figures={}, said=str(error).replace("|", "/"))], version


def _rows(peer: Peer, server: Server, world: World, load: PeerLoad) -> list[Row]:
    """Check, warm up and measure: 4 clients, as it was measured before.

    Raises:
        BadAnswersError: an answer is no whole picture.
        WrongPixelsError: a picture does not show the data.

    """
    fine = [place for place in load.tiles if place.tile and 4 <= place.tile[0] <= 6][:12]
    for places, address in ((fine, peer.tile), (load.maps[:2], peer.map)):
        gate.peers(world.packed, places, _fetching(server, address))
    cases = []
    for what, places, address in ((peer.name, load.tiles, peer.tile), (f"{peer.name}, {MAPS}", load.maps, peer.map)):
        name = what.replace(" ", "-").replace(",", "")
        paths = wrk.write_paths(world.folder / f"peer-{name}.txt", [address(place) for place in places])
        # What is compiled and opened at the first requests is no part of the rate; other pictures than those counted.
        wrk.run(server.base, paths, connections=4, seconds=3, start=len(places) - 100)
        cases.append(Case(what=what, paths=paths, server=server, connections=4))
    return in_turns(cases, load.turns)


def _fetching(server: Server, address: Callable[[Place], str]) -> Callable[[Place], bytes]:
    def fetch(place: Place) -> bytes:
        try:
            with urllib.request.urlopen(server.base + address(place), timeout=120) as answer:
                content: bytes = answer.read()
        except urllib.error.HTTPError as error:
            raise BadAnswersError(f"status {error.code} to {address(place)}: {error.read()[:200]!r}") from error
        if not content.startswith(b"\x89PNG"):
            raise BadAnswersError(f"no picture but {content[:100]!r}")
        return content

    return fetch
