"""What a protocol is to the unit: its routes, and how it speaks of refusals and faults."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from core.problem import Problem

Pairs = tuple[tuple[str, str], ...]
"""Names and values of a request, in the order given."""
Refuse = Callable[[web.Request, Problem], Awaitable[web.Response]]
"""Say a refusal in the protocol's own document, which may be a picture and take a while to draw."""
Fail = Callable[[web.Request, int, str], Awaitable[web.Response]]
"""Say that a fault of ours (status, request id) prevented the answer, without internals."""


def _none(_: str) -> bool:
    """Know no parameter."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One way of asking, with a folder of its own."""

    name: str
    """Also the label of its metrics."""
    prefixes: tuple[str, ...]
    """Paths at or below which it speaks, without the slash at the end."""
    routes: Sequence[web.AbstractRouteDef]
    refuse: Refuse
    fail: Fail
    logged: Callable[[str], bool] = _none
    """Tells of a parameter, its name in upper case, whether the access log may hold its value: never of a secret."""
    accounted: bool = True
    """Whether a request is a use of the unit's data, of which a record is kept."""

    def owns(self, path: str) -> bool:
        """Tell whether a path is this protocol's, known route or not."""
        return any(path == prefix or path.startswith(f"{prefix}/") for prefix in self.prefixes)
