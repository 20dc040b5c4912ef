"""What WMS says about the layers of an open dataset. Pure: values in, values out."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from core.asked.steps import step_near
from core.attributes import Attributes, text_of
from core.dataset import Axis, Variable
from core.dimensions import Dimension
from core.layer import Layer
from core.steps import StepTable
from core.time import units_of
from core.vector_layers import is_vector
from gateway.opened import OpenDataset
from gateway.wms.described import (
    DatasetInfo,
    DimensionInfo,
    Keyword,
    LayerInfo,
    scalar_styles,
    vector_styles,
    vertical_units,
)
from gateway.wms.legends import legend_spec
from gateway.wms.metadata import LayerDetails, VerticalAxis
from gateway.wms.request.colouring import DEFAULT_STYLE, VECTOR_STYLE
from renderers.legend.picture import legend_size
from renderers.palettes import palette_names
from renderers.scale import Scale

ADVERTISED: Final = (
    "thermal", "haline", "ice", "algae", "oxy", "deep", "dense", "speed", "amp", "matter", "turbid",
    "balance", "delta", "curl", "diff", "viridis", "turbo", "gray",
)  # fmt: skip
"""Palettes named in capabilities; every other one that there is can be asked for as well."""
_PRESSURE: Final = ("pa", "hpa", "dbar", "bar", "mbar", "decibar", "millibar")
_DEPTHS: Final = (
    5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 700.0, 1000.0, 1500.0, 2000.0,
    3000.0, 4000.0, 5000.0, 6000.0, 8000.0, 10000.0,
)  # fmt: skip
"""Metres: what clients that want a list of levels are offered."""
_STANDARD_NAMES: Final = "CF Standard Name Table"
_BETWEEN_KEYWORDS: Final = re.compile("[,;]")


def dataset_info(source: OpenDataset) -> DatasetInfo:
    """Return what capabilities say about a dataset: its own words, where the file has some.

    Source: ACDD 1.3 (`summary`, `keywords`, `keywords_vocabulary`); CF Conventions 1.11, 2.6.2 (`institution`,
    `comment`); `credit` is that of the Copernicus Marine Service.
    """
    attributes = source.dataset.description.attributes
    return DatasetInfo(
        title=source.title,
        abstract=_said(attributes, "summary", "abstract", "comment"),
        keywords=_keywords(attributes),
        attribution=_said(attributes, "credit", "institution"),
        layers=tuple(layer_infos(source)),
    )


def layer_infos(source: OpenDataset) -> list[LayerInfo]:
    """Return what capabilities say about each layer of a dataset."""
    layers = source.shown()
    # Layers mostly share their steps, which may be thousands: each table is written out once.
    times = {steps: _times(steps) for steps in {layer.steps for layer in layers}}
    return [_info(source, layer, times[layer.steps]) for layer in layers]


def layer_details(source: OpenDataset, layer: Layer, time: str | None) -> LayerDetails:
    """Return what a client needs to offer the controls of a layer; `time` as the client wrote it."""
    scale, axis, steps = source.scale(layer), layer.vertical, layer.steps
    nearest = None
    if layer.has_time:
        nearest = steps.iso(step_near(steps, time)) if time else steps.iso(layer.default_step)
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
        styles=(VECTOR_STYLE, DEFAULT_STYLE) if is_vector(layer) else (DEFAULT_STYLE,),
        palettes=palette_names(),
        default_palette=scale.palette,
        vertical=_vertical(axis) if axis is not None else _heights(layer),
        dimensions=tuple(_other(found) for found in layer.others),
        times=_times(steps) if layer.has_time else (),
        nearest_time=nearest,
        time_units=_time_units(source),
        revision=source.revision,
    )


def coloured(details: LayerDetails, scale: Scale) -> LayerDetails:
    """Return the details with the range of `scale` for the default one."""
    return replace(details, low=scale.low, high=scale.high, log=scale.log)


def _info(source: OpenDataset, layer: Layer, times: Sequence[str]) -> LayerInfo:
    levels, axis = layer.elevation, layer.vertical
    units, symbol = vertical_units(axis.units, depth=axis.positive == "down") if axis else ("", "")
    if layer.heights is not None:
        units, symbol = vertical_units("m", depth=True)
    legend = legend_size(legend_spec(source, layer))
    return LayerInfo(
        name=layer.name,
        title=layer.variable.title,
        abstract=_abstract(layer.variable),
        keywords=_names(layer.variable),
        extent=source.grid(layer)[1].extent,
        times=times if layer.has_time else (),
        default_time=times[layer.default_step] if layer.has_time else "",
        time_units=_time_units(source),
        kept_current=layer.kept_current,
        nearest_time=layer.leeway.time > 0,
        nearest_elevation=layer.leeway.elevation > 0,
        elevations=levels.values if levels else (),
        default_elevation=levels.values[levels.default] if levels else 0.0,
        heights=None if layer.heights is None else (layer.heights.lowest, layer.heights.highest),
        elevation_units=units,
        elevation_symbol=symbol,
        others=tuple(_other(found) for found in layer.others),
        styles=vector_styles(legend, ADVERTISED) if is_vector(layer) else scalar_styles(legend),
    )


def _abstract(variable: Variable) -> str:
    """Return what the file says of a variable: in a sentence if it has one, else its name and units."""
    if said := _said(variable.attributes, "comment", "description"):
        return said
    meant = f"{variable.title} ({variable.standard_name})" if variable.standard_name else variable.title
    return f"{meant} in {variable.units}" if variable.units.strip() not in ("", "1") else meant


def _names(variable: Variable) -> tuple[Keyword, ...]:
    """Return the words that a variable is found by."""
    standard = variable.standard_name
    named = (Keyword(text=standard, vocabulary=_STANDARD_NAMES),) if standard else ()
    return (*named, Keyword(text=variable.name))


def _keywords(attributes: Attributes) -> tuple[Keyword, ...]:
    vocabulary = _said(attributes, "keywords_vocabulary")
    words = (word.strip() for word in _BETWEEN_KEYWORDS.split(_said(attributes, "keywords")))
    return tuple(Keyword(text=word, vocabulary=vocabulary) for word in dict.fromkeys(words) if word)


def _said(attributes: Attributes, *names: str) -> str:
    """Return the first of `names` that says something, in one line."""
    return " ".join((text_of(attributes, *names) or "").split())


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


def _heights(layer: Layer) -> VerticalAxis | None:
    """Return some round heights between bottom and surface, of which any other can be asked for as well."""
    if layer.heights is None:
        return None
    lowest = layer.heights.lowest
    return VerticalAxis(
        units="m",
        positive=True,
        pressure=False,
        elevations=(0.0, *(-depth for depth in _DEPTHS if -depth >= lowest)),
        continuous=True,
    )


def _time_units(source: OpenDataset) -> str:
    axis = source.dataset.description.time
    return units_of("standard" if axis is None else axis.calendar)
