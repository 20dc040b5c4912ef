"""The status of HTTP for each kind of refusal. Source: RFC 9110, 15."""

from typing import Final

from core.problem import Kind

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
"""Where no standard tells another one."""
