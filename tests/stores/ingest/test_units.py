"""Which spellings are one unit; nothing that would need a number is one."""

import pytest

from stores.ingest.units import same_units


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("degC", "degrees_C"),
        ("degC", "celsius"),
        ("Celsius", "degree_Celsius"),
        ("degrees C", "°C"),
        ("K", "kelvin"),
        ("m", "meters"),
        ("m s-1", "m/s"),
        ("m s-1", "m.s-1"),
        ("m s-1", "m s^-1"),
        ("m s**-1", "meters per second"),
        ("m s-1", " m  s-1 "),
        ("kg m-3", "kg/m3"),
        ("mmol m-3", "millimole m-3"),
        ("s-1", "1/s"),
        ("m2 s-2", "s-2 m2"),
        ("%", "percent"),
        ("degrees_north", "degree_N"),
        ("1", ""),
        (None, None),
        ("days since 2000-01-01", "days since 2000-01-01"),
    ],
)
def test_one_unit_in_two_spellings(first, second):
    assert same_units(first, second)
    assert same_units(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("degC", "K"),
        ("m", "km"),
        ("m s-1", "m s-2"),
        ("m/s", "m s"),
        ("m/s kg", "m/s/kg"),
        ("Pa", "hPa"),
        ("Pa", "PA"),
        ("psu", "1e-3"),
        ("1", "0.001"),
        ("m", None),
        ("", None),
        ("days since 2000-01-01", "days since 2001-01-01"),
    ],
)
def test_other_units(first, second):
    assert not same_units(first, second)
    assert not same_units(second, first)
