"""What the header of one source file says, before anything is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.attributes import Attributes, text_of
from core.dataset import Description
from core.packing import Packing
from core.time import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class RawVariable:
    """One variable as the file declares it."""

    name: str
    dtype: str
    """numpy's name without byte order (`i2`, `f4`), `S1` for characters, `str` for strings."""
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    attributes: Attributes

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.dtype not in ("S1", "str")

    @property
    def units(self) -> str:
        """As written; empty where there are none."""
        return text_of(self.attributes, "units") or ""

    @property
    def standard_name(self) -> str:
        """In lower case; empty where there is none."""
        return (text_of(self.attributes, "standard_name") or "").lower()

    def words(self, attribute: str) -> list[str]:
        """Return the blank-separated words of a text attribute."""
        return (text_of(self.attributes, attribute) or "").split()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """One file as it declares itself."""

    name: str
    """Of the file, without folders; for messages."""
    attributes: Attributes
    dimensions: Mapping[str, int]
    variables: Mapping[str, RawVariable]


class Values(Protocol):
    """Reads a variable."""

    def __call__(self, variable: str) -> NDArray[Any]:
        """Return all of a variable, raw: neither masked nor scaled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Header:
    """What the ingest knows of a file before it reads the fields."""

    description: Description
    """Curvilinear grids are still without their index (`buckets` is 0)."""
    calendar: Calendar
    times: NDArray[np.int64]
    """Milliseconds, shape (n,), in file order; one 0 for a file without time."""
    packings: Mapping[str, Packing]
    """Of each numeric variable."""
    coordinates: str
    """Digest of the horizontal coordinates of all grids."""
    fixed: str
    """Digest of all variables that have no time, in a file that has one; else empty."""
    reference: int | None = None
    """Reference time of the forecast run, milliseconds in `calendar`; None where the file names none."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Variables that cannot be taken, and why; they are not in `description`."""
