"""Chunks as bytes: the codec chain bytes (little-endian) or vlen-utf8, then blosc (zstd, shuffle), then crc32c.

The bytes are those that any Zarr library writes and reads for the codecs named in `CODECS`; encoding here spares the
ingest and the readers the machinery around them. Source: Zarr core specification v3.1 ("Codecs"), and its registered
codecs `bytes`, `vlen-utf8`, `blosc`, `crc32c`; C-Blosc 1 "Chunk Format".
"""

import struct
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import google_crc32c
import numpy as np
from numcodecs import VLenUTF8, blosc
from numpy.typing import NDArray

LEVEL: Final = 1
"""Of zstd: 4 saves 3 % and takes four times as long; both decode alike. Readers take any."""
STRING: Final = "string"
"""Zarr's name for text of any length, one per element."""

_COMPRESSOR: Final = b"zstd"
_BLOSC_HEADER: Final = struct.Struct("<4B3I")
_CRC: Final = struct.Struct("<I")
BLOCK: Final = 2**19
"""Bytes compressed together: in the smaller ones that blosc would choose, this level takes half as long again."""
_LARGEST: Final = 2**31 - 17
"""Bytes that blosc takes at once."""


class DamagedChunkError(ValueError):
    """The bytes are not those that were written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkFormat:
    """How the chunks of one array are stored."""

    shape: tuple[int, ...]
    """Of every chunk, at the far edges too."""
    dtype: str
    """Zarr's name of the type: int8 ... uint64, float32, float64, or `string`."""

    @property
    def nbytes(self) -> int:
        """The size of a decoded chunk; of the references only where it holds text."""
        return prod(self.shape) * np.dtype("O" if self.dtype == STRING else self.dtype).itemsize


def stored_dtype(dtype: str) -> str:
    """Return Zarr's name for a numpy type (`i2`, `<f4`); characters (`S1`) are stored as uint8, `str` as `string`.

    Raises:
        ValueError: a store does not hold this type.

    """
    if dtype in ("str", STRING):
        return STRING
    found = np.dtype(dtype)
    if found == np.dtype("S1"):
        return "uint8"
    if found.kind in "iu" or found.name in ("float32", "float64"):
        return str(found.name)
    raise ValueError(f"a store holds integers, float32, float64, characters and text, not {dtype!r}")


def codecs(dtype: str) -> list[dict[str, Any]]:
    """Return the codec chain of an array of `dtype` as `zarr.json` names it."""
    text = dtype == STRING
    first = {"name": "vlen-utf8", "configuration": {}} if text else _bytes_codec(dtype)
    compressor = {
        "typesize": 1 if text else np.dtype(dtype).itemsize,
        "cname": _COMPRESSOR.decode(),
        "clevel": LEVEL,
        "shuffle": "shuffle",
        "blocksize": BLOCK,
    }
    return [first, {"name": "blosc", "configuration": compressor}, {"name": "crc32c"}]


def decodable(chain: Any, dtype: str) -> bool:
    """Tell whether chunks of a codec chain, as `zarr.json` names it, decode like ours: compressed more or less hard."""
    ours = codecs(dtype)
    try:
        named = {**chain[1], "configuration": {**chain[1]["configuration"], "clevel": LEVEL, "blocksize": BLOCK}}
    except (IndexError, KeyError, TypeError):
        return False
    return bool([chain[0], named, *chain[2:]] == ours)


def encode(values: NDArray[Any]) -> bytes:
    """Encode one whole chunk; byte order and memory order do not matter, objects and numpy strings are text.

    Raises:
        ValueError: the type cannot be stored, or the chunk is 2 GiB or more.

    """
    if values.dtype.kind in "OTU":
        payload: Any = VLenUTF8().encode(values.astype(object).reshape(-1))
        size = 1
    else:
        dtype = np.dtype(stored_dtype(values.dtype.str))
        plain = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        payload, size = plain.reshape(-1).view(np.uint8), dtype.itemsize
    if len(payload) > _LARGEST:
        raise ValueError(f"a chunk of {len(payload)} bytes is too large: at most {_LARGEST}")
    packed: bytes = blosc.compress(payload, _COMPRESSOR, LEVEL, blosc.SHUFFLE, BLOCK, size)
    return packed + _CRC.pack(google_crc32c.value(packed))


def decode(encoded: bytes | memoryview, chunk: ChunkFormat) -> NDArray[Any]:
    """Decode one chunk into a fresh read-only array of the format's shape; text becomes an array of `str` objects.

    Raises:
        DamagedChunkError: the checksum does not match, or the size is not that of the format.

    """
    packed = verified(encoded)
    values = _text(packed, chunk.shape) if chunk.dtype == STRING else _numbers(packed, chunk)
    values.flags.writeable = False
    return values


def verified(encoded: bytes | memoryview) -> NDArray[np.uint8]:
    """Return an encoded chunk without its checksum, which it has.

    Raises:
        DamagedChunkError: the checksum does not match.

    """
    if len(encoded) < _BLOSC_HEADER.size + _CRC.size:
        raise DamagedChunkError(f"{len(encoded)} bytes are too few for a chunk")
    packed = np.frombuffer(encoded, dtype=np.uint8, count=len(encoded) - _CRC.size)
    if google_crc32c.value(packed) != _CRC.unpack_from(encoded, len(packed))[0]:
        raise DamagedChunkError("the checksum does not match")
    return packed


def _numbers(packed: NDArray[np.uint8], chunk: ChunkFormat) -> NDArray[Any]:
    size, length = _sizes(packed)
    if (size, length) != (chunk.nbytes, len(packed)):
        raise DamagedChunkError(f"it holds {size} bytes where {chunk.nbytes} are due")
    values = np.empty(chunk.shape, dtype=chunk.dtype)
    if values.size:
        blosc.decompress(packed, values)
    return values


def _text(packed: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[Any]:
    values = np.empty(prod(shape), dtype=object)
    texts = VLenUTF8().decode(blosc.decompress(packed))
    if texts.shape != values.shape:
        raise DamagedChunkError(f"it holds {texts.size} texts where {values.size} are due")
    values[:] = texts
    return values.reshape(shape)


def _sizes(packed: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the size before and after compression, as the header says them."""
    header = _BLOSC_HEADER.unpack_from(packed.data)
    return header[4], header[6]


def _bytes_codec(dtype: str) -> dict[str, Any]:
    # Zarr leaves the byte order out where an element is one byte.
    if np.dtype(dtype).itemsize == 1:
        return {"name": "bytes"}
    return {"name": "bytes", "configuration": {"endian": "little"}}
