"""Palettes: runs of 256 colours, by the names that cmocean, matplotlib and ncWMS gave them."""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.problem import Problem
from renderers.palette_aliases import OFFERED, UNDERSTOOD

INVERSE: Final = "-inv"
"""Suffix of the same palette reversed, as ncWMS writes it."""
OWN: Final = "default"
"""What clients of ncWMS call a layer's own palette; with `-inv`, that one reversed."""

_TURNING: Final = (INVERSE, "_r")
"""Suffixes that reverse a palette; the second one is matplotlib's."""


def palette(name: str) -> NDArray[np.uint8]:
    """Return red, green, blue of a palette from its lowest to its highest colour, shape (256, 3), read-only.

    Raises:
        Problem: `unknown_style`.

    """
    return _colours(canonical(name))


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """Return the one name, perhaps with `-inv`, of the colours that a client names in any of several ways.

    A name is looked for as it is written, then in any case; `_r` reverses it as `-inv` does.

    Raises:
        Problem: `unknown_style`.

    """
    plain, turned = _plain(name)
    found = _names().get(plain) or _in_any_case().get(plain.lower())
    if found is None:
        near = ", ".join(palette_names()[:8])
        message = f"there is no palette {name[:64]!r}; there are {near} and {len(palette_names()) - 8} more, each also"
        raise Problem("unknown_style", f"{message} with -inv", parameter="STYLES")
    base, inverse = _plain(found)
    return base + INVERSE if inverse != turned else base


def chosen(asked: str | None, own: str) -> str:
    """Return the canonical name of the palette that is asked for, where the layer's own is `own`.

    Raises:
        Problem: `unknown_style`.

    """
    if asked is None:
        return canonical(own)
    plain, turned = _plain(asked)
    if plain.lower() != OWN:
        return canonical(asked)
    return canonical(own) if not turned else canonical(_reversed(canonical(own)))


@cache
def palette_names() -> tuple[str, ...]:
    """Return the names to choose from, without those that end in -inv.

    The oceanographers' own (cmocean) come first, then the even ones of matplotlib, its other ones and those for
    categories; last the names that ncWMS has for them.
    """
    return (*_table(), *OFFERED)


def _plain(name: str) -> tuple[str, bool]:
    """Return a name without the suffixes that reverse it, and whether it is reversed."""
    turned = False
    for suffix in _TURNING:
        if name.lower().endswith(suffix):
            name, turned = name[: -len(suffix)], not turned
    return name, turned


def _reversed(name: str) -> str:
    return name.removesuffix(INVERSE) if name.endswith(INVERSE) else name + INVERSE


@cache
def _names() -> Mapping[str, str]:
    """Return, by each name, the one of the table, perhaps with -inv."""
    return {**UNDERSTOOD, **OFFERED, **{name: name for name in _table()}}


@cache
def _in_any_case() -> Mapping[str, str]:
    return {name.lower(): found for name, found in _names().items()}


@cache
def _colours(name: str) -> NDArray[np.uint8]:
    """Return the colours of a canonical name: there are only so many."""
    plain, turned = _plain(name)
    return _table()[plain][::-1] if turned else _table()[plain]


@cache
def _table() -> dict[str, NDArray[np.uint8]]:
    with files("renderers").joinpath("palettes.npz").open("rb") as stream, np.load(stream) as stored:
        table = {name: stored[name] for name in stored.files}
    for colours in table.values():
        colours.setflags(write=False)
    return table
