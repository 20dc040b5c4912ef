"""What turns the levels of s and sigma coordinates into metres, as far as a file says it.

Source: CF Conventions 1.11, 4.3.3 and appendix D; 7.1.1 (bounds of parametric coordinates); for files without
`formula_terms` the names of ROMS (`Cs_r`, `hc`, `Vtransform`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.attributes import text_of
from core.dataset import Formula
from core.vertical.column import Column
from core.vertical.formulas import CONSTANTS, LEVELS
from stores.ingest.header import RawFile, RawVariable, Values
from stores.ingest.horizontal import unpacked
from stores.ingest.names import resolved
from stores.ingest.packings import packing_in

_OTHER_NAMES: Final = {"ocean_sigma/general_coordinate": "ocean_sigma_coordinate"}
"""Standard names that models write for one of CF's (FVCOM)."""
_ROMS: Final = {1.0: "ocean_s_coordinate_g1", 2.0: "ocean_s_coordinate_g2"}
"""By `Vtransform`. Source: ROMS, "Vertical S-coordinate": the two transformation equations."""
_TWINS: Final = (("s_rho", "s_w"), ("Cs_r", "Cs_w"), ("sc_r", "sc_w"), ("siglay", "siglev"))
"""Names of what models say of levels, and of the interfaces between these."""

_NOT_METRES: Final = re.compile(r"(kilo|deci|centi|milli)met(er|re)s?|km|dm|cm|mm|ft|foot|feet|fathoms?")
"""Lengths that would be taken for metres; all terms of a formula that are lengths are in one unit (CF appendix D)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a file says of an axis, by name."""

    name: str
    terms: Mapping[str, str]
    """By term: the variable that is named, whether it is there or not."""
    group: str


class _MissingError(Exception):
    """A term cannot be had, for the reason given."""


def is_parametric(variable: RawVariable) -> bool:
    """Tell whether a variable holds numbers of levels that a formula of the sea turns into metres."""
    return variable.numeric and _standard_name(variable) in LEVELS


def formula_of(file: RawFile, dimension: str, coordinate: RawVariable | None, values: Values) -> Formula | None:
    """Return the formula of an axis; None where there is none, or not all that it takes."""
    said = _said(file, dimension, coordinate, values)
    try:
        return None if said is None else _formula(file, dimension, said, values)
    except _MissingError:
        return None


def remark_on_levels(file: RawFile, dimension: str, coordinate: RawVariable | None, values: Values) -> str | None:
    """Say what is missing where the levels of an axis cannot be turned into metres; None where nothing is."""
    said = _said(file, dimension, coordinate, values)
    try:
        if said is not None:
            _formula(file, dimension, said, values)
    except _MissingError as missing:
        return f"levels along {dimension} are served by number, not in metres: {missing}"
    return None


def _said(file: RawFile, dimension: str, coordinate: RawVariable | None, values: Values) -> _Said | None:
    if coordinate is None:
        # Where levels are other ones at each place, what holds them is no coordinate, but says the same.
        along = (found for found in file.variables.values() if found.dimensions[:1] == (dimension,))
        coordinate = next((found for found in along if is_parametric(found)), None)
    if coordinate is not None and is_parametric(coordinate):
        words = (text_of(coordinate.attributes, "formula_terms") or "").replace(":", ": ").split()
        terms = {term.removesuffix(":"): name for term, name in zip(words[::2], words[1::2], strict=False)}
        return _Said(name=_standard_name(coordinate), terms=terms, group=coordinate.group)
    return _said_by_roms(file, dimension, values)


def _said_by_roms(file: RawFile, dimension: str, values: Values) -> _Said | None:
    level = "w" if dimension.endswith("s_w") else "r"
    s = next((name for name in (dimension, f"sc_{level}") if _runs_along(file, name, dimension)), None)
    bent = f"Cs_{level}"
    if s is None or not _runs_along(file, bent, dimension) or "hc" not in file.variables:
        return None
    if "Vtransform" not in file.variables:
        # Whichever it is, it is named as what is missing.
        return _Said(name=_ROMS[1.0], terms={"s": s, "C": bent, "depth_c": "Vtransform"}, group="")
    transform = _single(file, file.variables["Vtransform"], values)
    name = None if transform is None else _ROMS.get(transform)
    if name is None:
        return None
    eta = {"eta": "zeta"} if "zeta" in file.variables else {}
    return _Said(name=name, terms={"s": s, "C": bent, "depth_c": "hc", "depth": "h", **eta}, group="")


def _runs_along(file: RawFile, name: str, dimension: str) -> bool:
    found = file.variables.get(name)
    return found is not None and found.numeric and found.dimensions == (dimension,)


