"""The one refusal: what was wrong with a request, in words its sender can act on."""

from typing import Literal

Kind = Literal[
    "missing_parameter",
    "invalid_value",
    "invalid_dimension",
    "unknown_layer",
    "unknown_style",
    "unknown_crs",
    "unknown_format",
    "unknown_operation",
    "unknown_path",
    "wrong_method",
    "wrong_body",
    "point_outside_image",
    "not_queryable",
    "current_update_sequence",
    "invalid_update_sequence",
    "too_large",
    "invalid_token",
    "unauthenticated",
    "forbidden",
    "too_many_requests",
    "busy",
]
"""Each protocol owns one complete table from `Kind` to its own code and HTTP status."""


class Problem(Exception):  # noqa: N818 -- it is an answer to the client, not a fault of ours
    """A refused request."""

    def __init__(self, kind: Kind, message: str, *, parameter: str | None = None) -> None:
        """Refuse with `message`, which says what was wrong and what would be right."""
        super().__init__(message)
        self.kind: Kind = kind
        self.parameter = parameter
