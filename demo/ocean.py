"""The demonstration ocean: what it is made of once, and what it is like on a day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from demo import atlas, bathymetry, chlorophyll, circulation, ice, water
from demo.coast import Coast, coast
from demo.grid import Field, Grid
from demo.products import CHLOROPHYLL, DEPTHS, ICE, Product
from demo.stirring import Sea, stirring

Levels = Mapping[str, Iterator[Field]]
"""By variable its fields from the surface down, each of shape (ny, nx), NaN where there is no water."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ocean:
    """What does not change from day to day."""

    grid: Grid
    """Where."""
    coast: Coast
    """Land and sea."""
    floor: Field
    """Depth of the sea floor, metres, 0 on land."""
    circulation: circulation.Basis
    """Gyres and the energy of eddies."""
    water: water.Basis
    """Climate of temperature and salinity."""
    chlorophyll: chlorophyll.Basis
    """Climate of the blooms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the ocean, a function of the date alone."""

    ocean: Ocean
    """Which."""
    date: date
    """UTC."""
    sea: Sea
    """Sea level, currents, and what they stir."""
    ice: ice.Ice
    """Sea ice."""

    def fields(self, product: Product) -> Levels:
        """Return the fields of a product, computed as they are asked for."""
        if product == ICE:
            return self._ice()
        return self._chlorophyll() if product == CHLOROPHYLL else self._physics()

    def _physics(self) -> Levels:
        ocean, sea = self.ocean, self.sea
        top = water.surface(ocean.grid, ocean.water, sea, self.ice)
        return {
            "thetao": (self._wet(water.temperature(top, ocean.water, sea, z), z) for z in DEPTHS),
            "so": (self._wet(water.salinity(top, ocean.water, sea, z), z) for z in DEPTHS),
            "uo": (self._wet(circulation.at_depth(ocean.circulation, sea.flow, z)[0], z) for z in DEPTHS),
            "vo": (self._wet(circulation.at_depth(ocean.circulation, sea.flow, z)[1], z) for z in DEPTHS),
            "zos": iter([self._wet(sea.flow.zos, 0.0)]),
        }

    def _ice(self) -> Levels:
        return {
            "siconc": iter([self._wet(self.ice.concentration, 0.0)]),
            "sithick": iter([self._wet(self.ice.thickness, 0.0)]),
        }

    def _chlorophyll(self) -> Levels:
        ocean = self.ocean
        green = chlorophyll.chlorophyll(ocean.grid, ocean.chlorophyll, self.sea, self.date)
        seen = chlorophyll.seen(ocean.grid, self.ice, self.date)
        return {"chl": iter([self._wet(np.where(seen, green, np.float32(np.nan)), 0.0)])}

    def _wet(self, field: Field, depth: float) -> Field:
        return np.where(self.ocean.floor > depth, field, np.float32(np.nan))


def ocean(grid: Grid) -> Ocean:
    """Prepare the ocean on a grid."""
    rings = atlas.rings()
    shore = coast(grid, rings)
    return Ocean(
        grid=grid,
        coast=shore,
        floor=bathymetry.depth(grid, shore),
        circulation=circulation.basis(grid, rings, shore),
        water=water.basis(grid),
        chlorophyll=chlorophyll.basis(grid, shore),
    )


def on(ocean: Ocean, day: date) -> Day:
    """Return the ocean on a day."""
    flow = circulation.flow(ocean.grid, ocean.circulation, day)
    sea = Sea(flow=flow, stirring=stirring(ocean.grid, flow))
    return Day(ocean=ocean, date=day, sea=sea, ice=ice.ice(ocean.grid, sea, day))
