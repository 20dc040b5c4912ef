"""How a field looks when nobody says: the palette and range an oceanographer would choose for it.

Palettes by kind of quantity as in Thyng et al. 2016 (doi:10.5670/oceanog.2016.66).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from renderers.scale import FEWEST_BANDS, MOST_BANDS, Scale
from renderers.ticks import round_step, tidy

_STEPS: Final = 20
"""A range is rounded to at least a twentieth of itself."""
_LOG_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
_MOST_DECADES: Final = 4
"""Of a logarithmic range; smaller values are noise near zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a kind of quantity is shown."""

    palette: str
    log: bool = False
    low: float | None = None
    """Where the range begins, in the units of the field, whatever the data say; None for as they say."""
    high: float | None = None
    """Where the range ends, given only together with `low`."""
    symmetric: bool = False
    """Whether the range has zero in its middle."""
    bands: int = MOST_BANDS
    """Number of colours."""


_PLAIN: Final = Look(palette="viridis")
_SIGNED: Final = Look(palette="balance", symmetric=True)
_FRACTION: Final = Look(palette="ice", low=0.0, high=1.0)
_DIRECTION: Final = Look(palette="phase", low=0.0, high=360.0)

_LOOKS: Final[tuple[tuple[str, Look], ...]] = (
    (r"(^|_)d?time$|time_(difference|since)", _PLAIN),
    (r"status_flag|quality|number_of_observations|(^|_)(flags?|qc|mask)$", _PLAIN),
    (r"anomaly|increment|bias|tendency|difference", _SIGNED),
    (r"standard_error|error|uncertainty|standard_deviation|variance", Look(palette="amp", low=0.0)),
    (r"direction|_dir$|phase$", _DIRECTION),
    (r"pressure", _PLAIN),
    (r"vorticity|divergence", Look(palette="curl", symmetric=True)),
    (r"turbulent_kinetic|kinetic_energy", Look(palette="speed", low=0.0)),
    (r"speed\b|speed_", Look(palette="speed", low=0.0)),
    (r"precipitation|rainfall|snowfall", Look(palette="rain", low=0.0)),
    (r"(eastward|northward|upward|downward|[xyw])_\w*(velocity|wind|stress|transport|drift)", _SIGNED),
    (r"(velocity|stokes_drift)", _SIGNED),
    (r"(shortwave|solar|photosynthetic)_\w*(flux|radiation)|photosynthetically", Look(palette="solar", low=0.0)),
    (r"heat_flux|water_flux|flux_of_(heat|water|carbon)|freshwater", _SIGNED),
    (r"sea_ice_area_fraction|ice_concentration|ice_(area_)?fraction", _FRACTION),
    (r"sea_ice_(thickness|amount|draft|volume)|ice_thickness|snow_thickness|snow_depth", Look(palette="ice", low=0.0)),
    (r"temperature", Look(palette="thermal")),
    (r"salinity", Look(palette="haline")),
    (r"mixed_layer|(ocean|water)\w*_thickness", Look(palette="deep", low=0.0)),
    (r"sea_(surface|water)_density|sigma_theta|sea_water_\w*density", Look(palette="dense")),
    (r"wave_\w*height|swell_\w*height|wave_height", Look(palette="amp", low=0.0)),
    (r"wave_\w*period|swell_\w*period|wave_period", Look(palette="tempo")),
    (r"(sea_floor|sea|water)_?depth|floor_depth|bathymetry|^depth$", Look(palette="deep", low=0.0)),
    (r"surface_(height|elevation)|free_surface|sea_level|dynamic_topography|surface_topography", _SIGNED),
    (r"secchi|euphotic", Look(palette="deep", low=0.0)),
    (r"topography|(^|_)relief(_|$)|^(surface_)?altitude$|^elevation$", Look(palette="topo", symmetric=True)),
    (r"chlorophyll|phytoplankton|primary_production|productivity|diatom|picoplankton", Look(palette="algae", log=True)),
    (r"zooplankton|organic_(matter|carbon)|nekton", Look(palette="matter", log=True)),
    (r"oxygen", Look(palette="oxy", low=0.0)),
    (r"turbidity|suspended|attenuation|backscattering|absorption", Look(palette="turbid", log=True)),
    (r"nitrate|phosphate|silicate|ammonium|nitrite|nutrient|(^|_)iron", Look(palette="matter", low=0.0)),
    (r"carbon|alkalinity|\bph\b|_ph_", Look(palette="matter")),
    (r"(^|_)(sea_?)?ice(_|$)", Look(palette="ice")),
)
"""The first pattern that is found counts, hence from the particular to the general.

