"""Palettes: runs of 256 colours, by the names that cmocean and matplotlib gave them."""

from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.problem import Problem

INVERSE: Final = "-inv"
"""Suffix of the same palette reversed, as ncWMS writes it."""


@cache
def palette(name: str) -> NDArray[np.uint8]:
    """Return red, green, blue of a palette from its lowest to its highest colour, shape (256, 3), read-only.

    Raises:
        Problem: `unknown_style`.

    """
    table = _table()
    plain = name.removesuffix(INVERSE)
    if plain not in table:
        near = ", ".join(palette_names()[:8])
        message = f"there is no palette {name[:64]!r}; there are {near} and {len(table) - 8} more, each also with -inv"
        raise Problem("unknown_style", message, parameter="STYLES")
    return table[plain] if plain == name else table[plain][::-1]


@cache
def palette_names() -> tuple[str, ...]:
    """Return the names without those that end in -inv: the oceanographers' own (cmocean) first."""
    return tuple(_table())


@cache
def _table() -> dict[str, NDArray[np.uint8]]:
    with files("renderers").joinpath("palettes.npz").open("rb") as stream, np.load(stream) as stored:
        table = {name: stored[name] for name in stored.files}
    for colours in table.values():
        colours.setflags(write=False)
    return table
