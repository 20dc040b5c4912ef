"""One variable as it is given out: its type, its packing, and the attributes that have to say otherwise.

Values are given out as they are stored. Two things are not: a range of steps that mixes packings is unpacked, and
longitudes that have to run on across the seam of the file are turned.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from core.attributes import Attribute, Attributes
from core.packing import DEFAULT_FILL, Packing, packing_of
from core.selection.mesh_part import Renumbered
from core.selection.plan import Plan

_PACKING: Final = ("scale_factor", "add_offset", "_Unsigned")
_RANGES: Final = ("valid_min", "valid_max", "valid_range", "actual_range")
_CODES: Final = ("_FillValue", "missing_value")
_ONE_BYTE: Final[dict[str, int]] = {"i1": -127, "u1": 255}
"""netcdf.h, NC_FILL_BYTE and NC_FILL_UBYTE."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """One variable of the file that is given out."""

    name: str
    """Path, as in the source."""
    dtype: str
    """As `core.dataset.Variable.dtype`."""
    dimensions: tuple[str, ...]
    """Paths, as in the source."""
    shape: tuple[int, ...]
    attributes: Attributes
    fill: Any
    """Where nothing was ever written."""
    unpacked: bool = False
    """Whether its values are unpacked, missing ones being `fill`."""
    turns: tuple[int, ...] = ()
    """Whole turns to be added along its first dimension; none where it is empty."""
    numbers: Renumbered | None = None
    """How it names nodes of a mesh of which a part is taken."""
    outside: Any = None
    """What stands outside the box that was asked for; None where the values of the source do."""

    @property
    def itemsize(self) -> int:
        """Bytes of one value; of text, about."""
        return 16 if self.dtype == "str" else np.dtype(self.dtype).itemsize


def given(plan: Plan, name: str) -> Given:
    """Return how a variable is given out."""
    found = _whole(plan, name)
    filled = name in plan.fields and name not in plan.around and plan.variable(name).grid in plan.hulls
    return _filled_outside(found) if filled else found


def _filled_outside(whole: Given) -> Given:
    """Let a code for missing data stand outside the box; a field without any keeps its values there."""
    codes = packing_of(np.dtype(whole.dtype), whole.attributes).missing
    kind = np.dtype(whole.dtype)
    if any(name in whole.attributes for name in _CODES):
        # NaN is listed nowhere, and always missing.
        return replace(whole, outside=kind.type(codes[0] if codes else np.nan)) if codes or kind.kind == "f" else whole
    if not codes:
        return whole
    # Not all readers know the default fill of a type where no attribute names it.
    fill = kind.type(codes[0])
    return replace(whole, outside=fill, attributes={**whole.attributes, "_FillValue": number(fill)})


def _whole(plan: Plan, name: str) -> Given:
    variable = plan.variable(name)
    plain = Given(
        name=name,
        dtype=variable.dtype,
        dimensions=plan.dimensions(name).all,
        shape=plan.shape(name),
        attributes=variable.attributes,
        fill=fill_of(variable.dtype, variable.attributes),
        numbers=plan.renumbered.get(name),
    )
    turns = _turns(plan, name)
    if turns:
        return _turned(plain, turns)
    packings = packings_at(plan, name)
    if len(packings) > 1:
        return _unpacked(plain, packings)
    return _as_packed(plain, packings[0]) if packings and _changes(plan, name) else plain


def fill_of(dtype: str, attributes: Attributes) -> Any:
    """Return what stands where nothing was ever written: `_FillValue`, else the default of the type."""
    if dtype == "str":
        return ""
    if dtype == "S1":
        said = attributes.get("_FillValue")
        return said.data[:1] if said is not None and said.type == "char" and said.data else b"\0"
    said = attributes.get("_FillValue")
    if said is not None and said.numbers.size == 1:
        with np.errstate(all="ignore"):
            cast = said.numbers.astype(dtype)
        # A code that the type cannot hold stands nowhere.
        if cast[0] == said.numbers[0] or cast.dtype.kind == "f":
            return cast[0]
    return np.dtype(dtype).type({**DEFAULT_FILL, **_ONE_BYTE}[dtype])


def packings_at(plan: Plan, name: str) -> list[Packing]:
    """Return the different packings of a variable at the steps that are taken, in order."""
    if not plan.variable(name).stepped:
        return []
    found: list[Packing] = []
    for index in dict.fromkeys(plan.rows[:, 3].tolist()):
        packing = plan.dataset.packings[index].get(name)
        if packing is not None and packing not in found:
            found.append(packing)
    return found


def _changes(plan: Plan, name: str) -> bool:
    """Tell whether the variable has another packing at any step of the dataset: then its attributes are of one file."""
    packings = [packing[name] for packing in plan.dataset.packings if name in packing]
    return any(packing != packings[0] for packing in packings)


def _turns(plan: Plan, name: str) -> tuple[int, ...]:
    """Return the turns of a longitude, or of its bounds."""
    for longitude, turns in plan.turns.items():
        bounds = plan.variable(longitude).attributes.get("bounds")
        named = (longitude, bounds.text.strip() if bounds is not None and bounds.text else longitude)
        if name in named and plan.variable(name).dimensions[:1] == plan.variable(longitude).dimensions[:1]:
            return turns
    return ()


def _turned(plain: Given, turns: tuple[int, ...]) -> Given:
    kept = {key: value for key, value in plain.attributes.items() if key not in _RANGES}
    packed = any(key in kept for key in _PACKING) or np.dtype(plain.dtype).kind != "f"
    if not packed:
        return replace(plain, attributes=kept, turns=turns)
    bare = {key: value for key, value in kept.items() if key not in (*_PACKING, *_CODES)}
    return replace(plain, attributes=bare, turns=turns, dtype="f8", unpacked=True, fill=np.float64(DEFAULT_FILL["f8"]))


def _unpacked(plain: Given, packings: list[Packing]) -> Given:
    scaled = [packing.scaled(np.zeros(1, dtype=packing.dtype)).dtype for packing in packings]
    dtype = np.result_type(*scaled, np.float32)
    fill = dtype.type(DEFAULT_FILL[dtype.str[1:]])
    gone = (*_PACKING, *_RANGES, *_CODES, "flag_values", "flag_masks")
    attributes = {key: value for key, value in plain.attributes.items() if key not in gone}
    return replace(
        plain,
        dtype=dtype.str[1:],
        attributes={**attributes, "_FillValue": number(fill)},
        fill=fill,
        unpacked=True,
    )


def _as_packed(plain: Given, packing: Packing) -> Given:
    """Let the attributes say the packing of the steps that are taken, where they say that of others."""
    if packing_of(np.dtype(plain.dtype), plain.attributes) == packing:
        return plain
    gone = (*_PACKING, *_RANGES, *_CODES)
    attributes = {key: value for key, value in plain.attributes.items() if key not in gone}
    for name, value in (("scale_factor", packing.scale), ("add_offset", packing.offset)):
        if value is not None:
            attributes[name] = number(value)
    if packing.read_as:
        attributes["_Unsigned"] = text("true" if packing.read_as.startswith("u") else "false")
    codes = np.array(packing.missing, dtype=packing.dtype)
    if codes.size:
        attributes["_FillValue"] = number(codes[0])
    if codes.size > 1:
        attributes["missing_value"] = numbers(codes[1:])
    limits = np.dtype(packing.read_as or packing.dtype)
    for name, limit in (("valid_min", packing.valid_min), ("valid_max", packing.valid_max)):
        if limit is not None:
            attributes[name] = number(limits.type(limit))
    return replace(plain, attributes=attributes, fill=fill_of(plain.dtype, attributes))


def number(value: np.number[Any]) -> Attribute:
    """Return one number as an attribute of its own type."""
    return numbers(np.atleast_1d(np.asarray(value)))


def numbers(values: np.ndarray[Any, np.dtype[Any]]) -> Attribute:
    """Return numbers as an attribute of their own type."""
    return Attribute(type=values.dtype.name, data=values.astype(values.dtype.newbyteorder("<")).tobytes())


def text(value: str) -> Attribute:
    """Return text as an attribute."""
    return Attribute(type="char", data=value.encode("utf-8", "surrogateescape"))
