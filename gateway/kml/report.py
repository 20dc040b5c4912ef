"""Refusals and faults as KML that shows a message. Source: OGC 07-147r2, 9.11 (Placemark)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.problem import Kind, Problem
from gateway.http.statuses import STATUS as OF_HTTP
from renderers.kml.documents import notice

STATUS: Final[Mapping[Kind, int]] = {
    **OF_HTTP,
    # Styles are parameters here, never part of a path.
    "unknown_style": 400,
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
