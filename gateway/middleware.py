"""Around every handler: who calls, refusals and faults in the protocol's dialect, packing, CORS, counting."""

import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from auth.caller import ANONYMOUS
from core.problem import Kind, Problem
from gateway import plain
from gateway.accounting.journal import Journal
from gateway.admission import Turns
from gateway.http.access_log import AccessLog, entry_of
from gateway.http.challenge import challenge
from gateway.http.compression import Packer
from gateway.http.cors import Cors
from gateway.http.following import follow
from gateway.http.forms import too_large
from gateway.keys import ARRIVAL, CALLER, IDENTITY, METRICS, OPERATION, PROXIES, REFUSAL, UNIT, VISIBLE
from gateway.metrics import GONE, NAMELESS
from gateway.protocol import Protocol
from stores.base import VersionGoneError

_LOG = logging.getLogger(__name__)
_UNAVAILABLE = 503
_INTERNAL = 500
_TOO_LARGE = 413
_SECONDS = "5"
"""After which the store may be well again."""
_PASSING: Final[frozenset[Kind]] = frozenset({"busy", "too_many_requests"})
"""Refusals that are none any more a moment later."""
_MOMENT: Final = "1"
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What is done alike with the answers of all protocols."""

    cors: Cors
    packer: Packer
    log: AccessLog | None
    """None: nothing is written."""
    turns: Turns
    """Health and metrics never wait for theirs."""
    journal: Journal | None
    """Of uses; None: no records are kept."""


def around(protocols: Sequence[Protocol], manners: Manners) -> Middleware:
    """Return the middleware of a unit that speaks `protocols`."""

    # aiohttp passes the second argument by this very keyword.
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        protocol = _protocol(protocols, request.path)
        metrics, started = request.app[METRICS], time.perf_counter()
        response: web.StreamResponse | None = None
        metrics.began()
        request[ARRIVAL] = request.app[PROXIES].arrival(request.remote, request.headers)
        if manners.journal is not None:
            follow(request, protocol, manners.journal)
        try:
            made = await _answer(request, handler, protocol, manners)
            await manners.packer.pack(request, made)
            response = made
            return made
        finally:
            # Without an answer here, the client has gone and this request was cancelled.
            seconds = time.perf_counter() - started
            status = GONE if response is None else response.status
            metrics.ended(protocol.name, request.get(OPERATION, NAMELESS), status, seconds)
            if VISIBLE in request:
                request[VISIBLE].visit.end()
            if manners.log is not None:
                manners.log.add(entry_of(request, protocol, response, seconds))

    return middleware


async def _answer(request: web.Request, handler: Handler, protocol: Protocol, manners: Manners) -> web.StreamResponse:
    try:
        # The middleware settles only who calls; what they may do is the catalogue's affair.
        if protocol.accounted:
            await manners.turns.take()
        await _settle(request)
        return await _at_a_whole_version(request, handler)
    except Problem as problem:
        return await _refused(request, protocol, problem)
    except web.HTTPException as error:
        return await _spoken(request, protocol, manners, error)
    except (OSError, VersionGoneError):
        # A fault of the store passes: the client may come back, and nothing is remembered of it.
        return await _failed(request, protocol, _UNAVAILABLE)
    except Exception:  # noqa: BLE001 -- the one place where a fault of ours becomes an answer; it is logged whole
        return await _failed(request, protocol, _INTERNAL)


async def _settle(request: web.Request) -> None:
    # A browser that asks whether it may send a token sends none yet (Fetch, 4.8), and nothing else answers OPTIONS.
    asks = request.method == hdrs.METH_OPTIONS
    request[CALLER] = ANONYMOUS if asks else await request.app[IDENTITY].caller(request)
    request[VISIBLE] = request.app[UNIT].visible_to(request[CALLER], request[ARRIVAL].remote)


async def _at_a_whole_version(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer; once more from the newest version where the one in use was collected meanwhile."""
    try:
        return await handler(request)
    except VersionGoneError:
        await request.app[UNIT].refresh()
        return await handler(request)


async def _spoken(
    request: web.Request, protocol: Protocol, manners: Manners, error: web.HTTPException
) -> web.StreamResponse:
    """Say in the protocol's words what aiohttp refuses in its own."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        # OPTIONS is answered wherever anything is.
        allowed = ", ".join(sorted({*error.allowed_methods, hdrs.METH_OPTIONS}))
        if request.method == hdrs.METH_OPTIONS:
            return manners.cors.preflight(request, allowed)
        response = await _refused(request, protocol, Problem("wrong_method", f"use one of {allowed} here"))
        response.headers["Allow"] = allowed
        return response
    if error.status == _TOO_LARGE:
        return await _refused(request, protocol, too_large(request.client_max_size))
    if isinstance(error, web.HTTPNotFound):
        return await _refused(request, protocol, Problem("unknown_path", f"there is nothing at {request.path[:200]!r}"))
    if error.status >= _INTERNAL:
        return await _failed(request, protocol, _INTERNAL)
    return await _refused(request, protocol, Problem("invalid_value", "the request cannot be read"))


async def _refused(request: web.Request, protocol: Protocol, problem: Problem) -> web.Response:
    request[REFUSAL] = problem.kind
    response = await protocol.refuse(request, problem)
    # A 404 may be kept by default (RFC 9111, 4.2.2), and what is not there today may be tomorrow.
    response.headers["Cache-Control"] = "no-store"
    challenge(request, response, problem)
    if problem.kind in _PASSING:
        response.headers["Retry-After"] = _MOMENT
    return response


async def _failed(request: web.Request, protocol: Protocol, status: int) -> web.Response:
    request_id = secrets.token_hex(8)
    # The path as it was sent: decoded, it could begin a line of its own.
    _LOG.exception("request %s: %s %.200s", request_id, request.method, request.rel_url.raw_path)
    response = await protocol.fail(request, status, request_id)
    response.headers["Cache-Control"] = "no-store"
    if status == _UNAVAILABLE:
        response.headers["Retry-After"] = _SECONDS
    return response


def _protocol(protocols: Sequence[Protocol], path: str) -> Protocol:
    for protocol in protocols:
        if protocol.owns(path):
            return protocol
    return Protocol(name="none", prefixes=(), routes=(), refuse=plain.refuse, fail=plain.fail)
