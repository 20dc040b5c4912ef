"""The parameters of one NCSS request, by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.numbers import finite, positive, shown
from core.problem import Problem

_YES = frozenset({"true", "on", "1", "yes", ""})
_NO = frozenset({"false", "off", "0", "no"})
_MOST_STRIDE = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names in lower case and all values of each, as sent, without the blanks around them."""

    given: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, query: Iterable[tuple[str, str]]) -> "Parameters":
        """Take the parameters of a query; names that nobody asks for mean nothing, as in THREDDS."""
        given: dict[str, tuple[str, ...]] = {}
        for name, value in query:
            given[name.lower()] = (*given.get(name.lower(), ()), value.strip())
        return cls(given=given)

    def text(self, name: str) -> str | None:
        """Return the first value of a parameter; None where it is not given or empty."""
        return next((value for value in self.given.get(name.lower(), ()) if value), None)

    def members(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter that is repeated or a list with commas, each once, in their order."""
        parts = (part.strip() for value in self.given.get(name.lower(), ()) for part in value.split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def number(self, name: str) -> float | None:
        """Return a number; None where it is not given.

        Raises:
            Problem: `invalid_value`.

        """
        value = self.text(name)
        return None if value is None else finite(value, name)

    def stride(self, name: str) -> int:
        """Return a whole number from 1 on; 1 where it is not given.

        Raises:
            Problem: `invalid_value`, `too_large`.

        """
        value = self.text(name)
        return 1 if value is None else positive(value, name, most=_MOST_STRIDE)

    def flag(self, name: str) -> bool:
        """Tell whether a parameter is given and not `false`; its name alone is enough.

        Raises:
            Problem: `invalid_value`.

        """
        values = self.given.get(name.lower())
        if values is None:
            return False
        said = values[0].lower()
        if said not in _YES | _NO:
            raise Problem("invalid_value", f"{name}={shown(values[0])} is neither true nor false", parameter=name)
        return said in _YES
