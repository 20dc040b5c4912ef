"""Whether an address names the content of its answer, which may then be kept for ever. Source: RFC 8246."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.wms.request.parameters import Parameters, Query

# ISO 8601 never has three letters in a row; `current` and its like do, and mean another step tomorrow.
_WORD: Final = re.compile(r"[A-Za-z]{3}", re.ASCII)


def names_content(query: Query, revisions: Sequence[str]) -> bool:
    """Tell whether REVISION gives the `revisions` of the datasets that are drawn, and nothing depends on the clock.

    Args:
        query: the parameters.
        revisions: of the dataset of each layer, in their order. REVISION may give each, or once the one of all.

    """
    pairs = tuple(query.items() if isinstance(query, Mapping) else query)
    # Most requests have none, and are quicker for not being read once more.
    if not any(name.upper() == "REVISION" for name, _ in pairs):
        return False
    parameters = Parameters.of(pairs)
    asked = parameters.text("REVISION")
    if asked is None or not revisions or _WORD.search(parameters.time or ""):
        return False
    given = [one.strip() for one in asked.split(",")]
    return given == list(revisions) or (len(given) == 1 and set(given) == set(revisions))
