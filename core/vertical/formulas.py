"""The formulas of ocean coordinates, each written as a sum: numbers of the levels times quantities of the place.

At any place the height of a level is `numbers @ quantities`, so that halfway between two levels is halfway between
their numbers. The first quantity is always the height of the surface: (1, 0, 0, ...) is the surface itself.

Source: CF Conventions 1.11, appendix D (heights are positive upwards, against the datum of `eta` and `depth`).
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Terms = Mapping[str, Floats]
"""By term: one number, shape (1,), or one for each level, shape (n,)."""
Quantities = list[Floats]
"""Of places, each of the shape of `eta` and `depth`."""


def numbers(name: str, terms: Terms) -> Floats:
    """Return the numbers of levels under a formula, shape (levels, quantities)."""
    # Terms by which nothing can be divided give NaN, and so no order from the surface to the bottom.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return _stacked(_NUMBERS[name](terms))


def quantities(name: str, terms: Terms, eta: Floats, depth: Floats) -> Quantities:
    """Return what a formula wants to know of places.

    Args:
        name: standard name of the coordinate.
        terms: as for `numbers`.
        eta: height of the surface, metres.
        depth: of the bottom, metres below the datum, same shape.

    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return _QUANTITIES[name](terms, eta, depth)


def stretched(s: Floats, a: float, b: float) -> Floats:
    """Return C(k) of the ocean s-coordinate."""
    surface: Floats = np.sinh(a * s) / np.sinh(a)
    bottom: Floats = np.tanh(a * (s + 0.5)) / (2 * np.tanh(0.5 * a)) - 0.5
    return (1 - b) * surface + b * bottom


def _sigma(terms: Terms) -> list[Floats]:
    # The height is eta + sigma * (depth + eta).
    return [np.ones(1), terms["sigma"]]


def _s(terms: Terms) -> list[Floats]:
    # The height is eta * (1 + s) + depth_c * s + (depth - depth_c) * C.
    s = terms["s"]
    bent = stretched(s, float(terms["a"][0]), float(terms["b"][0]))
    return [np.ones(1), s, terms["depth_c"] * (s - bent), bent]


def _s_g1(terms: Terms) -> list[Floats]:
    # S = depth_c * s + (depth - depth_c) * C, then S + eta * (1 + S / depth)
    return [np.ones(1), terms["depth_c"] * (terms["s"] - terms["C"]), terms["C"]]


def _s_g2(terms: Terms) -> list[Floats]:
    # S = (depth_c * s + depth * C) / (depth + depth_c), then eta + (eta + depth) * S
    return [np.ones(1), terms["depth_c"] * terms["s"], terms["C"]]


def _sigma_z(terms: Terms) -> list[Floats]:
    # Above: eta + sigma * (min(depth_c, depth) + eta); below: zlev. Of each level one of the two is missing.
    sigma, height = terms["sigma"], terms["zlev"]
    above = np.isfinite(sigma)
    return [above.astype(np.float64), np.where(above, sigma, 0.0), np.where(above, 0.0, height)]


def _double_sigma(terms: Terms) -> list[Floats]:
    # To level k_c: sigma * f; below: f + (sigma - 1) * (depth - f). Both are depths where sigma is counted downwards.
    sigma = terms["sigma"]
    upper = np.arange(1, sigma.size + 1) <= terms["k_c"]
    turn = -1.0 if (sigma >= 0).all() else 1.0
    return [np.zeros(1), turn * np.where(upper, sigma, 1.0), turn * np.where(upper, 0.0, sigma - 1)]


def _of_double_sigma(terms: Terms, eta: Floats, depth: Floats) -> Quantities:
    a, upper, lower, reference = (terms[name][0] for name in ("a", "z1", "z2", "href"))
    bend = np.tanh(2 * a / (upper - lower) * (depth - reference))
    between = 0.5 * (upper + lower) + 0.5 * (upper - lower) * bend
    return [eta, between, depth - between]


def _stacked(columns: list[Floats]) -> Floats:
    return np.stack(np.broadcast_arrays(*columns), axis=1)


_NUMBERS: Final[Mapping[str, Callable[[Terms], list[Floats]]]] = {
    "ocean_sigma_coordinate": _sigma,
    "ocean_s_coordinate": _s,
    "ocean_s_coordinate_g1": _s_g1,
    "ocean_s_coordinate_g2": _s_g2,
    "ocean_sigma_z_coordinate": _sigma_z,
    "ocean_double_sigma_coordinate": _double_sigma,
}
_QUANTITIES: Final[Mapping[str, Callable[[Terms, Floats, Floats], Quantities]]] = {
    "ocean_sigma_coordinate": lambda _, eta, depth: [eta, depth + eta],
    "ocean_s_coordinate": lambda _, eta, depth: [eta, eta, np.ones_like(eta), depth],
    "ocean_s_coordinate_g1": lambda _, eta, depth: [eta, 1 + eta / depth, depth + eta],
    "ocean_s_coordinate_g2": lambda terms, eta, depth: [
        eta,
        (eta + depth) / (depth + terms["depth_c"]),
        depth * (eta + depth) / (depth + terms["depth_c"]),
    ],
    "ocean_sigma_z_coordinate": lambda terms, eta, depth: [
        eta,
        np.minimum(terms["depth_c"], depth) + eta,
        np.ones_like(eta),
    ],
    "ocean_double_sigma_coordinate": _of_double_sigma,
}

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "ocean_sigma_coordinate": ("sigma",),
    "ocean_s_coordinate": ("s",),
    "ocean_s_coordinate_g1": ("s", "C"),
    "ocean_s_coordinate_g2": ("s", "C"),
    "ocean_sigma_z_coordinate": ("sigma", "zlev"),
    "ocean_double_sigma_coordinate": ("sigma",),
}
"""By formula: the terms that have a number for each level."""
CONSTANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "ocean_sigma_coordinate": (),
    "ocean_s_coordinate": ("a", "b", "depth_c"),
    "ocean_s_coordinate_g1": ("depth_c",),
    "ocean_s_coordinate_g2": ("depth_c",),
    "ocean_sigma_z_coordinate": ("depth_c",),
    "ocean_double_sigma_coordinate": ("a", "z1", "z2", "k_c", "href"),
}
"""By formula: the terms that are one number."""
FIXED: Final = ("ocean_sigma_z_coordinate",)
"""Formulas whose lowest levels lie at heights of their own, and not in parts of the depth."""
