"""The text of a configuration file as values. What is said twice is an error: the last one does not silently win."""

from typing import Any, Final

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from gateway.faults import ConfigError

_SHOWN: Final = 40
"""Characters of a value in a message."""


def values(text: str, name: str) -> object:
    """Read YAML; `name` stands for the file in messages.

    Raises:
        ConfigError: it cannot be read, or it names a key twice.

    """
    try:
        return _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: not YAML: it nests too deeply") from error


class _Loader(yaml.SafeLoader):
    """Refuses what names a key twice: the second of two lists of rules would open what the first one closes.

    Source: YAML 1.2.2, 3.2.1.3 (keys of a mapping are unique).
    """

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        # As it is written: keys that are merged in (`<<`) may be there again.
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise ComposerError(None, None, f"the key {key.value!r} is there twice", key.start_mark)
            seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 -- as yaml calls it
        # What is no value of its type, such as the day 2020-13-45, raises whatever Python says of it.
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:
            said = f"{str(node.value)[:_SHOWN]!r} is no value of the type that it looks like: text is put in quotes"
            raise ConstructorError(None, None, said, node.start_mark) from error
