"""A part of the Earth, as catalogues and capabilities name it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The part of the Earth that a grid covers, in degrees."""

    west: float
    """From -180 to 180, below `east`; a grid that crosses the date line covers -180 to 180."""
    south: float
    east: float
    north: float
