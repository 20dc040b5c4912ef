"""How values lie in a netCDF-4 file."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdf5Options:
    """How values lie in the file."""

    model: Literal["NETCDF4", "NETCDF4_CLASSIC"]
    deflate: int
    """Level, 0 for none."""
    shuffle: bool
