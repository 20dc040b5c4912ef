"""Depths that files write cell by cell, beside fields whose levels are not searched by them: said to the provider.

Source: CF Conventions 1.11, 4.3 and 5 (auxiliary coordinate variables).
"""

from collections.abc import Iterator
from typing import Final

from core.attributes import text_of
from core.dataset import Axis, Description, Variable
from core.vertical.terms import levels_of
from stores.ingest.header import RawFile, RawVariable

_DEPTHS: Final = ("depth", "height", "altitude", "depth_below_geoid", "height_above_geopotential_datum")
"""Standard names of vertical coordinates in units of length."""
_METRES: Final = ("m", "meter", "meters", "metre", "metres")


def remarks_on_depths(file: RawFile, description: Description) -> Iterator[str]:
    """Say of which fields the levels lie at depths that the file writes for each cell, and how they are served."""
    for field in description.fields:
        if field.name not in file.variables or levels_of(description, field) is not None:
            continue
        for depths in file.named(file.variables[field.name], "coordinates"):
            axis = _along(description, field, depths)
            if axis is not None:
                where = f"{depths.name} ({', '.join(depths.dimensions)}) has their depths cell by cell"
                levels = f"levels of {field.name} along {axis.name}"
                in_metres = axis.kind == "vertical" and not axis.dimensionless
                how = f"as {axis.name} writes them" if in_metres else "by number, not in metres"
                yield f"{levels} are served {how}: {where}, by which no level is searched"


def _along(description: Description, field: Variable, depths: RawVariable) -> Axis | None:
    """Return the axis of a field whose levels lie at other depths at each place."""
    if not depths.numeric or len(depths.dimensions) < len(("level", "cell")) or depths.name == field.name:
        return None
    upright = text_of(depths.attributes, "positive") is not None and depths.units.lower() in _METRES
    said = depths.standard_name in _DEPTHS or upright
    names = [name for name in field.axes if name in depths.dimensions]
    return description.axes[names[0]] if said and len(names) == 1 else None
