"""The pictures that an overlay is cut into: squares of longitude and latitude, each cut into four of the next level.

No picture crosses the date line, since 180 degrees is where squares of every level end; none goes beyond a pole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log2, sqrt
from typing import Final

from core.extent import Extent

SIDE: Final = 512
"""Pixels of a whole square."""
DEEPEST: Final = 12
"""The last level at all: pixels of 10 m."""
_WHOLE: Final = 180.0
"""Degrees of a square of level 0, of which there are two."""
_DECIMALS: Final = 9
"""Of degrees: a tenth of a millimetre."""
_PER_CELL: Final = 2.0
"""Pixels along a cell from which on a finer picture would show nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One square."""

    level: int
    """From 0; each has half the side of the one before."""
    column: int
    """From -180 degrees eastwards."""
    row: int
    """From 90 degrees southwards."""

    @property
    def box(self) -> Extent:
        """The place of the square, exact in binary."""
        side = _side(self.level)
        west, north = self.column * side - 180.0, 90.0 - self.row * side
        return Extent(west=west, south=north - side, east=west + side, north=north)

    @property
    def quarters(self) -> "tuple[Tile, ...]":
        """The four squares of the next level."""
        return tuple(
            Tile(level=self.level + 1, column=2 * self.column + right, row=2 * self.row + down)
            for down in (0, 1)
            for right in (0, 1)
        )

    def part(self, extent: Extent) -> Extent | None:
        """Return what the square shows of an extent; None where that is nothing."""
        box = self.box
        west, south = max(box.west, extent.west), max(box.south, extent.south)
        east, north = min(box.east, extent.east), min(box.north, extent.north)
        if west >= east or south >= north:
            return None
        return Extent(west=west, south=south, east=east, north=north)

    def size(self, part: Extent) -> tuple[int, int]:
        """Return width and height in pixels of the picture of a part of the square."""
        side = _side(self.level)
        width, height = (part.east - part.west) / side, (part.north - part.south) / side
        return max(1, round(width * SIDE)), max(1, round(height * SIDE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pyramid:
    """All squares of one extent, from the few that hold it whole to those that show its single cells."""

    extent: Extent
    """Within -180 to 180 and -90 to 90."""
    first: int
    """Level of the coarsest pictures, at most two by two."""
    last: int
    """Level of the finest."""

    @classmethod
    def of(cls, extent: Extent, cells: tuple[int, int]) -> "Pyramid":
        """Cut an extent with so many rows and columns of cells."""
        # Edges that were computed may lie a hair beyond the edge of a square, which would be a picture of nothing.
        west, south, east, north = (
            round(side, _DECIMALS) for side in (extent.west, extent.south, extent.east, extent.north)
        )
        extent = Extent(west=west, south=south, east=east, north=north)
        width, height = east - west, north - south
        cell = min(width / cells[1], height / cells[0])
        first = min(max(0, int(log2(_WHOLE / max(width, height)))), DEEPEST)
        last = ceil(log2(_WHOLE * _PER_CELL / (SIDE * cell)))
        return cls(extent=extent, first=first, last=min(max(first, last), DEEPEST))

    def coarsest(self) -> tuple[Tile, ...]:
        """Return the squares of the first level."""
        columns, rows = 2 << self.first, 1 << self.first
        side = _side(self.first)
        west, north = int((self.extent.west + 180.0) / side), int((90.0 - self.extent.north) / side)
        near = (
            Tile(level=self.first, column=column, row=row)
            for row in range(north, min(north + 2, rows))
            for column in range(west, min(west + 2, columns))
        )
        return tuple(tile for tile in near if tile.part(self.extent) is not None)

    def below(self, tile: Tile) -> Iterator[Tile]:
        """Yield the quarters of a square that show anything; none of a square of the last level."""
        if tile.level < self.last:
            yield from (quarter for quarter in tile.quarters if quarter.part(self.extent) is not None)

    def holds(self, tile: Tile) -> bool:
        """Tell whether a square is one of these."""
        columns, rows = 2 << tile.level, 1 << tile.level
        there = self.first <= tile.level <= self.last and tile.column < columns and tile.row < rows
        return there and tile.part(self.extent) is not None


def breadth(size: tuple[int, int]) -> int:
    """Return the side of a square of as many pixels: what KML compares with the place a region takes on the screen.

    Source: OGC 07-147r2, 11.6 (minLodPixels is the square root of an area).
    """
    return max(1, round(sqrt(size[0] * size[1])))


def _side(level: int) -> float:
    return _WHOLE / (1 << level)
