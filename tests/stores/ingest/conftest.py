"""Small source files, and a look into the store with other software than our reader."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import icechunk
import netCDF4
import numpy as np
import pytest
import zarr

from core.dataset import Dataset
from stores.ingest.crew import Processes
from stores.ingest.run import Summary, ingest
from stores.location import Location
from stores.repository import StoredDataset

Make = Callable[..., Path]
Take = Callable[..., Summary]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stored:
    dataset: Dataset
    arrays: dict[str, np.ndarray]
    chunks: int
    """Written in `data/t`."""

    def values(self, variable: str, step: int) -> np.ndarray:
        return self.arrays[f"data/{variable}"][self.dataset.steps[step].slot]


@pytest.fixture
def location(tmp_path) -> Location:
    return Location.parse(str(tmp_path / "store"))


@pytest.fixture
def make(tmp_path) -> Make:
    """Return a maker of one small file: `days` since 2020 and the number that all its values are."""

    def make(name: str, days: Sequence[float], value: float = 1.0, **how: object) -> Path:
        path = tmp_path / "source" / name
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".part")
        write_source(draft, days, value, **how)
        draft.replace(path)
        return path

    return make


@pytest.fixture
def take(location) -> Take:
    def take(*files: Path, workers: int = 0) -> Summary:
        return ingest(location, "d", files, crew=Processes(workers), report=lambda progress: None)

    return take


@pytest.fixture
def look() -> Callable[[Location], Stored]:
    """Return what looks into the store at any location."""
    return look_into


@pytest.fixture
def stored(location) -> Callable[[], Stored]:
    return lambda: look_into(location)


def look_into(location: Location) -> Stored:
    dataset, reader = asyncio.run(StoredDataset(location, "d").open())
    session = icechunk.Repository.open(location.storage("d")).readonly_session(snapshot_id=reader.version)
    root = zarr.open_group(session.store, mode="r")
    arrays = {path: found[...] for path, found in root.members(max_depth=None) if isinstance(found, zarr.Array)}
    chunks = asyncio.run(count_chunks(session, "/data/t")) if "data/t" in arrays else 0
    return Stored(dataset=dataset, arrays=arrays, chunks=chunks)


async def count_chunks(session: icechunk.Session, path: str) -> int:
    return len([at async for at in session.chunk_coordinates(path)])


def write_source(
    path: Path,
    days: Sequence[float],
    value: float,
    *,
    title: str = "t",
    nx: int = 5,
    units: str = "days since 2020-01-01",
    scale: float = 0.5,
    kind: str = "NETCDF4",
    mask: int = 1,
    dtype: str = "i2",
    west: float = 0.0,
    measured: str = "degC",
) -> None:
    with netCDF4.Dataset(path, "w", format=kind) as file:
        file.set_auto_maskandscale(False)
        file.title = title
        for name, size in (("time", None), ("lat", 4), ("lon", nx)):
            file.createDimension(name, size)
        lon = file.createVariable("lon", "f8", ("lon",))
        lat = file.createVariable("lat", "f8", ("lat",))
        time = file.createVariable("time", "f8", ("time",))
        lon.units, lat.units, time.units = "degrees_east", "degrees_north", units
        lon[:], lat[:], time[:] = west + np.arange(nx), np.arange(4) * 10.0, days
        field = file.createVariable("t", dtype, ("time", "lat", "lon"), fill_value=-99)
        field.set_auto_maskandscale(False)
        field.scale_factor = scale
        field.units = measured
        field[:] = np.full((len(days), 4, nx), value) + np.arange(nx)
        mask_variable = file.createVariable("mask", "i1", ("lat", "lon"))
        mask_variable.set_auto_maskandscale(False)
        mask_variable.scale_factor = scale
        mask_variable[:] = mask
