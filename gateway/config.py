"""`config.yaml` as values: strict, every unknown key an error that names its full path."""

import re
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from core.problem import Problem
from gateway.faults import ConfigError as ConfigError  # noqa: PLC0414 -- part of what callers need
from renderers.palettes import palette
from renderers.scale import Scale

DatasetId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
_ANY: Final = "gray"
_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([hd])", re.ASCII)
_STRICT: Final = ConfigDict(extra="forbid", strict=True, frozen=True)


def _span(text: object) -> object:
    """Read hours or days: `36h`, `7d`."""
    if isinstance(text, timedelta):
        return text
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is no span of time: write hours or days, 36h or 7d")
    return timedelta(hours=int(found[1]) * (24 if found[2] == "d" else 1))


Span = Annotated[timedelta, BeforeValidator(_span)]


class UnitConfig(BaseModel):
    """Who this dissemination unit is, and where it listens."""

    model_config = _STRICT

    id: DatasetId = "unit"
    title: str = "Halocline dissemination unit"
    abstract: str = ""
    public_url: str | None = None
    """Absolute address that clients use; without it the Host header of each request is taken."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=256)
    """Processes on the one port."""
    keep_versions: Span = timedelta(days=1)
    """How long a version stays after another one was published."""


class LimitsConfig(BaseModel):
    """What one request may ask for, checked before anything is read."""

    model_config = _STRICT

    width: int = Field(default=4096, ge=1)
    """Pixels."""
    height: int = Field(default=4096, ge=1)
    """Pixels."""
    pixels: int = Field(default=4096 * 2048, ge=1)
    """Width times height."""
    layers: int = Field(default=8, ge=1)
    """In one picture."""
    request_line: int = Field(default=65536, ge=1024)
    """Bytes: LAYERS, lists of times and tokens outgrow the usual 8,190."""
    chunk_cache: int = Field(default=512 * 2**20, ge=0)
    """Bytes of decoded chunks kept by each process."""
    threads: int = Field(default=4, ge=1)
    """For work that takes longer than about 2 ms."""
    store_timeout: float = Field(default=20.0, gt=0, le=3600, allow_inf_nan=False, strict=False)
    """Seconds to wait for each answer of the store."""
    plain_cells: int = Field(default=2**26, ge=1)
    """Cells that one layer of a picture may read from plain Zarr, which has no overviews."""
    plain_timeout: float = Field(default=30.0, gt=0, le=3600, allow_inf_nan=False, strict=False)
    """Seconds for each request to a plain Zarr behind HTTP."""


class VariableConfig(BaseModel):
    """What the provider wants otherwise than the file and the defaults say."""

    model_config = _STRICT

    palette: str | None = None
    range: tuple[float, float] | None = Field(default=None, strict=False)
    log: bool | None = None

    @field_validator("palette")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                palette(name)
            except Problem as problem:
                raise ValueError(str(problem)) from problem
        return name

    @field_validator("range")
    @classmethod
    def _rising(cls, limits: tuple[float, float] | None) -> tuple[float, float] | None:
        if limits is not None and not limits[0] < limits[1]:
            raise ValueError(f"{list(limits)} does not rise: the low end comes first")
        return limits

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        if self.range is not None:
            low, high = self.range
            try:
                # Fields may have a logarithmic scale by themselves.
                Scale(palette=_ANY, low=low, high=high, log=low > 0 if self.log is None else self.log)
            except Problem as problem:
                raise ValueError(f"range {list(self.range)}, log {self.log}: {problem}") from problem
        return self

    def applied_to(self, scale: Scale) -> Scale:
        """Return `scale` with what is set here; without a range above zero it is linear."""
        low, high = self.range or (scale.low, scale.high)
        log = scale.log if self.log is None else self.log
        return Scale(
            palette=self.palette or scale.palette,
            low=low,
            high=high,
            log=log and low > 0,
            bands=scale.bands,
            below=scale.below,
            above=scale.above,
        )


class DatasetConfig(BaseModel):
    """One dataset."""

    model_config = _STRICT

    id: DatasetId
    source: str
    """Files, as a pattern: /data/phys/*.nc; or one plain Zarr: a folder NAME.zarr or a group in it, or an address.

    Relative to the configuration file.
    """
    product: str | None = None
    title: str | None = None
    keep_versions: Span | None = None
    """Where it is not that of the unit."""
    variables: dict[str, VariableConfig] = Field(default_factory=dict)

    @property
    def remote(self) -> bool:
        """Whether the source is an address."""
        return "://" in self.source

    @property
    def plain(self) -> bool:
        """Whether the source is plain Zarr, which is served as it stands, not ingested: its name tells."""
        return self.remote or any(part.endswith(".zarr") for part in PurePath(self.source).parts)

    @field_validator("source")
    @classmethod
    def _reachable(cls, source: str) -> str:
        if "://" in source:
            try:
                parts = urlsplit(source)
            except ValueError as error:
                raise ValueError(f"{source!r} is no address: {error}") from error
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"{source!r} is no address of plain Zarr: http://HOST/... or https://HOST/...")
        elif ".zarr" in source and any(letter in source for letter in "*?[") and not source.endswith(".nc"):
            raise ValueError(f"{source!r} is a pattern; a dataset has one Zarr store")
        return source


class Config(BaseModel):
    """One dissemination unit."""

    model_config = _STRICT

    unit: UnitConfig = Field(default_factory=UnitConfig)
    store: str = "data/store"
    """Folder, relative to the configuration file, or s3://bucket/prefix."""
    limits: LimitsConfig = Field(default_factory=LimitsConfig)
    datasets: list[DatasetConfig] = Field(default_factory=list)

    def kept(self, dataset: DatasetConfig) -> timedelta:
        """Return how long a version of a dataset stays after another one was published."""
        return dataset.keep_versions or self.unit.keep_versions


def load(path: Path) -> Config:
    """Read a configuration file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read or used.

    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    # Absolute, because the store remembers files by path: from another folder they would all be taken for moved.
    return parse(raw, name=str(path), folder=path.parent.absolute())


def parse(raw: object, *, name: str, folder: Path) -> Config:
    """Check a configuration; `name` stands for it in messages.

    Raises:
        ConfigError: naming the key, what is wrong and what would be right.

    """
    try:
        config = Config.model_validate(raw if raw is not None else {})
    except ValidationError as error:
        lines = (
            f"{name}: {'.'.join(map(str, fault['loc'])) or 'top level'}: {fault['msg']}" for fault in error.errors()
        )
        raise ConfigError("\n".join(lines)) from error
    ids = [dataset.id for dataset in config.datasets]
    twice = sorted({found for found in ids if ids.count(found) > 1})
    if twice:
        raise ConfigError(f"{name}: datasets: the id {twice[0]!r} is used more than once")
    return config.model_copy(
        update={
            "store": config.store if "://" in config.store else str(folder / config.store),
            "datasets": [
                dataset if dataset.remote else dataset.model_copy(update={"source": str(folder / dataset.source)})
                for dataset in config.datasets
            ],
        }
    )
