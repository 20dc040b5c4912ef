"""Files like those a production centre sends every day, made from a seed: packed and compressed, or classic floats."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import netCDF4
import numpy as np
from numpy.typing import NDArray

from bench.field import FILL, HOURS, NX, NY, OFFSET, SCALE, spectral

NAMES: Final = ("thetao", "so", "uo", "vo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ocean:
    """How large one file is, and of what kind."""

    ny: int = NY
    nx: int = NX
    levels: int = 1
    variables: int = 1
    """Of `NAMES`."""
    kind: Literal["packed", "classic"] = "packed"
    """NetCDF-4, int16, zlib and shuffle, a level in chunks of about 512 x 512; or NetCDF-3 with float32."""
    seed: int = 2015

    @property
    def nbytes(self) -> int:
        """Raw size of the fields of one file, which holds one day."""
        return self.variables * self.levels * self.ny * self.nx * (2 if self.kind == "packed" else 4)

    def waves(self) -> NDArray[np.float32]:
        """Return what all days are made of, shape (3, ny, nx): two fields that turn, and where there is land."""
        seeds = self.seed, self.seed + 1, self.seed + 2
        fields = spectral(seeds[0], 2.2, 12, 700), spectral(seeds[1], 2.2, 12, 700), spectral(seeds[2], 2.5, 2, 40)
        # Strides keep the land where it is, whatever the resolution.
        rows, columns = NY // self.ny, NX // self.nx
        return np.stack([field[::rows, ::columns][: self.ny, : self.nx] for field in fields])


def write_day(path: Path, day: int, ocean: Ocean, waves: NDArray[np.float32]) -> None:
    """Write one file; the same arguments give the same fields."""
    draft = path.with_suffix(".part")
    with netCDF4.Dataset(draft, "w", format="NETCDF4" if ocean.kind == "packed" else "NETCDF3_64BIT_OFFSET") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "Synthetic ocean"})
        _write_axes(file, day, ocean)
        for number, name in enumerate(NAMES[: ocean.variables]):
            field = _field(file, name, ocean)
            for level in range(ocean.levels):
                codes = _codes(day + 17 * number, level, waves)
                if ocean.kind == "packed":
                    field[0, level] = codes
                else:
                    values = codes * np.float32(SCALE) + np.float32(OFFSET)
                    field[0, level] = np.where(codes == FILL, np.float32(1e20), values)
    draft.rename(path)


def _write_axes(file: Any, day: int, ocean: Ocean) -> None:
    axes = {
        "time": (HOURS + 24.0 * np.arange(day, day + 1), {"units": "hours since 1950-01-01", "standard_name": "time"}),
        "depth": (5.0 * np.arange(ocean.levels), {"units": "m", "positive": "down", "standard_name": "depth"}),
        "latitude": (np.linspace(-80, 90, ocean.ny), {"units": "degrees_north", "standard_name": "latitude"}),
        "longitude": (
            -180 + 360 * np.arange(ocean.nx) / ocean.nx,
            {"units": "degrees_east", "standard_name": "longitude"},
        ),
    }
    for name, (values, attributes) in axes.items():
        file.createDimension(name, len(values))
        axis = file.createVariable(name, "f8", (name,))
        axis.setncatts(attributes)
        axis[:] = values


def _field(file: Any, name: str, ocean: Ocean) -> Any:
    dimensions = ("time", "depth", "latitude", "longitude")
    if ocean.kind == "classic":
        field = file.createVariable(name, "f4", dimensions, fill_value=np.float32(1e20))
    else:
        chunks = (1, 1, min(ocean.ny, 681), min(ocean.nx, 720))
        field = file.createVariable(
            name, "i2", dimensions, zlib=True, complevel=1, shuffle=True, fill_value=FILL, chunksizes=chunks
        )
        field.setncatts({"scale_factor": SCALE, "add_offset": OFFSET})
    field.set_auto_maskandscale(False)
    return field


def _codes(phase: int, level: int, waves: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return one packed plane, (ny, nx)."""
    eddies, others, land = waves
    turned = 0.35 * phase + 0.4 * level
    latitude = np.radians(np.linspace(-80, 90, land.shape[0], dtype=np.float32))[:, None]
    warm = np.float32(28.0 * np.exp(-level / 70.0)) * np.cos(latitude) ** 2
    values = warm + np.float32(1.5 * np.cos(turned)) * eddies + np.float32(1.5 * np.sin(turned)) * others
    packed = np.rint((np.clip(values, -1.9, 33.0) - np.float32(OFFSET)) / np.float32(SCALE)).astype(np.int16)
    packed[land > 0.5] = FILL
    return np.asarray(packed)
