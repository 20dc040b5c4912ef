"""What a check has found of the rules of a unit: pure, from the configuration."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from auth.caller import Action
from auth.policy import Policy
from auth.rules import ACTIONS, AUTHENTICATED, PUBLIC, Rule, Ruling
from cli.findings import Finding
from gateway.config.file import Config
from gateway.rulebook import policy_of

_ING: Final[Mapping[Action, str]] = {"discover": "discovering", "view": "viewing", "download": "downloading"}


def rule_findings(config: Config) -> Iterator[Finding]:
    """Say which rules decide nothing or contradict each other, what nobody may see, and which profiles nobody needs."""
    policy = policy_of(config)
    if not policy.rules.all:
        yield Finding(kind="note", text="access: there is no rule: everybody may view and download everything")
    rulings = {dataset.id: policy.rules.rulings(dataset.id) for dataset in config.datasets} if policy.rules.all else {}
    yield from _idle(policy, rulings)
    for dataset, decided in rulings.items():
        order = [rule.where for rule in policy.rules.matching(dataset)]
        yield from _of_dataset(dataset, decided, order)
    yield from _redundant(policy)
    yield from _profiles(config, policy)


def _idle(policy: Policy, rulings: Mapping[str, Mapping[Action, Ruling]]) -> Iterator[Finding]:
    """Say which rules match nothing, and which lists never decide."""
    deciding = {
        (ruling.rule.where, ruling.action)
        for decided in rulings.values()
        for ruling in decided.values()
        if ruling.rule is not None
    }
    matching = {rule.where for dataset in rulings for rule in policy.rules.matching(dataset)}
    for rule in policy.rules.all:
        if rule.where not in matching:
            yield _note(rule, f"no dataset matches {rule.datasets!r}")
            continue
        for action in ACTIONS:
            if action in rule.lists and (rule.where, action) not in deciding:
                yield _note(rule, f"{action}: more specific rules decide for each dataset of {rule.datasets!r}")


def _of_dataset(dataset: str, decided: Mapping[Action, Ruling], order: Sequence[str]) -> Iterator[Finding]:
    """Say what nobody may do at all, and who is let in by one list and kept out by another.

    A list of a more specific rule, `order` being from the most specific on, that narrows a general one is no mistake.
    """
    if not decided["discover"].names:
        said = decided["discover"].rule
        reason = "no rule says who may" if said is None else f"{said.where} says so"
        yield Finding(kind="not served", text=f"access: nobody may discover dataset {dataset}: {reason}")
        return
    for number, action in enumerate(ACTIONS):
        for weaker in ACTIONS[:number]:
            if _rank(decided[action], order) > _rank(decided[weaker], order):
                continue
            kept_out = sorted(name for name in decided[action].names if not _within(name, decided[weaker].names))
            if kept_out:
                text = (
                    f"access: dataset {dataset}: {_place(decided[action])} alone does not let {', '.join(kept_out)} "
                    f"{action}: {_place(decided[weaker])} keeps them from {_ING[weaker]}"
                )
                yield Finding(kind="note", text=text)


def _redundant(policy: Policy) -> Iterator[Finding]:
    """Say which names change nothing beside a wider one."""
    for rule in policy.rules.all:
        for action, names in rule.lists.items():
            wide = PUBLIC if PUBLIC in names else AUTHENTICATED if AUTHENTICATED in names else None
            beside = sorted(names - {PUBLIC} - ({wide} if wide else set()))
            if wide is not None and beside:
                yield _note(rule, f"{action}: beside {wide}, {', '.join(beside)} changes nothing")


def _profiles(config: Config, policy: Policy) -> Iterator[Finding]:
    """Say which profiles are named here or there only, and whether anybody can have any."""
    named = {name for rule in policy.rules.all for names in rule.lists.values() for name in names}
    named -= {PUBLIC, AUTHENTICATED}
    declared = set(config.profiles) - {PUBLIC, AUTHENTICATED}
    if config.profiles:
        for name in sorted(named - declared):
            yield Finding(kind="note", text=f"profiles: {name} is named by a rule, and is not among {_list(declared)}")
    for name in sorted(declared - named) if policy.rules.all else ():
        yield Finding(kind="note", text=f"profiles: {name} is named by no rule: it opens nothing")
    if policy.guarded and config.auth is None:
        yield Finding(kind="note", text="auth: no issuer is trusted, so nobody can be more than public")


def _rank(ruling: Ruling, order: Sequence[str]) -> int:
    return len(order) if ruling.rule is None else order.index(ruling.rule.where)


def _within(name: str, names: frozenset[str]) -> bool:
    return PUBLIC in names or name in names or (AUTHENTICATED in names and name != PUBLIC)


def _note(rule: Rule, text: str) -> Finding:
    return Finding(kind="note", text=f"{rule.where}: {text}")


def _place(ruling: Ruling) -> str:
    return "no rule" if ruling.rule is None else f"{ruling.rule.where}.{ruling.action}"


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "any"
