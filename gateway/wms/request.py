"""WMS requests as values: OGC 06-042 (1.3.0), OGC 01-068r3 (1.1.1), and what ncWMS added to them.

EXCEPTIONS is not read: every refusal is XML, whatever was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

from core.numbers import shown
from core.problem import Problem
from core.view import View
from gateway.wms.colouring import Colouring, colouring, colourings, palette_of, rgba
from gateway.wms.parameters import Parameters, Query, Version
from gateway.wms.view import place_of, view_of

Operation = Literal["GetCapabilities", "GetMap", "GetFeatureInfo", "GetLegendGraphic", "GetMetadata"]
MapFormat = Literal["image/png", "image/png; mode=32bit", "image/jpeg"]
InfoFormat = Literal["text/plain", "text/xml", "application/json"]

_OPERATIONS: Final[dict[str, Operation]] = {name.lower(): name for name in get_args(Operation)}
_MAP_FORMATS: Final[dict[str, MapFormat]] = {
    "image/png": "image/png",
    "image/png8": "image/png",
    "image/png;mode=8bit": "image/png",
    "image/png32": "image/png; mode=32bit",
    "image/png;mode=32bit": "image/png; mode=32bit",
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
}
_INFO_FORMATS: Final[dict[str, InfoFormat]] = {
    "text/plain": "text/plain",
    "text/xml": "text/xml",
    "application/xml": "text/xml",
    "application/json": "application/json",
    "application/geo+json": "application/json",
}
_Written = TypeVar("_Written", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLimits:
    """What one picture may be."""

    max_pixels: int
    """Width times height: what is worked on at once takes about 60 bytes for each."""
    max_width: int
    """Pixels."""
    max_height: int
    """Pixels."""
    max_layers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCapabilities:
    """One GetCapabilities."""

    version: Version
    dataset: str | None
    """To describe alone; None for all."""
    update_sequence: str | None
    """That the client has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMap:
    """One GetMap, with its axis order settled."""

    version: Version
    layers: tuple[str, ...]
    """`dataset/variable`, from the bottom to the top."""
    colourings: tuple[Colouring, ...]
    """One for each layer."""
    view: View
    time: str | None
    """As sent; None where it was not."""
    elevation: str | None
    """As sent; None where it was not."""
    others: Mapping[str, str]
    """Values of further dimensions as sent, by name in upper case."""
    format: MapFormat
    transparent: bool
    """Never for JPEG."""
    background: tuple[int, int, int]
    """Red, green, blue: 0 to 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFeatureInfo:
    """One GetFeatureInfo."""

    map: GetMap
    query_layers: tuple[str, ...]
    """Each is one of the map's."""
    column: int
    """Pixels from the left edge; inside the picture."""
    row: int
    """Pixels from the top edge; inside the picture."""
    format: InfoFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLegendGraphic:
    """One GetLegendGraphic."""

    layer: str | None
    """`dataset/variable`; None is possible only with `bar_only`."""
    colouring: Colouring
    width: int | None
    """Of the coloured bar, pixels."""
    height: int | None
    """Of the coloured bar, pixels."""
    vertical: bool
    bar_only: bool
    """Without any text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMetadata:
    """One GetMetadata of ncWMS."""

    item: Literal["layerDetails"]
    layer: str
    """`dataset/variable`."""
    time: str | None
    """As sent; None where it was not."""


def operation(query: Query) -> Operation:
    """Return what is asked for, in the standard's spelling; any case is understood.

    Raises:
        Problem: `unknown_operation`, `missing_parameter`, or SERVICE is another one.

    """
    parameters = Parameters.of(query)
    service = parameters.text("SERVICE") or "WMS"
    if service.upper() != "WMS":
        raise Problem("invalid_value", f"SERVICE={shown(service)} is not served here: WMS is", parameter="SERVICE")
    asked = parameters.required("REQUEST")
    found = _OPERATIONS.get(asked.lower())
    if found is None:
        message = f"REQUEST={shown(asked)} is not offered; there are {', '.join(get_args(Operation))}"
        raise Problem("unknown_operation", message, parameter="REQUEST")
    return found


def version_of(query: Query) -> Version:
    """Return the version to answer in. Never raises, so that any refusal can be put into the right words."""
    return Parameters.of(query).version


def parse_get_capabilities(query: Query, *, dataset: str | None = None) -> GetCapabilities:
    """Read GetCapabilities (06-042, 7.2.3); `dataset` is the one in the path."""
    parameters = Parameters.of(query)
    return GetCapabilities(
        version=parameters.version,
        dataset=dataset or parameters.text("DATASET"),
        update_sequence=parameters.text("UPDATESEQUENCE"),
    )


def parse_get_map(query: Query, *, dataset: str | None, limits: MapLimits) -> GetMap:
    """Read GetMap (06-042, 7.3.3); `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    text = parameters.text("FORMAT") or "image/png"
    return _get_map(parameters, dataset, limits, written=_format(_MAP_FORMATS, text, "FORMAT"))


def parse_get_feature_info(query: Query, *, dataset: str | None, limits: MapLimits) -> GetFeatureInfo:
    """Read GetFeatureInfo (06-042, 7.4.3); `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    # FORMAT decides nothing here, and OWSLib sends FORMAT=None.
    asked = _get_map(parameters, dataset, limits, written="image/png")
    queried = _layers(parameters, "QUERY_LAYERS", dataset, limits)
    for name in queried:
        if name not in asked.layers:
            message = f"QUERY_LAYERS={shown(name)} is not one of LAYERS"
            raise Problem("unknown_layer", message, parameter="QUERY_LAYERS")
    # 1.1.1 calls I and J X and Y.
    across, down = ("I", "J") if parameters.text("I") else ("X", "Y") if parameters.text("X") else ("I", "J")
    text = parameters.text("INFO_FORMAT") or "text/xml"
    return GetFeatureInfo(
        map=asked,
        query_layers=queried,
        column=place_of(parameters, across, asked.view.width),
        row=place_of(parameters, down, asked.view.height),
        format=_format(_INFO_FORMATS, text, "INFO_FORMAT"),
    )


