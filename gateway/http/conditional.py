"""Conditional requests: strong entity tags and 304 (RFC 9110, 8.8.3 and 13.1.2)."""

import re
from hashlib import blake2b
from importlib.metadata import version
from typing import Final

from aiohttp import web

SOFTWARE: Final = version("halocline")
"""Part of whatever names an answer that was made by us: another version may make it otherwise."""

REVALIDATE: Final = "no-cache"
"""Keep it, but ask again: answered with 304 before anything is read."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Where the address names the content (RFC 8246)."""

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def entity_tag(*parts: object) -> str:
    """Return a strong entity tag, quotes included, that names all of `parts`."""
    digest = blake2b(repr(parts).encode(), digest_size=16)
    return f'"{digest.hexdigest()}"'


def packed_tag(tag: str) -> str:
    """Return the strong entity tag of the body packed by gzip, which is another representation (RFC 9110, 8.8.3.3)."""
    return f'{tag[:-1]}-gzip"'


def held(request: web.Request, tag: str) -> str | None:
    """Return the tag of what the client already holds of what `tag` names, as it is or packed; None if nothing.

    Comparison is weak, as If-None-Match wants (RFC 9110, 13.1.2).
    """
    given = request.headers.get("If-None-Match")
    if given is None:
        return None
    if given.strip() == "*":
        return tag
    packed = packed_tag(tag)
    known = {found.removeprefix("W/") for found in _TAG.findall(given)}
    return tag if tag in known else packed if packed in known else None


def not_modified(tag: str, cache_control: str = REVALIDATE) -> web.Response:
    """Answer 304 with what RFC 9110, 15.4.5 asks for."""
    return web.Response(status=304, headers={"ETag": tag, "Cache-Control": cache_control})
