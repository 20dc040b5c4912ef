"""The nodes of faces and edges as files number them. Source: UGRID Conventions 1.0, "Zero or One Based Index"."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import Attribute, Attributes
from core.packing import packing_of

Indices = NDArray[np.intp]

_FROM_ONE: Final = ("nv", "element", "elements", "elem", "tri", "ele")
"""Connectivities that nothing describes are written by Fortran programs, which count from 1."""

_FILLED: Final = 4
"""Corners of faces of which some have fewer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbered:
    """What a variable of node numbers says."""

    nodes: Indices
    """Counted from 0, in the shape of the variable; -1 where it names none."""
    start: int
    """What the file calls the first node."""


def numbered(name: str, attributes: Attributes, raw: NDArray[Any], count: int) -> Numbered:
    """Read which of `count` nodes the variable `name` names, without its group; some write `start_index` as text."""
    found = packing_of(raw.dtype, attributes).unpack(raw).astype(np.float64)
    start = _start(name.lower(), attributes, found[np.isfinite(found)], (count, min(raw.shape, default=0)))
    inside = np.isfinite(found) & (found >= start) & (found < start + count)
    return Numbered(nodes=np.where(inside, found - start, -1).astype(np.intp), start=start)


def _start(name: str, attributes: Attributes, known: NDArray[np.float64], size: tuple[int, int]) -> int:
    """Return what the first of `size` nodes is called; its second number is that of the corners of a face."""
    count, corners = size
    said = _number(attributes.get("start_index"))
    if said is not None:
        return 1 - said if said in (0, 1) and _wrong(said, known, (count, corners)) else said
    # Who counts from 0 never names as many as there are.
    if known.max(initial=0) >= count:
        return 1
    return 1 if name in _FROM_ONE and bool((known != 0).all()) else 0


def _wrong(said: int, known: NDArray[np.float64], size: tuple[int, int]) -> bool:
    """Tell whether counting from `said` there is a node that the mesh does not have, and from the other one none."""
    count, corners = size
    there = known[known >= 0]
    least, most = there.min(initial=count), there.max(initial=0)
    if said == 0:
        return bool(least >= 1 and most == count)
    # Of faces with four corners or more a 0 may stand for a corner that is not there.
    return corners < _FILLED and bool(least == 0 and most < count)


def _number(attribute: Attribute | None) -> int | None:
    if attribute is None:
        return None
    if attribute.numbers.size:
        found = float(attribute.numbers[0])
        return int(found) if isfinite(found) else None
    text = (attribute.text or "").strip().removesuffix(".0")
    return int(text) if text in ("0", "1") else None
