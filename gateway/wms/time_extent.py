"""Times as capabilities list them. Source: OGC 06-042, annexes C.3 and D; ISO 8601, 5.5 (time intervals)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

_FEWEST: Final = 3
"""Times that make a period; two are shorter as a list."""
_EVERY_MONTH: Final = 28
"""The last day of the month that every month has: from there on clients count differently."""


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
    if not step.microseconds and all(instants[0] + n * step == instant for n, instant in enumerate(instants)):
        return _written(step.days, step.seconds)
    return _months(instants)


def _months(instants: Sequence[datetime]) -> str | None:
    """Return a period of months or years where the instants are that far apart by the calendar."""
    first = instants[0]
    if first.day > _EVERY_MONTH or any(instant.microsecond for instant in instants):
        return None
    counted = [instant.year * 12 + instant.month for instant in instants]
    months = counted[1] - counted[0]
    for number, (count, instant) in enumerate(zip(counted, instants, strict=True)):
        moved = instant.replace(year=first.year, month=first.month) if instant.day == first.day else None
        if count != counted[0] + number * months or moved != first:
            return None
    return f"P{months // 12}Y" if months % 12 == 0 else f"P{months}M"


def _written(days: int, seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count]
    day = f"{days}D" if days else ""
    return f"P{day}T{''.join(parts)}" if parts else f"P{day}"
