"""Asks a server for its health, a hundred times a second, from a process of its own; prints how long each answer took.

Run: `python -m bench.probing HOST PORT`, until its standard input ends.
"""

import json
import select
import socket
import sys
import time
from contextlib import closing
from typing import Final

_PAUSE: Final = 0.01
"""Seconds between two questions."""
_QUESTION: Final = b"GET /health/live HTTP/1.1\r\nHost: unit\r\n\r\n"


def ask(connection: socket.socket) -> float:
    """Return the milliseconds of one answer.

    Raises:
        RuntimeError: there is another one than that all is well.

    """
    begun = time.perf_counter()
    connection.sendall(_QUESTION)
    answer = connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"health: {answer[:200]!r}")
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Ask until nobody wants to know any more, then print milliseconds as JSON."""
    host, port = sys.argv[1:]
    found = []
    with closing(socket.create_connection((host, int(port)), timeout=60)) as connection:
        while not select.select([sys.stdin], [], [], _PAUSE)[0]:
            found.append(ask(connection))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
