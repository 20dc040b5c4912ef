"""The absolute address under which a client reached the unit."""

import re
from typing import Final

from aiohttp import web

from gateway.keys import CONFIG

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
