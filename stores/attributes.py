"""NetCDF attributes as JSON, exact to type and byte: {"type": "float32", "value": [0.001]}.

Plain JSON attributes lose NaN and infinity, the width of a number, and bytes that are not UTF-8. Numbers that JSON
lacks are written as in Zarr: "NaN", "Infinity", "-Infinity", and the bits of any other NaN, "0x7fa00001".
Source: Zarr core specification v3.1, "Fill value" (floating-point numbers).
"""

import base64
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import CHAR, STRING, Attribute

_SPECIAL: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_NUMBERS: Final = frozenset(
    f"{kind}{bits}" for kind, sizes in {"int": (8, 16, 32, 64), "uint": (8, 16, 32, 64), "float": (32, 64)}.items()
    for bits in sizes
)  # fmt: skip


def write_attribute(attribute: Attribute) -> dict[str, Any]:
    """Return `attribute` as JSON has it: a list of numbers or of texts, or one text for characters."""
    if attribute.type == STRING:
        return {"type": STRING, "value": list(attribute.strings)}
    if attribute.type != CHAR:
        return {"type": attribute.type, "value": write_numbers(attribute.numbers)}
    try:
        return {"type": CHAR, "value": attribute.data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"type": CHAR, "encoding": "base64", "value": base64.b64encode(attribute.data).decode("ascii")}


def read_attribute(document: dict[str, Any]) -> Attribute:
    """Return what `write_attribute` has written.

    Raises:
        ValueError, KeyError, TypeError: it is something else.

    """
    kind, value = document["type"], document["value"]
    if kind == STRING:
        return Attribute(type=STRING, strings=tuple(value))
    if kind != CHAR:
        return Attribute(type=kind, data=read_numbers(value, kind).tobytes())
    if document.get("encoding") == "base64":
        return Attribute(type=CHAR, data=base64.b64decode(value, validate=True))
    return Attribute(type=CHAR, data=value.encode("utf-8"))


def write_numbers(numbers: NDArray[Any]) -> list[int | float | str]:
    """Return numbers, shape (n,), as JSON has them."""
    if numbers.dtype.kind != "f":
        return [int(number) for number in numbers]
    bits = numbers.view(_bits(numbers.dtype))
    return [_write_float(number, int(word)) for number, word in zip(numbers, bits, strict=True)]


def read_numbers(values: list[int | float | str], dtype: str) -> NDArray[Any]:
    """Return numbers of `dtype`, little-endian, shape (n,), every bit as it was written.

    Raises:
        ValueError, TypeError, OverflowError: they are not numbers of `dtype`.

    """
    if dtype not in _NUMBERS:
        raise ValueError(f"{dtype!r} is not a type of numbers")
    numbers = np.zeros(len(values), dtype=np.dtype(dtype).newbyteorder("<"))
    for index, value in enumerate(values):
        if isinstance(value, str) and value.startswith("0x"):
            numbers.view(_bits(numbers.dtype))[index] = int(value, 16)
        else:
            numbers[index] = read_float(value) if numbers.dtype.kind == "f" else value
    return numbers


def write_float(value: float) -> float | str:
    """Return a double as JSON has it; the bits of a NaN do not matter."""
    if np.isfinite(value):
        return float(value)
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def read_float(value: float | str) -> float:
    """Return what `write_float` has written.

    Raises:
        ValueError: it is not a number.

    """
    if isinstance(value, str):
        if value not in _SPECIAL:
            raise ValueError(f"{value[:32]!r} is not a number")
        return _SPECIAL[value]
    return float(value)


def _write_float(number: np.floating[Any], word: int) -> float | str:
    if np.isnan(number):
        canonical = int(np.array(np.nan, dtype=number.dtype).view(_bits(number.dtype)))
        return "NaN" if word == canonical else f"0x{word:0{number.dtype.itemsize * 2}x}"
    if np.isinf(number):
        return write_float(float(number))
    # The fewest digits that a reader turns into the same bits: 0.001, not 0.0010000000474974513.
    short = float(str(number))
    return short if number.dtype.type(short) == number else float(number)


def _bits(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(f"{dtype.byteorder}u{dtype.itemsize}")
