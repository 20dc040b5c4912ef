"""How long a table will be, told before anything is read: coordinates are known, and of values what they are like."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.selection.cut import cut_of
from core.selection.given import Given
from core.selection.plan import Plan
from core.selection.spelling import Spelling, Texts
from core.selection.table import TIME, Listed, Read, coordinates, fields
from core.selection.worked import Worked

_SOME: Final = 64
"""Coordinates along each axis that are looked at."""
_CODES: Final = 256
"""Codes of a packed variable that are looked at."""
_SMALL: Final = 2
"""Bytes of an integer that values leave little of unused."""
_FLOATS: Final[Mapping[str, int]] = {"f4": 10, "f8": 17}
"""Characters of a floating number, about; rather more than they have on average."""
_WORKED: Final = 12
"""Characters of a place that is worked out, at most: sign, three digits, point and seven decimals."""
_MORE: Final = 1.03
"""Than what was looked at lets expect."""
_END: Final = 1
"""Of a line, beyond what parts its columns."""


def text_size(plan: Plan, givens: Mapping[str, Given]) -> tuple[int, int]:
    """Return the bytes of a plan as CSV, rather more than fewer, and those of one step."""
    field = max(plan.fields, key=lambda name: prod(plan.shape(name)))
    count = prod(plan.shape(field))
    if plan.here is not None and plan.here.sought is not None:
        count //= len(plan.here.levels.column.levels)
    sampled = _sampled(plan, field)
    columns = [*coordinates(sampled, field, givens), *fields(sampled, givens, len(plan.shape(field)), many=False)]
    line = sum(_width(column) + 1 for column in columns) + _END
    head = sum(len(column.head.encode()) + 1 for column in columns) + _END
    total = round(_MORE * count * line)
    return head + total, total // len(plan.rows)


def _sampled(plan: Plan, field: str) -> Plan:
    """Return a plan that takes but some of the coordinates of another."""
    names, cuts = plan.dimensions(field).others, plan.inner(field)
    chosen = {name: _some(len(cut)) for name, cut in zip(names, cuts, strict=True)}
    return replace(
        plan,
        rows=plan.rows[_some(len(plan.rows))],
        cuts={**plan.cuts, **{name: cut_of(cut.indices[chosen[name]]) for name, cut in zip(names, cuts, strict=True)}},
        turns={
            name: tuple(np.array(turns)[chosen[plan.variable(name).dimensions[0]]].tolist())
            for name, turns in plan.turns.items()
            if plan.variable(name).dimensions[0] in chosen
        },
    )


def _some(count: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, count - 1, min(count, _SOME)).astype(np.intp))


def _width(column: Listed | Worked | Read) -> float:
    if isinstance(column, Worked):
        return _WORKED
    if isinstance(column, Listed):
        # No part of the time may turn out longer, for each of its steps, than the whole.
        return column.texts.itemsize if column.head == TIME else _mean(column.texts)
    given = column.spelling.given
    kind = np.dtype(given.dtype)
    if kind.kind not in "iu" or given.unpacked:
        return _FLOATS.get(kind.str[1:], _FLOATS["f8"])
    return _mean(column.spelling.written(_codes(column.spelling, kind)))


def _codes(spelling: Spelling, kind: np.dtype[Any]) -> NDArray[Any]:
    """Return codes of a type that are not missing: all over a small one, of every number of digits in a large one."""
    limits = np.iinfo(kind)
    if kind.itemsize > _SMALL:
        spaced = np.geomspace(1, float(limits.max) * 0.9, _CODES)
        codes = np.concatenate([spaced, -spaced if kind.kind == "i" else spaced]).astype(kind)
    else:
        codes = np.linspace(limits.min, limits.max, _CODES).astype(kind)
    packing = spelling.packing
    there = codes if packing is None else codes[~packing.is_missing(codes)]
    return there if there.size else codes


def _mean(texts: Texts) -> float:
    return float(np.char.str_len(texts).mean()) if texts.size else 0.0
