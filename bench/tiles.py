"""The judge of speed: pictures, documents, start and memory, beside what the peers reach; run by `make bench`.

Pixels are checked before a rate counts. Needs wrk. Server and client share the machine. `--quick` takes a minute once
the data are there, and leaves the peers out.
"""

import argparse
import shutil
import sys

from bench import gate
from bench.goals import GOALS
from bench.measured import Turns
from bench.own import Runs
from bench.peers.measure import PeerLoad, measured
from bench.prepared import prepare
from bench.rows import RESULTS
from bench.servers import NoAnswerError
from bench.table import last_of, record, written
from bench.workload import sea_of
from bench.wrk import BadAnswersError


def main() -> None:
    """Check pixels, measure, and add the table to RESULTS.md."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--quick", action="store_true", help="a minute: short runs, few pictures, no peers")
    given.add_argument("--seconds", type=float, help="of each run of a row; 4, with --quick 1")
    given.add_argument("--peers", default="all", help="names with commas between them, `all` or `none`")
    asked = given.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is not installed; it is in the packages of most systems")
    kind = "quick" if asked.quick else "full"
    turns = Turns(seconds=asked.seconds or (1.0 if asked.quick else 4.0), rounds=2 if asked.quick else 3)
    world = prepare(say)
    runs = Runs(world=world, sea=sea_of(world.packed), turns=turns, quick=asked.quick)
    try:
        rows, worst = runs.all(say)
    except (BadAnswersError, gate.WrongPixelsError, NoAnswerError) as error:
        raise SystemExit(f"bench: {error}: nothing is recorded") from error
    said = (
        f"wrk and the servers on the same cores; {turns.rounds} runs of {turns.seconds:g} s in turns, the median "
        f"(least-most). "
        f"Worst share of wrong pixels in the pictures that were checked: {worst:.5f}."
    )
    if not asked.quick and asked.peers != "none":
        load = PeerLoad(tiles=runs.tiles(), maps=runs.maps(), turns=turns)
        found, versions = measured(world, load, asked.peers, say)
        rows += found
        said += f" Peers: {versions}."
    last = last_of(kind, RESULTS.read_text(encoding="utf-8"))
    print(record(kind, said, written(rows, GOALS, last)))


def say(line: str) -> None:
    """Tell how far it is."""
    print(f"  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
