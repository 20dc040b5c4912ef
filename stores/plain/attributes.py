"""JSON attributes of Zarr as typed ones. JSON has no types: whole numbers become int64, others float64.

Source: NetCDF User Guide, "Attributes"; xarray's documentation, "Zarr Encoding Specification".
"""

import base64
import json
import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import CHAR, STRING, Attribute

_HIDDEN: Final = frozenset({"_ARRAY_DIMENSIONS", "_NCProperties", "_nczarr_array", "_nczarr_attr", "_nczarr_group"})
"""Of the encoding, not of the data."""
_DOUBLE: Final = struct.Struct("<d")


def typed_attributes(members: Mapping[str, Any]) -> dict[str, Attribute]:
    """Return the attributes of an array or group, in order; what NetCDF has no type for is kept as its JSON text."""
    return {name: _typed(value) for name, value in members.items() if name not in _HIDDEN and value is not None}


def fill_attribute(fill: NDArray[Any]) -> Attribute:
    """Return `_FillValue` from the fill value of an array of numbers, shape (1,)."""
    return Attribute(type=fill.dtype.name, data=fill.astype(fill.dtype.newbyteorder("<")).tobytes())


def decoded_fill(attribute: Attribute, dtype: np.dtype[Any]) -> Attribute:
    """Return `_FillValue` as a number where xarray has written the bytes of a double in Base64 (Zarr 3)."""
    if dtype.kind != "f" or attribute.type != CHAR:
        return attribute
    try:
        (number,) = _DOUBLE.unpack(base64.b64decode(attribute.data, validate=True))
    except (ValueError, struct.error):
        return attribute
    return Attribute(type="float64", data=_DOUBLE.pack(number))


def _typed(value: Any) -> Attribute:
    if isinstance(value, str):
        return Attribute(type=CHAR, data=value.encode("utf-8", "surrogatepass"))
    members = value if isinstance(value, list) else [value]
    if members and all(isinstance(member, str) for member in members):
        return Attribute(type=STRING, strings=tuple(members))
    numbers = all(isinstance(member, int | float) and not isinstance(member, bool) for member in members)
    found = _numbers(members) if members and numbers else None
    return found or _typed(json.dumps(value))


def _numbers(members: list[int | float]) -> Attribute | None:
    """Return numbers in the type that holds them all; None where there is none."""
    if all(isinstance(member, int) for member in members):
        for dtype in ("int64", "uint64"):
            limits = np.iinfo(dtype)
            if all(limits.min <= member <= limits.max for member in members):
                return Attribute(type=dtype, data=np.array(members, dtype=f"<{dtype[0]}8").tobytes())
    try:
        return Attribute(type="float64", data=np.array(members, dtype="<f8").tobytes())
    except OverflowError:
        return None
