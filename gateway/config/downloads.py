"""The part of `config.yaml` about downloads."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field

from gateway.config.spans import Nearness
from gateway.config.unit import STRICT


class DownloadsConfig(BaseModel):
    """What one download may ask for, and how files for them are made."""

    model_config = STRICT

    bytes: int = Field(default=2 * 2**30, ge=1)
    """Of one file, told before anything is read."""
    text_bytes: int = Field(default=256 * 2**20, ge=1)
    """Of one file in CSV, about."""
    folder: str = "data/spool"
    """For netCDF-4 and larger tables, which are whole before they are sent; relative to the configuration file."""
    spool_bytes: int = Field(default=20 * 2**30, ge=1)
    """Of all files in that folder, with what those that are being made will have."""
    keep: Nearness = timedelta(hours=1)
    """How long a file stays after it was last asked for; less where room is needed."""
    writers: int = Field(default=2, ge=1, le=64)
    """Processes that write netCDF-4, for each process of the unit; and how many tables are made at once."""
    queue: int = Field(default=100, ge=0)
    """Files that may wait to be made."""
    streams: int = Field(default=64, ge=1)
    """Larger downloads in netCDF-3 that may be under way at once in each process of the unit: some 20 MB each."""
    deflate: int = Field(default=1, ge=0, le=9)
    """Level of compression of netCDF-4; 0 for none."""
    shuffle: bool = True
    """Whether bytes are sorted before they are compressed, which makes most fields smaller."""

    def placed(self, folder: Path) -> Self:
        """Return it with its folder made absolute."""
        return self.model_copy(update={"folder": str(folder / self.folder)})
