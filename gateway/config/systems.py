"""Coordinate reference systems as the configuration names them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from core.crs import offered_with


def _listed(names: object) -> object:
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{names!r} is no list of names of coordinate reference systems, as [EPSG:27700]")
    return tuple(names)


def _offered(names: Sequence[str]) -> tuple[str, ...]:
    return offered_with(names)


Systems = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_offered)]
"""Names that PROJ knows; what is held is those besides the ones that are always on offer."""
