"""`config.yaml` as values: strict, every unknown key an error that names its full path."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, PrivateAttr, ValidationError, field_validator

from gateway.config.access import AccessRuleConfig, ProfileConfig, Who, repeated
from gateway.config.accounting import AccountingConfig
from gateway.config.auth import AuthConfig
from gateway.config.dataset import DatasetConfig
from gateway.config.downloads import DownloadsConfig
from gateway.config.text import values
from gateway.config.unit import STRICT, LimitsConfig, UnitConfig
from gateway.faults import ConfigError as ConfigError  # noqa: PLC0414 -- part of what callers need

State = tuple[int, int, int] | None
"""Time of modification, size and inode of a file; None where it cannot be looked at."""


class Config(BaseModel):
    """One dissemination unit."""

    model_config = STRICT

    unit: UnitConfig = Field(default_factory=UnitConfig)
    store: str = "data/store"
    """Folder, relative to the configuration file, or s3://bucket/prefix."""
    auth: AuthConfig | None = None
    """Whose tokens are believed; without it every caller is anonymous."""
    accounting: AccountingConfig | None = None
    """How records of uses are kept; without it there are none."""
    limits: LimitsConfig = Field(default_factory=LimitsConfig)
    downloads: DownloadsConfig = Field(default_factory=DownloadsConfig)
    datasets: list[DatasetConfig] = Field(default_factory=list)
    access: list[AccessRuleConfig] = Field(default_factory=list)
    """Who may do what with the datasets of an id or a pattern; without any rule, also of a dataset, all is public."""
    profiles: dict[Who, ProfileConfig] = Field(default_factory=dict)
    """What the accounts of a profile may use at once; `public` is everybody, `authenticated` every account."""
    _changed: int = PrivateAttr(default=0)
    _file: Path | None = PrivateAttr(default=None)

    @field_validator("accounting", mode="before")
    @classmethod
    def _said(cls, given: object) -> object:
        if given is None:
            # Nothing after the colon reads like "yes", and would mean no.
            raise ValueError("write {} for records with all defaults, or leave the key out for none")
        return given

    @property
    def changed(self) -> int:
        """When its file was written, in milliseconds since 1970-01-01T00:00:00Z; 0 without a file."""
        return self._changed

    @property
    def file(self) -> Path | None:
        """The file it was read from, absolute; None without one."""
        return self._file

    def written_at(self, milliseconds: int, file: Path | None = None) -> Self:
        """Return it with its file, and the time at which that was written."""
        copy = self.model_copy()
        copy._changed, copy._file = milliseconds, file  # noqa: SLF001 -- they are our own
        return copy

    def kept(self, dataset: DatasetConfig) -> timedelta:
        """Return how long a version of a dataset stays after another one was published."""
        return dataset.keep_versions or self.unit.keep_versions


def state_of(file: Path) -> State:
    """Return what changes whenever a file is written."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def load(path: Path) -> Config:
    """Read a configuration file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read or used.

    """
    try:
        # Before its text: if it is written in between, it is older here than what is served, never newer.
        changed = path.stat().st_mtime_ns // 1_000_000
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    # Absolute, because the store remembers files by path: from another folder they would all be taken for moved.
    config = parse(values(text, str(path)), name=str(path), folder=path.parent.absolute())
    return config.written_at(changed, path.absolute())


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
    if again := repeated(config.access):
        raise ConfigError(f"{name}: access: the pattern {again!r} is used more than once: make one rule of them")
    return config.model_copy(
        update={
            "unit": _placed(config.unit, folder),
            "auth": config.auth and config.auth.placed(folder),
            "accounting": config.accounting and config.accounting.placed(folder),
            "downloads": config.downloads.placed(folder),
            "store": config.store if "://" in config.store else str(folder / config.store),
            "datasets": [dataset if dataset.remote else _found_from(dataset, folder) for dataset in config.datasets],
        }
    )


def _found_from(dataset: DatasetConfig, folder: Path) -> DatasetConfig:
    """Return a dataset with the paths of its files made absolute."""
    mesh = None if dataset.mesh is None else str(folder / dataset.mesh)
    return dataset.model_copy(update={"source": str(folder / dataset.source), "mesh": mesh})


def _placed(unit: UnitConfig, folder: Path) -> UnitConfig:
    """Return `unit` with the path of its access log made absolute."""
    log = unit.access_log
    return unit if log in (None, "-") else unit.model_copy(update={"access_log": str(folder / str(log))})
