"""The axes of fields that are neither time nor place. Source: CF Conventions 1.11, 4.3 (vertical coordinate)."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.attributes import text_of
from core.dataset import Axis
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import unpacked
from stores.ingest.parametric import formula_of, is_parametric

_STANDARD_NAMES: Final = (
    "depth",
    "height",
    "altitude",
    "air_pressure",
    "sea_water_pressure",
    "height_above_reference_ellipsoid",
    "height_above_mean_sea_level",
    "model_level_number",
    "height_above_geopotential_datum",
)
_PARAMETRIC: Final = ("ocean_", "atmosphere_")
"""How the names of parametric vertical coordinates begin (CF appendix D)."""
_LENGTHS: Final = ("m", "meter", "meters", "metre", "metres", "km")
_PRESSURES: Final = ("pa", "hpa", "mbar", "millibar", "millibars", "bar", "dbar", "decibar", "atm")
_DOWN: Final = ("depth", "deptht", "depthu", "depthv", "depthw")


def axis_of(file: RawFile, dimension: str, values: Values) -> Axis:
    """Describe a dimension that is neither time nor place; without usable numbers its values are 0, 1, 2, ..."""
    variable = coordinate_of(file, dimension)
    counted = tuple(float(index) for index in range(file.dimensions[dimension]))
    formula = formula_of(file, dimension, variable, values)
    if variable is None:
        kind: Literal["vertical", "other"] = "other" if formula is None else "vertical"
        return Axis(name=dimension, kind=kind, values=counted, dimensionless=formula is not None, formula=formula)
    found = unpacked(file, variable.name, values) if variable.numeric else np.full(len(counted), np.nan)
    vertical = _is_vertical(variable) or formula is not None
    return Axis(
        name=dimension,
        kind="vertical" if vertical else "other",
        values=tuple(found.tolist()) if np.isfinite(found).all() else counted,
        units=variable.units,
        positive=_positive(variable, found) if vertical else None,
        title=text_of(variable.attributes, "long_name", "standard_name") or "",
        dimensionless=formula is not None or is_parametric(variable),
        formula=formula,
    )


def coordinate_of(file: RawFile, dimension: str) -> RawVariable | None:
    """Return the variable that says what a dimension stands for; None where there is none."""
    along = file.along(dimension)
    if along and along[0].name == dimension:
        return along[0]
    # An auxiliary coordinate counts only where it is surely the vertical one.
    return next((variable for variable in along if variable.numeric and _says_vertical(variable)), None)


def _says_vertical(variable: RawVariable) -> bool:
    if (text_of(variable.attributes, "axis") or "").upper() == "Z" or "positive" in variable.attributes:
        return True
    parametric = variable.standard_name.startswith(_PARAMETRIC) and variable.standard_name.endswith("_coordinate")
    return parametric or variable.standard_name in _STANDARD_NAMES


def _is_vertical(variable: RawVariable) -> bool:
    return variable.numeric and (_says_vertical(variable) or variable.units.lower() in (*_LENGTHS, *_PRESSURES))


def _positive(variable: RawVariable, values: NDArray[np.float64]) -> Literal["up", "down"] | None:
    said = (text_of(variable.attributes, "positive") or "").lower()
    if said in ("up", "down"):
        return "up" if said == "up" else "down"
    if variable.standard_name == "depth" or variable.short in _DOWN:
        # Where nothing says so, depths that are written as negative numbers are heights.
        return "up" if (values <= 0).all() and (values < 0).any() else "down"
    return "up" if variable.standard_name in ("height", "altitude") else None
