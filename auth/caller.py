"""Who asks."""

from dataclasses import dataclass
from typing import Final, Literal

Action = Literal["discover", "view", "download"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The settled identity behind one request."""

    subject: str | None = None
    """Name of the account; None for an anonymous caller."""
    profiles: frozenset[str] = frozenset()
    """Of the account; rules name them."""
    expires: float | None = None
    """When what proves the identity ends, in seconds since 1970-01-01T00:00:00Z; None for an anonymous caller."""


ANONYMOUS: Final = Caller()
