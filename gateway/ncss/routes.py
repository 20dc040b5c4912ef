"""The NetCDF Subset Service over HTTP: `/thredds/ncss/grid/DATASET`, and without `grid` as older servers have it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import nullcontext
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from core.problem import Problem
from gateway import plain
from gateway.extract import Extraction, Wanted, prepare
from gateway.http.address import base_address, own_path, token_in_address
from gateway.http.compression import add_vary, is_text
from gateway.http.conditional import REVALIDATE, SOFTWARE, entity_tag, held, not_modified
from gateway.http.divisible import ACCEPTED, Divisible, send_divisible
from gateway.http.parts import Part
from gateway.keys import ADMISSION, CONFIG, DOWNLOADS, OPERATION, VISIBLE, WORKERS
from gateway.ncss.cost import cost_json, require
from gateway.ncss.described import DatasetInfo, dataset_info
from gateway.ncss.documents import dataset_xml, outline_json, outline_wkt
from gateway.ncss.page import POLICY, form_page
from gateway.ncss.points import GROWTH, points_xml
from gateway.ncss.request.formats import Format
from gateway.ncss.request.logged import logged
from gateway.ncss.request.subset import parse_subset
from gateway.ncss.settled import settled
from gateway.protocol import Protocol
from gateway.writers import netcdf3, text
from gateway.writers.spool import Spooled

_PATHS: Final = ("/thredds/ncss/grid/{dataset}", "/thredds/ncss/{dataset}")
"""That of THREDDS 5, and that of older ones."""
_XML: Final = "application/xml"
_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json"
_AHEAD: Final = 2**20
"""Bytes that are made before anything is sent: most faults have shown by then."""
_PIECE: Final = 2**20
"""Bytes of a file that are read at once."""
_SMALL: Final = 2**20
"""Bytes up to which a table is gathered in memory."""


async def subset(request: web.Request) -> web.StreamResponse:
    """Answer with a part of a dataset, or with what it would take."""
    request[OPERATION] = "subset"
    asked = parse_subset(request.query.items())
    source = await request[VISIBLE].open(request.match_info["dataset"], "download")
    wanted = Wanted(format=asked.format.written, request=_again(request, source.dataset.id))
    async with request.app[ADMISSION].quick.place(request[VISIBLE].visit.who):
        extraction = await prepare(source, settled(source, asked), wanted)
    allowed = _allowed(request, asked.format)
    if asked.dry_run:
        request[OPERATION] = "dry-run"
        return _document(request, cost_json(extraction, allowed), _JSON)
    require(extraction, allowed)
    tag = entity_tag(request.app[DOWNLOADS].tag(extraction), asked.format.name)
    return _known(request, tag, asked.format.content_type) or await _handed_out(request, extraction, asked.format, tag)


async def description(request: web.Request) -> web.Response:
    """Describe a dataset in XML."""
    return _document(request, dataset_xml(await _info(request), own_path(request).rpartition("/")[0]), _XML)


async def form(request: web.Request) -> web.Response:
    """Show the form for a part of the grids."""
    return _page(request, form_page(await _info(request), point=False, carried=dict(token_in_address(request))))


async def point_form(request: web.Request) -> web.Response:
    """Show the form for the values at a place."""
    return _page(request, form_page(await _info(request), point=True, carried=dict(token_in_address(request))))


async def outline(request: web.Request) -> web.Response:
    """Tell the outline of a dataset as `accept` wants it, well-known text or GeoJSON."""
    asked = request.query.get("accept", "wkt").lower()
    return await (outline_geojson if asked in ("json", "geojson") else outline_text)(request)


async def outline_text(request: web.Request) -> web.Response:
    """Tell the outline of a dataset as well-known text."""
    return _document(request, outline_wkt((await _info(request)).extent), "text/plain; charset=utf-8")


async def outline_geojson(request: web.Request) -> web.Response:
    """Tell the outline of a dataset as GeoJSON."""
    return _document(request, outline_json((await _info(request)).extent), "application/json")


_DOCUMENTS: Final[tuple[tuple[str, Callable[[web.Request], Awaitable[web.Response]]], ...]] = (
    ("dataset.xml", description),
    ("pointDataset.xml", description),
    ("dataset.html", form),
    ("pointDataset.html", point_form),
    ("datasetBoundaries.xml", outline),
    ("datasetBoundaries.wkt", outline_text),
    ("datasetBoundaries.json", outline_geojson),
)


def ncss() -> Protocol:
    """Mount the subset service."""
    return Protocol(
        name="ncss",
        prefixes=("/thredds/ncss",),
        routes=[
            *(web.get(f"{path}/{name}", handler) for path in _PATHS for name, handler in _DOCUMENTS),
            *(web.get(path, subset) for path in _PATHS),
        ],
        refuse=plain.refuse,
        fail=plain.fail,
        logged=logged,
    )


async def _handed_out(request: web.Request, extraction: Extraction, form: Format, tag: str) -> web.StreamResponse:
    """Make the file and send it."""
    headers = {"Content-Type": form.content_type, "ETag": tag, "Cache-Control": REVALIDATE}
    if form.attached:
        name = f"{extraction.plan.dataset.id}{form.suffix}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if request.method == "HEAD":
        return _told(request, extraction, form, headers)
    if form.kind == "netcdf3":
        return await _streamed(request, extraction, headers)
    if form.kind in ("netcdf4", "netcdf4-classic"):
        return await _spooled(request, await request.app[DOWNLOADS].netcdf4(extraction), headers)
    pieces, size = _table(request, extraction, form), _size(extraction, form)
    if size > _SMALL:
        found = await request.app[DOWNLOADS].text(extraction, _suffix(form), size, pieces)
        return await _spooled(request, found, headers)
    # What is whole already can be packed like any other text.
    return web.Response(body=b"".join([piece async for piece in _small(request, pieces)]), headers=headers)


def _told(request: web.Request, extraction: Extraction, form: Format, headers: dict[str, str]) -> web.Response:
    """Answer HEAD: with the length where it is known without making anything."""
    if form.kind == "netcdf3":
        length = netcdf3.length(extraction.layout)
    elif (found := request.app[DOWNLOADS].found(extraction, _suffix(form))) is not None:
        length = found.size
    else:
        return web.Response(headers=headers)
    return web.Response(headers={**headers, **ACCEPTED, "Content-Length": str(length)})


def _suffix(form: Format) -> str:
    """Return the end of the name of a file in the spool: one for each way to write the same."""
    return ".nc4" if form.kind in ("netcdf4", "netcdf4-classic") else f".{form.kind}"


def _table(request: web.Request, extraction: Extraction, form: Format) -> AsyncGenerator[bytes]:
    pieces = text.stream(extraction)
    return points_xml(pieces, request.app[WORKERS]) if form.kind == "xml" else pieces


def _size(extraction: Extraction, form: Format) -> int:
    """Return the bytes of a file, about."""
    return extraction.estimate.sizes[form.written] * (GROWTH if form.kind == "xml" else 1)


async def _streamed(request: web.Request, extraction: Extraction, headers: dict[str, str]) -> web.StreamResponse:
    """Send a netCDF-3 file, or the part of it that is asked for, while it is made."""
    size = netcdf3.length(extraction.layout)
    large = size > _AHEAD

    def make(part: Part) -> AsyncGenerator[bytes]:
        pieces = netcdf3.stream(extraction, part.start, part.stop)
        return pieces if large else _small(request, pieces)

    body = Divisible(size=size, make=make, least=_AHEAD)
    with request.app[DOWNLOADS].streaming() if large else nullcontext():
        return await send_divisible(request, body, headers)


async def _small(request: web.Request, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Yield a small file whole: its place is free again before anything is sent."""
    async with request.app[ADMISSION].long.place(request[VISIBLE].visit.who):
        whole = b"".join([piece async for piece in pieces])
    yield whole


