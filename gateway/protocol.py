"""What a protocol is to the unit: its routes, and how it speaks of refusals and faults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from core.problem import Problem

Refuse = Callable[[web.Request, Problem], web.Response]
"""Say a refusal in the protocol's own document."""
Fail = Callable[[web.Request, int, str], web.Response]
"""Say that a fault of ours (status, request id) prevented the answer, without internals."""


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

    def owns(self, path: str) -> bool:
        """Tell whether a path is this protocol's, known route or not."""
        return any(path == prefix or path.startswith(f"{prefix}/") for prefix in self.prefixes)
