"""The part of `config.yaml` about the unit as a whole: who it is, where it listens, and its limits."""

import re
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from gateway.config.networks import Networks, PublicUrl
from gateway.config.spans import Span
from gateway.config.systems import Systems

DatasetId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
STRICT: Final = ConfigDict(extra="forbid", strict=True, frozen=True)
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.\-\[\]:]+", re.ASCII)


class ContactConfig(BaseModel):
    """Whom users of the unit may ask."""

    model_config = STRICT

    person: str
    organization: str
    email: str = ""


class UnitConfig(BaseModel):
    """Who this dissemination unit is, and where it listens."""

    model_config = STRICT

    id: DatasetId = "unit"
    title: str = "Halocline dissemination unit"
    abstract: str = ""
    keywords: list[str] = Field(default_factory=list)
    contact: ContactConfig | None = None
    fees: str = ""
    """What the use costs; nothing is said where it is empty."""
    access_constraints: str = ""
    """What the use is bound to; nothing is said where it is empty."""
    public_url: PublicUrl | None = None
    """Absolute address that clients use; without it the Host header of each request is taken."""
    proxies: Networks = ()
    """Networks of the proxies that are believed to say for whom they speak."""
    proxy_headers: Literal["x-forwarded", "forwarded"] = "x-forwarded"
    """In which headers they say it; the others are taken for words of the client."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=256)
    """Processes on the one port."""
    hang_seconds: float = Field(default=30.0, ge=0, le=3600, allow_inf_nan=False, strict=False)
    """Without a sign of life of a process until it is killed and replaced; 0 is never."""
    keep_versions: Span = timedelta(days=1)
    """How long a version stays after another one was published."""
    crs: Systems = Field(default=(), validate_default=True)
    """Coordinate reference systems of maps: those that every unit offers, and the further ones that are named."""
    cors: list[str] = Field(default_factory=lambda: ["*"])
    """Origins whose pages may read answers; `*` is all."""
    access_log: str | None = None
    """File for one line per answer, relative to the configuration file; `-` is standard output."""
    drain_seconds: float = Field(default=0.0, ge=0, le=3600, allow_inf_nan=False, strict=False)
    """From the word to end until connections are no longer taken; `/health/ready` is 503 meanwhile."""

    @field_validator("cors")
    @classmethod
    def _origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            if origin != "*" and _ORIGIN.fullmatch(origin) is None:
                raise ValueError(f"{origin!r} is no origin: https://portal.example.org, without a path, or *")
        return origins


class LimitsConfig(BaseModel):
    """What one request may ask for, checked before anything is read."""

    model_config = STRICT

    width: int = Field(default=4096, ge=1)
    """Pixels."""
    height: int = Field(default=4096, ge=1)
    """Pixels."""
    pixels: int = Field(default=4096 * 2048, ge=1)
    """Width times height."""
    layers: int = Field(default=8, ge=1)
    """In one picture."""
    kml_steps: int = Field(default=366, ge=1)
    """In one document of KML."""
    request_line: int = Field(default=65536, ge=1024)
    """Bytes: LAYERS, lists of times and tokens outgrow the usual 8,190."""
    request_body: int = Field(default=2**20, ge=1024)
    """Bytes of a form that is posted."""
    connections: int = Field(default=16384, ge=1)
    """Of one process, all clients together; the system may allow fewer."""
    client_rate: int = Field(default=128, ge=0)
    """Bytes a second that a client has to take of an answer, over `client_timeout`; 0 is any number."""
    unsent_bytes: int = Field(default=256 * 2**20, ge=2**20)
    """Of answers that wait in the memory of one process for their clients to take them."""
    client_timeout: float = Field(default=75.0, gt=0, le=3600, allow_inf_nan=False, strict=False)
    """Seconds to wait for the head of a request, and again for its body; then the connection is closed."""
    chunk_cache: int = Field(default=512 * 2**20, ge=0)
    """Bytes of decoded chunks kept by each process."""
    cell_cache: int = Field(default=64 * 2**20, ge=0)
    """Bytes of where the pixels of views lie on grids that are searched, kept by each process."""
    threads: int = Field(default=4, ge=1)
    """For work that takes longer than about 2 ms."""
    queue: int = Field(default=256, ge=0)
    """Requests that wait for a place in each process, of quick work and of long work each; more are refused as busy."""
    queue_seconds: float = Field(default=5.0, gt=0, le=3600, allow_inf_nan=False, strict=False)
    """That each of them waits before it is refused as busy."""
    store_timeout: float = Field(default=20.0, gt=0, le=3600, allow_inf_nan=False, strict=False)
    """Seconds to wait for each answer of the store."""
    plain_cells: int = Field(default=2**26, ge=1)
    """Cells that one layer of a picture may read from plain Zarr, which has no overviews."""
    plain_timeout: float = Field(default=30.0, gt=0, le=3600, allow_inf_nan=False, strict=False)
    """Seconds for each request to a plain Zarr behind HTTP."""
