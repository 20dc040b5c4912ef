"""Frozen dataclasses as JSON and back, led by their type hints; attributes and numbers keep type and bits.

Members that a reader does not know are passed over, and members that a writer did not know yet take their defaults:
so fields may be added without a new format version.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, singledispatch
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from core.attributes import Attribute
from stores.attributes import (
    read_attribute,
    read_float,
    read_numbers,
    write_attribute,
    write_float,
    write_numbers,
)

Read = Callable[[Any], Any]


@singledispatch
def plain(value: object) -> Any:
    """Return a value as JSON has it.

    Raises:
        TypeError: there is no rule for its type.

    """
    if value is None:
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain_field(getattr(value, name), typed=typed) for name, typed in _members(type(value))}
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@cache
def _members(kind: type[Any]) -> tuple[tuple[str, bool], ...]:
    """Return the fields of a dataclass, and which of them ask for a numpy number with its type."""
    hints = get_type_hints(kind)
    asked = {name: np.number in [get_origin(part) for part in (hint, *get_args(hint))] for name, hint in hints.items()}
    return tuple((field.name, asked[field.name]) for field in fields(kind) if field.init)


def _plain_field(value: object, *, typed: bool) -> Any:
    """Return a field as JSON has it: a numpy number with its type only where the field asks for one."""
    if typed and isinstance(value, np.number):
        return {"type": value.dtype.name, "value": write_numbers(np.atleast_1d(np.asarray(value)))[0]}
    return plain(value)


plain.register(Attribute, write_attribute)
plain.register(float, write_float)


@plain.register(str)
@plain.register(int)
def _as_it_is(value: str | int) -> str | int:
    return value


@plain.register
def _plain_number(value: np.number) -> Any:
    return plain(value.item())


@plain.register(Mapping)
def _plain_mapping(value: Mapping[str, object]) -> dict[str, Any]:
    return {name: plain(member) for name, member in value.items()}


@plain.register(tuple)
@plain.register(list)
def _plain_sequence(value: tuple[object, ...] | list[object]) -> list[Any]:
    return [plain(member) for member in value]


def typed(hint: Any, document: Any) -> Any:
    """Return the value of type `hint` that `plain` has written.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: the document is none of that type.

    """
    return _reader(hint)(document)


# Worked out once for each type: a dataset of many files holds hundreds of thousands of values.
@cache
def _reader(hint: Any) -> Read:
    """Return what reads values of a type."""
    if rule := _BY_ORIGIN.get(get_origin(hint)):
        return rule(get_args(hint))
    if hint is Attribute:
        return read_attribute
    if hint is float:
        return read_float
    return _dataclass(hint) if is_dataclass(hint) else _scalar(hint)


def _tuple(parts: tuple[Any, ...]) -> Read:
    if parts[-1] is Ellipsis:
        inner = _reader(parts[0])
        return lambda document: tuple([inner(member) for member in document])
    readers = tuple(map(_reader, parts))

    def read(document: Any) -> tuple[Any, ...]:
        return tuple(reader(member) for reader, member in zip(readers, document, strict=True))

    return read


def _mapping(parts: tuple[Any, ...]) -> Read:
    inner = _reader(parts[1])
    return lambda document: {name: inner(member) for name, member in document.items()}


def _number(_parts: tuple[Any, ...]) -> Read:
    return lambda document: read_numbers([document["value"]], document["type"]).astype(document["type"])[0]


def _scalar(hint: Any) -> Read:
    known = hint in (int, str, bool)

    def read(document: Any) -> Any:
        if known and type(document) is hint:
            return document
        raise TypeError(f"{document!r} is not of type {hint}")

    return read


def _literal(allowed: tuple[Any, ...]) -> Read:
    def read(document: Any) -> Any:
        if document not in allowed:
            raise ValueError(f"{document!r} is not one of {allowed}")
        return document

    return read


def _one_of(parts: tuple[Any, ...]) -> Read:
    left = tuple(part for part in parts if part is not NoneType)
    present = _reader(left[0]) if len(left) == 1 else _told_apart(left)
    if NoneType not in parts:
        return present
    return lambda document: None if document is None else present(document)


def _told_apart(parts: tuple[Any, ...]) -> Read:
    if set(parts) == {int, float}:
        return lambda document: document if type(document) is int else read_float(document)
    # Dataclasses that stand for one another are told apart by `kind`.
    readers = {kind: _reader(part) for part in parts for kind in get_args(get_type_hints(part)["kind"])}
    return lambda document: readers[document["kind"]](document)


def _dataclass(hint: Any) -> Read:
    hints = get_type_hints(hint)
    members = [(field.name, _reader(hints[field.name])) for field in fields(hint) if field.init]
    optional = {
        field.name for field in fields(hint) if field.default is not MISSING or field.default_factory is not MISSING
    }

    def read(document: Mapping[str, Any]) -> Any:
        values = {name: reader(document[name]) for name, reader in members if name in document or name not in optional}
        return hint(**values)

    return read


_BY_ORIGIN: Final[dict[Any, Callable[[tuple[Any, ...]], Read]]] = {
    Union: _one_of,
    UnionType: _one_of,
    Literal: _literal,
    tuple: _tuple,
    Mapping: _mapping,
    np.number: _number,
}
"""By the origin of a generic type hint."""