def _formula(file: RawFile, dimension: str, said: _Said, values: Values) -> Formula:
    if not said.terms:
        raise _MissingError("there is no attribute formula_terms")
    levels = {term: _level(file, dimension, said, term, values) for term in LEVELS[said.name]}
    constants = {term: _constant(file, said, term, values) for term in CONSTANTS[said.name]}
    edges = {term: _edges(file, said, term, values) for term in levels}
    there = {term: found for term, found in edges.items() if found is not None}
    depth = _placed(file, said, "depth")
    if depth is None:
        raise _MissingError("formula_terms names no depth")
    formula = Formula(
        name=said.name,
        terms={**levels, **constants},
        edges=there if len(there) == len(edges) else {},
        depth=depth,
        eta=_placed(file, said, "eta") or "",
    )
    if Column.of(formula) is None:
        raise _MissingError("they do not lie one under the other between the surface and the bottom")
    return formula


def _level(file: RawFile, dimension: str, said: _Said, term: str, values: Values) -> tuple[float, ...]:
    variable = _named(file, said, term)
    if variable is None:
        raise _MissingError(f"formula_terms names no {term}")
    found = _by_level(file, variable, values) if variable.dimensions[:1] == (dimension,) else None
    if found is None:
        raise _MissingError(f"{variable.name} ({', '.join(variable.dimensions)}) is not one number for each level")
    # Levels over z have either of two terms (appendix D, ocean sigma over z), all others all of theirs.
    if len(LEVELS[said.name]) < 2 or term in ("s", "C"):
        _finite(variable, found)
    return tuple(found.tolist())


def _by_level(file: RawFile, variable: RawVariable, values: Values) -> NDArray[np.float64] | None:
    """Return one number for each level, also where the same is said anew of every place; None where places differ."""
    found = unpacked(file, variable.name, values).reshape(variable.shape[0], -1)
    if not found.size:
        return None
    first = found[:, 0]
    return first if np.array_equal(found, np.broadcast_to(first[:, None], found.shape), equal_nan=True) else None


def _constant(file: RawFile, said: _Said, term: str, values: Values) -> tuple[float, ...]:
    variable = _named(file, said, term)
    if variable is None:
        # What is left out is zero (CF 4.3.3).
        return (0.0,)
    found = _single(file, variable, values)
    if found is None:
        raise _MissingError(f"{variable.name} is not one number")
    return (found,)


def _single(file: RawFile, variable: RawVariable, values: Values) -> float | None:
    """Return the number that a variable holds; None where it holds none, or several."""
    if not variable.numeric or prod(variable.shape) != 1:
        return None
    found = float(packing_in(file, variable).unpack(np.reshape(values(variable.name), 1))[0])
    return found if isfinite(found) else None


def _finite(variable: RawVariable, found: NDArray[np.float64]) -> None:
    if not np.isfinite(found).all():
        raise _MissingError(f"a value of {variable.name} is missing")


def _edges(file: RawFile, said: _Said, term: str, values: Values) -> tuple[float, ...] | None:
    """Return a term at the interfaces between levels, one more than these; None where the file does not give it."""
    variable = _named(file, said, term)
    if variable is None or (len(LEVELS[said.name]) > 1 and term == "zlev"):
        return None
    count = variable.shape[0]
    bounds = next(iter(file.named(variable, "bounds")), None)
    if bounds is not None and bounds.numeric and bounds.shape == (count, 2):
        found = unpacked(file, bounds.name, values)
        if np.isfinite(found).all() and (found[1:, 0] == found[:-1, 1]).all():
            return (float(found[0, 0]), *map(float, found[:, 1]))
    for name, twin in _TWINS:
        other = file.variables.get(f"{variable.name.removesuffix(name)}{twin}")
        if variable.name.endswith(name) and other is not None and other.numeric and other.shape[:1] == (count + 1,):
            numbers = _by_level(file, other, values)
            return None if numbers is None or not np.isfinite(numbers).all() else tuple(numbers.tolist())
    return None


def _placed(file: RawFile, said: _Said, term: str) -> str | None:
    """Return the variable of a term that is another one at each place."""
    variable = _named(file, said, term)
    return None if variable is None else variable.name


def _in_metres(variable: RawVariable) -> None:
    if _NOT_METRES.fullmatch(variable.units.lower()):
        raise _MissingError(f"{variable.name} is in {variable.units}, not in m")


def _named(file: RawFile, said: _Said, term: str) -> RawVariable | None:
    word = said.terms.get(term)
    if word is None:
        return None
    found = resolved(file.variables, said.group, word)
    if found is None:
        raise _MissingError(f"it takes {word}, which is not in this file")
    if not file.variables[found].numeric:
        raise _MissingError(f"{word} holds no numbers")
    _in_metres(file.variables[found])
    return file.variables[found]


def _standard_name(variable: RawVariable) -> str:
    return _OTHER_NAMES.get(variable.standard_name, variable.standard_name)
