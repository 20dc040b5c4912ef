"""The packings of a dataset, each once: those of files, and those of steps, which files may share. No I/O."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from core.packing import Packing

Share = tuple[int, frozenset[str]]
"""Index of a file's packings, and the variables taken of it."""


class PackingTable:
    """Packings by index; grows."""

    def __init__(self, known: Iterable[Mapping[str, Packing]] = ()) -> None:
        """Begin with those that are known already, in their order."""
        self._packings = list(known)
        self._places = {_key(packing): index for index, packing in reversed(list(enumerate(self._packings)))}
        self._joined: dict[frozenset[Share], int] = {}

    def __iter__(self) -> Iterator[Mapping[str, Packing]]:
        """Yield them by index."""
        return iter(self._packings)

    def __getitem__(self, index: int) -> Mapping[str, Packing]:
        """Return one."""
        return self._packings[index]

    def index(self, packing: Mapping[str, Packing]) -> int:
        """Return the index of one, which is added if it is new."""
        key = _key(packing)
        if key not in self._places:
            self._places[key] = len(self._packings)
            self._packings.append(packing)
        return self._places[key]

    def joined(self, shares: Iterable[Share]) -> int:
        """Return the index of the packings of what several files give; a variable is in one share at most."""
        key = frozenset(shares)
        if key not in self._joined:
            parts = ([(name, self[index][name]) for name in names if name in self[index]] for index, names in key)
            self._joined[key] = self.index(dict(sorted(chain.from_iterable(parts), key=lambda part: part[0])))
        return self._joined[key]


def _key(packing: Mapping[str, Packing]) -> tuple[tuple[str, str], ...]:
    # The text tells float32 from float64, which compare equal.
    return tuple(sorted((name, repr(part)) for name, part in packing.items()))
