"""How far from what is there a client may ask, and how much at once."""

from dataclasses import dataclass
from typing import Final, Literal

from core.numbers import shown
from core.problem import Problem

MOST_VALUES: Final = 256
"""In one list; a picture shows one of them, so that a longer list is a mistake."""
How = Literal["asked", "default", "nearest"]
"""Why a value was taken: the client named it, named none, or named another one that is near enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leeway:
    """How far a value of a layer may lie from the one that is asked for and still be taken; nothing where 0."""

    time: int = 0
    """Milliseconds."""
    elevation: float = 0.0
    """In the units of the axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The place along a dimension that a request means."""

    index: int
    how: How


EXACT: Final = Leeway()


def listed(text: str, parameter: str) -> list[str]:
    """Return the members of a list (06-042, 6.8.2), without the blanks around them.

    Raises:
        Problem: `too_large`.

    """
    members = text.split(",", MOST_VALUES)
    if len(members) > MOST_VALUES:
        message = f"{parameter}={shown(text)} lists more than {MOST_VALUES} values; a picture shows one"
        raise Problem("too_large", message, parameter=parameter)
    return [member.strip() for member in members]
