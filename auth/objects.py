"""JSON objects that come from strangers. Source: RFC 8259, 4 (names should be unique) and 9 (limits of a parser)."""

import json
from typing import NoReturn


def json_object(text: bytes, *, nested: int) -> dict[str, object]:
    """Read one object; `nested` is how many arrays and objects it may hold.

    Two readers of an object that names something twice may read two things, so it is refused.

    Raises:
        ValueError: it is no object, or one that is refused.

    """
    # Counted before it is read: reading recurses.
    if text.count(b"[") + text.count(b"{") > nested:
        raise ValueError(f"more than {nested} arrays and objects")
    found = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 -- of what is read, not of what is given
    return found


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
