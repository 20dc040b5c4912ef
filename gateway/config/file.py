"""`config.yaml` as values: strict, every unknown key an error that names its full path."""

from datetime import timedelta
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from gateway.config.dataset import DatasetConfig
from gateway.config.unit import STRICT, LimitsConfig, UnitConfig
from gateway.faults import ConfigError as ConfigError  # noqa: PLC0414 -- part of what callers need


class Config(BaseModel):
    """One dissemination unit."""

    model_config = STRICT

    unit: UnitConfig = Field(default_factory=UnitConfig)
    store: str = "data/store"
    """Folder, relative to the configuration file, or s3://bucket/prefix."""
    limits: LimitsConfig = Field(default_factory=LimitsConfig)
    datasets: list[DatasetConfig] = Field(default_factory=list)
    _changed: int = PrivateAttr(default=0)

    @property
    def changed(self) -> int:
        """When its file was written, in milliseconds since 1970-01-01T00:00:00Z; 0 without a file."""
        return self._changed

    def written_at(self, milliseconds: int) -> Self:
        """Return it with the time at which its file was written."""
        copy = self.model_copy()
        copy._changed = milliseconds  # noqa: SLF001 -- it is our own
        return copy

    def kept(self, dataset: DatasetConfig) -> timedelta:
        """Return how long a version of a dataset stays after another one was published."""
        return dataset.keep_versions or self.unit.keep_versions


def load(path: Path) -> Config:
    """Read a configuration file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read or used.

    """
    try:
        # Before its text: if it is written in between, it is older here than what is served, never newer.
        changed = path.stat().st_mtime_ns // 1_000_000
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    # Absolute, because the store remembers files by path: from another folder they would all be taken for moved.
    config = parse(raw, name=str(path), folder=path.parent.absolute())
    return config.written_at(changed)


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
            "unit": _placed(config.unit, folder),
            "store": config.store if "://" in config.store else str(folder / config.store),
            "datasets": [
                dataset if dataset.remote else dataset.model_copy(update={"source": str(folder / dataset.source)})
                for dataset in config.datasets
            ],
        }
    )


def _placed(unit: UnitConfig, folder: Path) -> UnitConfig:
    """Return `unit` with the path of its access log made absolute."""
    log = unit.access_log
    return unit if log in (None, "-") else unit.model_copy(update={"access_log": str(folder / str(log))})
