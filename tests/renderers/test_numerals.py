import pytest

from renderers.numerals import labels, log_label, shared_exponent, written_units


@pytest.mark.parametrize(
    ("units", "written"),
    [
        ("degrees_C", "°C"),
        ("degC", "°C"),
        ("Celsius", "°C"),
        ("kelvin", "K"),
        ("1", ""),
        ("", ""),
        ("1e-3", "10⁻³"),
        ("m s-1", "m s⁻¹"),
        ("m s^-1", "m s⁻¹"),
        ("m s**-2", "m s⁻²"),
        ("mg m-3", "mg m⁻³"),
        ("m2 s-1", "m² s⁻¹"),
        ("m/s", "m/s"),
        ("%", "%"),
        ("psu", "psu"),
        ("degrees", "°"),
        ("seconds since 1970-01-01", "seconds since 1970-01-01"),
    ],
)
def test_units_are_written_as_in_print(units, written):
    assert written_units(units) == written


@pytest.mark.parametrize(
    ("values", "exponent", "expected"),
    [
        ((0, 10, 20), 0, ("0", "10", "20")),
        ((-0.2, 0.0, 0.2), 0, ("−0.2", "0.0", "0.2")),
        ((0.25, 0.5, 0.75, 1), 0, ("0.25", "0.50", "0.75", "1.00")),
        ((-2e-5, 0, 2e-5), -5, ("−2", "0", "2")),
        ((99000, 103000), 0, ("99000", "103000")),
        ((0, 1 / 3, 2 / 3, 1), 0, ("0.000", "0.333", "0.667", "1.000")),
        ((5,), 0, ("5",)),
        ((0,), 0, ("0",)),
        ((), 0, ()),
    ],
)
def test_labels_have_as_many_decimals_as_tell_them_apart(values, exponent, expected):
    assert labels(values, exponent) == expected


@pytest.mark.parametrize(
    ("values", "exponent"),
    [((0, 30), 0), ((-2e-5, 2e-5), -5), ((0, 3.5e7), 7), ((0, 0.05), 0), ((), 0), ((0, 103000), 0)],
)
def test_only_very_large_and_very_small_values_share_a_power_of_ten(values, exponent):
    assert shared_exponent(values) == exponent


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0.01, "0.01"),
        (1, "1"),
        (0.3, "0.3"),
        (1000, "1000"),
        (20000.0, "20000"),
        (1e-4, "10⁻⁴"),
        (2e6, "2×10⁶"),
        (1e6, "10⁶"),
    ],
)
def test_values_of_a_logarithmic_scale_are_short(value, label):
    assert log_label(value) == label
