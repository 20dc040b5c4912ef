"""What `config.yaml` says of one dataset: where it is, and what its provider wants otherwise than its files say."""

from datetime import timedelta
from pathlib import PurePath
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator

from core.asked.leeway import Leeway
from core.interpolation import Interpolation
from core.problem import Problem
from gateway.config.access import AccessConfig
from gateway.config.spans import Nearness, Span
from gateway.config.unit import STRICT, DatasetId
from renderers.palettes import palette
from renderers.scale import Scale

_ANY: Final = "gray"


class VariableConfig(BaseModel):
    """What the provider wants otherwise than the file and the defaults say."""

    model_config = STRICT

    palette: str | None = None
    range: tuple[float, float] | None = Field(default=None, strict=False)
    log: bool | None = None
    interpolation: Interpolation = "nearest"
    """Where a request names none; codes and angles are never mixed."""

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

    model_config = STRICT

    id: DatasetId
    source: str
    """Files, as a pattern: /data/phys/*.nc; or one plain Zarr: a folder NAME.zarr or a group in it, or an address.

    Relative to the configuration file.
    """
    mesh: str | None = None
    """The file that has the mesh of files that name one and lack it. Relative to the configuration file."""
    product: str | None = None
    title: str | None = None
    keep_versions: Span | None = None
    """Where it is not that of the unit."""
    nearest_time: Nearness = timedelta(0)
    """How far a step may lie from the TIME that is answered with it; 0 for not at all."""
    nearest_elevation: float = Field(default=0.0, ge=0, allow_inf_nan=False, strict=False)
    """How far a level may lie from the ELEVATION that is answered with it, in the units of the axis."""
    variables: dict[str, VariableConfig] = Field(default_factory=dict)
    access: AccessConfig | None = Field(default=None, repr=False)
    """Who may do what with it. Not part of its `repr`, of which entity tags are made: they tell nobody of rules."""

    @property
    def leeway(self) -> Leeway:
        """How near to what is asked for a value has to be."""
        return Leeway(time=self.nearest_time // timedelta(milliseconds=1), elevation=self.nearest_elevation)

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
