"""What is said of a dataset that a caller may not use: no more than they may know."""

from auth.caller import Action, Caller
from auth.policy import Policy
from auth.rules import AUTHENTICATED
from core.numbers import shown
from core.problem import Problem


def absent(policy: Policy, caller: Caller, dataset: str) -> Problem:
    """Refuse what is hidden and what is unknown, in the same words.

    Where any rule keeps anybody out, an anonymous caller is asked who they are: clients that hold credentials send
    them only then.
    """
    if policy.guarded and caller.subject is None:
        message = f"there is no public dataset {shown(dataset)}: if it is not public, say who you are"
        return Problem("unauthenticated", message, parameter="LAYERS")
    return Problem("unknown_layer", f"there is no dataset {shown(dataset)}", parameter="LAYERS")


def refused(policy: Policy, caller: Caller, dataset: str, action: Action) -> Problem:
    """Refuse an action on what the caller may discover, naming what they lack."""
    lacking = policy.lacking(caller, dataset, action)
    if not all(lacking):
        return Problem("forbidden", f"nobody may {action} dataset {dataset!r}", parameter="LAYERS")
    needed = " and ".join(_of(names) for names in lacking)
    if caller.subject is None:
        message = f"to {action} dataset {dataset!r}, say who you are: it needs {needed}"
        return Problem("unauthenticated", message, parameter="LAYERS")
    message = f"to {action} dataset {dataset!r}, your account needs {needed}"
    return Problem("forbidden", message, parameter="LAYERS")


def _of(names: frozenset[str]) -> str:
    if AUTHENTICATED in names:
        return "any account"
    listed = sorted(names)
    return f"the profile {listed[0]}" if len(listed) == 1 else f"one of the profiles {', '.join(listed)}"