async def _spooled(request: web.Request, found: Spooled, headers: dict[str, str]) -> web.StreamResponse:
    """Send a file that was written first, or the part of it that is asked for."""
    body = Divisible(size=found.size, make=lambda part: _read(request, found, part), least=1)
    return await send_divisible(request, body, headers)


async def _read(request: web.Request, found: Spooled, part: Part) -> AsyncGenerator[bytes]:
    """Yield a part of a file, which is not removed meanwhile."""
    workers = request.app[WORKERS]
    # Opening is quick, and no other request can have the file removed before.
    with request.app[DOWNLOADS].keeping(found), found.path.open("rb") as file:
        file.seek(part.start)
        left = part.stop - part.start
        while left:
            piece = await workers.run(file.read, min(_PIECE, left))
            if not piece:
                raise OSError("the file is shorter than it was")
            left -= len(piece)
            yield piece


def _allowed(request: web.Request, form: Format) -> int:
    """Return how many bytes the file may have, as what it is made from."""
    config, of_caller = request.app[CONFIG].downloads, request[VISIBLE].limits.bytes
    most = config.bytes if of_caller is None else min(config.bytes, of_caller)
    if form.kind == "xml":
        return min(most, config.text_bytes) // GROWTH
    return min(most, config.text_bytes) if form.kind == "csv" else most


def _again(request: web.Request, dataset: str) -> str:
    """Return the address that gives the same again: without what is secret, however the client came here."""
    given = [(name, value) for name, value in request.query.items() if value and logged(name.upper())]
    query = urlencode(given, safe=",:/", quote_via=quote)
    return f"{base_address(request)}thredds/ncss/grid/{quote(dataset)}?{query}"


async def _info(request: web.Request) -> DatasetInfo:
    request[OPERATION] = "description"
    source = await request[VISIBLE].open(request.match_info["dataset"], "discover")
    if not source.layers():
        raise Problem("unknown_layer", f"dataset {source.dataset.id!r} has nothing on a grid", parameter="dataset")
    async with request.app[ADMISSION].quick.place(request[VISIBLE].visit.who):
        return dataset_info(source)


def _page(request: web.Request, body: bytes) -> web.Response:
    answer = _document(request, body, _HTML)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _document(request: web.Request, body: bytes, content_type: str) -> web.Response:
    tag = entity_tag(SOFTWARE, content_type, body)
    headers = {"Content-Type": content_type, "ETag": tag, "Cache-Control": REVALIDATE}
    return _known(request, tag, content_type) or web.Response(body=body, headers=headers)


def _known(request: web.Request, tag: str, content_type: str) -> web.Response | None:
    """Answer 304 where the client holds what `tag` names."""
    known = held(request, tag)
    if known is None:
        return None
    answer = not_modified(known)
    if is_text(content_type):
        add_vary(answer, "Accept-Encoding")
    return answer
