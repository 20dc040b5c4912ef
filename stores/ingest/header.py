"""What the header of one source file says, before anything is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.attributes import Attributes, text_of
from core.dataset import Description
from core.packing import Packing
from core.time import Calendar
from stores.ingest.names import group_of, outwards, resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class RawVariable:
    """One variable as the file declares it."""

    name: str
    """Path from the root: `data_01/ku/ssha`."""
    dtype: str
    """numpy's name without byte order (`i2`, `f4`), `S1` for characters, `str` for strings."""
    dimensions: tuple[str, ...]
    """Paths from the root."""
    shape: tuple[int, ...]
    attributes: Attributes

    @property
    def group(self) -> str:
        """Path of the group that it is in; "" is the root."""
        return group_of(self.name)

    @property
    def short(self) -> str:
        """Its name in its group, in lower case."""
        return self.name.rpartition("/")[2].lower()

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
    """By path."""
    variables: Mapping[str, RawVariable]
    """By path."""
    unlimited: tuple[str, ...] = ()
    """Dimensions that may grow."""
    groups: Mapping[str, Attributes] = field(default_factory=dict)
    """Attributes of each group but the root, by path, outer groups first."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What cannot be taken, and why: variables by path, attributes as CDL writes them (`t:flags`, `:history`)."""

    def named(self, variable: RawVariable, attribute: str) -> list[RawVariable]:
        """Return the variables that the words of an attribute name, those that are there."""
        found = (resolved(self.variables, variable.group, word) for word in variable.words(attribute))
        return [self.variables[name] for name in found if name is not None]

    def mappings(self, variable: RawVariable) -> list[RawVariable]:
        """Return the grid mappings of a variable; `crs: x y` names `crs` alone (CF 5.6, extended form)."""
        words = variable.words("grid_mapping")
        extended = [word.removesuffix(":") for word in words if word.endswith(":")]
        found = (resolved(self.variables, variable.group, word) for word in extended or words)
        return [self.variables[name] for name in found if name is not None]

    def along(self, dimension: str, *, seen_from: str | None = None) -> list[RawVariable]:
        """Return the variables along one dimension alone: the coordinate variable proper, then auxiliary ones.

        Only those in the group `seen_from` and the groups around it, the nearest first; None is everywhere.
        """
        found = [variable for variable in self.variables.values() if variable.dimensions == (dimension,)]
        if seen_from is not None:
            near = list(outwards(seen_from))
            found = sorted((each for each in found if each.group in near), key=lambda each: near.index(each.group))
        return sorted(found, key=lambda each: each.name != dimension)

    def visible(self, group: str) -> list[RawVariable]:
        """Return the variables in a group and the groups around it, the nearest first."""
        near = list(outwards(group))
        found = [variable for variable in self.variables.values() if variable.group in near]
        return sorted(found, key=lambda variable: near.index(variable.group))

    def without(self, names: Mapping[str, str]) -> "RawFile":
        """Return the file without some variables, and why."""
        kept = {name: variable for name, variable in self.variables.items() if name not in names}
        return replace(self, variables=kept, left_out={**self.left_out, **names})


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
    """What cannot be taken, and why; it is not in `description`. As `RawFile.left_out`."""
    remarks: tuple[str, ...] = ()
    """What a provider may not expect, in words: a time that cannot be told, say."""
