"""The answer to GetFeatureInfo as a page that viewers show in a bubble. Source: HTML, WHATWG, 13.3 (serialising)."""

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, tostring

from gateway.wms.feature_info.point import PointValue, Rows, place_rows
from gateway.wms.markup import child, root

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:14px/1.4 system-ui,sans-serif;margin:8px}"
    "table{border-collapse:collapse;margin-bottom:8px}"
    "caption{font-weight:600;text-align:left;padding-bottom:2px}"
    "th,td{text-align:left;vertical-align:top;padding:1px 12px 1px 0;border-top:1px solid #8886;overflow-wrap:anywhere}"
    "th{font-weight:400;opacity:.75;white-space:nowrap}"
)
"""No colours of text and ground but the reader's own, light or dark. Nothing that HTML would have to escape."""


def page(values: Sequence[PointValue]) -> bytes:
    """Write one table for the place that was asked for, and one for each layer; without scripts, in UTF-8."""
    tree = root("html", {"lang": "en"})
    head = child(tree, "head")
    child(head, "meta", attributes={"charset": "utf-8"})
    child(head, "title", "Values at a place")
    child(head, "style", _STYLE)
    body = child(tree, "body")
    asked = place_rows(values)
    if asked:
        _add_table(body, "Place", asked)
    for value in values:
        _add_table(body, value.title or value.layer, [*value.rows, ("Layer", value.layer)])
    if not values:
        child(body, "p", "Nothing was asked for.")
    return b"<!DOCTYPE html>\n" + tostring(tree, encoding="unicode", method="html").encode()


def _add_table(body: Element, caption: str, rows: Rows) -> None:
    table = child(body, "table")
    child(table, "caption", caption)
    lines = child(table, "tbody")
    for name, text in rows:
        line = child(lines, "tr")
        child(line, "th", name, {"scope": "row"})
        child(line, "td", text)
