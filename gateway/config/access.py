"""The part of `config.yaml` about who may do what: `access`, `datasets[].access` and `profiles`."""

from collections.abc import Iterable
from typing import Annotated, Final, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from auth.limits import CallerLimits
from auth.rules import ACTIONS, Rule
from gateway.config.unit import STRICT

_WHO: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
Who = Annotated[str, StringConstraints(pattern=_WHO)]
"""`public`, `authenticated` or the name of a profile."""
Datasets = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9*?][A-Za-z0-9._*?-]{0,127}$")]
"""An id, or a pattern with `*` for any run of characters and `?` for one."""


class AccessConfig(BaseModel):
    """Who may do what: lists of profiles, `public` or `authenticated`; an empty list is nobody."""

    model_config = STRICT

    discover: list[Who] | None = None
    """May learn that it is there; where it is not given, who may view."""
    view: list[Who] | None = None
    """May see maps and values at places; where it is not given, who may download."""
    download: list[Who] | None = None
    """May take the numbers away; where no rule says so, nobody."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, action) is None for action in ACTIONS):
            raise ValueError("say who may: discover, view or download: [public]")
        return self

    def rule(self, datasets: str, where: str, *, own: bool) -> Rule:
        """Return it as a rule about `datasets`."""
        given = {action: names for action in ACTIONS if (names := getattr(self, action)) is not None}
        lists = {action: frozenset(names) for action, names in given.items()}
        return Rule(datasets=datasets, lists=lists, where=where, own=own)


class AccessRuleConfig(AccessConfig):
    """Who may do what with the datasets of an id or a pattern."""

    datasets: Datasets


class ProfileConfig(BaseModel):
    """What the accounts of a profile may use at once; what is not given, it does not limit."""

    model_config = STRICT

    bytes: int | None = Field(default=None, ge=1)
    """Of one download."""
    pixels: int | None = Field(default=None, ge=1)
    """Width times height of one picture."""
    requests: int | None = Field(default=None, ge=1)
    """For maps, values and downloads that are under way at the same time, in each process."""

    @property
    def limits(self) -> CallerLimits:
        """The same as values."""
        return CallerLimits(bytes=self.bytes, pixels=self.pixels, requests=self.requests)


def repeated(rules: Iterable[AccessRuleConfig]) -> str | None:
    """Return the first pattern that is used more than once: which of them decides would be a matter of their order."""
    seen: set[str] = set()
    for rule in rules:
        if rule.datasets in seen:
            return rule.datasets
        seen.add(rule.datasets)
    return None
