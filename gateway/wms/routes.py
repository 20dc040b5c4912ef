"""WMS over HTTP: `/wms` for all datasets, `/wms/DATASET` for one, and the names that older clients know."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Final

from aiohttp import web

from core.problem import Problem
from gateway.answers import value_at
from gateway.http.address import own_address
from gateway.http.compression import add_vary, is_text
from gateway.http.conditional import FOR_EVER, REVALIDATE, SOFTWARE, entity_tag, held, not_modified
from gateway.http.forms import asked_for, posted
from gateway.keys import ADMISSION, CONFIG, METRICS, OPERATION, PAINTER, QUERY, VISIBLE, WORKERS
from gateway.opened import OpenDataset
from gateway.protocol import Protocol
from gateway.unit import Catalogue, Listing
from gateway.wms import report
from gateway.wms.capabilities import CONTENT_TYPES
from gateway.wms.catalogue import CapabilitiesWriter
from gateway.wms.dimension_headers import Headers, dimension_headers
from gateway.wms.feature_info.answer import point_value
from gateway.wms.feature_info.documents import CONTENT_TYPES as INFO_TYPES
from gateway.wms.feature_info.documents import rendered
from gateway.wms.layers import coloured, layer_details
from gateway.wms.legends import asked_legend, palette_bar
from gateway.wms.maps import picture_of
from gateway.wms.metadata import CONTENT_TYPE as METADATA_TYPE
from gateway.wms.metadata import layer_details as written_details
from gateway.wms.request.capabilities import parse_get_capabilities
from gateway.wms.request.exceptions import refused_picture
from gateway.wms.request.feature_info import parse_get_feature_info
from gateway.wms.request.legend import parse_get_legend_graphic
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.logged import logged
from gateway.wms.request.map import parse_get_map
from gateway.wms.request.metadata import parse_get_metadata
from gateway.wms.request.operation import Operation, operation, version_of
from gateway.wms.request.parameters import Pairs
from gateway.wms.request.revision import names_content
from gateway.wms.scales import scale_at
from gateway.wms.update_sequence import check_update_sequence
from renderers.legend.picture import legend_picture

CAPABILITIES: Final = web.AppKey("CAPABILITIES", CapabilitiesWriter)

_PATHS: Final = ("/wms", "/thredds/wms", "/ncWMS2/wms")


async def get_capabilities(request: web.Request) -> web.Response:
    """Answer GetCapabilities."""
    asked = parse_get_capabilities(request[QUERY], dataset=_dataset(request))
    visible = request[VISIBLE]
    listing = await _listing(visible, asked.dataset)
    writer, changed = request.app[CAPABILITIES], visible.changed
    check_update_sequence(asked.update_sequence, writer.update_sequence(listing, changed))
    async with _quick(request):
        tag, body = await writer.document(listing, asked.version, own_address(request), changed)
    content_type = CONTENT_TYPES[asked.version]
    return _answer(request, tag, content_type) or _body(body, content_type, tag)


async def get_map(request: web.Request) -> web.Response:
    """Answer GetMap: 304 if the client has it, then read, then drawn."""
    asked = parse_get_map(request[QUERY], dataset=_dataset(request), limits=_limits(request))
    # Where colours follow the values, those are read before anything can be named.
    async with _quick(request, needed=any(one.auto for one in asked.colourings)):
        picture = await picture_of(request[VISIBLE], asked)
    tag, told = picture.tag, dimension_headers([(one.layer, one.selection) for one in picture.slices])
    keep = _keep(request, [one.source for one in picture.slices])
    if found := _answer(request, tag, keep=keep):
        return _telling(found, told)
    clock = request.app[METRICS].drawing()
    drawn = await request.app[PAINTER].paint(picture, clock, request[VISIBLE].visit.who)
    request.app[METRICS].drawn(clock)
    return _telling(_body(drawn, picture.format.partition(";")[0], tag, keep=keep), told)


async def get_feature_info(request: web.Request) -> web.Response:
    """Answer GetFeatureInfo with the exact values of the cells under one pixel."""
    asked = parse_get_feature_info(request[QUERY], dataset=_dataset(request), limits=_limits(request))
    pixel = asked.map.view.pixel(asked.column, asked.row)
    values, chosen = [], []
    for name in asked.query_layers:
        source, layer = await request[VISIBLE].layer(name, "view")
        selection = layer.select(asked.map.time, asked.map.elevation, asked.map.others)
        for part in source.told(layer):
            taken = part.select(asked.map.time, asked.map.elevation, asked.map.others)
            async with _quick(request):
                found = await value_at(source, part, taken, pixel)
            values.append(point_value(part, pixel, found, taken))
        chosen.append((layer, selection))
    answer = _answered(request, rendered(values, asked.format), INFO_TYPES[asked.format])
    return _telling(answer, dimension_headers(chosen))


async def get_legend_graphic(request: web.Request) -> web.Response:
    """Answer GetLegendGraphic."""
    asked = parse_get_legend_graphic(request[QUERY], dataset=_dataset(request), limits=_limits(request))
    keep = REVALIDATE
    if asked.layer is None:
        spec = palette_bar(asked)
    else:
        source, layer = await request[VISIBLE].layer(asked.layer, "view")
        async with _quick(request, needed=asked.colouring.auto):
            spec = await asked_legend(asked, source, layer)
        keep = _keep(request, [source])
    tag, content_type = entity_tag(SOFTWARE, spec, asked.format), asked.format.partition(";")[0]
    if found := _answer(request, tag, content_type, keep=keep):
        return found
    async with _large(request, spec.width * spec.height):
        drawn = await request.app[WORKERS].run(legend_picture, spec, asked.format)
    return _body(drawn, content_type, tag, keep=keep)


async def get_metadata(request: web.Request) -> web.Response:
    """Answer GetMetadata of ncWMS."""
    asked = parse_get_metadata(request[QUERY], dataset=_dataset(request))
    source, layer = await request[VISIBLE].layer(asked.layer, "view")
    details = layer_details(source, layer, asked.time)
    if asked.colouring.auto:
        selection = layer.select(details.nearest_time, asked.elevation, asked.others)
        async with _quick(request):
            scale = await scale_at(source, layer, asked.colouring, selection)
        details = coloured(details, scale)
    return _answered(request, written_details(details), METADATA_TYPE)


_HANDLERS: Final[Mapping[Operation, Callable[[web.Request], Awaitable[web.Response]]]] = {
    "GetCapabilities": get_capabilities,
    "GetMap": get_map,
    "GetFeatureInfo": get_feature_info,
    "GetLegendGraphic": get_legend_graphic,
    "GetMetadata": get_metadata,
}


async def dispatch(request: web.Request) -> web.Response:
    """Answer whichever operation is asked for."""
    request[QUERY] = await _query(request)
    request[OPERATION] = name = operation(request[QUERY])
    return await _HANDLERS[name](request)


async def refuse(request: web.Request, problem: Problem) -> web.Response:
    """Say a refusal as a service exception, or in the picture that the client wants instead."""
    query = request.get(QUERY, request.query)
    said = report.report(problem, version_of(query))
    drawn = refused_picture(query, _limits(request))
    if drawn is not None and problem.kind not in report.NEVER_DRAWN:
        # Without a place for the picture, words have to do.
        with suppress(Problem):
            async with _large(request, drawn.width * drawn.height):
                said = await request.app[WORKERS].run(report.drawn, drawn, problem)
    return web.Response(
        status=said.status, reason=said.reason, body=said.body, content_type=said.content_type, headers=said.headers
    )


async def fail(request: web.Request, status: int, request_id: str) -> web.Response:
    """Say that the fault is ours, as a service exception, or written in the picture that the client wants."""
    query = request.get(QUERY, request.query)
    said = report.internal(version_of(query), request_id, status)
    drawn = refused_picture(query, _limits(request))
    # An empty picture would look like a sea without data.
    if drawn is not None and not drawn.blank:
        with suppress(Problem):
            async with _large(request, drawn.width * drawn.height):
                said = await request.app[WORKERS].run(report.drawn_fault, drawn, request_id, status)
    return web.Response(status=said.status, body=said.body, content_type=said.content_type)


def wms() -> Protocol:
    """Mount WMS, with and without a dataset in the path."""
    paths = [path for start in _PATHS for path in (start, start + "/{dataset}")]
    return Protocol(
        name="wms",
        prefixes=_PATHS,
        routes=[
            *(web.get(path, dispatch) for path in paths),
            *(web.post(path, dispatch, expect_handler=asked_for) for path in paths),
        ],
        refuse=refuse,
        fail=fail,
        logged=logged,
    )


async def _query(request: web.Request) -> Pairs:
    """Return the parameters; those of a posted form come before those of the address (06-042, 6.3.4)."""
    form = await posted(request) if request.method == "POST" else ()
    return form + tuple(request.query.items())


async def _listing(visible: Catalogue, dataset: str | None) -> Listing:
    """Open one dataset, or all of them."""
    return await visible.datasets() if dataset is None else Listing(datasets=[await visible.open(dataset, "discover")])


def _dataset(request: web.Request) -> str | None:
    return request.match_info.get("dataset")


def _limits(request: web.Request) -> MapLimits:
    config, visible = request.app[CONFIG], request.get(VISIBLE)
    own = None if visible is None else visible.limits.pixels
    return MapLimits(
        max_width=config.limits.width,
        max_height=config.limits.height,
        max_pixels=config.limits.pixels if own is None else min(own, config.limits.pixels),
        max_layers=config.limits.layers,
        systems=config.unit.crs,
    )


def _quick(request: web.Request, *, needed: bool = True) -> AbstractAsyncContextManager[None]:
    """Hold a place for quick work, where it is needed."""
    return request.app[ADMISSION].quick.place(request[VISIBLE].visit.who) if needed else nullcontext()


def _large(request: web.Request, pixels: int) -> AbstractAsyncContextManager[None]:
    """Hold places for a picture that a thread draws; a refusal may come before it is settled who calls."""
    who = request[VISIBLE].visit.who if VISIBLE in request else ""
    return request.app[ADMISSION].large(who, pixels)


def _keep(request: web.Request, sources: Sequence[OpenDataset]) -> str:
    """Return the Cache-Control of a picture of `sources`."""
    named = names_content(request[QUERY], [source.revision for source in sources])
    return FOR_EVER if named else REVALIDATE


def _answer(request: web.Request, tag: str, content_type: str = "", *, keep: str = REVALIDATE) -> web.Response | None:
    """Answer 304 where the client holds what `tag` names."""
    known = held(request, tag)
    if known is None:
        return None
    answer = not_modified(known, keep)
    if is_text(content_type):
        add_vary(answer, "Accept-Encoding")
    return answer


def _answered(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """Answer with what is cheaper made than named."""
    tag = entity_tag(SOFTWARE, content_type, body)
    return _answer(request, tag, content_type) or _body(body, content_type, tag)


def _body(body: bytes, content_type: str, tag: str, *, keep: str = REVALIDATE) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": content_type, "ETag": tag, "Cache-Control": keep})


def _telling(answer: web.Response, headers: Headers) -> web.Response:
    """Return the answer with further headers, of which one name may come again."""
    answer.headers.extend(headers)
    return answer
