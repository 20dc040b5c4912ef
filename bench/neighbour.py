"""A client that behaves well beside others that do not: tells how long it waited for health and for tiles.

Run: `python -m bench.neighbour BASE TILE`, until its standard input ends. Every question comes on a connection of its
own, for that is what crowds take from others first.
"""

import http.client
import json
import select
import sys
import time
from typing import Final
from urllib.parse import urlsplit

_PAUSE: Final = 0.02
"""Seconds between two questions."""
_PATIENCE: Final = 60
"""Seconds."""


def ask(host: str, path: str) -> float:
    """Return the milliseconds of one answer; infinity where there was none, or another than 200."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection(host, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return float("inf")
    finally:
        connection.close()
    return (time.perf_counter() - begun) * 1000 if answer.status == 200 else float("inf")


def main() -> None:
    """Ask until nobody wants to know any more, then print milliseconds as JSON."""
    base, tile = sys.argv[1:]
    host = urlsplit(base).netloc
    found: dict[str, list[float]] = {"health": [], "tile": []}
    while not select.select([sys.stdin], [], [], _PAUSE)[0]:
        found["health"].append(ask(host, "/health"))
        found["tile"].append(ask(host, tile))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
