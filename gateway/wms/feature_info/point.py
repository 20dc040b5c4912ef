"""What one layer holds at a place, as a value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.wms.figures import decimal, shortest

Rows = Sequence[tuple[str, str]]
"""What a person reads: a name and a text, both unescaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointValue:
    """What one layer holds at the place that was asked for."""

    layer: str
    """`dataset/variable`."""
    title: str
    units: str
    """Of `value`, as the file writes them; empty where it does not."""
    standard_name: str | None
    """Of CF."""
    value: float | None
    """In the variable's own type, shortest digits; None where it is missing or there is no cell."""
    meanings: tuple[str, ...] = ()
    """What `value` means, for a flag variable: usually one text, several where flags are bits."""
    longitude: float | None
    """Degrees east of the cell's centre; None where there is no cell."""
    latitude: float | None
    """Degrees north of the cell's centre; None where there is no cell."""
    requested_longitude: float | None
    """Degrees east of the pixel's centre; None where the map shows no place there."""
    requested_latitude: float | None
    """Degrees north of the pixel's centre; None where the map shows no place there."""
    time: str | None
    """ISO 8601, of the step that was taken; None without time."""
    elevation: float | None
    """Of the level that was taken, counted upwards; None without levels."""
    elevation_units: str = ""
    """As the file writes them; empty where it does not."""
    level: int | None = None
    """Number of the level that the value is from, where levels follow the surface and the bottom; else None."""
    level_elevation: float | None = None
    """Height of that level at this place, metres above the datum; None where it is not known."""
    others: tuple[tuple[str, float], ...] = ()
    """Name and value taken of each further dimension."""

    @property
    def rows(self) -> Rows:
        """What was taken, and what was found there, in words; without the layer and the place that was asked for."""
        rows: list[tuple[str, str | None]] = [("Time", self.time)]
        if self.elevation is not None:
            rows.append(("Elevation", f"{decimal(shortest(self.elevation))} {self.elevation_units}".strip()))
        if self.level is not None:
            here = "" if self.level_elevation is None else f" at {decimal(self.level_elevation)} m"
            rows.append(("Level", f"{self.level}{here}"))
        rows += [(f"Dimension {name}", decimal(shortest(place))) for name, place in self.others]
        longitude, latitude = written(self.longitude), written(self.latitude)
        rows.append(("Centre of the cell", f"{longitude}, {latitude}" if longitude and latitude else None))
        rows.append(("Value", self._said()))
        return [(name, text) for name, text in rows if text]

    def _said(self) -> str:
        number = written(self.value)
        if number is None:
            return "none (no cell here)" if finite(self.longitude) is None else "none (no data here)"
        said = f"{number} {self.units}".strip()
        return f"{said} ({', '.join(self.meanings)})" if self.meanings else said


def finite(number: float | None) -> float | None:
    """Return a number that documents can hold; None for the others."""
    return None if number is None or not math.isfinite(number) else number


def written(number: float | None) -> str | None:
    """Write a number with all its digits, whole ones of integer variables as such; None where there is none."""
    return None if number is None or not math.isfinite(number) else repr(number)


def place_rows(values: Sequence[PointValue]) -> Rows:
    """Return the place that was asked for in words, which is the same for all layers."""
    if not values:
        return []
    places = ("Longitude", values[0].requested_longitude), ("Latitude", values[0].requested_latitude)
    return [(name, text) for name, number in places if (text := written(number))]
