"""NetCDF attributes as exact values: type and bytes, nothing rounded or re-encoded.

Source: NetCDF User Guide, "Attributes"; CF Conventions 1.11, 2.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHAR = "char"
STRING = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute as the file holds it."""

    type: str
    """`char`, `string`, or the numpy name of a number type: int8 ... uint64, float32, float64."""
    data: bytes = b""
    """Characters as stored, or numbers in little-endian order; empty for `string`."""
    strings: tuple[str, ...] = ()
    """The elements of a `string` attribute, else empty."""

    @property
    def numbers(self) -> NDArray[Any]:
        """The numbers, shape (n,), in their own type; empty for text."""
        if self.type in (CHAR, STRING):
            return np.empty(0)
        return np.frombuffer(self.data, dtype=np.dtype(self.type).newbyteorder("<"))

    @property
    def text(self) -> str | None:
        """The text, without trailing NULs; None for numbers. Bytes that are not UTF-8 are read as Latin-1."""
        if self.type == STRING:
            return self.strings[0] if len(self.strings) == 1 else None
        if self.type != CHAR:
            return None
        stripped = self.data.rstrip(b"\0")
        try:
            return stripped.decode("utf-8")
        except UnicodeDecodeError:
            return stripped.decode("latin-1")


Attributes = Mapping[str, Attribute]
"""By name, in the order of the file."""


def text_of(attributes: Attributes, *names: str) -> str | None:
    """Return the first of `names` that is there as text that is not blank."""
    for name in names:
        attribute = attributes.get(name)
        if attribute is not None and attribute.text and attribute.text.strip():
            return attribute.text.strip()
    return None