They are looked for in the standard name, in what stands for the variable name, and in the title.
"""

_NAMES: Final[tuple[tuple[str, str], ...]] = (
    (r"(thetao|to|tos|t|temp|temperature|sst|analysed_sst|bottomt|votemper|sosstsst|water_temp)", "temperature"),
    (r"(so|sos|sss|s|salt|psal|salinity|vosaline|sosaline)", "salinity"),
    (
        r"(u|v|w|uo|vo|wo|us|vs|ugos|vgos|u10|v10|uas|vas|water_[uvw]|[uv]ice|vozocrtx|vomecrty|vovecrtz|ubar|vbar)",
        "velocity",
    ),
    (r"(sla|ugosa|vgosa|ssta|\w*_anom|anom|sst_?anom\w*|dt_analysis)", "anomaly"),
    (r"(zos|ssh|adt|mdt|sossheig|zeta\w*|surf_el|msl_height)", "surface_height"),
    (r"(\w*chl|chl\w*)", "chlorophyll"),
    (r"(phyc|nppv|pp)", "phytoplankton"),
    (r"(zooc)", "zooplankton"),
    (r"(a_?ice|siconc\w*|ice_conc|sic|soicecov|ileadfra)", "ice_concentration"),
    (r"(sithick|sit|hice|iicethic)", "ice_thickness"),
    (r"(mlotst|mld|mlp|somxl010|somixhgt)", "mixed_layer"),
    (r"(vhm0\w*|swh|swht|hs|hsig)", "wave_height"),
    (r"(vtm\w*|vtpk|tp)", "wave_period"),
    (r"(vmdr\w*|vpeddir|mwd)", "_direction"),
    (r"(o2|dissox\w*|doxy)", "oxygen"),
    (r"(no3|po4|si|fe|nh4|no2)", "nitrate"),
    (r"(dissic|talk|ph|spco2)", "carbon"),
    (r"(kd\d+|kdmin|spm|\w*tsm|bbp\w*|tur)", "turbidity"),
    (r"(zsd|zeu|deptho|depth|bathy|bathymetry|h)", "bathymetry"),
    (r"(elevation|topo)", "topography"),
    (r"(err|std)", "standard_error"),
)
"""What modellers and producers call their variables, where the file gives no standard name."""

_BETWEEN_WORDS: Final = re.compile(r"[^a-z0-9]+", re.ASCII)

_CELSIUS: Final = ("degc", "degree_c", "degrees_c", "celsius", "degree_celsius", "degrees_celsius", "deg_c")
_PERCENT: Final = ("%", "percent")

_CATEGORIES: Final = (("tab10", 10), ("tab20", 20))
"""Palettes of colours that are easily told apart, and how many these are."""


def look_for(standard_name: str | None, name: str, units: str | None, title: str = "") -> Look:
    """Choose how a field is shown: by its standard name, else its variable name, else its title, else its units."""
    said = (_words(standard_name or ""), _kind_of(name), _words(title))
    found = next((look for look in map(_look_of, said) if look is not None), None)
    unit = (units or "").strip().lower()
    if found is None:
        return Look(palette="thermal") if unit in _CELSIUS else _PLAIN
    if found is _FRACTION and unit in _PERCENT:
        return replace(found, high=100.0)
    if found is _DIRECTION and unit.startswith("rad"):
        return replace(found, high=2 * math.pi)
    return found


def category_look(values: Sequence[float]) -> Look | None:
    """Return colours that are easily told apart, one for each whole number from the least to the greatest of `values`.

    None where there are too many, or where they are no categories.
    """
    if not values or not all(float(value).is_integer() for value in values):
        return None
    least, greatest = min(values), max(values)
    count = int(greatest - least) + 1
    palette = next((name for name, most in _CATEGORIES if FEWEST_BANDS <= count <= most), None)
    return None if palette is None else Look(palette=palette, low=least - 0.5, high=greatest + 0.5, bands=count)


def default_scale(look: Look, low: float, high: float) -> Scale:
    """Turn what the data say into a range of round numbers.

    Args:
        look: how the field is shown.
        low: about the least value, in the units of the field; not its one stray minimum, rather the 2nd percentile.
        high: about the greatest value.

    Returns:
        A scale that can be drawn, whatever the data: a linear one where a logarithmic one has nothing above zero.

    """
    low, high = _proper(low, high)
    if look.low is not None and look.high is not None:
        bottom, top = _limits(look, look.low, look.high, low, high)
        return Scale(palette=look.palette, low=bottom, high=top, bands=look.bands)
    if look.log and high > 0:
        bottom, top = _log_range(low, high)
        return Scale(palette=look.palette, low=bottom, high=top, log=True)
    if look.symmetric:
        top = _rounded(0.0, max(abs(low), abs(high)) or 1.0)[1]
        return Scale(palette=look.palette, low=-top, high=top)
    if look.low is not None:
        # Without anything above the fixed end there is no size to go by: any will do.
        return Scale(
            palette=look.palette, low=look.low, high=_rounded(look.low, high if high > look.low else look.low + 1)[1]
        )
    bottom, top = _rounded(*_widened(low, high))
    return Scale(palette=look.palette, low=bottom, high=top)


def _look_of(kind: str) -> Look | None:
    return next((look for pattern, look in _LOOKS if re.search(pattern, kind)), None)


def _words(text: str) -> str:
    """Return a text as standard names are written: small letters and digits, with `_` between words."""
    return _BETWEEN_WORDS.sub("_", text.lower()).strip("_")


def _kind_of(name: str) -> str:
    """Return what stands for a standard name: the kind of quantity if the name is a common one, else the name."""
    short = _words(name)
    return next((kind for pattern, kind in _NAMES if re.fullmatch(pattern, short)), short)


def _proper(low: float, high: float) -> tuple[float, float]:
    """Return finite numbers in order, of a size that can be drawn."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    low, high = (max(-1e200, min(value, 1e200)) for value in (low, high))
    low, high = (0.0 if abs(value) < 1e-200 else value for value in (low, high))
    return min(low, high), max(low, high)


