"""Refusals and faults in the words of WMS. Source: OGC 06-042, 6.11 and annex E.2; OGC 01-068r3, annex A.3."""

from dataclasses import dataclass
from typing import Final

from core.problem import Kind, Problem
from gateway.wms.markup import child, document, root
from gateway.wms.request.parameters import Version

_CODES_130: Final[dict[Kind, tuple[str | None, int]]] = {
    "missing_parameter": (None, 400),
    "invalid_value": (None, 400),
    "invalid_dimension": ("InvalidDimensionValue", 400),
    "unknown_layer": ("LayerNotDefined", 404),
    "unknown_style": ("StyleNotDefined", 400),
    "unknown_crs": ("InvalidCRS", 400),
    "unknown_format": ("InvalidFormat", 400),
    "unknown_operation": ("OperationNotSupported", 400),
    "unknown_path": (None, 404),
    "wrong_method": (None, 405),
    "point_outside_image": ("InvalidPoint", 400),
    "not_queryable": ("LayerNotQueryable", 400),
    "current_update_sequence": ("CurrentUpdateSequence", 400),
    "invalid_update_sequence": ("InvalidUpdateSequence", 400),
    "too_large": (None, 413),
    "forbidden": (None, 403),
    "busy": (None, 503),
}
CODES: Final[dict[Version, dict[Kind, tuple[str | None, int]]]] = {
    "1.3.0": _CODES_130,
    "1.1.1": {
        **_CODES_130,
        "unknown_crs": ("InvalidSRS", 400),
        "unknown_operation": (None, 400),
        "point_outside_image": (None, 400),
    },
}
"""By version: the code the standard names, if any, and the HTTP status that goes with it."""

_DTD_111: Final = "http://schemas.opengis.net/wms/1.1.1/exception_1_1_1.dtd"
_NAMES_130: Final = {
    "version": "1.3.0",
    "xmlns": "http://www.opengis.net/ogc",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": "http://www.opengis.net/ogc http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send."""

    status: int
    """Of HTTP."""
    content_type: str
    """Without a charset: the document declares UTF-8 itself."""
    body: bytes


def report(problem: Problem, version: Version) -> Answer:
    """Say a refusal."""
    code, status = CODES[version][problem.kind]
    attributes = {} if code is None else {"code": code}
    if version == "1.3.0" and problem.parameter is not None:
        # 1.1.1 has no locator.
        attributes["locator"] = problem.parameter
    return _answer(version, status, str(problem), attributes)


def internal(version: Version, request_id: str, status: int = 500) -> Answer:
    """Say that the fault is ours, without internals; `request_id` is what the log says of it."""
    return _answer(version, status, f"The answer could not be made. Reference: {request_id}", {})


def _answer(version: Version, status: int, message: str, attributes: dict[str, str]) -> Answer:
    if version == "1.1.1":
        tree = root("ServiceExceptionReport", {"version": "1.1.1"})
        content_type, doctype = "application/vnd.ogc.se_xml", _DTD_111
    else:
        tree = root("ServiceExceptionReport", _NAMES_130)
        content_type, doctype = "text/xml", ""
    child(tree, "ServiceException", message, attributes)
    return Answer(status=status, content_type=content_type, body=document(tree, doctype))
