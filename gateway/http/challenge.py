"""What a client that has not proved who it is, is told it may send. Source: RFC 6750, 3; RFC 9110, 11.6.1."""

import re
from typing import Final

from aiohttp import hdrs, web

from core.problem import Problem
from gateway.keys import CONFIG

# RFC 6750, 3: of ASCII what is printable, but no quotation mark and no backslash.
_NOT_DESCRIBED: Final = re.compile(r"[^ !#-\[\]-~]")
_LONGEST: Final = 300


def challenge(request: web.Request, response: web.Response, problem: Problem) -> None:
    """Add the challenge to a refusal that is about who calls."""
    if problem.kind not in _CHALLENGED:
        return
    said = f'Bearer realm="{request.app[CONFIG].unit.id}"'
    if problem.kind == "invalid_token":
        # Whoever sent nothing is told of no error (RFC 6750, 3.1).
        said += f', error="invalid_token", error_description="{_NOT_DESCRIBED.sub("?", str(problem))[:_LONGEST]}"'
    response.headers[hdrs.WWW_AUTHENTICATE] = said


_CHALLENGED: Final = frozenset({"invalid_token", "unauthenticated"})
