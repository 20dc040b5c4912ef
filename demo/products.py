"""What the files hold: variables with their names, units and packing, and the products made of them.

Source: CF Conventions 1.11 and its standard name table.
"""

from dataclasses import dataclass

DEPTHS = (0.494, 9.573, 47.374, 109.729, 222.475, 453.938, 1062.44, 2225.078)
"""Metres, positive down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable as it is written."""

    name: str
    """In the file."""
    standard_name: str
    """Of the CF table."""
    long_name: str
    """For people."""
    units: str
    """UDUNITS."""
    low: float
    """valid_min, in `units`."""
    high: float
    """valid_max, in `units`."""
    scale: float | None = None
    """scale_factor of the packing as int16; None: float32, not packed."""
    offset: float = 0.0
    """add_offset of the packing."""
    digits: int | None = None
    """Significant bits of a float32's mantissa that are kept; the rest would only resist compression."""
    cell_methods: str = "time: mean area: mean"
    """How a value stands for its cell."""
    levels: bool = False
    """Whether it has a depth axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One folder of files, one file a day."""

    name: str
    """Of the folder, and in the names of the files."""
    title: str
    """For people."""
    source: str
    """What a real product would come from, and what this one comes from."""
    summary: str
    """A sentence for catalogues."""
    variables: tuple[Variable, ...]
    """In the order of the file."""


PHYSICS = Product(
    name="physics",
    title="Demonstration ocean: temperature, salinity, currents and sea level, daily means",
    source="numerical construction: wind-driven gyres, drawn currents and random eddies, with currents in balance",
    summary="Generated fields of the global ocean on depth levels, around today.",
    variables=(
        Variable(
            name="thetao", standard_name="sea_water_potential_temperature", long_name="Temperature",
            units="degrees_C", low=-3.0, high=40.0, scale=0.001, offset=15.0, levels=True,
        ),
        Variable(
            name="so", standard_name="sea_water_salinity", long_name="Salinity",
            units="1e-3", low=0.0, high=50.0, scale=0.001, offset=20.0, levels=True,
        ),
        Variable(
            name="uo", standard_name="eastward_sea_water_velocity", long_name="Eastward velocity",
            units="m s-1", low=-5.0, high=5.0, scale=0.0005, levels=True,
        ),
        Variable(
            name="vo", standard_name="northward_sea_water_velocity", long_name="Northward velocity",
            units="m s-1", low=-5.0, high=5.0, scale=0.0005, levels=True,
        ),
        Variable(
            name="zos", standard_name="sea_surface_height_above_geoid", long_name="Sea surface height",
            units="m", low=-3.0, high=3.0, scale=0.0001,
        ),
    ),
)  # fmt: skip

ICE = Product(
    name="ice",
    title="Demonstration ocean: sea ice, daily means",
    source="numerical construction: a seasonal ice edge with random weather and leads",
    summary="Generated concentration and thickness of the sea ice of both hemispheres, around today.",
    variables=(
        Variable(
            name="siconc", standard_name="sea_ice_area_fraction", long_name="Sea ice concentration",
            units="1", low=0.0, high=1.0, scale=0.0001,
            cell_methods="time: mean area: mean where sea",
        ),
        Variable(
            name="sithick", standard_name="sea_ice_thickness", long_name="Sea ice thickness",
            units="m", low=0.0, high=10.0, scale=0.001,
            cell_methods="time: mean area: mean where sea_ice",
        ),
    ),
)  # fmt: skip

CHLOROPHYLL = Product(
    name="chlorophyll",
    title="Demonstration ocean: chlorophyll as seen from space, daily",
    source="numerical construction: climate of the blooms, stirred by the demonstration currents, under random clouds",
    summary="Generated concentration of chlorophyll at the surface over four decades, with gaps under clouds and ice.",
    variables=(
        Variable(
            name="chl", standard_name="mass_concentration_of_chlorophyll_a_in_sea_water",
            long_name="Chlorophyll-a concentration",
            units="mg m-3", low=0.001, high=100.0, digits=11,
        ),
    ),
)  # fmt: skip
