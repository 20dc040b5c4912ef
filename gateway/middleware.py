"""Around every handler: who calls, refusals and faults in the protocol's dialect, counting."""

import logging
import secrets
import time
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from auth.caller import ANONYMOUS
from core.problem import Problem
from gateway import plain
from gateway.keys import METRICS, UNIT, VISIBLE
from gateway.protocol import Protocol
from stores.base import VersionGoneError

_LOG = logging.getLogger(__name__)
_UNAVAILABLE = 503
_INTERNAL = 500


def around(protocols: Sequence[Protocol]) -> Middleware:
    """Return the middleware of a unit that speaks `protocols`."""

    # aiohttp passes the second argument by this very keyword.
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        protocol = _protocol(protocols, request.path)
        started = time.perf_counter()
        # The middleware settles only who calls; what they may do is the catalogue's affair.
        request[VISIBLE] = request.app[UNIT].visible_to(ANONYMOUS)
        response = await _answer(request, handler, protocol)
        request.app[METRICS].answered(protocol.name, response.status, time.perf_counter() - started)
        return response

    return middleware


async def _answer(request: web.Request, handler: Handler, protocol: Protocol) -> web.StreamResponse:
    try:
        return await _at_a_whole_version(request, handler)
    except Problem as problem:
        return _refused(request, protocol, problem)
    except web.HTTPNotFound:
        return _refused(request, protocol, Problem("unknown_path", f"there is nothing at {request.path[:200]!r}"))
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        response = _refused(request, protocol, Problem("wrong_method", f"use one of {allowed} here"))
        response.headers["Allow"] = allowed
        return response
    except web.HTTPException:
        raise
    except (OSError, VersionGoneError):
        # A fault of the store passes: the client may come back, and nothing is remembered of it.
        return _failed(request, protocol, _UNAVAILABLE)
    except Exception:  # noqa: BLE001 -- the one place where a fault of ours becomes an answer; it is logged whole
        return _failed(request, protocol, _INTERNAL)


async def _at_a_whole_version(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer; once more from the newest version where the one in use was collected meanwhile."""
    try:
        return await handler(request)
    except VersionGoneError:
        await request.app[UNIT].refresh()
        return await handler(request)


def _refused(request: web.Request, protocol: Protocol, problem: Problem) -> web.Response:
    response = protocol.refuse(request, problem)
    # A 404 may be kept by default (RFC 9111, 4.2.2), and what is not there today may be tomorrow.
    response.headers["Cache-Control"] = "no-store"
    return response


def _failed(request: web.Request, protocol: Protocol, status: int) -> web.Response:
    request_id = secrets.token_hex(8)
    # The path as it was sent: decoded, it could begin a line of its own.
    _LOG.exception("request %s: %s %.200s", request_id, request.method, request.rel_url.raw_path)
    response = protocol.fail(request, status, request_id)
    response.headers["Cache-Control"] = "no-store"
    if status == _UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


def _protocol(protocols: Sequence[Protocol], path: str) -> Protocol:
    for protocol in protocols:
        if protocol.owns(path):
            return protocol
    return Protocol(name="none", prefixes=(), routes=(), refuse=plain.refuse, fail=plain.fail)
