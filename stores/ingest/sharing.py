"""What files say alike kept once: a series of ten thousand has as many headers, each with all its coordinates."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from core.dataset import Description
from stores.ingest.header import Header

V = TypeVar("V")


class Sharing:
    """Remembers the last header of each set of variables."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._last: dict[tuple[str, ...], Header] = {}

    def header(self, header: Header) -> Header:
        """Return an equal header, which shares with the ones before what it has alike."""
        names = tuple(header.description.variables)
        last = self._last.get(names)
        if last is not None:
            header = replace(
                header,
                description=_description(header.description, last.description),
                packings=_alike(header.packings, last.packings),
            )
        self._last[names] = header
        return header


def _description(found: Description, known: Description) -> Description:
    return replace(
        found,
        attributes=_alike(found.attributes, known.attributes),
        variables=_alike(found.variables, known.variables),
        axes=_alike(found.axes, known.axes),
        grids=_alike(found.grids, known.grids),
        groups=_alike(found.groups, known.groups),
    )


def _alike(found: Mapping[str, V], known: Mapping[str, V]) -> Mapping[str, V]:
    """Return `found` with the members of `known` that equal its own, or all of `known`."""
    shared = {name: known[name] if known.get(name) == value else value for name, value in found.items()}
    same = list(shared) == list(known) and all(shared[name] is known[name] for name in known)
    return known if same else shared
