"""Frozen dataclasses as JSON and back, led by their type hints; attributes and numbers keep type and bits.

Members that a reader does not know are passed over, and members that a writer did not know yet take their defaults:
so fields may be added without a new format version.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import singledispatch
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


@singledispatch
def plain(value: object) -> Any:
    """Return a value as JSON has it.

    Raises:
        TypeError: there is no rule for its type.

    """
    if value is None:
        return None
    if is_dataclass(value) and not isinstance(value, type):
        hints = get_type_hints(type(value))
        return {field.name: _plain_field(getattr(value, field.name), hints[field.name]) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _plain_field(value: object, hint: Any) -> Any:
    """Return a field as JSON has it: a numpy number with its type only where the field asks for one."""
    if isinstance(value, np.number) and np.number in [get_origin(part) for part in (hint, *get_args(hint))]:
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
    if rule := _BY_ORIGIN.get(get_origin(hint)):
        return rule(get_args(hint), document)
    if hint is Attribute:
        return read_attribute(document)
    return _dataclass(hint, document) if is_dataclass(hint) else _scalar(hint, document)


def _tuple(parts: tuple[Any, ...], document: Any) -> tuple[Any, ...]:
    inner = parts[:1] * len(document) if parts[-1] is Ellipsis else parts
    return tuple(typed(part, member) for part, member in zip(inner, document, strict=True))


def _mapping(parts: tuple[Any, ...], document: Any) -> dict[str, Any]:
    return {name: typed(parts[1], member) for name, member in document.items()}


def _number(_parts: tuple[Any, ...], document: Any) -> Any:
    return read_numbers([document["value"]], document["type"]).astype(document["type"])[0]


def _scalar(hint: Any, document: Any) -> Any:
    if hint is float:
        return read_float(document)
    if hint in (int, str, bool) and type(document) is hint:
        return document
    raise TypeError(f"{document!r} is not of type {hint}")


def _literal(allowed: tuple[Any, ...], document: Any) -> Any:
    if document not in allowed:
        raise ValueError(f"{document!r} is not one of {allowed}")
    return document


def _one_of(parts: tuple[Any, ...], document: Any) -> Any:
    if document is None and NoneType in parts:
        return None
    left = tuple(part for part in parts if part is not NoneType)
    if len(left) == 1:
        return typed(left[0], document)
    if set(left) == {int, float}:
        return document if type(document) is int else read_float(document)
    # Dataclasses that stand for one another are told apart by `kind`.
    return next(typed(part, document) for part in left if document["kind"] in get_args(get_type_hints(part)["kind"]))


def _dataclass(hint: Any, document: Mapping[str, Any]) -> Any:
    hints = get_type_hints(hint)
    values = {}
    for field in fields(hint):
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if field.name in document or not optional:
            values[field.name] = typed(hints[field.name], document[field.name])
    return hint(**values)


_BY_ORIGIN: Final[dict[Any, Callable[[tuple[Any, ...], Any], Any]]] = {
    Union: _one_of,
    UnionType: _one_of,
    Literal: _literal,
    tuple: _tuple,
    Mapping: _mapping,
    np.number: _number,
}
"""By the origin of a generic type hint."""
