"""From the arrays of a plain Zarr store to the header of a file, as the ingest reads one from NetCDF.

Source: xarray's documentation, "Zarr Encoding Specification" (`_ARRAY_DIMENSIONS`, `_FillValue`); Zarr core
specification v3.1, "dimension_names".
"""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any, Final

import numpy as np
from zarr import AsyncArray
from zarr.core.dtype import VariableLengthUTF8

from core.attributes import Attribute, Attributes
from core.packing import Packing
from stores.ingest.header import RawFile, RawVariable
from stores.ingest.packings import packing_in
from stores.plain.attributes import decoded_fill, fill_attribute, typed_attributes
from stores.plain.hierarchy import Hierarchy
from stores.plain.kept import TEXT, kept, kept_dtype

LARGEST_CHUNK: Final = 2**30
"""Decoded bytes of one stored chunk, at most."""
_SMALL_SHARD: Final = 8 * 2**20
"""Decoded bytes of a shard that is read whole: reading its chunks one by one asks for its index each time."""
_FILL: Final = "_FillValue"
_NO_FILL: Final = {_FILL: Attribute(type="float64")}
_INSTANTS: Final = {
    "units": Attribute(type="char", data=b"milliseconds since 1970-01-01"),
    "calendar": Attribute(type="char", data=b"proleptic_gregorian"),
    _FILL: Attribute(type="int64", data=np.array(np.iinfo(np.int64).min, dtype="<i8").tobytes()),
}
"""Of times that have a type of their own; the fill value is numpy's "not a time"."""


def header_of(hierarchy: Hierarchy, name: str) -> RawFile:
    """Read the header of a store; `name` stands for it in messages.

    An array is left out where its type, its dimensions or its chunks are none that can be served.
    """
    left_out = dict(hierarchy.left_out)
    dimensions: dict[str, int] = {}
    variables: dict[str, RawVariable] = {}
    # Coordinate variables first: they say how long a dimension is.
    for array_name, array in sorted(hierarchy.arrays.items(), key=lambda item: dimensions_of(item[1]) != (item[0],)):
        reason = _unfit(array, dimensions)
        if reason is None:
            variables[array_name] = _variable(array_name, array)
            dimensions |= dict(zip(variables[array_name].dimensions, array.shape, strict=True))
        else:
            left_out[array_name] = reason
    return RawFile(
        name=name,
        attributes=typed_attributes(hierarchy.attributes),
        dimensions=dimensions,
        variables={found: variables[found] for found in hierarchy.arrays if found in variables},
        left_out=left_out,
    )


def packings_of(raw: RawFile) -> dict[str, Packing]:
    """Return the packing of each variable of numbers: without `_FillValue`, no code is missing by default.

    The default fill values are NetCDF's; Zarr has none.

    Raises:
        Unreadable: a packing attribute that matters is not a number.

    """
    return {
        name: packing_in(raw, replace(found, attributes={**_NO_FILL, **found.attributes}))
        for name, found in raw.variables.items()
        if found.numeric
    }


def dimensions_of(array: AsyncArray[Any]) -> tuple[str, ...] | None:
    """Return the names of all dimensions, None where they have not all one."""
    names = getattr(array.metadata, "dimension_names", None) or array.metadata.attributes.get("_ARRAY_DIMENSIONS")
    if not array.shape:
        return ()
    if not isinstance(names, list | tuple) or len(names) != len(array.shape):
        return None
    return tuple(names) if all(isinstance(name, str) and name for name in names) else None


def unit_of(array: AsyncArray[Any]) -> tuple[int, ...]:
    """Return the shape of what is read and decoded in one go: a small shard, else a chunk."""
    if array.shards is not None and prod(array.shards) * array.dtype.itemsize <= _SMALL_SHARD:
        return tuple(array.shards)
    return tuple(array.chunks)


def _unfit(array: AsyncArray[Any], known: Mapping[str, int]) -> str | None:
    """Return why an array cannot be served, None where it can."""
    ragged = array.dtype.kind == "O" and not isinstance(array.metadata.dtype, VariableLengthUTF8)
    if kept_dtype(array.dtype) is None or ragged:
        return f"its type {array.dtype} is not served"
    dimensions = dimensions_of(array)
    if dimensions is None:
        return "its dimensions have no names (dimension_names, _ARRAY_DIMENSIONS)"
    for dimension, size in zip(dimensions, array.shape, strict=True):
        if known.get(dimension, size) != size:
            return f"its dimension {dimension} has {size} places where others have {known[dimension]}"
    size = prod(unit_of(array)) * array.dtype.itemsize
    if size > LARGEST_CHUNK:
        return f"its chunks have {size} bytes, more than {LARGEST_CHUNK}"
    return None


def _variable(name: str, array: AsyncArray[Any]) -> RawVariable:
    return RawVariable(
        name=name,
        dtype=kept_dtype(array.dtype) or TEXT,
        dimensions=dimensions_of(array) or (),
        shape=tuple(array.shape),
        attributes=_attributes(name, array),
    )


def _attributes(name: str, array: AsyncArray[Any]) -> Attributes:
    found = typed_attributes(array.metadata.attributes)
    if array.dtype.kind == "M":
        return {**found, **_INSTANTS}
    if _FILL in found:
        return {**found, _FILL: decoded_fill(found[_FILL], array.dtype)}
    # In version 3 the fill value says only what was never written: xarray keeps the two apart. A coordinate variable
    # misses nothing (CF 2.5.1), and the 0 that zarr-python fills by default is a meridian.
    if array.metadata.zarr_format != 2 or dimensions_of(array) == (name,):
        return found
    fill = _fill_of_version_2(array)
    return found if fill is None else {**found, _FILL: fill}


def _fill_of_version_2(array: AsyncArray[Any]) -> Attribute | None:
    dtype = kept_dtype(array.dtype)
    if array.metadata.fill_value is None or dtype is None or dtype == TEXT or array.dtype.kind == "b":
        return None
    return fill_attribute(kept(np.asarray([array.metadata.fill_value]).astype(array.dtype), dtype))