def _limits(look: Look, bottom: float, top: float, low: float, high: float) -> tuple[float, float]:
    """Return the range of a quantity that has limits, as this field seems to count it."""
    if look.palette == _DIRECTION.palette and low < bottom - 0.1 * (top - bottom):
        # Directions from -180 to 180.
        return bottom - (top - bottom) / 2, top - (top - bottom) / 2
    # Fractions that are percentages, though the units do not say so.
    return (bottom, 100.0) if top == 1 and 2 < high <= 100 else (bottom, top)


def _widened(low: float, high: float) -> tuple[float, float]:
    """Return a range with room between its ends: a constant field has none."""
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    margin = abs(low) * 0.05 or 0.5
    return low - margin, high + margin


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Move the ends of a range outwards to round numbers."""
    step = round_step(high - low, _STEPS)
    slack = 1e-6
    return tidy(math.floor(low / step + slack) * step, step), tidy(math.ceil(high / step - slack) * step, step)


def _log_range(low: float, high: float) -> tuple[float, float]:
    """Return ends at 1, 2 or 5 times a power of ten, at least about a factor of 3 and at most four decades apart."""
    least = high / 10.0**_MOST_DECADES
    low = max(low, least)
    if high < 3 * low:
        middle = math.sqrt(low) * math.sqrt(high)
        low, high = middle / math.sqrt(10), middle * math.sqrt(10)
    bottom, top = 10.0 ** math.floor(math.log10(low)), 10.0 ** math.floor(math.log10(high))
    first = max(step for step in _LOG_STEPS if step * bottom <= low * 1.001)
    last = min(step for step in _LOG_STEPS if step * top >= high * 0.999)
    return _significant(first * bottom), _significant(last * top)


def _significant(value: float) -> float:
    """Rid a round number of the noise of its last digits."""
    return float(f"{value:.3g}")
