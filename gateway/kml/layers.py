"""What KML says of a layer of an open dataset. Pure: values in, values out."""

from typing import Final

from core.attributes import text_of
from core.layer import Layer, Selection
from core.problem import Problem
from gateway.kml.request import AskedKml
from gateway.kml.steps import shown_step, shown_steps, steps_asked, until_asked
from gateway.opened import OpenDataset
from gateway.wms.figures import decimal, shortest
from gateway.wms.legends import legend_spec
from gateway.wms.scales import scale_of
from renderers.kml.addresses import Parameters
from renderers.kml.described import Described, Series, Step
from renderers.kml.tiles import Pyramid, Tile
from renderers.legend.picture import legend_size
from renderers.numerals import written_units

_FACTS: Final = (
    ("About", ("summary", "abstract", "comment")),
    ("Source", ("credit", "source")),
    ("Institution", ("institution",)),
    ("Licence", ("license", "licence")),
    ("References", ("references",)),
)
"""What to call them, and the attributes of the file that may say them. Source: ACDD 1.3; CF 1.11, 2.6.2."""


def described(source: OpenDataset, layer: Layer, selection: Selection) -> Described:
    """Return what a balloon tells of a layer."""
    said = source.dataset.description.attributes
    facts = [("Dataset", source.title), ("Units", written_units(layer.variable.units))]
    if selection.elevation is not None:
        level = f"{decimal(shortest(selection.elevation))} {written_units(layer.elevation_units)}"
        facts.append(("Elevation", level.strip()))
    facts += [(name, decimal(shortest(value))) for name, value in selection.others]
    facts += [(name, " ".join((text_of(said, *names) or "").split())) for name, names in _FACTS]
    return Described(
        title=layer.variable.title,
        dataset=source.title,
        facts=[(name, text) for name, text in facts if text],
    )


def settled(layer: Layer, asked: AskedKml, selection: Selection) -> Parameters:
    """Return what every picture of a document repeats: colours as asked for, level and further dimensions as chosen."""
    elevation = selection.elevation
    level = () if elevation is None else (("ELEVATION", decimal(shortest(elevation))),)
    parameters = {found.name: found.parameter for found in layer.others}
    others = ((parameters[name], decimal(shortest(value))) for name, value in selection.others)
    return (*asked.colours, *level, *others)


def chosen(source: OpenDataset, layer: Layer, asked: AskedKml) -> Selection:
    """Settle level and further dimensions, and see that there are the colours that are asked for.

    Raises:
        Problem: a level, value, palette or range that is not there.

    """
    scale_of(source, layer, asked.colouring)
    return layer.select(None, asked.elevation, asked.others)


def series(source: OpenDataset, layer: Layer, asked: AskedKml, most: int) -> Series:
    """Return all steps that are asked for.

    Raises:
        Problem: there are none, or more than `most`.

    """
    places = steps_asked(layer, asked.time, most)
    return Series(
        steps=shown_steps(layer, places),
        pyramid=pyramid(source, layer),
        legend=legend_size(legend_spec(source, layer)),
        legends=asked.colouring.auto,
    )


def step(layer: Layer, asked: AskedKml) -> Step:
    """Return the one step whose squares are asked for.

    Raises:
        Problem: there is no such step.

    """
    (place,) = steps_asked(layer, asked.time, 1)
    if not layer.has_time:
        return shown_steps(layer, (place,))[0]
    begin = int(layer.steps.times[place])
    return shown_step(layer, place, until_asked(asked.until, begin, layer.steps.calendar))


def pyramid(source: OpenDataset, layer: Layer) -> Pyramid:
    """Return the squares that a layer is cut into."""
    _, grid = source.grid(layer)
    return Pyramid.of(grid.extent, grid.shape)


def checked(tile: Tile, squares: Pyramid) -> Tile:
    """Return a square that there is.

    Raises:
        Problem: `invalid_value`.

    """
    if not squares.holds(tile):
        message = f"PART={tile.level}/{tile.column}/{tile.row} is no square of this layer"
        raise Problem("invalid_value", message, parameter="PART")
    return tile
