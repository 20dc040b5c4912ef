"""Names by which requests call what a file names.

Source: OGC 06-042, 6.8.2 (commas part the items of a list) and 7.2.4.6.3 (names of layers); XML 1.0, 2.2.
"""

import re
from collections.abc import Iterable
from typing import Final

_UNSAID: Final = re.compile("^\\s|\\s$|[,\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def called(names: Iterable[str]) -> dict[str, str]:
    """Return what requests call each of `names`: the name itself, if a list of names in a request can hold it.

    `_` stands for a comma, for what XML does not have, and for white space at either end. A name that another one
    has already gets `_2`, `_3`, ... Names that need no change keep theirs whatever the order.
    """
    given = list(dict.fromkeys(names))
    plain = {name: _UNSAID.sub("_", name) for name in given}
    taken = {name for name in given if plain[name] == name}
    found = {}
    for name in given:
        free, number = plain[name], 1
        while free != name and free in taken:
            number += 1
            free = f"{plain[name]}_{number}"
        taken.add(free)
        found[name] = free
    return found
