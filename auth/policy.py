"""What a caller may do with a dataset: the rules, compiled to look-ups."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from auth.caller import Action, Caller
from auth.limits import CallerLimits, ProfileLimits
from auth.rules import ACTIONS, AUTHENTICATED, PUBLIC, Rule, Rules

_Lists = tuple[frozenset[str], ...]
"""Each of them must hold a word of the caller; none at all is everybody."""
_ANYBODY: Final[_Lists] = ()


class Policy:
    """Decides by dictionary look-ups. Without any rule everything is public; with some, what none names is nobody's."""

    def __init__(
        self, datasets: Iterable[str], rules: Sequence[Rule] = (), limits: Mapping[str, CallerLimits] | None = None
    ) -> None:
        """Compile `rules` for the ids `datasets`, and the limits by profile."""
        self.rules = Rules(rules)
        self.guarded = self.rules.guarded
        """Whether any rule keeps anybody out: on such a unit, nobody is told whether a dataset is hidden or unknown."""
        self._limits = ProfileLimits(limits or {})
        self._lists: dict[tuple[str, Action], _Lists] = {}
        for dataset in datasets:
            needed: list[frozenset[str]] = []
            rulings = self.rules.rulings(dataset) if self.rules.all else {}
            for action in ACTIONS:
                names = rulings[action].names if rulings else frozenset({PUBLIC})
                if PUBLIC not in names and names not in needed:
                    needed.append(names)
                self._lists[dataset, action] = tuple(needed) or _ANYBODY

    def allows(self, caller: Caller, dataset: str, action: Action) -> bool:
        """Tell whether `caller` may do `action`; an unknown dataset is nobody's."""
        lists = self._lists.get((dataset, action))
        if lists is None:
            return False
        return not lists or not any(_keeps_out(names, caller) for names in lists)

    def public(self, dataset: str, action: Action) -> bool:
        """Tell whether everybody may: only then may an answer be shared between callers."""
        return self._lists.get((dataset, action)) == _ANYBODY

    def lacking(self, caller: Caller, dataset: str, action: Action) -> tuple[frozenset[str], ...]:
        """Return the lists that keep `caller` out, each of which must come to hold a word of theirs."""
        return tuple(names for names in self._lists.get((dataset, action), ()) if _keeps_out(names, caller))

    def limits(self, caller: Caller) -> CallerLimits:
        """Return how much `caller` may use at once."""
        return self._limits.of(caller)


def _keeps_out(names: frozenset[str], caller: Caller) -> bool:
    """Tell whether a list that is not everybody's keeps `caller` out, whatever words their token holds."""
    return caller.subject is None or (AUTHENTICATED not in names and names.isdisjoint(caller.profiles))
