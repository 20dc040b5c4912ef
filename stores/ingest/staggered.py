"""Points of staggered grids whose places the file does not give: which cell centres they lie between.

Source: SGRID Conventions 0.3 (`node_dimensions`, `face_dimensions`, `padding`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from core.attributes import text_of
from core.curvilinear_grid import Staggered
from core.staggering import Point, point_named
from stores.ingest.header import RawFile, RawVariable
from stores.ingest.names import resolved

_RELATED: Final = re.compile(r"(\S+)\s*:\s*(\S+)(?:\s*\(\s*padding\s*:\s*(none|low|high|both)\s*\))?")
"""A dimension, the dimension of nodes in the same direction, and how it reaches beyond these if it lies between."""
_AFTER: Final = ("low", "both")
"""Paddings in which a node lies after the face of the same index, not before it."""


def staggered(
    file: RawFile, field: RawVariable, centres: Mapping[tuple[str, str], tuple[str, str]]
) -> Staggered | None:
    """Return how the places of a field on staggered points are worked out; None where that is not known.

    Args:
        file: that it is in.
        field: whose own places are missing.
        centres: names of longitude and latitude, by their row and column dimension.

    """
    known = _sgrid(file)
    points = {
        name: found
        for name in field.dimensions
        if (found := known.get(name) or point_named(name, file.dimensions)) is not None
    }
    rows = [name for name, found in points.items() if _fits(file, name, found)]
    if len(rows) != 2 or len(points) != 2:
        return None
    row, column = rows
    offset = (points[row].offset, points[column].offset)
    of_centres = centres.get((points[row].centre, points[column].centre))
    if of_centres is None or offset == (0.0, 0.0):
        return None
    return Staggered(x=of_centres[0], y=of_centres[1], dimensions=(row, column), offset=offset)


def remark(grid: Staggered) -> str:
    """Say what was worked out, in words for the provider."""
    return (
        f"the file has no places for the points along {' and '.join(grid.dimensions)}: "
        f"they are worked out from {grid.y} and {grid.x}"
    )


def _fits(file: RawFile, name: str, point: Point) -> bool:
    """Tell whether a dimension is as long as its centres, or one shorter or longer where the points lie between them.

    Where each grid was cut by the same indices, there are as many points as centres.
    """
    more = file.dimensions[name] - file.dimensions[point.centre]
    return more in (0, 0 if point.offset == 0 else -1 if point.offset > 0 else 1)


def _sgrid(file: RawFile) -> dict[str, Point]:
    """Return what the topologies of a file say of its dimensions."""
    found: dict[str, Point] = {}
    for variable in file.variables.values():
        if "grid_topology" in variable.words("cf_role"):
            for face, node, padding in _related(file, variable, "face_dimensions"):
                found[face] = Point(centre=face, offset=0.0)
                found[node] = Point(centre=face, offset=0.5 if padding in _AFTER else -0.5)
            for attribute in ("edge1_dimensions", "edge2_dimensions"):
                for name, node, padding in _related(file, variable, attribute):
                    if node in found:
                        found.setdefault(name, replace(found[node], offset=0.0) if padding else found[node])
    return found


def _related(file: RawFile, topology: RawVariable, attribute: str) -> Iterator[tuple[str, str, str]]:
    """Yield dimensions that a topology relates to those of its nodes: both, and the padding or ""."""
    for name, node, padding in _RELATED.findall(text_of(topology.attributes, attribute) or ""):
        found, to = (resolved(file.dimensions, topology.group, each) for each in (name, node))
        if found is not None and to is not None:
            yield found, to, padding
