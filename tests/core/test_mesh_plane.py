"""Nodes in the plane of a projection. Oracle: PROJ itself, asked for that plane in its own units."""

import numpy as np
import pyproj
import pytest

from core.mesh_plane import to_degrees

LONGITUDES, LATITUDES = np.array([-122.4, -121.9]), np.array([37.2, 38.1])


@pytest.mark.parametrize(
    ("crs", "units", "each"),
    [
        ("EPSG:32610", "m", 1.0),
        ("EPSG:32610", "Metres", 1.0),
        ("EPSG:32610", "km", 1000.0),
        ("EPSG:32610", "kilometers", 1000.0),
        ("EPSG:32610", "", 1.0),
        # California in feet of 1200/3937 m.
        ("EPSG:2227", "US_survey_foot", 1.0),
        ("EPSG:2227", "m", 3937 / 1200),
        ("EPSG:4326", "", 1.0),
    ],
)
def test_coordinates_are_read_in_their_own_units_or_those_of_the_system(crs, units, each):
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(LONGITUDES, LATITUDES)
    found = to_degrees(crs, units, np.asarray(x) / each, np.asarray(y) / each)
    np.testing.assert_allclose(found, (LONGITUDES, LATITUDES), atol=1e-9)
