"""`config.yaml` as values: strict, every unknown key an error that names its full path."""

from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from core.problem import Problem
from renderers.palettes import palette
from renderers.scale import Scale

DatasetId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
_ANY: Final = "gray"
_STRICT: Final = ConfigDict(extra="forbid", strict=True, frozen=True)


class ConfigError(Exception):
    """The configuration cannot be used; the message names file, key and cure."""


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
    """Files, as a pattern: /data/phys/*.nc; relative to the configuration file."""
    product: str | None = None
    title: str | None = None
    variables: dict[str, VariableConfig] = Field(default_factory=dict)


class Config(BaseModel):
    """One dissemination unit."""

    model_config = _STRICT

    unit: UnitConfig = Field(default_factory=UnitConfig)
    store: str = "data/store"
    """Folder, relative to the configuration file, or s3://bucket/prefix."""
    limits: LimitsConfig = Field(default_factory=LimitsConfig)
    datasets: list[DatasetConfig] = Field(default_factory=list)


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
    return parse(raw, name=str(path), folder=path.parent)


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
                dataset.model_copy(update={"source": str(folder / dataset.source)}) for dataset in config.datasets
            ],
        }
    )
