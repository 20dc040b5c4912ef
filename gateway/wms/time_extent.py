"""Times as capabilities list them. Source: OGC 06-042, annexes C.3 and D; ISO 8601, 5.5 (time intervals)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

_FEWEST: Final = 3
"""Times that make a period; two are shorter as a list."""


def time_extent(times: Sequence[str]) -> str:
    """Return `start/end/period` where a client that counts it out gets exactly `times`, else all of them.

    Clients count in the Gregorian calendar, whatever the one of the data: so do we.

    Args:
        times: ISO 8601 in UTC, strictly increasing.

    """
    period = _period(times)
    return ",".join(times) if period is None else f"{times[0]}/{times[-1]}/{period}"


def _period(times: Sequence[str]) -> str | None:
    if len(times) < _FEWEST:
        return None
    try:
        instants = [datetime.fromisoformat(time) for time in times]
    except ValueError:
        # Another calendar has the day, or the year has five digits.
        return None
    step = instants[1] - instants[0]
    if step.microseconds or any(instants[0] + n * step != instant for n, instant in enumerate(instants)):
        return None
    return _written(step.days, step.seconds)


def _written(days: int, seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count]
    day = f"{days}D" if days else ""
    return f"P{day}T{''.join(parts)}" if parts else f"P{day}"
