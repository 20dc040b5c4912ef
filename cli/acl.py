"""`halocline acl explain`: who may do what with a dataset, and which line of the configuration says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from auth.caller import Action, Caller
from auth.policy import Policy
from auth.rules import ACTIONS, PUBLIC, Ruling
from cli.codes import DONE
from gateway.config.file import ConfigError, load
from gateway.rulebook import policy_of

_MERGE: Final = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Finds the line of a file on which a key stands."""

    name: str
    """Of the file, as it was given."""
    root: yaml.Node | None
    """Of its document."""

    def place(self, ruling: Ruling) -> str:
        """Return where it stands who may: `config.yaml:12: access.0.view`."""
        if ruling.rule is None:
            return "no rule says who may"
        path = f"{ruling.rule.where}.{ruling.action}"
        return f"{self.name}:{self._line(path.split('.'))}: {path}"

    def _line(self, path: Sequence[str]) -> int:
        """Return the line of the key at the end of `path`, from 1."""
        node, line = self.root, 0
        for part in path:
            if isinstance(node, yaml.SequenceNode):
                node = node.value[int(part)]
                line = node.start_mark.line
            elif isinstance(node, yaml.MappingNode):
                found = _pair(node, part)
                if found is None:
                    break
                line, node = found[0].start_mark.line, found[1]
        return line + 1


def _pair(node: yaml.MappingNode, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return a key and its value: of the mapping itself, else of what is merged into it (`<<`)."""
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.tag == _MERGE:
            merged.extend(value.value if isinstance(value, yaml.SequenceNode) else [value])
        elif key.value == name:
            return key, value
    mappings = (one for one in merged if isinstance(one, yaml.MappingNode))
    return next((found for one in mappings if (found := _pair(one, name)) is not None), None)


def explain(path: Path, dataset: str | None, *, caller: Caller | None) -> int:
    """Print who may do what with `dataset`, or with every one, and what `caller` may; return the exit code.

    Raises:
        ConfigError: the configuration cannot be used, or has no such dataset.

    """
    config = load(path)
    ids = [found.id for found in config.datasets]
    if dataset is not None and dataset not in ids:
        raise ConfigError(f"{path}: there is no dataset {dataset!r}; there are {', '.join(ids) or 'none'}")
    policy = policy_of(config)
    lines = Lines(name=str(path), root=yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
    for name in ids if dataset is None else [dataset]:
        print("\n".join(_explained(policy, lines, name, caller)))
    return DONE


def _explained(policy: Policy, lines: Lines, dataset: str, caller: Caller | None) -> Iterator[str]:
    rulings = policy.rules.rulings(dataset)
    for action in ACTIONS:
        ruling = rulings[action]
        who = ", ".join(sorted(ruling.names)) or "nobody"
        place = lines.place(ruling)
        if not policy.rules.all:
            who, place = PUBLIC, "there is no rule at all"
        elif ruling.rule is not None and ruling.action != action:
            place += f" (no rule has a list for {action})"
        yield f"{dataset}: {action}: {who} [{place}]"
    if caller is not None:
        for action in ACTIONS:
            yield f"{dataset}: {_named(caller)}: {_verdict(policy, caller, dataset, action)}"


def _named(caller: Caller) -> str:
    if caller.subject is None:
        return "an anonymous caller"
    return f"an account with {', '.join(sorted(caller.profiles)) or 'no profile'}"


def _verdict(policy: Policy, caller: Caller, dataset: str, action: Action) -> str:
    if policy.allows(caller, dataset, action):
        return f"may {action}"
    lacking = policy.lacking(caller, dataset, action)
    needed = " and ".join(f"one of {', '.join(sorted(names))}" if names else "what nobody has" for names in lacking)
    return f"may not {action}: it needs {needed}"
