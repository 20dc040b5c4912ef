"""What a stored number means: its scale, its offset, and which codes are missing.

Missing on maps and in answers: `_FillValue`, every `missing_value`, what lies outside `valid_min`, `valid_max`
or `valid_range`, NaN, and the type's default fill where the file names no `_FillValue`. Copies keep the raw
codes. Source: CF Conventions 1.11, 2.5.1 and 8.1; NetCDF User Guide, appendix A "Attribute Conventions".
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import Attribute, Attributes, text_of

DEFAULT_FILL: Final[dict[str, int | float]] = {
    "i2": -32767,
    "u2": 65535,
    "i4": -2147483647,
    "u4": 4294967295,
    "i8": -9223372036854775806,
    "u8": 18446744073709551614,
    "f4": 9.969209968386869e36,
    "f8": 9.969209968386869e36,
}
"""netcdf.h; one-byte types have none, since every code may be data."""
_MISSING: Final = ("_FillValue", "missing_value")
_VALID: Final = ("valid_range", "valid_min", "valid_max")

Limit = np.number[Any] | None
Code = int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How the codes of one variable become values, for one slot."""

    dtype: str
    """The stored type, as numpy writes it without byte order: `i2`, `f4`, ..."""
    scale: np.number[Any] | None = None
    """`scale_factor` in its own type, which decides the type of the values."""
    offset: np.number[Any] | None = None
    """`add_offset` in its own type."""
    missing: tuple[int | float, ...] = ()
    """Codes that are missing, exact in the stored type; NaN is always missing and never listed."""
    valid_min: int | float | None = None
    """The least code that is data, counted as `read_as` where that is said."""
    valid_max: int | float | None = None
    """The greatest code that is data, likewise."""
    read_as: str = ""
    """The integer type of the same size as which the bits of codes are to be read, where `_Unsigned` says so."""

    @property
    def packed(self) -> bool:
        """Whether codes are scaled or shifted to become values."""
        return self.scale is not None or self.offset is not None

    def is_missing(self, codes: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which codes are missing; same shape."""
        gone = np.isnan(codes) if codes.dtype.kind == "f" else np.zeros(codes.shape, dtype=np.bool_)
        for code in self.missing:
            gone |= codes == codes.dtype.type(code)
        counted = self.counted(codes)
        if self.valid_min is not None:
            gone |= counted < self.valid_min
        if self.valid_max is not None:
            gone |= counted > self.valid_max
        return gone

    def counted(self, codes: NDArray[Any]) -> NDArray[Any]:
        """Return codes as the numbers that they stand for before scaling: the same bits, signed or unsigned."""
        # Where the byte order is foreign, so is that of the view.
        return codes.view(np.dtype(self.read_as).newbyteorder(codes.dtype.byteorder)) if self.read_as else codes

    @property
    def plain(self) -> "Packing":
        """The packing of codes that were `counted`."""
        if not self.read_as:
            return self
        missing = np.array(self.missing, dtype=self.dtype).view(self.read_as)
        return replace(self, dtype=self.read_as, missing=tuple(missing.tolist()), read_as="")

    def scaled(self, codes: NDArray[Any]) -> NDArray[Any]:
        """Return the values of codes, missing or not, in the type that the packing attributes give (CF 8.1)."""
        codes = self.counted(codes)
        values = codes if self.scale is None else codes * self.scale
        return values if self.offset is None else values + self.offset

    def unpack(self, codes: NDArray[Any]) -> NDArray[Any]:
        """Return the values of codes as floats, NaN where missing; same shape.

        float32 where the values are float32, else float64 (an int64 beyond 2**53 is rounded).
        """
        values = self.scaled(codes)
        floats = values.astype(np.float32 if values.dtype == np.float32 else np.float64)
        floats[self.is_missing(codes)] = np.nan
        return floats


def packing_of(dtype: np.dtype[Any], attributes: Attributes) -> Packing:
    """Read the packing of a numeric variable from its attributes.

    An attribute that is text where a number is due ("0.005") does not count here: the ingest refuses or mends it.
    """
    scale, offset = _number(attributes, "scale_factor"), _number(attributes, "add_offset")
    read_as = _read_as(dtype, attributes)
    if read_as:
        attributes = _reread(attributes, dtype, np.dtype(read_as))
    missing = [*_codes(dtype, attributes, "_FillValue"), *_codes(dtype, attributes, "missing_value")]
    if "_FillValue" not in attributes and dtype.str[1:] in DEFAULT_FILL:
        missing.append(dtype.type(DEFAULT_FILL[dtype.str[1:]]).item())
    packing = Packing(
        dtype=dtype.str[1:],
        scale=scale,
        offset=offset,
        missing=tuple(dict.fromkeys(code for code in missing if code == code)),  # noqa: PLR0124 -- drops NaN
        read_as=read_as,
    )
    low, high = _valid_codes(packing, dtype, *_valid_range(attributes))
    return replace(packing, valid_min=low, valid_max=high)


def _read_as(dtype: np.dtype[Any], attributes: Attributes) -> str:
    """Return the type that `_Unsigned` turns the stored one into; "" where it turns nothing.

    Source: NetCDF Users Guide, appendix A, "_Unsigned"; "false" for an unsigned type is what DAP servers write.
    """
    said = (text_of(attributes, "_Unsigned") or "").lower()
    turned = {("true", "i"): "u", ("false", "u"): "i"}.get((said, dtype.kind))
    return f"{turned}{dtype.itemsize}" if turned else ""


def _reread(attributes: Attributes, stored: np.dtype[Any], meant: np.dtype[Any]) -> Attributes:
    """Return the attributes with codes in the stored type, and limits in the one that is meant.

    Either may be written in either type.
    """
    found = dict(attributes)
    for names, old, new in ((_MISSING, meant, stored), (_VALID, stored, meant)):
        for name in names:
            if name in found and found[name].type == old.name:
                data = found[name].numbers.astype(old).view(new).astype(new.newbyteorder("<"))
                found[name] = Attribute(type=new.name, data=data.tobytes())
    return found


def _number(attributes: Attributes, name: str) -> np.number[Any] | None:
    found = attributes.get(name)
    return None if found is None or found.numbers.size != 1 else found.numbers[0]


def _codes(dtype: np.dtype[Any], attributes: Attributes, name: str) -> list[int | float]:
    """Return the codes named by an attribute, as the stored type holds them; those it cannot hold never occur."""
    found = attributes.get(name)
    if found is None:
        return []
    with np.errstate(over="ignore", invalid="ignore"):
        cast = found.numbers.astype(dtype)
    same = (cast == found.numbers) | (dtype.kind == "f")
    return [code.item() for code, exact in zip(cast, same, strict=True) if exact]


def _valid_range(attributes: Attributes) -> tuple[Limit, Limit]:
    both = attributes.get("valid_range")
    if both is not None and both.numbers.size == 2:
        return both.numbers[0], both.numbers[1]
    return _number(attributes, "valid_min"), _number(attributes, "valid_max")


def _valid_codes(packing: Packing, dtype: np.dtype[Any], low: Limit, high: Limit) -> tuple[Code, Code]:
    """Return the least and the greatest code that is data."""
    real = any(limit is not None and limit.dtype.kind == "f" for limit in (low, high))
    if dtype.kind in "iu" and packing.packed and real:
        return _packed(packing, low, high)
    return _plain(low), _plain(high)


def _packed(packing: Packing, low: Limit, high: Limit) -> tuple[Code, Code]:
    """Turn a range in unpacked units, as its type tells, into codes."""
    scale = 1.0 if packing.scale is None else float(packing.scale)
    offset = 0.0 if packing.offset is None else float(packing.offset)
    first, last = (None if limit is None else (limit - offset) / scale for limit in (_plain(low), _plain(high)))
    if scale < 0:
        first, last = last, first
    # A limit is meant to admit the code that rounds to it: half a step of slack against float32 limits.
    return (
        None if first is None else float(np.ceil(first - 0.5)),
        None if last is None else float(np.floor(last + 0.5)),
    )


def _plain(limit: Limit) -> Code:
    if limit is None or np.isnan(limit):
        return None
    return int(limit) if limit.dtype.kind in "iu" else float(limit)
