"""What is for one caller is kept by no cache for another.

Source: RFC 9111, 5.2.2.7; RFC 9110, 12.5.5; RFC 6750, 2.3 (tokens in addresses).
"""

from functools import lru_cache
from typing import Final

from aiohttp import hdrs, web

from gateway.http.address import token_in_address
from gateway.http.compression import add_vary
from gateway.keys import VISIBLE

_PUBLIC: Final = "public"
_PRIVATE: Final = "private"
_NO_STORE: Final = "no-store"


async def keep_private(request: web.Request, response: web.StreamResponse) -> None:
    """Mark an answer, just before its headers go out, where other callers are answered otherwise; a 304 as well.

    So is one to a token in the address: what it shows may be public, but documents repeat the token.

    Here it holds for every protocol, for bodies that are streamed too, and no handler can forget it.
    """
    visible = request.get(VISIBLE)
    if visible is None or not (visible.visit.personal or token_in_address(request)):
        return
    said = response.headers.get(hdrs.CACHE_CONTROL, "")
    if _NO_STORE in said:
        return
    response.headers[hdrs.CACHE_CONTROL] = _private(said)
    add_vary(response, hdrs.AUTHORIZATION)


@lru_cache(maxsize=64)
def _private(said: str) -> str:
    """Return a Cache-Control as it is for one caller; our answers have few of them."""
    directives = [one.strip() for one in said.split(",") if one.strip()]
    return ", ".join((_PRIVATE, *(one for one in directives if one not in (_PUBLIC, _PRIVATE))))
