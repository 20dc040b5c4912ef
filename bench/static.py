"""A static body from the same kind of server: what HTTP alone costs."""

import argparse
import sys

import uvloop
from aiohttp import web

from bench.servers import Server


def serve_static(size: int) -> Server:
    """Start it in a process of its own."""
    return Server(lambda port: [[sys.executable, "-m", "bench.static", "--size", str(size), "--port", str(port)]])


def main() -> None:
    """Serve `--size` bytes at `/body` until told to stop."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--size", type=int, default=15_000)
    given.add_argument("--port", type=int, default=8081)
    asked = given.parse_args()
    body = b"\x89PNG" + bytes(asked.size - 12) + b"IEND" + bytes(4)  # what the client looks at

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="image/png")

    app = web.Application()
    app.add_routes([web.get("/body", answer), web.get("/health", answer)])
    web.run_app(app, host="127.0.0.1", port=asked.port, access_log=None, print=None, loop=uvloop.new_event_loop())


if __name__ == "__main__":
    main()
