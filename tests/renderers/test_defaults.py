import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers.colour import colours
from renderers.defaults import Look, category_look, default_scale, look_for


@pytest.mark.parametrize(
    ("standard_name", "name", "units", "palette", "ends"),
    [
        ("sea_water_potential_temperature", "thetao", "degrees_C", "thermal", (-2, 30)),
        ("sea_surface_foundation_temperature", "analysed_sst", "kelvin", "thermal", None),
        (None, "votemper", "degC", "thermal", None),
        (None, "x1", "degC", "thermal", None),
        ("sea_water_salinity", "so", "1e-3", "haline", None),
        ("sea_water_practical_salinity", "sal", "1", "haline", None),
        ("mole_concentration_of_dissolved_molecular_oxygen_in_sea_water", "o2", "mmol m-3", "oxy", (0, 30)),
        ("sea_ice_area_fraction", "siconc", "1", "ice", (0, 100)),
        ("sea_ice_area_fraction", "siconc", "%", "ice", (0, 100)),
        ("sea_ice_thickness", "sithick", "m", "ice", (0, 30)),
        ("eastward_sea_water_velocity", "uo", "m s-1", "balance", (-30, 30)),
        ("sea_water_y_velocity", "v", "m s-1", "balance", (-30, 30)),
        ("sea_ice_x_velocity", "usi", "m s-1", "balance", (-30, 30)),
        ("x_wind", "u10", "m s-1", "balance", (-30, 30)),
        ("surface_downward_eastward_stress", "tauuo", "Pa", "balance", (-30, 30)),
        (None, "vo", "m s-1", "balance", (-30, 30)),
        ("sea_surface_height_above_sea_level", "sla", "m", "balance", (-30, 30)),
        ("sea_surface_height_above_geoid", "zos", "m", "balance", (-30, 30)),
        ("sea_water_temperature_anomaly", "ta", "K", "balance", (-30, 30)),
        ("sea_surface_temperature anomaly", "ta", "K", "balance", (-30, 30)),
        ("sea_water_speed", "speed", "m s-1", "speed", (0, 30)),
        ("wind_speed", "ff", "m s-1", "speed", (0, 30)),
        ("sea_surface_wave_significant_height", "VHM0", "m", "amp", (0, 30)),
        ("sea_surface_wave_from_direction", "VMDR", "degree", "phase", (0, 360)),
        ("direction_of_sea_water_velocity", "dir", "radians", "phase", (-math.pi, math.pi)),
        ("ocean_mixed_layer_thickness_defined_by_sigma_theta", "mlotst", "m", "deep", (0, 30)),
        ("sea_floor_depth_below_sea_level", "h", "m", "deep", (0, 30)),
        ("sea_water_temperature standard_error", "e", "K", "amp", (0, 30)),
        ("eastward_sea_water_velocity status_flag", "qc", None, "viridis", None),
        ("air_pressure_at_sea_level", "pp", "hPa", "viridis", None),
        ("Chadwick Penington", "salinity", "", "haline", None),
        ("wind_speed", "ice", "m s-1", "speed", (0, 30)),
        (None, "zeta_detided", "m", "balance", (-30, 30)),
        (None, "sst_anom", "K", "balance", (-30, 30)),
        ("  ", "thetao", None, "thermal", None),
        (None, "", None, "viridis", None),
    ],
)
def test_a_field_looks_as_an_oceanographer_would_have_it(standard_name, name, units, palette, ends):
    scale = default_scale(look_for(standard_name, name, units), -1.9, 29.5)
    assert scale.palette == palette
    assert not scale.log
    if ends is not None:
        assert (scale.low, scale.high) == ends


@pytest.mark.parametrize(
    ("standard_name", "name", "palette"),
    [
        ("mass_concentration_of_chlorophyll_a_in_sea_water", "chl", "algae"),
        (None, "CHL", "algae"),
        (None, "chlor_a", "algae"),
        ("net_primary_production_of_biomass_expressed_as_carbon_per_unit_volume_in_sea_water", "nppv", "algae"),
        ("sea_water_turbidity", "tur", "turbid"),
    ],
)
def test_what_varies_by_powers_of_ten_is_logarithmic(standard_name, name, palette):
    scale = default_scale(look_for(standard_name, name, "mg m-3"), 0.031, 4.2)
    assert (scale.palette, scale.log, scale.low, scale.high) == (palette, True, 0.02, 5.0)


