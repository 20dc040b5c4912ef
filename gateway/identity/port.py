"""Who calls: the one port through which every request is asked, and where in a request the proof may be."""

from typing import Final, Protocol

from aiohttp import hdrs, web

from auth.caller import ANONYMOUS, Caller
from core.problem import Problem

TOKEN: Final = "token"  # noqa: S105 -- the name of a parameter
"""Parameter of an address that may hold a token, its name in any case: clients cannot all send headers."""
_SCHEME: Final = "bearer"


class Identity(Protocol):
    """Settles who calls."""

    async def caller(self, request: web.Request) -> Caller:
        """Return who makes a request.

        Raises:
            Problem: `invalid_token`, for what proves nothing; `busy`, where it cannot be told now.

        """
        ...


class Anybody:
    """Knows nobody: of a unit that trusts no issuer. Tokens are not looked at, for nothing could come of it."""

    async def caller(self, request: web.Request) -> Caller:  # noqa: ARG002 -- as the port has it
        """Return the anonymous caller."""
        return ANONYMOUS


def presented(request: web.Request) -> str | None:
    """Return the token of a request: of its header Authorization, or of its address; None where there is none.

    Raises:
        Problem: `invalid_token`: there are several that differ, or proof of another kind.

    Source: RFC 6750, 2.1; RFC 9110, 11.4.

    """
    found = {_of_header(value) for value in request.headers.getall(hdrs.AUTHORIZATION, ())}
    found |= {value for name, value in request.query.items() if name.lower() == TOKEN}
    if len(found) > 1:
        raise Problem("invalid_token", "the request has several tokens that differ: send one", parameter=TOKEN)
    return found.pop() if found else None


def _of_header(value: str) -> str:
    scheme, _, token = value.strip().partition(" ")
    if scheme.lower() != _SCHEME:
        # Ignored, it would make an anonymous caller of somebody who believes to have proved who they are.
        raise Problem("invalid_token", "only tokens are taken here: Authorization: Bearer TOKEN", parameter=TOKEN)
    return token.strip()
