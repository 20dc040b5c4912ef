"""The system in which the nodes of a mesh lie, where that is not longitude and latitude. No I/O."""

from typing import Final

import pyproj
from pyproj.exceptions import CRSError

from core.attributes import Attributes, text_of
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
            try:
                return pyproj.CRS.from_user_input(text).to_string()
            except CRSError:
                continue
    reason = f"no georeference: the nodes of its mesh are in {x.units or 'no units'} ({x.name}), in an unnamed system"
    raise Unreadable(file.name, f"{reason}; give a grid mapping with an EPSG code, crs_wkt or longitude and latitude")


def _of_bounds(x: RawVariable) -> bool:
    """Tell whether it is the bounds of longitudes: those have no units of their own."""
    return len(x.dimensions) > 1


def _said(attributes: Attributes) -> list[str]:
    numbers = [attributes[name] for name in _NUMBERS if name in attributes]
    texts = [found.text.strip() if found.text else str(int(found.numbers.flat[0])) for found in numbers]
    codes = [text if text.upper().startswith("EPSG:") else f"EPSG:{text}" for text in texts if text.strip("0")]
    return [*codes, *(text for name in _TEXTS if (text := text_of(attributes, name)))]
