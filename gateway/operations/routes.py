"""`/health` and `/metrics`."""

from aiohttp import web

from gateway import plain
from gateway.keys import METRICS
from gateway.protocol import Protocol


async def health(_: web.Request) -> web.Response:
    """Say that this process answers: it reads nothing, names nothing, and so is quick under any load."""
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def metrics(request: web.Request) -> web.Response:
    """Say what this process has counted, for Prometheus."""
    body = request.app[METRICS].exposition()
    return web.Response(
        body=body,
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"},
    )


def operations() -> Protocol:
    """Mount the operator's routes."""
    return Protocol(
        name="operations",
        prefixes=("/health", "/metrics"),
        routes=[web.get("/health", health), web.get("/metrics", metrics)],
        refuse=plain.refuse,
        fail=plain.fail,
    )
