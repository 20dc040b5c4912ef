"""How the values of a variable are written in a table: unpacked, `NaN` where missing.

Source: CF Conventions 1.11, 2.5.1 (missing data) and 8.1 (packed data).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.packing import Packing
from core.selection.given import Given

Texts = NDArray[np.bytes_]
_DECIMALS: Final = b"%.15g"
"""Of doubles: two more would show what binary numbers make of 0.1."""
_NAN: Final = b"NaN"
_CODES: Final = 2**16
"""That a type may have at most for all of them to be written beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spelling:
    """How one variable is written."""

    given: Given
    packing: Packing | None
    """None for a variable that has none; not used for one that is given out unpacked."""
    table: Texts | None = None
    """The text of each code, by its bits read as an unsigned number; None where they are not known beforehand."""

    def written(self, values: NDArray[Any]) -> Texts:
        """Write values as they are given out; same shape."""
        if self.table is None:
            return self._each(values)
        # A look-up is some twenty times as quick as writing a number.
        found: Texts = self.table[values.view(f"u{values.itemsize}")]
        return found

    @property
    def looked_up(self) -> "Spelling":
        """The same with all texts written beforehand, where its type has few codes; it pays for many values."""
        kind = np.dtype(self.given.dtype)
        if self.given.unpacked or kind.kind not in "iu" or 2 ** (8 * kind.itemsize) > _CODES:
            return self
        codes = np.arange(2 ** (8 * kind.itemsize)).astype(f"u{kind.itemsize}").view(kind)
        return Spelling(given=self.given, packing=self.packing, table=self._each(codes))

    def _each(self, values: NDArray[Any]) -> Texts:
        packing = self.packing
        if self.given.unpacked or packing is None:
            return _marked(spelled(values), values == self.given.fill)
        if packing.packed or values.dtype.kind not in "iu":
            return spelled(packing.unpack(values))
        # Whole numbers have digits that no double does.
        return _marked(spelled(packing.counted(values)), packing.is_missing(values))


def spelled(values: NDArray[Any]) -> Texts:
    """Write numbers with as few digits as tell them apart in their type, doubles with 15; same shape."""
    if values.dtype.kind != "f":
        return values.astype(np.bytes_)
    if values.dtype.itemsize > 4:
        flat = [_DECIMALS % value for value in values.reshape(-1).tolist()]
        found = np.array(flat, dtype=np.bytes_).reshape(values.shape)
    else:
        found = values.astype(np.bytes_)
    return _marked(found, np.isnan(values))


def marked(texts: Texts, missing: NDArray[np.bool_]) -> Texts:
    """Return texts with `NaN` where something is missing."""
    return np.where(missing, np.bytes_(_NAN), texts) if missing.any() else texts


def _marked(texts: Texts, missing: NDArray[np.bool_]) -> Texts:
    """Write what is missing; whatever numpy writes numbers into has room for it."""
    if missing.any():
        texts[missing] = _NAN
    return texts
