"""The values at a place in XML, a `point` for each time and level: as siphon reads it. Source: TDS 4.6."""

import csv
import io
from typing import Final

from gateway.wms.markup import child, document, root

_TIME: Final = "time"
_DATE: Final = "date"
"""What clients of this form know the time as."""
GROWTH: Final = 8
"""How many times as long the same table is in XML than in CSV, at most about."""


def points_xml(table: bytes) -> bytes:
    """Write a table in CSV, whose columns are called `name` or `name[unit="..."]`, as XML."""
    lines = iter(csv.reader(io.StringIO(table.decode(), newline=""), quoting=csv.QUOTE_NONE))
    columns = [_column(head) for head in next(lines)]
    tree = root("grid")
    for cells in lines:
        point = child(tree, "point")
        for attributes, cell in zip(columns, cells, strict=True):
            child(point, "data", cell, attributes)
    return document(tree)


def _column(head: str) -> dict[str, str]:
    name, _, unit = head.partition("[unit=")
    if name == _TIME:
        return {"name": _DATE}
    return {"name": name, "units": unit.removesuffix("]").strip('"')} if unit else {"name": name}
