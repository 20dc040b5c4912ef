"""Pages of other origins may read what is public. Source: the Fetch standard, 3.3 (CORS protocol)."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from gateway.http.compression import add_vary

ANY: Final = "*"
_METHODS: Final = "GET, HEAD, POST, OPTIONS"
# A wildcard would not cover Authorization (4.10), and older browsers know none.
_ASKED: Final = (
    "Authorization, Content-Type, Accept, Accept-Language, If-None-Match, If-Modified-Since, Range, Cache-Control, "
    "Pragma, X-Requested-With"
)
_TOLD: Final = (
    "ETag, Warning, Content-Length, Content-Range, Accept-Ranges, Retry-After, Halocline-Time, Halocline-Elevation, "
    "Halocline-Dimensions, Halocline-Refusal, WWW-Authenticate"
)
_MAX_AGE: Final = "86400"
"""Seconds; browsers take less where they allow less."""


class Cors:
    """Says which origins may read answers: all, or those that are configured. Credentials are never allowed."""

    def __init__(self, origins: Sequence[str]) -> None:
        """Allow `origins`; `*` is all, none is none."""
        self._any = ANY in origins
        self._origins = frozenset(origins)

    def allow(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let the page that asked read the answer, refusals and faults too: else it cannot tell what was wrong."""
        if not self._origins:
            return
        headers = response.headers
        if self._any:
            # Said to all: caches then need not keep one answer for each origin.
            headers["Access-Control-Allow-Origin"] = ANY
            headers["Access-Control-Expose-Headers"] = _TOLD
            return
        add_vary(response, "Origin")
        origin = request.headers.get("Origin")
        if origin in self._origins:
            headers["Access-Control-Allow-Origin"] = str(origin)
            headers["Access-Control-Expose-Headers"] = _TOLD

    async def told(self, request: web.Request, response: web.StreamResponse) -> None:
        """Allow just before the headers go out, those of bodies that are streamed too."""
        self.allow(request, response)

    def preflight(self, request: web.Request, methods: str) -> web.Response:
        """Answer OPTIONS (RFC 9110, 9.3.7), and with it a browser that asks before it sends."""
        response = web.Response(status=204, headers={"Allow": methods})
        self.allow(request, response)
        if "Access-Control-Request-Method" in request.headers:
            add_vary(response, "Access-Control-Request-Method")
            add_vary(response, "Access-Control-Request-Headers")
            if "Access-Control-Allow-Origin" in response.headers:
                response.headers["Access-Control-Allow-Methods"] = _METHODS
                response.headers["Access-Control-Allow-Headers"] = _ASKED
                response.headers["Access-Control-Max-Age"] = _MAX_AGE
        return response
