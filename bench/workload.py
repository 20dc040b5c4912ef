"""What is asked for: places, times and levels, random from a fixed seed, so that no answer that is kept can serve."""

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import netCDF4
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from bench import field

EDGE: Final = 20037508.342789244
LOW, HIGH = 0.0, 30.0
ASKED: Final = (0, 4)
"""Levels of the packed field that are asked for: with their overviews, 24 fields fill 0.6 GB of a cache."""
TIMES: Final = tuple(f"2015-01-{1 + step:02d}T00:00:00" for step in range(field.STEPS))
_ZOOMS: Final = (0.03, 0.12, 0.2, 0.25, 0.2, 0.1, 0.1)
"""Shares of the zooms 1 to 7."""
_COARSE: Final = 6
"""Cells of the sea mask are this many of the field wide."""

Floats = NDArray[np.floating[Any]]
Sea = NDArray[np.bool_]
"""Where every 6th cell of the field is sea, (row, column)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One picture of the field."""

    crs: str
    bbox: tuple[float, float, float, float]
    """West, south, east, north in the system's units."""
    size: tuple[int, int]
    """Width and height."""
    step: int
    level: int
    """Index into the depths of the packed field."""
    tile: tuple[int, int, int] | None = None
    """Zoom, column, row of a web map tile."""


def sea_of(source: Path) -> Sea:
    """Read where there is sea."""
    with netCDF4.Dataset(source) as file:
        file.set_auto_maskandscale(False)
        return np.asarray(file["thetao"][0, 0][::_COARSE, ::_COARSE] != field.FILL)


def everywhere() -> Sea:
    """Return a mask under which no place is left out for its land."""
    return np.ones((-(-field.NY // _COARSE), field.NX // _COARSE), dtype=np.bool_)


def tiles(count: int, seed: int, sea: Sea, levels: tuple[int, ...] = ASKED) -> list[Place]:
    """Choose different web map tiles of 256 x 256 with at least a quarter of sea."""
    chosen = random.Random(seed)
    found: dict[tuple[tuple[int, int, int], int, int], Place] = {}
    while len(found) < count:
        zoom = chosen.choices(range(1, 8), _ZOOMS)[0]
        column, row = chosen.randrange(2**zoom), chosen.randrange(2**zoom)
        step, level = chosen.randrange(field.STEPS), chosen.choice(levels)
        side = 2 * EDGE / 2**zoom
        west, north = -EDGE + column * side, EDGE - row * side
        bbox = (west, north - side, west + side, north)
        tile = (zoom, column, row)
        place = Place(crs="EPSG:3857", bbox=bbox, size=(256, 256), step=step, level=level, tile=tile)
        if _share_of_sea(place, sea) >= 0.25:
            found[tile, step, level] = place
    return list(found.values())


def maps(count: int, seed: int, sea: Sea, crs: str = "EPSG:3857") -> list[Place]:
    """Choose maps of 1024 x 768, as a desktop client asks for them, with at least a quarter of sea."""
    chosen = random.Random(seed)
    found: list[Place] = []
    while len(found) < count:
        bbox = _desktop(chosen) if crs == "EPSG:3857" else _polar(chosen)
        step, level = chosen.randrange(field.STEPS), chosen.choice(ASKED)
        place = Place(crs=crs, bbox=bbox, size=(1024, 768), step=step, level=level)
        if max(map(abs, bbox)) <= EDGE and _share_of_sea(place, sea) >= 0.25:
            found.append(place)
    return found


def _desktop(chosen: random.Random) -> tuple[float, float, float, float]:
    metres = math.exp(chosen.uniform(math.log(1500), math.log(25000)))
    west, south = chosen.uniform(-EDGE, EDGE), chosen.uniform(-EDGE * 0.75, EDGE * 0.8)
    return west, south, west + 1024 * metres, south + 768 * metres


def _polar(chosen: random.Random) -> tuple[float, float, float, float]:
    metres = math.exp(chosen.uniform(math.log(1500), math.log(8000)))
    x, y = chosen.uniform(-3e6, 3e6), chosen.uniform(-3e6, 3e6)
    return x - 512 * metres, y - 384 * metres, x + 512 * metres, y + 384 * metres


def places_of(place: Place, columns: Floats, rows: Floats) -> tuple[NDArray[np.float64], ...]:
    """Return longitudes and latitudes, each (rows, columns), of places counted in pixels from the top left corner."""
    west, south, east, north = place.bbox
    x = west + columns * (east - west) / place.size[0]
    y = north - rows * (north - south) / place.size[1]
    across, down = np.meshgrid(x, y)
    longitudes, latitudes = Transformer.from_crs(place.crs, "EPSG:4326", always_xy=True).transform(across, down)
    return np.asarray(longitudes), np.asarray(latitudes)


def cells(longitudes: NDArray[np.float64], latitudes: NDArray[np.float64]) -> tuple[NDArray[np.int_], ...]:
    """Return rows and columns of the cells there; a row may lie outside the field."""
    rows = np.rint((latitudes + 80) * 12).astype(int)
    columns = np.rint((longitudes + 180) * 12).astype(int) % field.NX
    return rows, columns


def _share_of_sea(place: Place, sea: Sea) -> float:
    pixels = [(np.arange(8) + 0.5) * side / 8 for side in place.size]
    rows, columns = cells(*places_of(place, pixels[0], pixels[1]))
    inside = (rows >= 0) & (rows < field.NY)
    there = sea[np.clip(rows, 0, field.NY - 1) // _COARSE, columns // _COARSE]
    return float(np.mean(there & inside))


def path_of(place: Place, layers: str = "bench/thetao", scale: str = f"{LOW},{HIGH}", more: str = "") -> str:
    """Write the GetMap that our server understands; `layers` may be several, which share style and scale."""
    styles = ",".join(["default-scalar/turbo"] * (layers.count(",") + 1))
    return (
        f"/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={layers}&STYLES={styles}&CRS={place.crs}"
        f"&BBOX={','.join(map(repr, place.bbox))}&WIDTH={place.size[0]}&HEIGHT={place.size[1]}&FORMAT=image/png"
        f"&TRANSPARENT=TRUE&TIME={TIMES[place.step]}Z&ELEVATION={-field.DEPTHS[place.level]}"
        f"&COLORSCALERANGE={scale}{more}"
    )
