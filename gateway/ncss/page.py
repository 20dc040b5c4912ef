"""The form with which people ask for a part of a dataset: one page without scripts. Source: HTML, WHATWG, 4.10."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, tostring

from gateway.ncss.described import AxisInfo, DatasetInfo
from gateway.ncss.request.formats import OF_GRIDS, OF_POINTS
from gateway.wms.markup import child, root

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:52rem;padding:1rem 1.25rem 3rem}"
    "h1{font-size:1.35rem;margin:.5rem 0}p{margin:.25rem 0 1rem;opacity:.8}"
    "fieldset{border:1px solid #8886;border-radius:6px;margin:0 0 1rem;padding:.5rem 1rem 1rem}"
    "legend{font-weight:600;padding:0 .35rem}"
    "label{display:inline-flex;gap:.5rem;align-items:baseline;margin:.25rem 1.25rem .25rem 0}"
    "label.row{display:flex}label small{opacity:.7}"
    "input,select,button{font:inherit}"
    "input[type=text]{width:14rem}input[type=number]{width:7.5rem}"
    "button{padding:.4rem 1.1rem;margin-right:.75rem}"
    "nav a{margin-right:1rem}"
)
"""No colours of text and ground but the reader's own, light or dark. Nothing that HTML would have to escape."""
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""Content-Security-Policy of the page: its own style and nothing else, so that no text of a file can do anything."""


def form_page(info: DatasetInfo, *, point: bool, carried: Mapping[str, str]) -> bytes:
    """Write the form for a part of the grids or, with `point`, for the values at a place, in UTF-8.

    `carried` are parameters that go along with whatever is asked for from here.
    """
    tree = root("html", {"lang": "en"})
    head = child(tree, "head")
    child(head, "meta", attributes={"charset": "utf-8"})
    child(head, "meta", attributes={"name": "viewport", "content": "width=device-width, initial-scale=1"})
    child(head, "title", f"{info.title}: download")
    child(head, "style", _STYLE)
    body = child(tree, "body")
    child(body, "h1", info.title)
    child(body, "p", "Fields that are left empty are not cut. The address of the answer can be used in scripts.")
    # From .../DATASET/dataset.html, whatever stands before it.
    form = child(body, "form", attributes={"method": "get", "action": f"../{info.id}"})
    for name, value in carried.items():
        child(form, "input", attributes={"type": "hidden", "name": name, "value": value})
    _add_variables(form, info)
    (_add_point if point else _add_box)(form, info)
    _add_times(form, info)
    _add_levels(form, info)
    _add_format(form, point=point)
    child(form, "button", "Download", {"type": "submit"})
    child(form, "button", "What would it cost?", {"type": "submit", "name": "dry-run", "value": "true"})
    links = child(child(body, "footer"), "nav")
    other = ("dataset.html", "Part of the grid") if point else ("pointDataset.html", "Values at a place")
    for address, text in (other, ("dataset.xml", "Description in XML"), ("../../../../", "Map")):
        child(links, "a", text, {"href": f"{address}?{urlencode(carried)}" if carried else address})
    return b"<!DOCTYPE html>\n" + tostring(tree, encoding="unicode", method="html").encode()


def _add_variables(form: Element, info: DatasetInfo) -> None:
    fields = _fieldset(form, "Variables")
    grids = [grid for members in info.sets for grid in members.grids]
    for grid in grids:
        label = child(fields, "label", attributes={"class": "row"})
        given = {"type": "checkbox", "name": "var", "value": grid.name}
        child(label, "input", attributes=given | ({"checked": "checked"} if grid is grids[0] else {}))
        child(label, "span", f"{grid.title} ({grid.units})" if grid.units else grid.title)
        child(label, "small", f"{grid.name}: {', '.join(grid.axes)}")


def _add_box(form: Element, info: DatasetInfo) -> None:
    fields = _fieldset(form, "Box, in degrees")
    for name in ("north", "west", "east", "south"):
        _number(fields, name, f"{getattr(info.extent, name):g}")
    _stride(fields, "horizStride", "rows and columns")


def _add_point(form: Element, info: DatasetInfo) -> None:
    fields = _fieldset(form, "Place, in degrees")
    extent = info.extent
    for name, middle in (
        ("latitude", (extent.south + extent.north) / 2),
        ("longitude", (extent.west + extent.east) / 2),
    ):
        _number(fields, name, f"{middle:g}")


def _add_times(form: Element, info: DatasetInfo) -> None:
    if info.span is None or info.present is None:
        return
    fields = _fieldset(form, "Times")
    for name, value in (("time_start", info.present), ("time_end", info.present)):
        _text(fields, name, value)
    _stride(fields, "timeStride", "steps")
    child(fields, "p", f"The steps go from {info.span[0]} to {info.span[1]}.")


def _add_levels(form: Element, info: DatasetInfo) -> None:
    for axis in info.axes:
        if axis.kind in ("Height", "Pressure") and len(axis.values) > 1:
            fields = _fieldset(form, "Levels")
            _text(fields, "vertCoord", "", f"{axis.name}: one level, or LOW/HIGH, {_reach(axis)}")
            return


def _reach(axis: AxisInfo) -> str:
    units = axis.attributes.get("units")
    named = f" {units.text}" if units is not None and units.text else ""
    return f"from {min(axis.values):g} to {max(axis.values):g}{named}"


def _add_format(form: Element, *, point: bool) -> None:
    fields = _fieldset(form, "Format")
    label = child(fields, "label")
    child(label, "span", "accept")
    chosen = child(label, "select", attributes={"name": "accept"})
    names = OF_POINTS if point else OF_GRIDS
    wanted = "csv" if point else "netcdf4"
    for name in names:
        child(chosen, "option", name, {"value": name} | ({"selected": "selected"} if name == wanted else {}))


def _fieldset(form: Element, legend: str) -> Element:
    fields = child(form, "fieldset")
    child(fields, "legend", legend)
    return fields


def _number(parent: Element, name: str, value: str) -> None:
    _input(parent, {"type": "number", "name": name, "value": value, "step": "any", "required": "required"}, "")


def _stride(parent: Element, name: str, of: str) -> None:
    _input(parent, {"type": "number", "name": name, "value": "1", "step": "1", "min": "1"}, f"every so many {of}")


def _text(parent: Element, name: str, value: str, hint: str = "") -> None:
    _input(parent, {"type": "text", "name": name, "value": value}, hint)


def _input(parent: Element, given: dict[str, str], hint: str) -> None:
    label = child(parent, "label")
    child(label, "span", given["name"])
    child(label, "input", attributes=given)
    if hint:
        child(label, "small", hint)
