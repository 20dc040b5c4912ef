"""The parameters of one WMS request, by name. Source: OGC 06-042, 6.8 (request parameter rules)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.numbers import positive, shown
from core.problem import Problem

Pairs = tuple[tuple[str, str], ...]
"""Decoded names and values, as sent; names may come again."""
Query = Mapping[str, str] | Iterable[tuple[str, str]]
"""Decoded names and values, as sent; names may come again."""
Version = Literal["1.1.1", "1.3.0"]

_VERSION: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})(?:\.[0-9]{1,9})?", re.ASCII)
_NEWEST: Final = (1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names in upper case, since they are case-insensitive (06-042, 6.8.1); of a repeated name the first value."""

    given: Mapping[str, str]

    @classmethod
    def of(cls, query: Query) -> "Parameters":
        """Take the parameters of a query; none is unknown here, they are asked for by name."""
        given: dict[str, str] = {}
        for name, value in query.items() if isinstance(query, Mapping) else query:
            given.setdefault(name.upper(), value.strip())
        return cls(given=given)

    @property
    def version(self) -> Version:
        """The version to answer in: the newest that is not newer than what is asked for, else the oldest.

        Without a version, or with one that cannot be read, it is the newest (06-042, 6.2.4).
        """
        found = _VERSION.fullmatch(self.text("VERSION", "WMTVER") or "")
        if found is None or (int(found[1]), int(found[2])) >= _NEWEST:
            return "1.3.0"
        return "1.1.1"

    @property
    def time(self) -> str | None:
        """TIME as sent; None where it was not."""
        text = self.text("TIME")
        # The + of a time zone arrives as a blank when it was not escaped.
        return text.replace(" ", "+") if text is not None and "T" in text else text

    @property
    def others(self) -> dict[str, str]:
        """The values of all DIM_NAME (06-042, C.3.3), by NAME in upper case."""
        prefix = "DIM_"
        return {name.removeprefix(prefix): text for name, text in self.given.items() if name.startswith(prefix)}

    def text(self, *names: str) -> str | None:
        """Return the first of `names` that has a value; None where none has."""
        return next((found for name in names if (found := self.given.get(name))), None)

    def required(self, *names: str) -> str:
        """Return the first of `names` that has a value.

        Raises:
            Problem: `missing_parameter`.

        """
        if value := self.text(*names):
            return value
        raise Problem("missing_parameter", f"{names[0]} is required", parameter=names[0])

    def flag(self, name: str) -> bool | None:
        """Return TRUE or FALSE in any case; None where it is not given.

        Raises:
            Problem: `invalid_value`.

        """
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise Problem("invalid_value", f"{name}={shown(value)} is neither TRUE nor FALSE", parameter=name)
        return value.lower() == "true"

    def pixels(self, name: str, *, most: int) -> int | None:
        """Return a number of pixels between 1 and `most`; None where it is not given.

        Raises:
            Problem: `too_large` above `most`, else `invalid_value`.

        """
        value = self.text(name)
        return None if value is None else positive(value, name, most=most)
