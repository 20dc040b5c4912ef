"""Refusals and faults in the words of WMS. Source: OGC 06-042, 6.11 and annex E.2; OGC 01-068r3, annex A.3.

Clients may ask for a picture instead of a document (06-042, 7.3.3.11). Such clients show nothing else, and some throw
away what does not come with status 200, so that is what a refused picture has. A fault of ours keeps its status, and is
never an empty picture: that would look like a sea without data, to a cache as to a person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from core.problem import Kind, Problem
from gateway.wms.markup import child, document, root
from gateway.wms.request.exceptions import RefusedPicture
from gateway.wms.request.parameters import Version
from renderers.legend.encoders import encoded
from renderers.notice import blank, notice

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
    "wrong_body": (None, 415),
    "point_outside_image": ("InvalidPoint", 400),
    "not_queryable": ("LayerNotQueryable", 400),
    "current_update_sequence": ("CurrentUpdateSequence", 400),
    "invalid_update_sequence": ("InvalidUpdateSequence", 400),
    "too_large": (None, 413),
    "invalid_token": (None, 401),
    "unauthenticated": (None, 401),
    "forbidden": (None, 403),
    "too_many_requests": (None, 429),
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

NEVER_DRAWN: Final[frozenset[Kind]] = frozenset(
    {"unknown_path", "wrong_method", "wrong_body", "invalid_token", "unauthenticated", "too_many_requests", "busy"}
)
"""Refusals that are not about a map but about the caller, and those that pass: programs and caches must see their
status."""
REFUSAL: Final = "Halocline-Refusal"
"""Header of a refused picture: why it is not what was asked for. Source: RFC 9651, 3.3 (an item with parameters)."""

_LONGEST: Final = 512
"""Characters of the message in a header or a reason phrase."""
_NOT_PRINTABLE: Final = re.compile("[^ -~]")
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
    """Without a charset: a document declares UTF-8 itself."""
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further ones."""
    reason: str | None = None
    """Reason phrase beside the status; None for the usual one."""


def report(problem: Problem, version: Version) -> Answer:
    """Say a refusal."""
    code, status = CODES[version][problem.kind]
    attributes = {} if code is None else {"code": code}
    if version == "1.3.0" and problem.parameter is not None:
        # 1.1.1 has no locator.
        attributes["locator"] = problem.parameter
    # Desktop clients that are told a status other than 200 show its reason phrase to their users, and no document.
    return replace(_answer(version, status, str(problem), attributes), reason=_ascii(str(problem)))


def internal(version: Version, request_id: str, status: int = 500) -> Answer:
    """Say that the fault is ours, without internals; `request_id` is what the log says of it."""
    return _answer(version, status, _fault(request_id), {})


def drawn(picture: RefusedPicture, problem: Problem) -> Answer:
    """Say a refusal in a picture, or in one that shows nothing; a header tells programs."""
    said = ";".join(
        f'{name}="{_printable(text)}"'
        for name, text in (("parameter", problem.parameter), ("message", str(problem)))
        if text
    )
    return _picture(picture, 200, str(problem), {REFUSAL: f"{problem.kind};{said}"})


def drawn_fault(picture: RefusedPicture, request_id: str, status: int) -> Answer:
    """Say in a picture that the fault is ours, without internals; `request_id` is what the log says of it."""
    return _picture(picture, status, _fault(request_id), {})


def _fault(request_id: str) -> str:
    return f"The answer could not be made. Reference: {request_id}"


def _printable(text: str) -> str:
    """Return the inside of a string of RFC 9651, 3.3.3: ASCII alone, quotes and backslashes escaped."""
    return _ascii(text).replace("\\", r"\\").replace('"', r"\"")


def _ascii(text: str) -> str:
    return _NOT_PRINTABLE.sub("?", text[:_LONGEST])


def _picture(picture: RefusedPicture, status: int, message: str, headers: Mapping[str, str]) -> Answer:
    size = (picture.width, picture.height)
    if picture.blank:
        indices, colours = blank(size, picture.background)
    else:
        indices, colours = notice(message, size, picture.background)
    body = encoded(indices, colours, picture.format)
    return Answer(status=status, content_type=picture.format.partition(";")[0], body=body, headers=headers)


def _answer(version: Version, status: int, message: str, attributes: dict[str, str]) -> Answer:
    if version == "1.1.1":
        tree = root("ServiceExceptionReport", {"version": "1.1.1"})
        content_type, doctype = "application/vnd.ogc.se_xml", _DTD_111
    else:
        tree = root("ServiceExceptionReport", _NAMES_130)
        content_type, doctype = "text/xml", ""
    child(tree, "ServiceException", message, attributes)
    return Answer(status=status, content_type=content_type, body=document(tree, doctype))
