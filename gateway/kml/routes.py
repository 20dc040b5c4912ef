"""KML over HTTP: `/kml/DATASET/VARIABLE.kml`, and the picture of ours that its documents show."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web

from core.layer import Layer
from core.problem import Problem
from gateway.http.address import base_address, token_in_address
from gateway.http.compression import add_vary
from gateway.http.conditional import FOR_EVER, REVALIDATE, SOFTWARE, entity_tag, held, not_modified
from gateway.keys import ADMISSION, CONFIG, OPERATION, VISIBLE, WORKERS
from gateway.kml import layers, report
from gateway.kml.request import AskedKml, parse_kml
from gateway.opened import OpenDataset
from gateway.protocol import Protocol
from gateway.wms.request.logged import logged
from gateway.wms.request.revision import names_content
from renderers.kml import documents
from renderers.kml.addresses import Addresses
from renderers.kml.tiles import Tile
from renderers.kml.tree import CONTENT_TYPE

_LOGO: Final = Path(__file__).parent / "logo.png"
_FRESH: Final = 900
"""Seconds: how often a document that expires does so. It is good for one to two of them."""
_OWN: Final = ("PART", "UNTIL")
"""Parameters that WMS does not know."""


async def get_document(request: web.Request) -> web.Response:
    """Answer with a document of one layer: 304 if the client has it, then written."""
    request[OPERATION] = "document"
    asked = parse_kml(request.query, _layer(request))
    source, layer = await request[VISIBLE].layer(asked.layer, "view")
    expires = _expires(layer, asked)
    write = _writer(request, asked, (source, layer), expires)
    tag = entity_tag(SOFTWARE, base_address(request), request.rel_url.raw_path_qs, source.revision, expires)
    keep = _keep(request, asked, source)
    if known := held(request, tag):
        answer = not_modified(known, keep)
        add_vary(answer, "Accept-Encoding")
        return answer
    async with request.app[ADMISSION].quick.place(request[VISIBLE].visit.who):
        body = await request.app[WORKERS].run(write)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE, "ETag": tag, "Cache-Control": keep})


async def refuse(_: web.Request, problem: Problem) -> web.Response:
    """Say a refusal in a document, with its own status."""
    return _said(report.report(problem))


async def fail(_: web.Request, status: int, request_id: str) -> web.Response:
    """Say that the fault is ours, in a document."""
    return _said(report.internal(request_id, status))


def kml() -> Protocol:
    """Mount KML."""
    logo = _LOGO.read_bytes()
    tag = entity_tag(SOFTWARE, logo)

    async def get_logo(request: web.Request) -> web.Response:
        """Answer with our own picture."""
        request[OPERATION] = "logo"
        if known := held(request, tag):
            return not_modified(known)
        return web.Response(body=logo, headers={"Content-Type": "image/png", "ETag": tag, "Cache-Control": REVALIDATE})

    return Protocol(
        name="kml",
        prefixes=("/kml",),
        routes=[web.get("/kml/logo.png", get_logo), web.get(r"/kml/{dataset}/{variable:.+}.kml", get_document)],
        refuse=refuse,
        fail=fail,
        logged=lambda name: name in _OWN or logged(name),
    )


def _writer(
    request: web.Request, asked: AskedKml, of: tuple[OpenDataset, Layer], expires: str | None
) -> Callable[[], bytes]:
    """Return what writes the document that is asked for, once all that may be refused has been.

    Raises:
        Problem: something that is asked for is not there.

    """
    source, layer = of
    selection = layers.chosen(source, layer, asked)
    addresses = Addresses(
        unit=base_address(request),
        own=base_address(request) + request.rel_url.raw_path.lstrip("/"),
        layer=layer.name,
        asked=asked.repeated,
        settled=layers.settled(layer, asked, selection),
        revision=source.revision,
        secret=token_in_address(request),
    )
    squares = layers.pyramid(source, layer)
    if isinstance(asked.part, Tile):
        tile = layers.checked(asked.part, squares)
        return partial(documents.below, tile, layers.step(layer, asked), squares, addresses)
    words = layers.described(source, layer, selection)
    series = layers.series(source, layer, asked, request.app[CONFIG].limits.kml_steps)
    if asked.part == "steps":
        return partial(documents.stepped, words, series, addresses, expires)
    return partial(documents.opened, words, squares, addresses, expiring=layer.kept_current)


def _layer(request: web.Request) -> str:
    return f"{request.match_info['dataset']}/{request.match_info['variable']}"


def _expires(layer: Layer, asked: AskedKml) -> str | None:
    """Return when the steps are to be asked for again; None where nothing newer is to be expected.

    All answers within a quarter of an hour name the same moment, so that they are one document with one entity tag.
    """
    if asked.part != "steps" or not layer.kept_current:
        return None
    quarter = int(time.time()) // _FRESH
    return datetime.fromtimestamp((quarter + 2) * _FRESH, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _keep(request: web.Request, asked: AskedKml, source: OpenDataset) -> str:
    """Return the Cache-Control: squares of a named revision never change."""
    named = isinstance(asked.part, Tile) and names_content(tuple(request.query.items()), [source.revision])
    return FOR_EVER if named else REVALIDATE


def _said(answer: report.Answer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, content_type=CONTENT_TYPE)
