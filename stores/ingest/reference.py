"""When the forecast run that a file belongs to began.

Source: CF Conventions 1.11, 4.4 and the standard name `forecast_reference_time`; Copernicus Marine products write it
as the global attribute `bulletin_date`.
"""

import re
from typing import Final

from core.attributes import text_of
from core.problem import Problem
from core.time import Calendar, instant
from stores.ingest.clock import instants_of, is_time
from stores.ingest.header import RawFile, Values
from stores.ingest.refusal import Unreadable

_STANDARD_NAME: Final = "forecast_reference_time"
_DATE: Final = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?Z?)?", re.ASCII
)


def reference_of(file: RawFile, calendar: Calendar, values: Values) -> int | None:
    """Return the reference time in milliseconds in `calendar`; None where the file names none, or more than one."""
    named = [variable for variable in file.variables.values() if variable.standard_name == _STANDARD_NAME]
    for variable in named:
        if is_time(variable) and all(size == 1 for size in variable.shape):
            try:
                return int(instants_of(file, variable, calendar, values).ravel()[0])
            except Unreadable:
                return None
    if named:
        return None
    found = _DATE.fullmatch((text_of(file.attributes, "bulletin_date") or "").strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (part or "00" for part in found.groups())
    try:
        return instant(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z", calendar)
    except Problem:
        return None
