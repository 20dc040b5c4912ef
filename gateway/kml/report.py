"""Refusals and faults as KML that shows a message. Source: OGC 07-147r2, 9.11 (Placemark)."""

from dataclasses import dataclass
from typing import Final

from core.problem import Kind, Problem
from renderers.kml.documents import notice

STATUS: Final[dict[Kind, int]] = {
    "missing_parameter": 400,
    "invalid_value": 400,
    "invalid_dimension": 400,
    "unknown_layer": 404,
    "unknown_style": 400,
    "unknown_crs": 400,
    "unknown_format": 400,
    "unknown_operation": 400,
    "unknown_path": 404,
    "wrong_method": 405,
    "wrong_body": 415,
    "point_outside_image": 400,
    "not_queryable": 400,
    "current_update_sequence": 400,
    "invalid_update_sequence": 400,
    "too_large": 413,
    "invalid_token": 401,
    "unauthenticated": 401,
    "forbidden": 403,
    "too_many_requests": 429,
    "busy": 503,
}
"""HTTP status of each kind: it is always told, so that no program and no cache takes a message for data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send."""

    status: int
    """Of HTTP."""
    body: bytes


def report(problem: Problem) -> Answer:
    """Say a refusal."""
    return Answer(status=STATUS[problem.kind], body=notice("This cannot be shown", str(problem)))


def internal(request_id: str, status: int) -> Answer:
    """Say that the fault is ours, without internals; `request_id` is what the log says of it."""
    message = f"The answer could not be made. Reference: {request_id}"
    return Answer(status=status, body=notice("The server failed", message))
