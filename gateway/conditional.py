"""Conditional requests: strong entity tags and 304 (RFC 9110, 8.8.3 and 13.1.2)."""

import re
from hashlib import blake2b

from aiohttp import web

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def entity_tag(*parts: object) -> str:
    """Return a strong entity tag, quotes included, that names all of `parts`."""
    digest = blake2b(repr(parts).encode(), digest_size=16)
    return f'"{digest.hexdigest()}"'


def matches(request: web.Request, tag: str) -> bool:
    """Tell whether the client already holds what `tag` names; comparison is weak, as If-None-Match wants."""
    given = request.headers.get("If-None-Match")
    if given is None:
        return False
    return given.strip() == "*" or tag in (found.removeprefix("W/") for found in _TAG.findall(given))


def not_modified(tag: str, cache_control: str) -> web.Response:
    """Answer 304 with what RFC 9110, 15.4.5 asks for."""
    return web.Response(status=304, headers={"ETag": tag, "Cache-Control": cache_control})
