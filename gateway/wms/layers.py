"""What WMS says about the layers of an open dataset. Pure: values in, values out."""

from collections.abc import Sequence
from typing import Final

from core.dataset import Axis
from core.dimensions import Dimension
from core.layer import Layer, Selection
from core.steps import StepTable
from core.view import View
from gateway.answers import PlaceValue
from gateway.opened import OpenDataset
from gateway.wms.feature_info import PointValue
from gateway.wms.fragments import DimensionInfo, LayerInfo, scalar_styles, vertical_units
from gateway.wms.legends import legend_spec
from gateway.wms.metadata import LayerDetails, VerticalAxis
from renderers.legend import legend_size
from renderers.palettes import palette_names

ADVERTISED: Final = (
    "thermal", "haline", "ice", "algae", "oxy", "deep", "dense", "speed", "amp", "matter", "turbid",
    "balance", "delta", "curl", "diff", "viridis", "turbo", "gray",
)  # fmt: skip
"""Palettes named in capabilities; every other one that there is can be asked for as well."""
STYLE: Final = "default-scalar"
_PRESSURE: Final = ("pa", "hpa", "dbar", "bar", "mbar", "decibar", "millibar")
_GREGORIAN: Final = ("standard", "gregorian", "proleptic_gregorian")


def layer_infos(source: OpenDataset) -> list[LayerInfo]:
    """Return what capabilities say about each layer of a dataset."""
    layers = source.layers()
    # Layers mostly share their steps, which may be thousands: each table is written out once.
    times = {steps: _times(steps) for steps in {layer.steps for layer in layers}}
    return [_info(source, layer, times[layer.steps]) for layer in layers]


def layer_details(source: OpenDataset, layer: Layer, time: str | None) -> LayerDetails:
    """Return what a client needs to offer the controls of a layer; `time` as the client wrote it."""
    scale, axis, steps = source.scale(layer), layer.vertical, layer.steps
    nearest = None
    if layer.has_time:
        nearest = steps.iso(steps.near(time)) if time else steps.iso(layer.default_step)
    return LayerDetails(
        name=layer.name,
        title=layer.variable.title,
        units=layer.variable.units,
        extent=source.grid(layer)[1].extent,
        low=scale.low,
        high=scale.high,
        log=scale.log,
        bands=scale.bands,
        below=scale.below or "extend",
        above=scale.above or "extend",
        styles=(STYLE,),
        palettes=palette_names(),
        default_palette=scale.palette,
        vertical=None if axis is None else _vertical(axis),
        dimensions=tuple(_other(found) for found in layer.others),
        times=_times(steps) if layer.has_time else (),
        nearest_time=nearest,
        time_units=_time_units(source),
    )


def point_value(layer: Layer, pixel: View, found: PlaceValue, selection: Selection) -> PointValue:
    """Return the answer about one layer at the centre of `pixel`, a view of one pixel."""
    longitude, latitude = pixel.crs.to_geographic(pixel.x_centres(), pixel.y_centres())
    return PointValue(
        layer=layer.name,
        title=layer.variable.title,
        units=layer.variable.units,
        standard_name=layer.variable.standard_name,
        value=found.value,
        longitude=found.longitude,
        latitude=found.latitude,
        requested_longitude=float(longitude[0]),
        requested_latitude=float(latitude[0]),
        time=selection.time,
        elevation=selection.elevation,
        others=selection.others,
    )


def _info(source: OpenDataset, layer: Layer, times: Sequence[str]) -> LayerInfo:
    levels, axis = layer.elevation, layer.vertical
    units, symbol = vertical_units(axis.units, depth=axis.positive == "down") if axis else ("", "")
    return LayerInfo(
        name=layer.name,
        title=layer.variable.title,
        abstract=layer.variable.standard_name or "",
        extent=source.grid(layer)[1].extent,
        times=times if layer.has_time else (),
        default_time=times[layer.default_step] if layer.has_time else "",
        time_units=_time_units(source),
        elevations=levels.values if levels else (),
        default_elevation=levels.values[levels.default] if levels else 0.0,
        elevation_units=units,
        elevation_symbol=symbol,
        others=tuple(_other(found) for found in layer.others),
        styles=scalar_styles(ADVERTISED, legend_size(legend_spec(source, layer))),
    )


def _other(found: Dimension) -> DimensionInfo:
    return DimensionInfo(
        name=found.name,
        title=found.axis.title,
        units=found.axis.units.strip(),
        values=found.values,
        default=found.values[found.default],
    )


def _times(steps: StepTable) -> tuple[str, ...]:
    return tuple(steps.iso(index) for index in range(len(steps)))


def _vertical(axis: Axis) -> VerticalAxis:
    return VerticalAxis(
        units=axis.units,
        positive=axis.positive != "down",
        pressure=axis.units.strip().lower() in _PRESSURE,
        elevations=axis.elevations,
    )


def _time_units(source: OpenDataset) -> str:
    axis = source.dataset.description.time
    return "ISO8601" if axis is None or axis.calendar in _GREGORIAN else axis.calendar
