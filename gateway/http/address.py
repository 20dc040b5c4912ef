"""The absolute addresses under which a client reached the unit and what is asked for."""

from typing import Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from gateway.http.forwarded import HOST
from gateway.identity.port import TOKEN
from gateway.keys import ARRIVAL, CALLER, CONFIG
from gateway.protocol import Pairs

_LONGEST: Final = 260
"""Characters of a host with its port."""


def base_address(request: web.Request) -> str:
    """Return the unit's root with a slash at the end.

    It is the configured public address, else what the proxy says that the client asked for, else what the request
    says. A Host header that is no host name is not repeated: it would end in documents that others read.
    """
    unit = request.app[CONFIG].unit
    if unit.public_url:
        return unit.public_url.rstrip("/") + "/"
    arrival = request[ARRIVAL]
    host = arrival.host or _host(request)
    if len(host) > _LONGEST or not HOST.fullmatch(host):
        host = f"{unit.host}:{unit.port}"
    return f"{arrival.scheme or request.scheme}://{host}{arrival.prefix}/"


def own_path(request: web.Request) -> str:
    """Return the path of what is asked for, as clients have it."""
    return urlsplit(base_address(request)).path + request.rel_url.raw_path.lstrip("/")


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


def _host(request: web.Request) -> str:
    given = request.headers.get("Host", "")
    # A whole address in place of the path counts for more than the header (RFC 9112, 3.2.2).
    return request.url.host_port_subcomponent or given if given and request.host != given else given
