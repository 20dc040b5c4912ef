"""The formats of answers, and the names that clients have for them. Source: TDS 5, `SupportedFormat`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.numbers import shown
from core.problem import Problem

Kind = Literal["netcdf3", "netcdf4", "netcdf4-classic", "csv", "xml"]
_NETCDF: Final = "application/x-netcdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What an answer is written as, and how it is handed over."""

    name: str
    """As the description of a dataset lists it."""
    kind: Kind
    content_type: str
    suffix: str
    """Of the file."""
    attached: bool
    """Whether browsers are to save it rather than to show it."""

    @property
    def written(self) -> Literal["netcdf3", "netcdf4", "netcdf4-classic", "csv"]:
        """What it is made from: XML says what a table says."""
        return "csv" if self.kind == "xml" else self.kind


_FORMATS: Final = (
    Format(name="netcdf3", kind="netcdf3", content_type=_NETCDF, suffix=".nc", attached=True),
    Format(name="netcdf4", kind="netcdf4", content_type=_NETCDF, suffix=".nc4", attached=True),
    Format(name="netcdf4-classic", kind="netcdf4-classic", content_type=_NETCDF, suffix=".nc4", attached=True),
    # Browsers show text/plain, and siphon reads nothing else as CSV.
    Format(name="csv", kind="csv", content_type="text/plain; charset=utf-8", suffix=".csv", attached=False),
    Format(name="csv_file", kind="csv", content_type="text/csv; charset=utf-8", suffix=".csv", attached=True),
    Format(name="xml", kind="xml", content_type="application/xml", suffix=".xml", attached=False),
    Format(name="xml_file", kind="xml", content_type="application/xml", suffix=".xml", attached=True),
)
FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _FORMATS}
"""By the name that requests use."""
_ALIASES: Final[Mapping[str, str]] = {
    "netcdf": "netcdf3",
    "application/x-netcdf": "netcdf3",
    "netcdf4ext": "netcdf4",
    "application/x-netcdf4": "netcdf4",
    "text/csv": "csv",
    "text/plain": "csv",
    "application/xml": "xml",
    "text/xml": "xml",
}
OF_GRIDS: Final = tuple(name for name, one in FORMATS.items() if one.kind != "xml")
"""Names of what a part of a grid may be written as."""
OF_POINTS: Final = tuple(FORMATS)
"""Names of what the values at a place may be written as."""


def format_asked(text: str | None, *, point: bool) -> Format:
    """Return the format that `accept` names, in any case; netCDF-3 for grids and CSV for points where it does not.

    Raises:
        Problem: `unknown_format`, listing what there is.

    """
    name = (text or ("csv" if point else "netcdf3")).lower()
    name = _ALIASES.get(name, name)
    offered = OF_POINTS if point else OF_GRIDS
    if name in offered:
        return FORMATS[name]
    what = "values at a place" if point else "a part of a grid"
    message = f"accept={shown(text or '')} is no format for {what}: use one of {', '.join(offered)}"
    raise Problem("unknown_format", message, parameter="accept")
