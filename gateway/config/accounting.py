"""The part of `config.yaml` about records of uses."""

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field

from gateway.config.spans import Span
from gateway.config.unit import STRICT


class AccountingConfig(BaseModel):
    """Where records of uses are kept, how long, and under which names callers stand in them."""

    model_config = STRICT

    folder: str = "data/accounting"
    """Relative to the configuration file."""
    secret: str = "data/accounting.secret"  # noqa: S105 -- where it is
    """File with the secret of the pseudonyms, relative to the configuration file; it is made where it is missing."""
    pseudonyms: Literal["month", "always"] = "month"
    """For how long a caller keeps one pseudonym."""
    keep: Span = timedelta(days=90)
    """How long records are kept after the day that they are of."""
    segment_bytes: int = Field(default=64 * 2**20, ge=4096)
    """From which on another file is begun."""

    def placed(self, folder: Path) -> Self:
        """Return it with paths made absolute."""
        return self.model_copy(update={"folder": str(folder / self.folder), "secret": str(folder / self.secret)})
