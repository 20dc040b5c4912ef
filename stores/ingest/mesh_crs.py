"""The system in which the nodes of a mesh lie, where that is not longitude and latitude. No I/O."""

from typing import Final

import numpy as np
import pyproj
from pyproj.exceptions import ProjError

from core.attributes import Attribute, Attributes, text_of
from stores.ingest.header import RawFile, RawVariable
from stores.ingest.horizontal import direction_of
from stores.ingest.refusal import Unreadable

_NUMBERS: Final = ("epsg", "EPSG", "epsg_code", "EPSG_code")
_TEXTS: Final = ("crs_wkt", "spatial_ref", "proj4", "proj4_params", "proj4text")


def crs_of(file: RawFile, x: RawVariable) -> str:
    """Return what PROJ knows the system of a coordinate by; empty for degrees.

    Raises:
        Unreadable: it is not degrees, and no grid mapping says what it is.

    """
    if direction_of(x) == "x" or _of_bounds(x):
        return ""
    for variable in file.variables.values():
        for text in _said(variable.attributes):
            if (system := _system(text)) is not None:
                return system.to_string()
    reason = f"no georeference: the nodes of its mesh are in {x.units or 'no units'} ({x.name}), in an unnamed system"
    raise Unreadable(file.name, f"{reason}; give a grid mapping with an EPSG code, crs_wkt or longitude and latitude")


def _system(text: str) -> pyproj.CRS | None:
    """Return the system that a text names; None where it names none from which PROJ knows the way to the Earth."""
    try:
        system = pyproj.CRS.from_user_input(text)
        pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    except ProjError:
        return None
    return system if system.is_geographic or system.is_projected else None


def _of_bounds(x: RawVariable) -> bool:
    """Tell whether it is the bounds of longitudes: those have no units of their own."""
    return len(x.dimensions) > 1


def _said(attributes: Attributes) -> list[str]:
    texts = [_number(attributes[name]) for name in _NUMBERS if name in attributes]
    codes = [text if text.upper().startswith("EPSG:") else f"EPSG:{text}" for text in texts if text.strip("0")]
    return [*codes, *(text for name in _TEXTS if (text := text_of(attributes, name)))]


def _number(attribute: Attribute) -> str:
    """Return a code as text; empty where there is none."""
    if attribute.numbers.size and np.isfinite(attribute.numbers[0]):
        return str(int(attribute.numbers[0]))
    return (attribute.text or "").strip()
