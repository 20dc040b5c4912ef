"""Parts of a body: the header Range. Source: RFC 9110, 13.1.5 (If-Range) and 14."""

import re
from dataclasses import dataclass
from typing import Final

_ONE_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some bytes of a body."""

    start: int
    """The first of them, counted from 0."""
    stop: int
    """The first after them; `start` where a part is asked for that is not there."""


def part_asked(given: str | None, if_range: str | None, *, size: int, tag: str) -> Part | None:
    """Return the part of a body of `size` bytes that a client asks for; None for the whole.

    Several parts at once, and what cannot be read, are answered with the whole (14.2); so is a client that holds
    another version than the one that `tag` names, since a date is told of none.
    """
    found = _ONE_RANGE.fullmatch((given or "").strip())
    if found is None or (if_range is not None and if_range.strip() != tag):
        return None
    first, last = found[1], found[2]
    if not first:
        # The last so many bytes.
        return Part(start=max(0, size - int(last)), stop=size) if last else None
    if last and int(last) < int(first):
        return None
    start = int(first)
    return Part(start=start, stop=max(start, min(size, int(last) + 1 if last else size)))
