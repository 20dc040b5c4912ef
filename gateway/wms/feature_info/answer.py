"""From what was found at a place to what is said of it."""

from core.flags import flag_meanings
from core.layer import Layer, Selection
from core.view import View
from gateway.answers import PlaceValue
from gateway.wms.feature_info.point import PointValue
from gateway.wms.figures import computed, coordinate


def point_value(layer: Layer, pixel: View, found: PlaceValue, selection: Selection) -> PointValue:
    """Return the answer about one layer at the centre of `pixel`, a view of one pixel."""
    longitude, latitude = pixel.crs.to_geographic(pixel.x_centres(), pixel.y_centres())
    value = found.value
    return PointValue(
        layer=layer.name,
        title=layer.variable.title,
        units=layer.variable.units,
        standard_name=layer.variable.standard_name,
        value=value,
        meanings=() if value is None else flag_meanings(layer.variable.attributes, value),
        longitude=None if found.longitude is None else coordinate(found.longitude),
        latitude=None if found.latitude is None else coordinate(found.latitude),
        requested_longitude=computed(float(longitude[0])),
        requested_latitude=computed(float(latitude[0])),
        time=selection.time,
        elevation=selection.elevation,
        elevation_units=layer.elevation_units.strip(),
        level=found.level,
        level_elevation=None if found.height is None else round(found.height, 3) + 0.0,
        others=selection.others,
    )