@pytest.mark.parametrize(
    ("look", "low", "high", "ends"),
    [
        (Look(palette="thermal"), 271.3, 303.2, (270, 304)),
        (Look(palette="haline"), 31.13, 38.77, (31, 39)),
        (Look(palette="haline"), 35.0, 35.0, (33.2, 36.8)),
        (Look(palette="thermal"), 0.0, 0.0, (-0.5, 0.5)),
        (Look(palette="thermal"), math.nan, math.nan, (0, 1)),
        (Look(palette="thermal"), 5.0, 1.0, (1, 5)),
        (Look(palette="balance", symmetric=True), -0.37, 0.21, (-0.38, 0.38)),
        (Look(palette="balance", symmetric=True), 0.0, 0.0, (-1, 1)),
        (Look(palette="speed", low=0.0), 0.1, 1.37, (0, 1.4)),
        (Look(palette="speed", low=0.0), -3.0, -1.0, (0, 1)),
        (Look(palette="algae", log=True), 0.0, 4.2, (0.0005 * 1.0, 5)),
        (Look(palette="algae", log=True), -1.0, 100.0, (0.01, 100)),
        (Look(palette="algae", log=True), 0.3, 0.3, (0.05, 1)),
        (Look(palette="algae", log=True), 1e-9, 4.2, (0.0002, 5)),
        (Look(palette="ice", low=0.0, high=1.0), 0.0, 98.0, (0, 100)),
        (Look(palette="ice", low=0.0, high=1.0), -0.01, 1.01, (0, 1)),
        (Look(palette="phase", low=0.0, high=360.0), -175.0, 178.0, (-180, 180)),
    ],
)
def test_ranges_are_round_and_suit_the_data(look, low, high, ends):
    scale = default_scale(look, low, high)
    if look.log and low <= 0:
        ends = (scale.low, ends[1])
        assert 0 < scale.low <= high / 1e3
    assert (scale.low, scale.high) == ends


def test_a_logarithmic_look_without_anything_above_zero_is_linear():
    scale = default_scale(Look(palette="algae", log=True), -5.0, 0.0)
    assert (scale.log, scale.low, scale.high) == (False, -5, 0)


numbers = st.floats() | st.floats(-100, 100)


@settings(max_examples=300)
@given(
    st.builds(
        Look,
        palette=st.just("balance"),
        log=st.booleans(),
        low=st.none() | st.just(0.0),
        symmetric=st.booleans(),
    ),
    numbers,
    numbers,
)
def test_any_data_can_be_drawn_and_lie_in_the_range(look, low, high):
    scale = default_scale(look, low, high)
    if math.isfinite(low) and math.isfinite(high) and max(abs(low), abs(high)) < 1e100:
        assert scale.high >= max(low, high) - 2e-3 * (scale.high - scale.low)


@given(st.none() | st.text(), st.text(), st.none() | st.text())
def test_any_text_has_a_look(standard_name, name, units):
    assert look_for(standard_name, name, units).palette


def test_percentages_are_percentages_where_there_is_little_ice_too():
    scale = default_scale(look_for("sea_ice_area_fraction", "siconc", "%"), 0.0, 0.9)
    assert (scale.low, scale.high) == (0, 100)


@pytest.mark.parametrize(
    ("name", "title", "palette"),
    [
        ("ROSE", "RELIEF OF THE SURFACE OF THE EARTH", "topo"),
        ("x1", "time-averaged solar shortwave radiation flux", "solar"),
        ("x1", "Free-surface", "balance"),
        ("x1", "Sea ice (first year)", "ice"),
        ("x1", "Mass concentration of Chlorophyll-a", "algae"),
        ("sst_dtime", "time difference from reference time", "viridis"),
        ("x1", "output of the measuring device, environmental", "viridis"),
        ("so", "temperature, as it were", "haline"),
    ],
)
def test_a_title_counts_where_neither_name_says_anything(name, title, palette):
    assert look_for(None, name, None, title).palette == palette
    assert look_for("sea_water_salinity", name, None, title).palette == "haline"


@pytest.mark.parametrize(
    ("values", "palette", "ends", "bands"),
    [
        ([0, 1], "tab10", (-0.5, 1.5), 2),
        ([5, 2, 3], "tab10", (1.5, 5.5), 4),
        ([-1, 8], "tab10", (-1.5, 8.5), 10),
        (range(1, 15), "tab20", (0.5, 14.5), 14),
        ([1.0, 20.0], "tab20", (0.5, 20.5), 20),
    ],
)
def test_categories_have_colours_that_are_told_apart(values, palette, ends, bands):
    look = category_look(list(values))
    scale = default_scale(look, min(values), max(values))
    assert (scale.palette, scale.low, scale.high, scale.bands) == (palette, *ends, bands)
    # Whatever the values on one day are: the automatic range is the same.
    assert default_scale(look, 3.0, 3.0) == scale
    assert len(np.unique(colours(scale)[:bands], axis=0)) == bands


@pytest.mark.parametrize("values", [[], [7], [0, 0.5], [0, math.nan], [0, math.inf], [1, 21], [0, 2**62]])
def test_what_is_no_handful_of_whole_numbers_is_no_category(values):
    assert category_look(values) is None
