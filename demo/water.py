"""Temperature and salinity: climate at the surface, stirred by the currents, fading to the abyss over a thermocline."""

from dataclasses import dataclass

import numpy as np

from demo import climate, regions
from demo.days import summer
from demo.grid import Field, Grid, steps
from demo.ice import Ice
from demo.noise import noise
from demo.stirring import Sea

FREEZING = -1.9
"""degC: no water is colder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What does not change from day to day; all float32, shape (ny, nx) or (ny, 1)."""

    patches: Field
    """Random weather of the surface, about unit variance."""
    thermocline: Field
    """Metres over which the surface's character fades, before the currents heave it."""
    polar: Field
    """0 in the warm ocean to 1 where the abyss reaches the surface."""
    arctic: Field
    """0 to 1: the northern one of the two."""
    own: Field
    """0 to 1: in a sea with its own deep water."""
    own_cold: Field
    """Temperature of that water, degC."""
    own_salt: Field
    """Salinity of the surface of that sea."""
    own_deep: Field
    """Salinity below its sill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Water at the surface on one day."""

    temperature: Field
    """degC; may be below freezing, but not by more than ice allows."""
    season: Field
    """What the time of year adds to it, degC, shape (ny, 1)."""
    salinity: Field
    """Practical salinity."""


def basis(grid: Grid) -> Basis:
    """Prepare the unchanging part."""
    own, cold, salt, deep = (np.zeros(grid.shape, dtype=np.float32) for _ in range(4))
    for sea in climate.SEAS:
        part = regions.share(grid, sea)
        east, north = np.mean(np.array(sea.outline), axis=0)
        here = sea.salinity + sea.eastward * grid.offset(float(east)) + sea.northward * (grid.column - float(north))
        here = np.clip(here.astype(np.float32), 2.5, 41.0)
        cold += part * (np.float32(sea.cold) - cold)
        salt += part * (here - salt)
        deep += part * (here + np.float32(sea.deep) - deep)
        own = np.maximum(own, part)
    inner = np.maximum(own, np.float32(1e-3))
    return Basis(
        patches=noise(grid, 21, km=900, octaves=4),
        thermocline=regions.profile(grid, climate.THERMOCLINE) * (1 + 0.08 * noise(grid, 22, km=2500)),
        polar=steps(50.0, 72.0, np.abs(grid.column)),
        arctic=steps(62.0, 76.0, grid.column),
        own=own,
        own_cold=cold / inner,
        own_salt=salt / inner,
        own_deep=deep / inner,
    )


def surface(grid: Grid, basis: Basis, sea: Sea, ice: Ice) -> Surface:
    """Return the surface of a day, given its currents and its ice."""
    season = summer(ice.day)
    yearly = season * regions.profile(grid, climate.SEASON) * np.sign(grid.column)
    warm = regions.profile(grid, climate.TEMPERATURE) + yearly + regions.places(grid, climate.WARMER, season)
    warm = warm - regions.places(grid, climate.UPWELLING, season) + 0.45 * basis.patches
    warm = sea.stirring.stir(warm, count=14, restore=0.07)
    warm = warm + 3.2 * sea.flow.eddy + 8.0 * sea.flow.front
    # Water at the ice is freezing, and it takes some way from the edge to be warm.
    warm = _smaller(warm, -1.8 + 1.6 * np.maximum(-ice.inward, 0))
    salt = regions.profile(grid, climate.SALINITY) + regions.places(grid, climate.SALTIER, season)
    salt = salt + 0.1 * basis.patches
    salt = (1 - basis.own) * salt + basis.own * (basis.own_salt + 0.1 * basis.patches)
    salt = sea.stirring.stir(salt, count=14, restore=0.07) + 0.35 * sea.flow.eddy
    salt = salt + (1 - basis.own) * sea.flow.front
    return Surface(
        temperature=_at_most(warm, 29.2, 31.0),
        season=yearly,
        salinity=np.clip(salt, 2.5, 40.8),
    )


def temperature(surface: Surface, basis: Basis, sea: Sea, depth: float) -> Field:
    """Return the temperature at a depth in metres, degC, never below freezing."""
    abyss = 1.4 + 4.4 * np.exp(-depth / 1300.0)
    south = 0.6 + 1.0 * np.exp(-(((depth - 500.0) / 450.0) ** 2)) - depth / 4000.0
    north = -0.7 + 1.5 * np.exp(-(((depth - 420.0) / 260.0) ** 2))
    polar = south + basis.arctic * (north - south)
    deep = abyss + basis.polar * (polar - abyss)
    deep = deep + basis.own * (basis.own_cold - deep)
    # Summer's warmth reaches some tens of metres down; winter's cold sinks and mixes.
    lasting = surface.temperature - np.maximum(surface.season, 0) * np.float32(1 - np.exp(-depth / 55.0))
    below: Field = deep + (lasting - deep) * _fading(basis, sea, depth)
    return np.maximum(below, np.float32(FREEZING)).astype(np.float32)


def salinity(surface: Surface, basis: Basis, sea: Sea, depth: float) -> Field:
    """Return the practical salinity at a depth in metres."""
    deep = 34.75 - 0.35 * np.exp(-(((depth - 850.0) / 420.0) ** 2)) * (1 - basis.polar)
    deep = deep + basis.own * (basis.own_deep - deep)
    salt: Field = deep + (surface.salinity - deep) * _fading(basis, sea, depth)
    return salt.astype(np.float32)


def _fading(basis: Basis, sea: Sea, depth: float) -> Field:
    """Return how much of the surface's character is left at a depth: high sea level presses the thermocline down."""
    heave = 1 + 0.8 * np.clip(sea.flow.zos, -0.5, 1.0) + 0.9 * np.clip(sea.flow.eddy + sea.flow.front, -0.5, 0.5)
    scale = basis.thermocline * np.maximum(heave, 0.35)
    # A mixed layer first, then a thermocline.
    left: Field = np.exp(-((np.maximum(depth - 25.0, 0.0) / scale) ** 1.15)).astype(np.float32)
    return left


def _smaller(one: Field, other: Field) -> Field:
    """Return the smaller of two fields, rounded off over about half a unit where they cross."""
    width = np.float32(0.25)
    smaller: Field = np.minimum(one, other) - width * np.log1p(np.exp(-np.abs(one - other) / width))
    return smaller


def _at_most(field: Field, bend: float, limit: float) -> Field:
    """Leave what is below `bend` alone and press the rest below `limit`."""
    room = np.float32(limit - bend)
    over = np.maximum(field - np.float32(bend), 0)
    return np.where(over > 0, np.float32(bend) + room * np.tanh(over / room), field)
