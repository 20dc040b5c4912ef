"""From stored codes to palette indices in one look-up, or in a few passes where a look-up table would be too large."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.packing import Packing
from renderers.palettes import palette
from renderers.scale import Scale

BELOW: Final = 253
ABOVE: Final = 254
MISSING: Final = 255
"""Palette indices beside those of the colours, which are 0 to `bands` - 1."""

_FINE: Final = 64
"""Single precision will do where a band is at least this many times as wide as the gap between two numbers."""
_SMALLEST: Final = 1e-30
_LARGEST: Final = 1e30
"""Beyond these, single precision would over- or underflow on the way."""


def code_table(packing: Packing, scale: Scale) -> NDArray[np.uint8]:
    """Return the palette index of every code of a one- or two-byte integer type.

    Returns:
        Shape (256,) or (65536,), addressed by the code taken as unsigned (`codes.view(uint16)`).

    """
    dtype = np.dtype(packing.dtype)
    unsigned = np.arange(1 << (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
    return indices(unsigned.view(dtype), packing, scale, None)


def indices(codes: NDArray[Any], packing: Packing, scale: Scale, table: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Return the palette index of each code; a new array of the same shape.

    Infinite values are above or below the scale, NaN is missing. Values are compared in their own precision: for
    single precision, a value within 5e-7 * max(|low|, |high|) of the edge of a band may fall on either side; on a
    logarithmic scale, within 1e-6 * (1 + log(high / low)) of the value itself.

    Args:
        codes: as stored, in any of NetCDF's number types.
        packing: what they mean.
        scale: the colours.
        table: of `code_table` for the same packing and scale, or None to compute.

    """
    if table is not None:
        native = codes if codes.dtype.isnative else codes.astype(codes.dtype.newbyteorder("="))
        return table.take(native.view(f"u{native.dtype.itemsize}"))
    # Missing codes may be anything: what they overflow to is never looked at.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = _classified(packing.scaled(codes), scale)
    np.copyto(found, MISSING, where=packing.is_missing(codes))
    return found


def _classified(values: NDArray[Any], scale: Scale) -> NDArray[np.uint8]:
    """Return palette indices of values; NaN becomes any index."""
    real = np.float32 if values.dtype == np.float32 and _is_fine(scale) else np.float64
    values = values.astype(real, copy=False)
    low, high = real(scale.low), real(scale.high)
    # From `low` on, so that digits are lost neither near it nor in narrow ranges far from zero.
    if scale.log:
        position = np.divide(values, low)
        np.log(position, out=position)
        position *= real(scale.bands / np.log1p((scale.high - scale.low) / scale.low))
    else:
        position = np.subtract(values, low)
        position *= real(scale.bands / (scale.high - scale.low))
    found: NDArray[np.uint8] = position.astype(np.uint8)
    # `high` itself belongs to the last band.
    np.minimum(found, np.uint8(scale.bands - 1), out=found)
    np.copyto(found, BELOW, where=values < low)
    np.copyto(found, ABOVE, where=values > high)
    return found


@lru_cache(maxsize=256)
def _is_fine(scale: Scale) -> bool:
    """Tell whether single precision tells the bands of a scale apart."""
    largest = max(abs(scale.low), abs(scale.high))
    if scale.log:
        narrowest, at = scale.low * np.expm1(np.log1p((scale.high - scale.low) / scale.low) / scale.bands), scale.low
        within = scale.low > _SMALLEST and scale.high < _LARGEST and scale.high / scale.low < _LARGEST
    else:
        narrowest, at = (scale.high - scale.low) / scale.bands, largest
        within = narrowest > _SMALLEST and largest < _LARGEST
    return bool(within and narrowest > _FINE * np.spacing(np.float32(at)))


@lru_cache(maxsize=256)
def colours(scale: Scale) -> NDArray[np.uint8]:
    """Return red, green, blue, opacity of every palette index, shape (256, 4), read-only; unused ones are 0."""
    chosen = palette(scale.palette)[np.rint(np.linspace(0, 255, scale.bands)).astype(np.intp)]
    table = np.zeros((256, 4), dtype=np.uint8)
    table[: scale.bands, :3] = chosen
    table[: scale.bands, 3] = 255
    table[BELOW] = table[0] if scale.below is None else scale.below
    table[ABOVE] = table[scale.bands - 1] if scale.above is None else scale.above
    table[MISSING] = scale.missing
    table.setflags(write=False)
    return table
