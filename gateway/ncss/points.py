"""The values at a place in XML, a `point` for each time and level: as siphon reads it. Source: TDS 4.6."""

import csv
import io
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Final
from xml.etree.ElementTree import Element

from gateway.wms.markup import child, fragment
from gateway.workers import Workers

_TIME: Final = "time"
_DATE: Final = "date"
"""What clients of this form know the time as."""
GROWTH: Final = 8
"""How many times as long the same table is in XML than in CSV, at most about."""
_BEGIN: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<grid>'
_END: Final = b"</grid>"


async def points_xml(table: AsyncGenerator[bytes], workers: Workers) -> AsyncGenerator[bytes]:
    """Yield a table in XML; of CSV come the first line, whose columns are `name` or `name[unit="..."]`, then others.

    Raises:
        Exception: whatever making the table raises.

    """
    async with aclosing(table):
        columns = [_column(head) for head in next(_cells(await anext(table)))]
        yield _BEGIN
        async for lines in table:
            yield await workers.run(points, columns, lines)
    yield _END


def points(columns: Sequence[dict[str, str]], lines: bytes) -> bytes:
    """Write some lines of CSV; `columns` are the attributes of their cells."""
    found = []
    for cells in _cells(lines):
        point = Element("point")
        for attributes, cell in zip(columns, cells, strict=True):
            child(point, "data", cell, attributes)
        found.append(fragment(point))
    return b"".join(found)


def _cells(lines: bytes) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(lines.decode(), newline=""), quoting=csv.QUOTE_NONE)


def _column(head: str) -> dict[str, str]:
    name, _, unit = head.partition("[unit=")
    if name == _TIME:
        return {"name": _DATE}
    return {"name": name, "units": unit.removesuffix("]").strip('"')} if unit else {"name": name}
