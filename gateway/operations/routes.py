"""`/health` and `/metrics`."""

from aiohttp import web

from gateway import plain
from gateway.gathering import GATHERING
from gateway.keys import DRAINING, METRICS, VISIBLE
from gateway.protocol import Protocol

_NEVER_KEPT = {"Cache-Control": "no-store"}


async def live(_: web.Request) -> web.Response:
    """Say that this process answers: it reads nothing, names nothing, and so is quick under any load."""
    return web.json_response({"status": "ok"}, headers=_NEVER_KEPT)


async def ready(request: web.Request) -> web.Response:
    """Say whether requests should be sent here; the reason why not names no dataset.

    It looks at what its caller may discover: else it would tell whether what is hidden is there.
    """
    if request.app[DRAINING].is_set():
        return _not_ready("draining")
    if not await request[VISIBLE].readable():
        return _not_ready("no dataset can be read")
    return await live(request)


async def metrics(request: web.Request) -> web.Response:
    """Say what the processes of the unit have counted, for Prometheus."""
    body, gathering = request.app[METRICS].exposition(), request.app.get(GATHERING)
    if gathering is not None:
        body = await gathering.exposition(body)
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"} | _NEVER_KEPT)


def operations() -> Protocol:
    """Mount the operator's routes."""
    return Protocol(
        name="operations",
        prefixes=("/health", "/metrics"),
        routes=[
            web.get("/health", live),
            web.get("/health/live", live),
            web.get("/health/ready", ready),
            web.get("/metrics", metrics),
        ],
        refuse=plain.refuse,
        fail=plain.fail,
        accounted=False,
    )


def _not_ready(reason: str) -> web.Response:
    headers = _NEVER_KEPT | {"Retry-After": "5"}
    return web.json_response({"status": "unavailable", "reason": reason}, status=503, headers=headers)
