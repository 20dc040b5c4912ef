"""How long vectors are and where they point, against numpy's complex numbers and PROJ."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crs import Crs
from core.vectors import along_axis, bearing, magnitude, north_at, turned
from core.view import View

PARTS = st.floats(-1e3, 1e3).filter(lambda part: part == 0 or abs(part) > 1e-6)


@given(u=PARTS, v=PARTS)
def test_length_and_bearing_are_those_of_a_complex_number(u, v):
    number = complex(v, u)
    assert magnitude(np.array(u), np.array(v)) == pytest.approx(abs(number), rel=1e-15)
    found = float(bearing(np.array(u), np.array(v)))
    if number == 0:
        assert np.isnan(found)
    else:
        assert 0 <= found < 360
        assert (found - np.degrees(np.angle(number)) + 180) % 360 == pytest.approx(180, abs=1e-9)


@pytest.mark.parametrize(("u", "v"), [(np.nan, 1.0), (1.0, np.nan), (np.inf, np.nan), (np.nan, np.nan)])
def test_what_lacks_a_component_has_no_length_and_no_direction(u, v):
    assert np.isnan(magnitude(np.array(u), np.array(v)))
    assert np.isnan(bearing(np.array(u), np.array(v)))


def test_a_hair_west_of_north_is_not_a_whole_turn():
    assert bearing(np.array(-1e-30), np.array(1.0)) == 0.0


@pytest.mark.parametrize("plane", ["EPSG:3413", "EPSG:3031", "+proj=lcc +lat_0=63 +lon_0=15 +lat_1=60 +lat_2=65"])
def test_axes_of_a_projected_grid_run_where_proj_says_they_do(plane):
    project = pyproj.Proj(plane)
    y, x = np.meshgrid(np.linspace(-1e6, 1e6, 7) + 3e4, np.linspace(-8e5, 9e5, 5), indexing="ij")
    step = 5e3
    here, west, east, low, high = (
        project(x + across, y + up, inverse=True)
        for across, up in ((0, 0), (-step, 0), (step, 0), (0, -step), (0, step))
    )
    # The angle from north to the y axis, clockwise, as PROJ counts it.
    convergence = np.array(project.get_factors(*here).meridian_convergence)
    rows, columns = along_axis(west, here, east), along_axis(low, here, high)
    u, v = turned(np.array(0.6), np.array(0.8), (rows, columns))
    wanted = np.degrees(np.arctan2(0.6, 0.8)) + convergence
    # Vectors on the sphere for places on the ellipsoid: shapes differ by a third of a percent.
    assert np.abs((bearing(u, v) - wanted + 180) % 360 - 180).max() < 0.3
    lone = along_axis((np.full(x.shape, np.nan),) * 2, here, east)
    assert np.abs(lone - rows).max() < 0.02


@pytest.mark.parametrize("name", ["EPSG:3413", "EPSG:3031", "EPSG:3575", "EPSG:4326", "EPSG:3857"])
def test_north_on_a_map_is_where_proj_has_it(name):
    box = (-20, -60, 40, 70) if name == "EPSG:4326" else (-2.1e6, -1.9e6, 2.2e6, 2.0e6)
    view = View(crs=Crs.parse(name), bbox=box, width=9, height=7)
    found = north_at(view.crs, *view.crs.to_geographic(*np.meshgrid(view.x_centres(), view.y_centres())))
    if name in ("EPSG:4326", "EPSG:3857"):
        assert np.abs(found).max() < 1e-6
        return
    x, y = np.meshgrid(view.x_centres(), view.y_centres())
    plane = pyproj.CRS(name)
    to_places = pyproj.Transformer.from_crs(plane, plane.geodetic_crs, always_xy=True)
    longitude, latitude = to_places.transform(x, y)
    above = to_places.transform(longitude, np.clip(latitude + 1e-5, -90, 90), direction="INVERSE")
    wanted = np.degrees(np.arctan2(above[0] - x, above[1] - y))
    assert np.abs((found - wanted + 180) % 360 - 180).max() < 0.01
