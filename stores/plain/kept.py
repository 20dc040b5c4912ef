"""The types of Zarr as a dataset holds them: those of NetCDF, little-endian; each change loses nothing."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

TEXT: Final = "str"
_CHARACTER: Final = "S1"
_AS_THEY_ARE: Final = frozenset({"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"})
_AS_OTHERS: Final = {"f2": "f4", "b1": "i1"}


def kept_dtype(dtype: np.dtype[Any]) -> str | None:
    """Return the type under which an array is served, as `core.dataset.Variable.dtype`; None where there is none."""
    name = dtype.str[1:]
    if name in _AS_THEY_ARE or name == _CHARACTER:
        return name
    if dtype.kind == "M":
        return "i8"
    return TEXT if dtype.kind in "OTUS" else _AS_OTHERS.get(name)


def kept(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Return values under the type that `kept_dtype` names, same shape: instants as milliseconds since 1970."""
    if dtype == TEXT:
        return _texts(values)
    if dtype == _CHARACTER:
        return values
    if values.dtype.kind == "M":
        values = values.astype("datetime64[ms]").view(np.int64)
    return values.astype(np.dtype(dtype).newbyteorder("<"), copy=False)


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "surrogateescape")
    texts = np.empty(values.shape, dtype=object)
    texts[...] = values.astype(object)
    return texts
