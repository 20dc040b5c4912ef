"""What the classic data model can hold of a file: no groups, no unsigned or 64-bit integers, no text of any length.

Unsigned integers keep their bits and say `_Unsigned`; 64-bit integers become doubles, and are refused where one is not
exact.
Source: NetCDF User Guide, "The NetCDF Classic Data Model", and appendix A, "_Unsigned".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import CHAR, STRING, Attribute, Attributes
from core.problem import Problem
from core.selection.given import Given, fill_of, numbers, text
from core.selection.layout import Layout

NARROW: Final[Mapping[str, str]] = {"u1": "i1", "u2": "i2", "u4": "i4", "i8": "f8", "u8": "f8"}
"""Types of the classic model that stand for others."""
WIDE: Final = ("i8", "u8")
"""Types whose values need not be exact in the one that stands for them."""
_REREAD: Final = ("_FillValue", "missing_value", "valid_min", "valid_max", "valid_range", "flag_values", "flag_masks")


def narrow(layout: Layout) -> Layout:
    """Return a file in the classic data model; variables that hold text of any length are left out."""
    kept = [given for given in layout.variables if given.dtype != "str"]
    paths = [*layout.dimensions, *(given.name for given in kept)]
    names = _flat(paths)
    used = {name for given in kept for name in given.dimensions}
    return Layout(
        dimensions={names[name]: size for name, size in layout.dimensions.items() if name in used},
        unlimited=tuple(names[name] for name in layout.unlimited if name in used),
        variables=tuple(_variable(given, names) for given in kept),
        attributes=_attributes(layout.attributes),
    )


def _flat(paths: list[str]) -> dict[str, str]:
    """Return names without groups: the last part of a path where that is one variable's alone."""
    distinct = list(dict.fromkeys(paths))
    short = [path.rpartition("/")[2] for path in distinct]
    return {
        path: name if short.count(name) == 1 else path.replace("/", "_")
        for path, name in zip(distinct, short, strict=True)
    }


def _variable(given: Given, names: Mapping[str, str]) -> Given:
    dtype = NARROW.get(given.dtype, given.dtype)
    attributes = _attributes(_reread(given) if dtype != given.dtype else given.attributes)
    if given.dtype in WIDE and given.dimensions != (given.name,) and "_FillValue" not in attributes:
        # The default of the one type is not that of the other.
        attributes["_FillValue"] = numbers(np.array([given.fill]).astype(dtype))
    if given.dtype in ("u1", "u2", "u4"):
        attributes["_Unsigned"] = text("true")
    return replace(
        given,
        name=names[given.name],
        dtype=dtype,
        dimensions=tuple(names[name] for name in given.dimensions),
        attributes=attributes,
        fill=fill_of(dtype, attributes),
    )


def _reread(given: Given) -> Attributes:
    """Return the attributes that hold codes in the type that the codes have."""
    found = dict(given.attributes)
    for name in _REREAD:
        if name in found and found[name].type == np.dtype(given.dtype).name:
            found[name] = numbers(_cast(found[name].numbers, np.dtype(NARROW[given.dtype])))
    return found


def _attributes(attributes: Attributes) -> dict[str, Attribute]:
    return {name: _attribute(attribute) for name, attribute in attributes.items()}


def _attribute(attribute: Attribute) -> Attribute:
    if attribute.type == STRING:
        return text("\n".join(attribute.strings))
    if attribute.type == CHAR or np.dtype(attribute.type).str[1:] in ("i1", "i2", "i4", "f4", "f8"):
        return attribute
    values = attribute.numbers
    smallest = next(
        (dtype for dtype in ("i2", "i4") if values.size == 0 or (values == values.astype(dtype)).all()), "f8"
    )
    return numbers(values.astype(smallest))


def narrowed(values: NDArray[Any], given: Given) -> NDArray[Any]:
    """Return values of a variable, as the source has it, in the type that stands for its own.

    Codes for missing values become the double that the attributes say, exact or not.

    Raises:
        Problem: `invalid_value`: another 64-bit integer is not exact as a double.

    """
    wanted = np.dtype(NARROW.get(given.dtype, given.dtype))
    if given.dtype not in WIDE:
        return _cast(values, wanted)
    found = _cast(values, wanted)
    inexact = found >= np.iinfo(values.dtype).max
    inexact |= np.where(inexact, 0, found).astype(values.dtype) != values
    codes = _codes(given)
    # Nothing else may turn into what means missing.
    inexact |= np.isin(found, _cast(codes, wanted))
    if (inexact & ~np.isin(values, codes)).any():
        message = f"{given.name} holds 64-bit integers that no double is equal to: ask for accept=netcdf4"
        raise Problem("invalid_value", message, parameter="accept")
    return found


def _codes(given: Given) -> NDArray[Any]:
    """Return what means missing in a variable, in its own type."""
    said = given.attributes.get("missing_value")
    own = said is not None and said.type == np.dtype(given.dtype).name
    return np.array([given.fill, *(said.numbers if said is not None and own else ())], dtype=given.dtype)


def _cast(values: NDArray[Any], wanted: np.dtype[Any]) -> NDArray[Any]:
    if values.dtype.kind == "u" and wanted.kind == "i":
        return values.view(wanted.newbyteorder(values.dtype.byteorder))
    return values.astype(wanted) if values.dtype.kind in "iu" and wanted.kind == "f" else values
