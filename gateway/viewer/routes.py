"""Serve the viewer: one page at `/`, its modules, styles and vendored libraries under `/viewer/`."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from aiohttp import web

from gateway import plain
from gateway.http.compression import gzip_accepted
from gateway.http.conditional import FOR_EVER, REVALIDATE, held, packed_tag
from gateway.protocol import Protocol

FOLDER: Final = Path(__file__).parent / "static"

CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""Every kind of file the folder may hold; another kind stops the start, so that no browser has to guess."""

HEADERS: Final[Mapping[str, str]] = {
    # Nothing from another host and nothing inline: text from a data file can never run as a script.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the page's own address may carry a capability
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of the viewer as it goes over the wire."""

    body: bytes
    """The file as it is."""
    packed: bytes
    """The file compressed by gzip."""
    content_type: str
    """Value of Content-Type."""
    cache_control: str
    """Value of Cache-Control: immutable where the name carries a version, else to be asked about each time."""
    tag: str
    """Digest of the body, without quotes; the same in every process and on every machine."""


def read_assets(folder: Path = FOLDER) -> dict[str, Asset]:
    """Read every file below a folder, by its name relative to it, with `/` between the parts.

    Raises:
        ValueError: a file is of a kind whose content type is not known.

    """
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return {name.as_posix(): _read(folder, name) for name in files}


def viewer() -> Protocol:
    """Mount the viewer; listed last, it also speaks for every path that is no other protocol's."""
    return Protocol(
        name="viewer", prefixes=("",), routes=routes(), refuse=plain.refuse, fail=plain.fail, accounted=False
    )


def routes() -> list[web.AbstractRouteDef]:
    """List the routes of the viewer; its files are read once, here.

    Only names found then are answered, so no name can lead out of the folder.
    """
    assets = read_assets()

    async def page(request: web.Request) -> web.Response:
        """Answer `/`."""
        return answer(assets["index.html"], request)

    async def icon(request: web.Request) -> web.Response:
        """Answer the address at which browsers look for an icon unasked."""
        return answer(assets["icon.svg"], request)

    async def asset(request: web.Request) -> web.Response:
        """Answer a file of the viewer."""
        found = assets.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound(text="The viewer has no such file.")
        return answer(found, request)

    return [web.get("/", page), web.get("/favicon.ico", icon), web.get("/viewer/{name:.+}", asset)]


def answer(asset: Asset, request: web.Request) -> web.Response:
    """Answer with an asset, packed for a client that takes gzip, or with 304 for one that has it.

    The packed form has an entity tag of its own, for a strong tag names exact bytes (RFC 9110, 8.8.1).
    """
    packed = gzip_accepted(request.headers.get("Accept-Encoding"))
    plain_tag = f'"{asset.tag}"'
    headers = dict(HEADERS) | {"Cache-Control": asset.cache_control}
    if known := held(request, plain_tag):
        return web.Response(status=304, headers=headers | {"ETag": known})
    headers["ETag"] = packed_tag(plain_tag) if packed else plain_tag
    headers["Content-Type"] = asset.content_type
    if packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=asset.packed if packed else asset.body, headers=headers)


def _read(folder: Path, name: Path) -> Asset:
    content_type = CONTENT_TYPES.get(name.suffix)
    if content_type is None:
        raise ValueError(f"{name}: no content type is known for {name.suffix!r} files")
    body = (folder / name).read_bytes()
    # vendor/NAME-VERSION/FILE never changes; the page and its own modules do, under the same names.
    versioned = len(name.parts) > 2 and name.parts[0] == "vendor"
    return Asset(
        body=body,
        packed=_packed(body),
        content_type=content_type,
        cache_control=FOR_EVER if versioned else REVALIDATE,
        tag=hashlib.sha256(body).hexdigest()[:32],
    )


@lru_cache(maxsize=64)
def _packed(body: bytes) -> bytes:
    """Compress a file; all files together take a tenth of a second, which several units in one process share."""
    return gzip.compress(body, compresslevel=6, mtime=0)
