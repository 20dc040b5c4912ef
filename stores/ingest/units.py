"""Whether two spellings name one unit, so that nothing has to be converted. No I/O.

Source: UDUNITS-2, "Grammar" and its unit database; only what differs in spelling alone is taken for the same.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "degC": (
        "celsius", "degree_celsius", "degrees_celsius", "degree celsius", "degrees celsius", "deg_c", "degs_c",
        "degreec", "degreesc", "degree_c", "degrees_c", "degree c", "degrees c", "deg c", "°c",
    ),
    "K": ("kelvin", "kelvins", "degk", "deg_k", "degree_k", "degrees_k", "degree_kelvin", "degrees_kelvin"),
    "m": ("meter", "meters", "metre", "metres"),
    "km": ("kilometer", "kilometers", "kilometre", "kilometres"),
    "s": ("sec", "second", "seconds"),
    "h": ("hr", "hour", "hours"),
    "d": ("day", "days"),
    "g": ("gram", "grams"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "mol": ("mole", "moles"),
    "mmol": ("millimole", "millimoles"),
    "Pa": ("pascal", "pascals"),
    "hPa": ("hectopascal", "hectopascals"),
    "dbar": ("decibar", "decibars"),
    "N": ("newton", "newtons"),
    "W": ("watt", "watts"),
    "%": ("percent",),
    "psu": ("practical_salinity_unit", "practical_salinity_units"),
    "rad": ("radian", "radians"),
    "degree": ("degrees",),
    "degree_north": ("degrees_north", "degree_n", "degrees_n"),
    "degree_east": ("degrees_east", "degree_e", "degrees_e"),
}  # fmt: skip
_NAMES: Final = {name: symbol for symbol, names in _SPELLINGS.items() for name in names}
"""Names in lower case; symbols keep their case, for `Pa` and `PA` differ."""
_FACTOR: Final = re.compile(r"(?P<unit>[^\W\d]+|%|°[A-Za-z])(?:(?:\^|\*\*)?(?P<power>[+-]?[0-9]{1,2}))?")
_TIMES: Final = re.compile(r"\s*[.*·]\s*|\s+")


def same_units(first: str | None, second: str | None) -> bool:
    """Tell whether two units are one: `degC` and `degrees_Celsius`, `m/s` and `m s-1`; None is no units at all."""
    if first is None or second is None:
        return first == second
    return first.strip() == second.strip() or _powers(first) == _powers(second)


def _powers(text: str) -> Mapping[str, int] | str:
    """Return the power of each unit of a product; the text itself where it is anything else."""
    # As in UDUNITS a division is of what follows it, up to the next factor: `m/s kg` is `m.s-1.kg`.
    whole = _named(text.strip())
    found: Counter[str] = Counter()
    sign = 1
    for part in re.split(r"(\s*/\s*|\s+per\s+)", whole.replace("**", "^")):
        if part.strip() in ("/", "per"):
            sign = -1
            continue
        for factor in _TIMES.split(part.strip()):
            if factor not in ("", "1"):
                read = _FACTOR.fullmatch(factor)
                if read is None:
                    return text.strip()
                found[_named(read["unit"])] += sign * int(read["power"] or 1)
            sign = 1
    return {unit: power for unit, power in found.items() if power}


def _named(name: str) -> str:
    return _NAMES.get(name.lower(), name)
