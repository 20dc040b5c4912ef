"""The part of `config.yaml` about whose tokens the unit believes."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, StringConstraints, field_validator

from gateway.config.unit import STRICT


class AuthConfig(BaseModel):
    """The one issuer whose tokens say who calls."""

    model_config = STRICT

    issuer: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    """As its tokens name it (iss): compared letter by letter."""
    jwks: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    """Its public keys: an address, or a file relative to the configuration file."""
    jwks_copy: str = "data/issuer-keys.json"
    """File for the keys last had from an address, relative to the configuration file."""

    @property
    def remote(self) -> bool:
        """Whether the keys come from an address."""
        return "://" in self.jwks

    @property
    def shown(self) -> str:
        """Where the keys come from, without user, password and query: for logs, which others read."""
        if not self.remote:
            return self.jwks
        parts = urlsplit(self.jwks)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @field_validator("jwks")
    @classmethod
    def _reachable(cls, jwks: str) -> str:
        if "://" in jwks:
            try:
                parts = urlsplit(jwks)
            except ValueError as error:
                raise ValueError(f"it is no address: {error}") from error
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("it is no address of keys: https://HOST/...")
        return jwks

    def placed(self, folder: Path) -> Self:
        """Return it with paths made absolute."""
        jwks = self.jwks if self.remote else str(folder / self.jwks)
        return self.model_copy(update={"jwks": jwks, "jwks_copy": str(folder / self.jwks_copy)})
