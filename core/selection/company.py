"""Which variables have to come along with a field, so that a file of it alone says all that the source says of it.

Source: CF Conventions 1.11, 4.3.3 (formula terms), 5 (coordinates), 5.6 (grid mappings), 7.1 (bounds), 7.2 (cell
measures), 7.4 (climatologies); 2.7 (names in groups); for files without `formula_terms` the names of ROMS.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from core.attributes import text_of
from core.dataset import Description, Variable, placing
from core.vertical.terms import levels_of

_LISTS: Final = ("coordinates", "bounds", "climatology", "geometry")
"""Attributes that are names, parted by blanks."""
_PAIRS: Final = ("formula_terms", "cell_measures")
"""Attributes that are `word: name`."""
_ROMS: Final = ("hc", "Vtransform")
"""What else turns s levels into metres: of the models that write it, no attribute names all of it."""


def company(description: Description, fields: Iterable[str]) -> tuple[str, ...]:
    """Return fields and all that has to come along with them, in the order of the source."""
    found: set[str] = set()
    waiting = list(fields)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _needed(description, description.variables[name])
    return tuple(name for name in description.variables if name in found)


def _needed(description: Description, variable: Variable) -> Iterator[str]:
    yield from _along(description, variable)
    yield from _for_levels(description, variable)
    grid = description.grids.get(variable.grid or "")
    if grid is not None:
        yield from placing(grid)
    if description.time is not None and variable.stepped:
        yield description.time.variable
    for word in _words(variable):
        name = resolved(description, variable.name, word)
        if name is not None:
            yield name


def _along(description: Description, variable: Variable) -> Iterator[str]:
    """Yield the coordinates of its dimensions, and of a field whatever else runs along one of them alone."""
    time = description.time.dimension if description.time is not None and variable.stepped else None
    for dimension in {*variable.dimensions, *([time] if time else [])}:
        for name, other in description.variables.items():
            if other.dimensions == (dimension,) and other.grid is None and (variable.grid or name == dimension):
                yield name


def _for_levels(description: Description, variable: Variable) -> Iterator[str]:
    """Yield what turns the levels of a field into metres, whether the file names it or it was known by its name."""
    axes = (description.axes.get(name) for name in variable.axes)
    formulas = [axis.formula for axis in axes if axis is not None and axis.formula is not None]
    levels = levels_of(description, variable)
    yield from () if levels is None else (term.variable.name for term in levels.terms)
    for formula in formulas:
        more = _ROMS if formula.name in ("ocean_s_coordinate_g1", "ocean_s_coordinate_g2") else ()
        yield from (name for name in (formula.depth, formula.eta, *more) if name in description.variables)


def _words(variable: Variable) -> Iterator[str]:
    for attribute in _LISTS:
        yield from (text_of(variable.attributes, attribute) or "").split()
    for attribute in _PAIRS:
        words = (text_of(variable.attributes, attribute) or "").split()
        yield from (word for word in words if not word.endswith(":"))
    mappings = (text_of(variable.attributes, "grid_mapping") or "").split()
    # `crs: x y` is the extended form.
    extended = [word.removesuffix(":") for word in mappings if word.endswith(":")]
    yield from extended or mappings


def resolved(description: Description, name: str, word: str) -> str | None:
    """Return the variable that a word in an attribute of another one means; None where it is not there."""
    if word.startswith("/"):
        return word[1:] if word[1:] in description.variables else None
    group = name.rpartition("/")[0]
    while True:
        path = f"{group}/{word}" if group else word
        if path in description.variables:
            return path
        if not group:
            return None
        group = group.rpartition("/")[0]
