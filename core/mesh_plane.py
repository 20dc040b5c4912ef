"""Where nodes of a mesh lie whose coordinates are those of a projection. Pure."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray

Floats = NDArray[np.float64]

METRES: Final[Mapping[str, float]] = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), 1000.0),
}
"""Of units of length, in lower case."""


def to_degrees(crs: str, units: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of points in the plane of a system; not finite where it has no place for them.

    Coordinates are taken to be in the units of the system where theirs are not known.
    """
    system = pyproj.CRS.from_user_input(crs)
    factor = 1.0
    if system.is_projected and units.lower() in METRES:
        factor = METRES[units.lower()] / float(system.axis_info[0].unit_conversion_factor)
    longitude, latitude = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform(
        np.asarray(x, dtype=np.float64) * factor, np.asarray(y, dtype=np.float64) * factor
    )
    return np.asarray(longitude), np.asarray(latitude)
