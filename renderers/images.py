"""Composes pictures, and encodes them as PNG. Source: PNG, W3C Recommendation, third edition; Porter and Duff 1984."""

import struct
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

Format = Literal["image/png", "image/png; mode=32bit", "image/jpeg", "image/webp", "image/gif"]
"""Of an encoded picture: PNG with a palette of 8 bits or with 32 bits for each pixel, JPEG, WebP without loss, GIF."""
Rgb = tuple[int, int, int]
"""Red, green, blue: 0 to 255."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_RGBA: Final = 6
_PALETTE: Final = 3
"""Colour types (PNG, 11.2.1)."""
_LEVEL: Final = 1
"""Of ISA-L, 0 to 3: higher ones take longer and save next to nothing."""
_FULL: Final = 100.0
"""Percent."""
_PAIRS: Final = 32
"""Pairs of palettes of which the blended colours are kept, 256 KiB each."""

Indexed = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Palette indices, shape (h, w), and their colours, straight RGBA, shape (256, 4)."""


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


def shade(indices: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the colours of palette indices as straight RGBA, shape (h, w, 4)."""
    return _pixels(_whole(colours).take(indices))


def shade_over(lower: Indexed, upper: Indexed) -> NDArray[np.uint8]:
    """Return what `over` makes of two layers that are palette indices with their colours; straight RGBA (h, w, 4).

    Each pair of indices is blended once, not each pixel.
    """
    pairs = lower[0].astype(np.uint16)
    pairs <<= 8
    pairs |= upper[0]
    return _pixels(_blended_pairs(lower[1].tobytes(), upper[1].tobytes()).take(pairs))


@lru_cache(maxsize=_PAIRS)
def _blended_pairs(lower: bytes, upper: bytes) -> NDArray[np.uint32]:
    """Lay each of 256 RGBA colours over each of others; shape (65536,), the lower index counting 256."""
    below, above = (np.frombuffer(colours, dtype=np.uint8).reshape(256, 4) for colours in (lower, upper))
    return _whole(over(np.repeat(below[:, None], 256, axis=1), np.repeat(above[None], 256, axis=0))).reshape(-1)


def over(lower: NDArray[np.uint8], upper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay straight RGBA over straight RGBA of the same shape (..., 4); a new array.

    The exact result of Porter and Duff's "over", rounded once to the nearest integer.
    """
    opacity, below = upper[..., 3], lower[..., 3]
    whole = np.where((opacity == 255) | (below == 0), _whole(upper), _whole(lower))
    partly = (opacity > 0) & (opacity < 255) & (below > 0)
    solid = partly & (below == 255)
    if solid.any():
        # All pixels, since picking those that count takes as long.
        np.copyto(whole, _whole(_blended_over_solid(lower, upper)), where=solid)
    result, faint = _pixels(whole), partly & ~solid
    if faint.any():
        result[faint] = _blended(lower[faint], upper[faint])
    return result


def opaque(pixels: NDArray[np.uint8], background: Rgb) -> NDArray[np.uint8]:
    """Lay straight RGBA, shape (..., 4), over a background; a new array."""
    ground = np.empty_like(pixels)
    ground[...] = (*background, 255)
    return over(ground, pixels)


def dimmed(colours: NDArray[np.uint8], opacity: float) -> NDArray[np.uint8]:
    """Return straight RGBA, shape (..., 4), with `opacity` percent of its own opacity."""
    if opacity == _FULL:
        return colours
    result = colours.copy()
    result[..., 3] = np.rint(colours[..., 3] * (opacity / _FULL))
    return result


def _whole(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Take each RGBA pixel as one number, shape (h, w)."""
    return np.ascontiguousarray(pixels).view(np.uint32)[..., 0]


def _pixels(whole: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Undo `_whole`."""
    return whole.view(np.uint8).reshape(*whole.shape, 4)


def _blended_over_solid(lower: NDArray[np.uint8], upper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blend pixels, shape (..., 4), of which the lower ones are opaque: five times as fast as what holds for all."""
    above = upper[..., 3:].astype(np.uint16)
    mixed = upper * above
    mixed += lower * (255 - above)
    # Divided by 255 and rounded: exact for all that two bytes hold but the last.
    mixed += 127
    mixed += (mixed >> 8) + 1
    mixed >>= 8
    result: NDArray[np.uint8] = mixed.astype(np.uint8)
    result[..., 3] = 255
    return result


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
