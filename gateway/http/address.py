"""The absolute addresses under which a client reached the unit and what is asked for."""

import re
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from gateway.identity.port import TOKEN
from gateway.keys import CALLER, CONFIG
from gateway.protocol import Pairs

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?", re.ASCII)


def base_address(request: web.Request) -> str:
    """Return the unit's root with a slash at the end: the configured public address, else what the client asked for.

    A Host header that is no host name is not repeated: it would end in documents that others read.
    """
    configured = request.app[CONFIG].unit.public_url
    if configured:
        return configured.rstrip("/") + "/"
    host = request.headers.get("Host", "")
    if not _HOST.fullmatch(host):
        config = request.app[CONFIG].unit
        host = f"{config.host}:{config.port}"
    return f"{request.scheme}://{host}/"


def own_address(request: web.Request) -> str:
    """Return the address of what is asked for, for documents that point back to it.

    Of the parameters it has the token alone: a client that has it in its address knows no other way to send it.
    """
    address = base_address(request) + request.rel_url.raw_path.lstrip("/")
    given = token_in_address(request)
    return f"{address}?{urlencode(given)}" if given else address


def token_in_address(request: web.Request) -> Pairs:
    """Return the parameter that lets the caller in, to be repeated in addresses; none where there is none."""
    # Where tokens are not looked at it is a parameter like any other, and repeated as little.
    if request[CALLER].subject is None:
        return ()
    return tuple((TOKEN, value) for name, value in request.query.items() if name.lower() == TOKEN)[:1]
