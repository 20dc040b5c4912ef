"""What a caller may do with a dataset."""

from collections.abc import Callable

from auth.caller import Action, Caller

Policy = Callable[[Caller, str, Action], bool]
"""Whether (caller, dataset id, action) is allowed."""


def everything_public(_caller: Caller, _dataset: str, _action: Action) -> bool:
    """Allow all: the policy of a unit whose provider has written no rules."""
    return True
