"""WMS over HTTP: `/wms` for all datasets, `/wms/DATASET` for one, and the names that older clients know."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from core.problem import Problem
from gateway.address import base_address
from gateway.answers import value_at
from gateway.conditional import entity_tag, matches, not_modified
from gateway.keys import CONFIG, PAINTER, VISIBLE, WORKERS
from gateway.pictures import SOFTWARE
from gateway.protocol import Protocol
from gateway.wms import report
from gateway.wms.capabilities import CONTENT_TYPES
from gateway.wms.catalogue import CapabilitiesWriter, update_sequence
from gateway.wms.feature_info import rendered
from gateway.wms.layers import layer_details, point_value
from gateway.wms.legends import asked_legend, palette_bar
from gateway.wms.maps import picture_of
from gateway.wms.metadata import CONTENT_TYPE as METADATA_TYPE
from gateway.wms.metadata import layer_details as written_details
from gateway.wms.request.capabilities import parse_get_capabilities
from gateway.wms.request.feature_info import parse_get_feature_info
from gateway.wms.request.legend import parse_get_legend_graphic
from gateway.wms.request.limits import MapLimits
from gateway.wms.request.map import parse_get_map
from gateway.wms.request.metadata import parse_get_metadata
from gateway.wms.request.operation import Operation, operation, version_of
from gateway.wms.request.parameters import Pairs
from gateway.wms.update_sequence import check_update_sequence
from renderers.legend import legend_png

CAPABILITIES: Final = web.AppKey("CAPABILITIES", CapabilitiesWriter)

QUERY: Final = web.RequestKey("QUERY", Pairs)
"""Names and values of the request: of the address, and of the form that was posted."""

_PATHS: Final = ("/wms", "/thredds/wms", "/ncWMS2/wms")
_REVALIDATE: Final = "no-cache"
"""Keep it, but ask again: answered with 304 before anything is read."""


async def get_capabilities(request: web.Request) -> web.Response:
    """Answer GetCapabilities."""
    asked = parse_get_capabilities(request[QUERY], dataset=_dataset(request))
    visible = request[VISIBLE]
    sources = await visible.datasets() if asked.dataset is None else [await visible.open(asked.dataset, "discover")]
    check_update_sequence(asked.update_sequence, update_sequence(sources))
    address = base_address(request) + request.rel_url.raw_path.lstrip("/")
    tag, body = await request.app[CAPABILITIES].document(sources, asked.version, address)
    return _answer(request, tag) or _body(body, CONTENT_TYPES[asked.version], tag)


async def get_map(request: web.Request) -> web.Response:
    """Answer GetMap: 304 if the client has it, then read, then drawn."""
    asked = parse_get_map(request[QUERY], dataset=_dataset(request), limits=_limits(request))
    picture = await picture_of(request[VISIBLE], asked)
    tag = picture.tag
    if found := _answer(request, tag):
        return found
    return _body(await request.app[PAINTER].paint(picture), picture.format.partition(";")[0], tag)


async def get_feature_info(request: web.Request) -> web.Response:
    """Answer GetFeatureInfo with the exact values of the cells under one pixel."""
    asked = parse_get_feature_info(request[QUERY], dataset=_dataset(request), limits=_limits(request))
    pixel = asked.map.view.pixel(asked.column, asked.row)
    values = []
    for name in asked.query_layers:
        source, layer = await request[VISIBLE].layer(name, "view")
        selection = layer.select(asked.map.time, asked.map.elevation, asked.map.others)
        found = await value_at(source, layer, selection, pixel)
        values.append(point_value(layer, pixel, found, selection))
    return _answered(request, rendered(values, asked.format), asked.format)


async def get_legend_graphic(request: web.Request) -> web.Response:
    """Answer GetLegendGraphic."""
    asked = parse_get_legend_graphic(request[QUERY], dataset=_dataset(request), limits=_limits(request))
    if asked.layer is None:
        spec = palette_bar(asked)
    else:
        spec = asked_legend(asked, *await request[VISIBLE].layer(asked.layer, "view"))
    tag = entity_tag(SOFTWARE, spec)
    return _answer(request, tag) or _body(await request.app[WORKERS].run(legend_png, spec), "image/png", tag)


async def get_metadata(request: web.Request) -> web.Response:
    """Answer GetMetadata of ncWMS."""
    asked = parse_get_metadata(request[QUERY], dataset=_dataset(request))
    source, layer = await request[VISIBLE].layer(asked.layer, "view")
    return _answered(request, written_details(layer_details(source, layer, asked.time)), METADATA_TYPE)


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
    return await _HANDLERS[operation(request[QUERY])](request)


def refuse(request: web.Request, problem: Problem) -> web.Response:
    """Say a refusal as a service exception."""
    said = report.report(problem, version_of(request.get(QUERY, request.query)))
    return web.Response(status=said.status, body=said.body, content_type=said.content_type)


def fail(request: web.Request, status: int, request_id: str) -> web.Response:
    """Say that the fault is ours, as a service exception."""
    said = report.internal(version_of(request.get(QUERY, request.query)), request_id, status)
    return web.Response(status=said.status, body=said.body, content_type=said.content_type)


def wms() -> Protocol:
    """Mount WMS, with and without a dataset in the path."""
    paths = [path for start in _PATHS for path in (start, start + "/{dataset}")]
    return Protocol(
        name="wms",
        prefixes=_PATHS,
        routes=[route(path, dispatch) for path in paths for route in (web.get, web.post)],
        refuse=refuse,
        fail=fail,
    )


async def _query(request: web.Request) -> Pairs:
    """Return the parameters; those of a posted form come before those of the address (06-042, 6.3.4)."""
    posted = await request.post() if request.method == "POST" else {}
    form = [(name, value) for name, value in posted.items() if isinstance(value, str)]
    return tuple(form + list(request.query.items()))


def _dataset(request: web.Request) -> str | None:
    return request.match_info.get("dataset")


def _limits(request: web.Request) -> MapLimits:
    limits = request.app[CONFIG].limits
    return MapLimits(
        max_width=limits.width, max_height=limits.height, max_pixels=limits.pixels, max_layers=limits.layers
    )


def _answer(request: web.Request, tag: str) -> web.Response | None:
    return not_modified(tag, _REVALIDATE) if matches(request, tag) else None


def _answered(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """Answer with what is cheaper made than named."""
    tag = entity_tag(SOFTWARE, content_type, body)
    return _answer(request, tag) or _body(body, content_type, tag)


def _body(body: bytes, content_type: str, tag: str) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": content_type, "ETag": tag, "Cache-Control": _REVALIDATE})
