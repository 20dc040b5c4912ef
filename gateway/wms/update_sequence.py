"""Whether a client still needs the capabilities. Source: OGC 06-042, 7.2.3.5."""

import re
from typing import Final

from core.numbers import shown
from core.problem import Problem

_SEQUENCE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


def check_update_sequence(asked: str | None, current: str | None) -> None:
    """Refuse where the client has what there is, or claims more (06-042, 7.2.3.5); two integers compare as such.

    Without a present one the parameter is passed over, as the standard has it.

    Raises:
        Problem: `current_update_sequence` or `invalid_update_sequence`.

    """
    if asked is None or current is None:
        return
    if asked == current:
        message = f"the capabilities are still those of update sequence {current}"
        raise Problem("current_update_sequence", message, parameter="UPDATESEQUENCE")
    numbers = _SEQUENCE.fullmatch(asked) and _SEQUENCE.fullmatch(current)
    if int(asked) > int(current) if numbers else asked > current:
        message = f"UPDATESEQUENCE={shown(asked)} is beyond the present {current}"
        raise Problem("invalid_update_sequence", message, parameter="UPDATESEQUENCE")
