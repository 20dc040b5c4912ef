"""Encodes and composes pictures. Source: PNG, W3C Recommendation, third edition; Porter and Duff 1984."""

import io
import struct
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

Format = Literal["image/png", "image/png; mode=32bit", "image/jpeg"]
"""Of an encoded picture: PNG with a palette of 8 bits, PNG with 32 bits for each pixel, JPEG."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_RGBA: Final = 6
_PALETTE: Final = 3
"""Colour types (PNG, 11.2.1)."""
_LEVEL: Final = 1
"""Of ISA-L, 0 to 3: higher ones take longer and save next to nothing."""
_JPEG_QUALITY: Final = 85


def palette_png(indices: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """Encode palette indices, shape (h, w), with their colours (RGBA), shape (256, 4)."""
    height, width = indices.shape
    return b"".join(
        (
            _header(width, height, _PALETTE),
            _palette_chunks(colours.tobytes()),
            _pixel_chunk(indices, height, width),
            _END,
        )
    )


def rgba_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode straight RGBA, shape (h, w, 4)."""
    height, width, _ = pixels.shape
    return b"".join((_header(width, height, _RGBA), _pixel_chunk(pixels, height, width * 4), _END))


def jpeg(pixels: NDArray[np.uint8], background: tuple[int, int, int]) -> bytes:
    """Encode straight RGBA, shape (h, w, 4), composed over a background."""
    ground = _whole(np.array([*background, 255], dtype=np.uint8))
    opaque = over(_pixels(np.broadcast_to(ground, pixels.shape[:2]).copy()), pixels)
    stream = io.BytesIO()
    # Colours change from pixel to pixel at coasts and fronts: as many samples of them as of brightness.
    Image.fromarray(opaque, "RGBA").convert("RGB").save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling="4:4:4")
    return stream.getvalue()


def shade(indices: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the colours of palette indices as straight RGBA, shape (h, w, 4)."""
    return _pixels(_whole(colours).take(indices))


def over(lower: NDArray[np.uint8], upper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay straight RGBA over straight RGBA of the same shape (..., 4); a new array.

    The exact result of Porter and Duff's "over", rounded once to the nearest integer.
    """
    opacity = upper[..., 3]
    partly = (opacity > 0) & (opacity < 255)
    result = _pixels(np.where(opacity == 255, _whole(upper), _whole(lower)))
    if partly.any():
        result[partly] = _blended(lower[partly], upper[partly])
    return result


def _whole(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Take each RGBA pixel as one number, shape (h, w)."""
    return np.ascontiguousarray(pixels).view(np.uint32)[..., 0]


def _pixels(whole: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Undo `_whole`."""
    return whole.view(np.uint8).reshape(*whole.shape, 4)


def _blended(lower: NDArray[np.uint8], upper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blend pixels, shape (n, 4); the upper ones are neither opaque nor transparent."""
    below, above = lower.astype(np.uint32), upper.astype(np.uint32)
    # Opacities times 255, so that nothing is rounded before the end; the largest product is 2 * 255**3.
    share_above = 255 * above[:, 3:]
    share_below = below[:, 3:] * (255 - above[:, 3:])
    whole = share_above + share_below
    result = np.empty_like(upper)
    result[:, :3] = (2 * (above[:, :3] * share_above + below[:, :3] * share_below) + whole) // (2 * whole)
    result[:, 3:] = (whole + 127) // 255
    return result


def _header(width: int, height: int, colour_type: int) -> bytes:
    return _SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0))


def _pixel_chunk(samples: NDArray[np.uint8], height: int, row: int) -> bytes:
    """Compress rows of `row` bytes, each after its filter type, which is 0: none (PNG, 9.2)."""
    lines = np.zeros((height, row + 1), dtype=np.uint8)
    lines[:, 1:] = samples.reshape(height, row)
    return _chunk(b"IDAT", isal_zlib.compress(lines, level=_LEVEL))


@lru_cache(maxsize=256)
def _palette_chunks(colours: bytes) -> bytes:
    """Return PLTE and, unless all is opaque, tRNS of RGBA colours (PNG, 11.2.2 and 11.3.1.1)."""
    table = np.frombuffer(colours, dtype=np.uint8).reshape(-1, 4)
    plain = _chunk(b"PLTE", table[:, :3].tobytes())
    return plain if (table[:, 3] == 255).all() else plain + _chunk(b"tRNS", table[:, 3].tobytes())


def _chunk(kind: bytes, content: bytes) -> bytes:
    return b"".join(
        (
            struct.pack(">I", len(content)),
            kind,
            content,
            struct.pack(">I", isal_zlib.crc32(content, isal_zlib.crc32(kind))),
        )
    )


_END: Final = _chunk(b"IEND", b"")
