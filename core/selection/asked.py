"""What a client asks to be cut out of a dataset, with every convention of its protocol settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box in longitude and latitude, in any turn: 350 to 10 and -10 to 10 are one."""

    west: float
    """Degrees east."""
    south: float
    """Degrees north."""
    east: float
    """Degrees east; below `west` the box crosses the seam, 360 or more above it goes round the Earth."""
    north: float
    """Degrees north."""

    @property
    def width(self) -> float:
        """Degrees from west to east, at most 360."""
        across = self.east - self.west
        return 360.0 if across >= 360.0 else across % 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAxes:
    """A box along the axes of a grid in the plane of a projection, in their own units."""

    left: float
    """Least x."""
    low: float
    """Least y."""
    right: float
    """Greatest x."""
    high: float
    """Greatest y."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One place: the cell that holds it."""

    longitude: float
    """Degrees east, in any turn."""
    latitude: float
    """Degrees north."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """All places along an axis from `low` to `high`, with both."""

    low: float | None = None
    """In the axis' own units and direction, milliseconds for time; None is open."""
    high: float | None = None
    """Likewise."""
    stride: int = 1
    """Every so many of them, from the first on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The place along an axis that is nearest to a value, the first of two."""

    value: float
    """In the axis' own units and direction, milliseconds for time."""


Along = Between | Nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """What is asked for; what is None or empty is not cut."""

    variables: tuple[str, ...] = ()
    """As requests call them; all fields where it is empty."""
    place: Box | OnAxes | Point | None = None
    stride: int = 1
    """Every so many rows and columns, from the first that is in the box on."""
    time: Along | None = None
    """In milliseconds since 1970-01-01T00:00:00 in the calendar of the dataset."""
    vertical: Along | None = None
    """Along the vertical axis of each field."""
    height: float | None = None
    """At which the level is sought time by time, metres above the datum: of a point whose levels follow the bottom."""
    others: Mapping[str, Along] = field(default_factory=dict)
    """By dimension, of those that are neither time, place nor vertical."""
