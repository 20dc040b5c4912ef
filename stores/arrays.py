"""The metadata of an array in a store: `zarr.json` as a value.

Source: Zarr core specification v3.1, "Array metadata".
"""

import json
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

from stores.attributes import read_float, write_float
from stores.codec import STRING, ChunkFormat, codecs, decodable, stored_dtype
from stores.layout import SLOT

Fill = int | float | str
"""What other Zarr readers see where no chunk was written: text in arrays of text, else a number."""


class ArrayMismatchError(ValueError):
    """The array is there already, and it is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayMetadata:
    """One array: how it is cut, stored and named."""

    shape: tuple[int, ...]
    """Slots first where the array has them."""
    chunks: tuple[int, ...]
    """Shape of every chunk."""
    dtype: str
    """Zarr's name: int8 ... uint64, float32, float64, string."""
    dimensions: tuple[str, ...]
    fill: Fill

    @property
    def chunk(self) -> ChunkFormat:
        """How its chunks are stored."""
        return ChunkFormat(shape=self.chunks, dtype=self.dtype)

    def holds(self, index: tuple[int, ...]) -> bool:
        """Tell whether `index` names a chunk that lies within the array, wholly or in part."""
        return len(index) == len(self.shape) and all(
            0 <= part * chunk < length for part, chunk, length in zip(index, self.chunks, self.shape, strict=True)
        )


def array_metadata(
    *, shape: tuple[int, ...], chunks: tuple[int, ...], dtype: str, dimensions: tuple[str, ...], fill: Fill
) -> ArrayMetadata:
    """Check and join what describes an array; `dtype` as numpy or the description names it.

    Raises:
        ValueError: it describes no array that a store holds.

    """
    if not len(shape) == len(chunks) == len(dimensions):
        raise ValueError(f"shape {shape}, chunks {chunks} and dimensions {dimensions} are not of one length")
    if any(length < 0 for length in shape) or any(length < 1 for length in chunks):
        raise ValueError(f"shape {shape} or chunks {chunks} is out of range")
    name = stored_dtype(dtype)
    return ArrayMetadata(shape=shape, chunks=chunks, dtype=name, dimensions=dimensions, fill=_typed(fill, name))


def write_group(attributes: dict[str, Any]) -> bytes:
    """Write the `zarr.json` of a group."""
    return json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attributes}, allow_nan=False).encode()


def write_array(array: ArrayMetadata) -> bytes:
    """Write the `zarr.json` of an array."""
    return json.dumps(
        {
            "zarr_format": 3,
            "node_type": "array",
            "shape": array.shape,
            "data_type": array.dtype,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": array.chunks}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": write_float(array.fill) if isinstance(array.fill, float) else array.fill,
            "codecs": codecs(array.dtype),
            "attributes": {},
            "dimension_names": array.dimensions,
            "storage_transformers": [],
        },
        allow_nan=False,
    ).encode()


def read_array(raw: bytes) -> ArrayMetadata:
    """Read the `zarr.json` of an array.

    Raises:
        ValueError: it is not an array of this format.

    """
    try:
        document = json.loads(raw)
        dtype = document["data_type"]
        known = decodable(document["codecs"], dtype) and document["chunk_grid"]["name"] == "regular"
        array = ArrayMetadata(
            shape=tuple(document["shape"]),
            chunks=tuple(document["chunk_grid"]["configuration"]["chunk_shape"]),
            dtype=dtype,
            dimensions=tuple(document["dimension_names"]),
            fill=_read(document["fill_value"], dtype),
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"it is not the metadata of an array of a store: {error!r}") from error
    if not known:
        raise ValueError(f"its codecs are not those of a store: {document['codecs']}")
    return array


def require_same(path: str, there: ArrayMetadata, asked: ArrayMetadata) -> None:
    """Accept an array that is there already, with more or fewer slots than asked.

    Raises:
        ArrayMismatchError: naming the first difference.

    """
    stepped = asked.dimensions[:1] == (SLOT,) == there.dimensions[:1] and asked.shape and there.shape
    alike = replace(asked, shape=(there.shape[0], *asked.shape[1:])) if stepped else asked
    for name in ("dtype", "dimensions", "shape", "chunks", "fill"):
        old, new = getattr(there, name), getattr(alike, name)
        if old != new and not (isinstance(old, float) and isinstance(new, float) and isnan(old) and isnan(new)):
            message = f"the array {path} has {name} {old!r} where {new!r} is asked for: give the dataset another id"
            raise ArrayMismatchError(message)


def _typed(fill: Fill, dtype: str) -> Fill:
    if dtype == STRING:
        return str(fill)
    return float(fill) if dtype.startswith("float") else int(fill)


def _read(fill: Any, dtype: str) -> Fill:
    return read_float(fill) if dtype.startswith("float") else _typed(fill, dtype)
