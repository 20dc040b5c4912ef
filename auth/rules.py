"""The provider's rules as written, and which of them decides. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Final

from auth.caller import Action

PUBLIC: Final = "public"
"""In a list of who may: everybody."""
AUTHENTICATED: Final = "authenticated"
"""In a list of who may: every account, whatever its profiles."""
ACTIONS: Final[tuple[Action, ...]] = ("discover", "view", "download")
"""From the weakest to the strongest: whoever does one must be allowed those before it too."""

_WILD: Final = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who may do what with some datasets."""

    datasets: str
    """An id, or a pattern in which `*` is any run of characters and `?` one of them."""
    lists: Mapping[Action, frozenset[str]]
    """Who may: profiles, `public`, `authenticated`; an empty list is nobody. Of what is not here it says nothing."""
    where: str
    """Its place in the configuration: `access.2`, `datasets.4.access`."""
    own: bool = False
    """Whether it stands with the dataset itself."""

    @property
    def exact(self) -> bool:
        """Whether it names one dataset, not a pattern."""
        return self.own or _WILD.search(self.datasets) is None

    @property
    def literal(self) -> int:
        """Number of characters that are not wild: the more, the more specific."""
        return len(_WILD.sub("", self.datasets))

    @property
    def public(self) -> bool:
        """Whether everybody is in each of its lists."""
        return all(PUBLIC in names for names in self.lists.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is decided about one action on one dataset."""

    names: frozenset[str]
    """Who may, as far as this action goes; the weaker ones are asked for too."""
    rule: Rule | None
    """The rule that says so; None where none does, and nobody may."""
    action: Action
    """The list of that rule: a stronger action's, where none is written for this one."""


class Rules:
    """All rules of a unit, the most specific first."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Sort them: those that stand with their dataset, then ids, then patterns by their literal characters.

        Of two that are equally specific the first decides.
        """
        self.all: Sequence[Rule] = tuple(rules)
        self._exact: dict[str, list[Rule]] = {}
        for rule in sorted(self.all, key=lambda rule: not rule.own):
            if rule.exact:
                self._exact.setdefault(rule.datasets, []).append(rule)
        patterns = sorted((rule for rule in self.all if not rule.exact), key=lambda rule: -rule.literal)
        self._patterns = [(re.compile(translate(rule.datasets)), rule) for rule in patterns]

    @property
    def guarded(self) -> bool:
        """Whether any list keeps anybody out: by what is written alone, whatever datasets there are."""
        return not all(rule.public for rule in self.all)

    def matching(self, dataset: str) -> list[Rule]:
        """Return the rules for a dataset, the most specific first."""
        found = list(self._exact.get(dataset, ()))
        found.extend(rule for pattern, rule in self._patterns if pattern.match(dataset))
        return found

    def rulings(self, dataset: str) -> dict[Action, Ruling]:
        """Return what decides about each action on a dataset.

        For each action it is the most specific rule that has a list for it. Where no rule has one, the list of the
        next stronger action stands for it: who is to view must be able to discover. Where there is none either,
        nobody may.
        """
        matching = self.matching(dataset)
        rulings: dict[Action, Ruling] = {}
        stronger = None
        for action in reversed(ACTIONS):
            rule = next((rule for rule in matching if action in rule.lists), None)
            if rule is not None:
                stronger = Ruling(names=rule.lists[action], rule=rule, action=action)
            rulings[action] = stronger or Ruling(names=frozenset(), rule=None, action=action)
        return {action: rulings[action] for action in ACTIONS}