def parse_get_legend_graphic(query: Query, *, dataset: str | None, limits: MapLimits) -> GetLegendGraphic:
    """Read GetLegendGraphic (OGC 05-078r4, 12, and ncWMS); `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    bar_only = parameters.flag("COLORBARONLY") or False
    text = parameters.text("FORMAT") or "image/png"
    if not _format(_MAP_FORMATS, text, "FORMAT").startswith("image/png"):
        raise Problem("unknown_format", f"FORMAT={shown(text)}: a legend is image/png", parameter="FORMAT")
    layer = parameters.text("LAYER", "LAYERS") if bar_only else parameters.required("LAYER", "LAYERS")
    style = parameters.text("PALETTE", "STYLE", "STYLES") or ""
    vertical = parameters.flag("VERTICAL")
    width = parameters.pixels("WIDTH", most=limits.max_width)
    height = parameters.pixels("HEIGHT", most=limits.max_height)
    # A side that is left open is a short one.
    _check_size(width or 1, height or 1, limits)
    return GetLegendGraphic(
        layer=None if layer is None else _full_name(layer, dataset or parameters.text("DATASET")),
        colouring=colouring(parameters, palette_of(style, "STYLE")),
        width=width,
        height=height,
        vertical=not parameters.flag("HORIZONTAL") if vertical is None else vertical,
        bar_only=bar_only,
    )


def parse_get_metadata(query: Query, *, dataset: str | None) -> GetMetadata:
    """Read GetMetadata of ncWMS; `dataset` is the one in the path.

    Raises:
        Problem: naming the first parameter that is missing or cannot be used.

    """
    parameters = Parameters.of(query)
    item = parameters.required("ITEM")
    if item.lower() != "layerdetails":
        raise Problem("unknown_operation", f"ITEM={shown(item)} is not offered: layerDetails is", parameter="ITEM")
    layer = parameters.required("LAYERNAME", "LAYER", "LAYERS")
    return GetMetadata(
        item="layerDetails",
        layer=_full_name(layer, dataset or parameters.text("DATASET")),
        time=parameters.time,
    )


def _get_map(parameters: Parameters, dataset: str | None, limits: MapLimits, *, written: MapFormat) -> GetMap:
    layers = _layers(parameters, "LAYERS", dataset, limits)
    return GetMap(
        version=parameters.version,
        layers=layers,
        colourings=colourings(parameters, len(layers)),
        view=_view(parameters, limits),
        time=parameters.time,
        elevation=parameters.text("ELEVATION"),
        others=parameters.others,
        format=written,
        transparent=written != "image/jpeg" and bool(parameters.flag("TRANSPARENT")),
        background=rgba(parameters.text("BGCOLOR") or "0xFFFFFF", "BGCOLOR")[:3],
    )


def _view(parameters: Parameters, limits: MapLimits) -> View:
    view = view_of(parameters, max_width=limits.max_width, max_height=limits.max_height)
    _check_size(view.width, view.height, limits)
    return view


def _check_size(width: int, height: int, limits: MapLimits) -> None:
    if width * height > limits.max_pixels:
        message = f"WIDTH={width} and HEIGHT={height} make more than the {limits.max_pixels} pixels allowed here"
        raise Problem("too_large", message, parameter="WIDTH")


def _layers(parameters: Parameters, name: str, dataset: str | None, limits: MapLimits) -> tuple[str, ...]:
    names = parameters.required(name).split(",")
    if len(names) > limits.max_layers:
        message = f"{name} names {len(names)} layers, more than the {limits.max_layers} allowed here"
        raise Problem("too_large", message, parameter=name)
    prefix = dataset or parameters.text("DATASET")
    return tuple(_full_name(layer.strip(), prefix) for layer in names)


def _full_name(layer: str, dataset: str | None) -> str:
    return layer if dataset is None or layer.startswith(f"{dataset}/") else f"{dataset}/{layer}"


def _format(offered: Mapping[str, _Written], text: str, parameter: str) -> _Written:
    found = offered.get(text.lower().replace(" ", ""))
    if found is None:
        message = f"{parameter}={shown(text)} is not offered; there are {', '.join(dict.fromkeys(offered.values()))}"
        raise Problem("unknown_format", message, parameter=parameter)
    return found
