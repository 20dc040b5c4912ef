"""Writes composed pictures in every format; PNG by ourselves, the others by Pillow."""

import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from renderers.images import Format, Rgb, opaque, palette_png, rgba_png

_JPEG_QUALITY: Final = 85
_WEBP: Final[dict[str, Any]] = {"lossless": True, "quality": 0, "method": 2}
"""Without a loss `quality` is effort: more of it takes three times as long and saves a twentieth."""
_GIF_COLOURS: Final = 256


def encode_pixels(pixels: NDArray[np.uint8], written: Format, *, background: Rgb, transparent: bool) -> bytes:
    """Encode straight RGBA, shape (h, w, 4).

    Without `transparent`, and in JPEG always, it is laid over the background. GIF knows no partly opaque pixels: those
    are laid over the background even where it is transparent.
    """
    if written == "image/gif":
        return gif(_hardened(pixels, background) if transparent else opaque(pixels, background))
    if not transparent or written == "image/jpeg":
        pixels = opaque(pixels, background)
    if written == "image/jpeg":
        return _jpeg(pixels)
    return _webp(pixels) if written == "image/webp" else rgba_png(pixels)


def encode_palette(
    indices: NDArray[np.uint8],
    colours: NDArray[np.uint8],
    written: Format,
    *,
    background: Rgb,
    transparent: bool,
) -> bytes | None:
    """Encode palette indices, shape (h, w), with their colours (RGBA), shape (256, 4), where the format has a palette.

    None where it has none: then the same picture has to be encoded pixel by pixel.
    """
    if written not in ("image/png", "image/gif"):
        return None
    table = colours if transparent else opaque(colours, background)
    if written == "image/png":
        return palette_png(indices, table)
    return palette_gif(indices, _hardened(table, background))


def palette_gif(indices: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """Encode palette indices, shape (h, w), whose colours (RGBA), shape (n, 4), are opaque or fully transparent.

    Source: GIF89a, 23 (graphic control extension).
    """
    clear = np.flatnonzero(colours[:, 3] == 0)
    if clear.size > 1:
        # One index alone may be transparent (GIF89a, 23).
        one_clear = np.arange(len(colours), dtype=np.uint8)
        one_clear[clear] = clear[0]
        indices = one_clear.take(indices)
    height, width = indices.shape
    picture = Image.frombytes("P", (width, height), np.ascontiguousarray(indices).tobytes())
    picture.putpalette(colours[:, :3].tobytes())
    given = {"transparency": int(clear[0])} if clear.size else {}
    return _saved(picture, "GIF", optimize=False, interlace=0, **given)


def gif(pixels: NDArray[np.uint8]) -> bytes:
    """Encode straight RGBA, shape (h, w, 4), opaque or fully transparent; exactly, where it has at most 256 colours."""
    whole = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    found, indices = np.unique(whole, return_inverse=True)
    if found.size <= _GIF_COLOURS:
        return palette_gif(indices.reshape(whole.shape).astype(np.uint8), found.view(np.uint8).reshape(-1, 4))
    # The median cut is no closer to most colours, and takes sixty times as long.
    fewer = Image.fromarray(np.ascontiguousarray(pixels[..., :3])).quantize(
        _GIF_COLOURS - 1, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    chosen = np.frombuffer(bytes(fewer.getpalette() or ()), dtype=np.uint8).reshape(-1, 3)
    table = np.zeros((_GIF_COLOURS, 4), dtype=np.uint8)
    table[: len(chosen), :3] = chosen
    table[:-1, 3] = 255
    return palette_gif(np.where(pixels[..., 3] == 0, np.uint8(_GIF_COLOURS - 1), np.asarray(fewer)), table)


def _hardened(pixels: NDArray[np.uint8], background: Rgb) -> NDArray[np.uint8]:
    """Lay what is partly opaque over the background, and make what is transparent one colour; shape (..., 4)."""
    result = opaque(pixels, background)
    result[pixels[..., 3] == 0] = 0
    return result


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    # Colours change from pixel to pixel at coasts and fronts: as many samples of them as of brightness.
    return _saved(Image.fromarray(pixels[..., :3].copy()), "JPEG", quality=_JPEG_QUALITY, subsampling="4:4:4")


def _webp(pixels: NDArray[np.uint8]) -> bytes:
    # Without the fourth sample where nothing is transparent, which takes a third less time.
    whole = (pixels[..., 3] == 255).all()
    return _saved(Image.fromarray(pixels[..., :3].copy() if whole else np.ascontiguousarray(pixels)), "WEBP", **_WEBP)


def _saved(picture: Image.Image, name: str, **how: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, name, **how)
    return stream.getvalue()
