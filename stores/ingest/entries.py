"""The files of a part of `meta/sources` as text, with members that other readers pass over."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from stores.documents import DocumentError
from stores.ingest.manifest import Entry
from stores.ingest.statistics import Contribution
from stores.values import plain, typed

_OWN: Final = ("statistics", "by_time", "variables")
"""Members with a form of their own: `counted`, `counted_at` and `lacks`."""
_MEMBERS: Final = tuple(member.name for member in fields(Entry) if member.init and member.name not in _OWN)
_LEFT_AWAY: Final[Mapping[str, object]] = {"reference": None, "left_out": {}, "given": None, "ingest_format": 1}
"""Members that are not written where they say nothing."""

_NUMBERS: Final = np.dtype([("ends", "<f8", 2), ("count", "<u8"), ("quantiles", "<f4", 9)])
"""Of a contribution; a count of 0 where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributed:
    """The contributions of one file: read from many files, and looked at in few."""

    fields: tuple[str, ...]
    numbers: str
    """Base64, for each field: minimum and maximum as float64, count as uint64, nine quantiles as float32."""
    times: tuple[int, ...] | None = None
    """Of what has time: so many numbers for each time. The count is 0 where a field is not there."""


class Contributions(Mapping[int, Mapping[str, Contribution]]):
    """A `Contributed` by time, by field, made into values when it is asked for; all is of time 0 where it has none."""

    __slots__ = ("_fields", "_numbers", "_rows")

    def __init__(self, kept: Contributed) -> None:
        """Decode the numbers.

        Raises:
            ValueError: they are not of so many fields.

        """
        self._fields = kept.fields
        self._rows = {time: row for row, time in enumerate((0,) if kept.times is None else kept.times)}
        numbers = np.frombuffer(b64decode(kept.numbers, validate=True), dtype=_NUMBERS)
        self._numbers = numbers.reshape(len(self._rows), len(self._fields))

    def __getitem__(self, time: int) -> Mapping[str, Contribution]:
        """Return the contributions of one time."""
        rows = zip(self._fields, self._numbers[self._rows[time]].tolist(), strict=True)
        return {
            name: Contribution(
                minimum=float(ends[0]), maximum=float(ends[1]), count=count, quantiles=tuple(quantiles.tolist())
            )
            for name, (ends, count, quantiles) in rows
            if count
        }

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold the same; without making values of it where both are kept alike."""
        if isinstance(other, Contributions):
            same = (self._fields, [*self]) == (other._fields, [*other])
            return same and self._numbers.tobytes() == other._numbers.tobytes()
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[int]:
        """Yield the times."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of times."""
        return len(self._rows)


def write_entries(entries: Sequence[Entry], names: AbstractSet[str]) -> bytes:
    """Write some files, a JSON list; `names` are the dataset's variables."""
    return json.dumps([_line(entry, names) for entry in entries]).encode("ascii")


def read_entries(text: bytes, names: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Read some files of a dataset that has the variables `names`.

    Raises:
        DocumentError: the text is something else.

    """
    try:
        members = json.loads(text)
        found: tuple[Entry, ...] = typed(tuple[Entry, ...], members)
        lacking = [typed(tuple[str, ...], member.get("lacks", [])) for member in members]
        statistics = [_statistics(member) for member in members]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise DocumentError(f"the document sources cannot be read: {error!r}") from error
    sets = {lacks: frozenset(names) - frozenset(lacks) for lacks in set(lacking)}
    return tuple(
        replace(entry, variables=sets[lacks], **held)
        for entry, lacks, held in zip(found, lacking, statistics, strict=True)
    )


def _line(entry: Entry, names: AbstractSet[str]) -> dict[str, Any]:
    values = ((name, getattr(entry, name)) for name in _MEMBERS)
    line = {name: plain(value) for name, value in values if name not in _LEFT_AWAY or value != _LEFT_AWAY[name]}
    lacks = sorted(names - entry.variables)
    return (
        line
        | ({"counted": plain(_contributed({0: entry.statistics}, None))} if entry.statistics else {})
        | ({"counted_at": plain(_contributed(entry.by_time, tuple(entry.by_time)))} if entry.by_time else {})
        | ({"lacks": lacks} if lacks else {})
    )


def _contributed(found: Mapping[int, Mapping[str, Contribution]], times: tuple[int, ...] | None) -> Contributed:
    fields = tuple(dict.fromkeys(name for step in found.values() for name in step))
    numbers = np.zeros((len(found), len(fields)), dtype=_NUMBERS)
    for row, step in zip(numbers, found.values(), strict=True):
        for place, name in enumerate(fields):
            if name in step:
                part = step[name]
                row[place] = ((part.minimum, part.maximum), part.count, part.quantiles)
    return Contributed(fields=fields, numbers=b64encode(numbers.tobytes()).decode("ascii"), times=times)


def _statistics(member: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file contributed, by member of an entry; nothing where it is spelt out, as it was before."""
    found: dict[str, Any] = {}
    if "counted" in member:
        found["statistics"] = Contributions(typed(Contributed, member["counted"]))[0]
    if "counted_at" in member:
        found["by_time"] = Contributions(typed(Contributed, member["counted_at"]))
    return found
