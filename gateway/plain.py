"""Refusals and faults in plain text, where no protocol has a document of its own."""

from typing import Final

from aiohttp import web

from core.problem import Kind, Problem

STATUS: Final[dict[Kind, int]] = {
    "missing_parameter": 400,
    "invalid_value": 400,
    "invalid_dimension": 400,
    "unknown_layer": 404,
    "unknown_style": 404,
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
"""HTTP status of each kind."""


async def refuse(_: web.Request, problem: Problem) -> web.Response:
    """Say a refusal in one line of text."""
    return web.Response(status=STATUS[problem.kind], text=f"{problem}\n")


async def fail(_: web.Request, status: int, request_id: str) -> web.Response:
    """Say that the fault is ours."""
    return web.Response(status=status, text=f"The answer could not be made. Reference: {request_id}\n")
