"""Chlorophyll as a satellite sees it: four decades from gyres to river mouths, filaments, clouds, the dark pole."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from demo import climate, regions
from demo.coast import Coast
from demo.days import angle, elapsed, summer
from demo.grid import Field, Grid, Mask, steps
from demo.ice import Ice
from demo.noise import noise
from demo.stirring import Sea

LOW, HIGH = 0.01, 60.0
"""mg m-3: nothing lies beyond."""

_BACKGROUND: climate.Profile = (
    (-80, -0.5), (-70, -0.6), (-60, -0.75), (-52, -0.6), (-44, -0.45), (-38, -0.65), (-30, -1.1), (-22, -1.35),
    (-14, -1.15), (-7, -0.85), (0, -0.7), (6, -0.9), (12, -1.1), (20, -1.3), (27, -1.3), (33, -1.0), (38, -0.6),
    (44, -0.3), (52, -0.2), (60, -0.15), (68, -0.1), (75, -0.2), (90, -0.5),
)  # fmt: skip
"""Degrees north, log10 of mg m-3."""

_BLOOMS = (
    climate.Place(lon=-30, lat=52, wide=30, high=10, mean=0.15, summer=0.15),
    climate.Place(lon=5, lat=63, wide=25, high=9, mean=0.2, summer=0.15),
    climate.Place(lon=160, lat=47, wide=25, high=8, mean=0.25, summer=0.1),
    climate.Place(lon=-60, lat=-47, wide=16, high=9, mean=0.5, summer=-0.25),
    climate.Place(lon=-36, lat=-53, wide=12, high=4, mean=0.5, summer=-0.25),
    climate.Place(lon=72, lat=-49, wide=11, high=4, mean=0.45, summer=-0.2),
    climate.Place(lon=15, lat=-42, wide=30, high=3.5, mean=0.2, summer=-0.1),
    climate.Place(lon=160, lat=-43, wide=25, high=4, mean=0.15, summer=-0.1),
    climate.Place(lon=-115, lat=-26, wide=24, high=9, mean=-0.5),
    climate.Place(lon=160, lat=17, wide=35, high=8, mean=-0.25),
    climate.Place(lon=-62, lat=26, wide=16, high=7, mean=-0.25),
    climate.Place(lon=80, lat=-24, wide=18, high=8, mean=-0.15),
    climate.Place(lon=26, lat=34, wide=9, high=3, mean=-0.35),
    climate.Place(lon=170, lat=2, wide=25, high=6, mean=-0.35),
    climate.Place(lon=-52, lat=5, wide=7, high=4, mean=0.9, summer=0.2),
    climate.Place(lon=11, lat=-6, wide=3, high=3, mean=0.6),
    climate.Place(lon=20, lat=58, wide=8, high=5, mean=0.6, summer=0.2),
    climate.Place(lon=50, lat=44, wide=4, high=4, mean=0.6),
    climate.Place(lon=31, lat=45, wide=4, high=2, mean=0.6),
    climate.Place(lon=122, lat=34, wide=5, high=6, mean=0.4),
)
"""Where it differs from its latitude, log10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What does not change from day to day, float32."""

    patches: Field
    """Random patchiness of the growth, about unit variance."""
    coastal: Field
    """Log10 of the enrichment near land."""


def basis(grid: Grid, coast: Coast) -> Basis:
    """Prepare the unchanging part."""
    near = 0.75 * np.exp(-coast.mainland / 60.0) + 0.5 * np.exp(-coast.mainland / 220.0)
    patches = noise(grid, 51, km=700, octaves=5)
    varied = np.clip(1 + 0.5 * noise(grid, 52, km=1500, octaves=2), 0.2, 2.0)
    return Basis(patches=patches, coastal=near * varied + 0.1 * np.exp(-coast.distance / 60.0))


def chlorophyll(grid: Grid, basis: Basis, sea: Sea, day: date) -> Field:
    """Return the mass concentration of chlorophyll at the surface, mg m-3, everywhere."""
    season = summer(day)
    grown = regions.profile(grid, _BACKGROUND) + regions.places(grid, _BLOOMS, season)
    # A spring bloom moves polewards in either hemisphere, a little before the sea is warmest.
    year = angle(day)
    bloom = np.cos(year - np.where(grid.column > 0, 2.5, 5.6) - 0.02 * (np.abs(grid.column) - 45))
    grown = grown + 0.3 * bloom * steps(32.0, 50.0, np.abs(grid.column))
    fed = regions.places(grid, climate.UPWELLING, season)
    grown = grown + 0.95 * np.tanh(fed / 3.6) + basis.coastal + 0.26 * basis.patches
    drawn = sea.stirring.stir(grown.astype(np.float32), count=14, restore=0.06)
    # Hollows lift nutrients into the light; hills press them down.
    drawn = drawn - 0.9 * sea.flow.eddy - 0.7 * sea.flow.front
    amount: Field = np.clip(10.0**drawn, LOW, HIGH).astype(np.float32)
    return amount


def seen(grid: Grid, ice: Ice, day: date) -> Mask:
    """Return where the sea can be seen: no cloud, no ice, the sun high enough at noon."""
    declination = 23.44 * np.sin(angle(day) - 1.38)
    noon = 90.0 - np.abs(grid.column - declination)
    moving = 450.0 * elapsed(day)
    cloud = noise(grid, 53, km=2600, octaves=6, shift=moving)
    # More often under the storm tracks and the convergence zone than over the trades.
    often = 0.35 * np.exp(-(((np.abs(grid.column) - 55) / 14.0) ** 2)) + 0.15 * np.exp(
        -(((grid.column - 6) / 4.0) ** 2)
    )
    clear: Mask = (cloud < 1.15 - often) & (noon > 18.0 + 0.7 * cloud) & (ice.concentration < 0.1)
    return clear
