"""One use of the unit, and how it is written. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from auth.caller import Action

Outcome = Literal["answered", "unchanged", "refused", "failed", "gone", "cut"]
"""`unchanged`: the client had it already; `gone`: the client left before the end; `cut`: a fault of ours on the way."""

Line = Mapping[str, object]
"""One line of a file of records, as JSON has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One request for data or for what describes them, once it is over."""

    time: float
    """Of its end, in seconds since 1970-01-01T00:00:00Z."""
    subject: str | None
    """Name of the account; None for anonymous callers, and for those who could not prove who they are."""
    protocol: str
    operation: str
    """In the protocol's own words; `none` where nothing was asked for that there is."""
    datasets: tuple[str, ...]
    """Ids of those that were opened, or refused to somebody who may know of them."""
    action: Action | None
    """The strongest one that they were opened for; None where nothing was."""
    status: int
    """Of HTTP; 499 where the client left before anything was sent."""
    outcome: Outcome
    refusal: str | None
    """The kind of problem for which it was refused."""
    size: int
    """Bytes of the body that were sent, packed as they went; without headers."""
    seconds: float
    """From the request read to its last byte handed over."""

    def line(self, number: int, who: str | None) -> str:
        """Return the record with its number and its caller's pseudonym, in JSON on one line."""
        return written(
            {
                "seq": number,
                "kind": "use",
                "time": stamp(self.time),
                "who": who,
                "protocol": self.protocol,
                "operation": self.operation,
                "datasets": self.datasets,
                "action": self.action,
                "status": self.status,
                "outcome": self.outcome,
                "refusal": self.refusal,
                "bytes": self.size,
                "seconds": round(self.seconds, 6),
            }
        )


def written(line: Line) -> str:
    """Write a line: all that is no printable ASCII is escaped."""
    return f"{json.dumps(line, separators=(',', ':'))}\n"


def stamp(time: float) -> str:
    """Write seconds since 1970-01-01T00:00:00Z as a time in UTC."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_of(time: float) -> str:
    """Return the day in UTC of seconds since 1970-01-01T00:00:00Z: `2026-11-21`."""
    return datetime.fromtimestamp(time, UTC).date().isoformat()
