"""The bench's ocean: CF, 1/12 degree global, packed int16 and float32, with land, made anew from a fixed seed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import netCDF4
import numpy as np
from numpy.typing import NDArray

NY, NX = 2041, 4320
DEPTHS: Final = (0.494, 9.57, 29.44, 55.76, 109.7, 222.5, 453.9, 902.3, 1684.3, 3220.8)
STEPS = 12
FLOAT_DEPTHS: Final = (DEPTHS[0], DEPTHS[4])
FLOAT_STEPS = 4
"""The float32 field is a part of the packed one, for time: 0.3 GB instead of 4.2."""
LONG_STEPS = 10_000
SCALE, OFFSET, FILL = 0.0007324442, 21.0, -32767
FLOAT_FILL: Final = float(np.float32(1e20))
HOURS = 569784.0
"""Since 1950-01-01: 2015-01-01."""

Floats = NDArray[np.floating[Any]]
Waves = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


def spectral(seed: int, slope: float, least: int, most: int) -> NDArray[np.float32]:
    """Return a random field of unit variance, periodic in x, with a power law between two wave numbers; (NY, NX)."""
    noise = np.random.default_rng(seed).standard_normal((2048, NX), dtype=np.float32)
    waves = np.fft.rfft2(noise)
    ky = np.abs(np.fft.fftfreq(2048, 1 / 2048)) * (360 / 170.67)
    k = np.hypot(ky[:, None], np.fft.rfftfreq(NX, 1 / NX)[None, :])
    waves *= np.where((k >= least) & (k <= most), np.maximum(k, 1) ** -slope, 0)
    field = np.fft.irfft2(waves, s=(2048, NX))[:NY].astype(np.float32)
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def all_waves() -> Waves:
    """Return the waves that every field is made of."""
    return spectral(1, 2.2, 12, 700), spectral(2, 2.2, 12, 700), spectral(3, 2.5, 2, 40)


def degrees(step: int, depth: float, waves: Waves) -> NDArray[np.float32]:
    """Return one field in degrees Celsius, (NY, NX), without land; the two first waves turn with time and depth."""
    eddies, others, _ = waves
    latitude = np.radians(np.linspace(-80, 90, NY, dtype=np.float32))[:, None]
    phase = 0.35 * step + 0.4 * DEPTHS.index(depth)
    warm = np.float32(28.0 * np.exp(-depth / 700.0)) * np.cos(latitude) ** 2
    turned = np.float32(1.5 * np.cos(phase)) * eddies + np.float32(1.5 * np.sin(phase)) * others
    return np.asarray(np.clip(warm + turned, np.float32(-1.9), np.float32(33.0)), dtype=np.float32)


def codes(step: int, level: int, waves: Waves) -> NDArray[np.int16]:
    """Return one packed field, (NY, NX); the last wave is land where it is high."""
    packed = np.rint((degrees(step, DEPTHS[level], waves) - OFFSET) / SCALE).astype(np.int16)
    packed[waves[2] > 0.5] = FILL
    return np.asarray(packed)


def write_packed(path: Path, report: Callable[[str], None]) -> None:
    """Write the int16 field: 12 steps, 10 levels."""
    waves = all_waves()
    with _file(path, HOURS + 24.0 * np.arange(STEPS), DEPTHS, (NY, NX)) as file:
        field = _variable(file, "i2", FILL)
        field.setncatts({"scale_factor": SCALE, "add_offset": OFFSET})
        field.set_auto_maskandscale(False)
        for step in range(STEPS):
            report(f"generating the packed field, step {step + 1} of {STEPS}")
            for level in range(len(DEPTHS)):
                field[step, level] = codes(step, level, waves)


def write_float(path: Path, report: Callable[[str], None]) -> None:
    """Write the float32 field of the same waves: 4 steps, 2 levels."""
    waves = all_waves()
    with _file(path, HOURS + 24.0 * np.arange(FLOAT_STEPS), FLOAT_DEPTHS, (NY, NX)) as file:
        field = _variable(file, "f4", FLOAT_FILL)
        field.set_auto_maskandscale(False)
        for step in range(FLOAT_STEPS):
            report(f"generating the float32 field, step {step + 1} of {FLOAT_STEPS}")
            for level, depth in enumerate(FLOAT_DEPTHS):
                field[step, level] = np.where(waves[2] > 0.5, FLOAT_FILL, degrees(step, depth, waves))


def write_long(path: Path, report: Callable[[str], None]) -> None:
    """Write 10,000 steps at irregular times on a grid of 4 x 8 cells: for capabilities, not for pictures."""
    report(f"generating {LONG_STEPS} steps at irregular times")
    with _file(path, irregular(), (DEPTHS[0],), (4, 8)) as file:
        numbers = np.arange(LONG_STEPS, dtype=np.float32)[:, None, None, None]
        _variable(file, "f4", FLOAT_FILL)[:] = np.broadcast_to(numbers % 30, (LONG_STEPS, 1, 4, 8))


def irregular() -> Floats:
    """Return the hours of the irregular steps: from 5 to 59 minutes lie between two of them."""
    minutes = np.random.default_rng(7).integers(5, 60, LONG_STEPS)
    return HOURS + np.cumsum(minutes) / 60.0


def _file(path: Path, hours: Floats, depths: tuple[float, ...], shape: tuple[int, int]) -> netCDF4.Dataset:
    file = netCDF4.Dataset(path, "w")
    file.setncatts({"Conventions": "CF-1.11", "title": "Synthetic global ocean, 1/12 degree"})
    # Without `axis` some readers draw every level as empty.
    axes = {
        "time": (hours, {"units": "hours since 1950-01-01", "standard_name": "time", "axis": "T"}),
        "depth": (np.array(depths), {"units": "m", "positive": "down", "standard_name": "depth", "axis": "Z"}),
        "latitude": (
            np.linspace(-80, 90, shape[0]),
            {"units": "degrees_north", "standard_name": "latitude", "axis": "Y"},
        ),
        "longitude": (
            -180 + np.arange(shape[1]) / 12,
            {"units": "degrees_east", "standard_name": "longitude", "axis": "X"},
        ),
    }
    for name, (values, attributes) in axes.items():
        file.createDimension(name, len(values))
        axis = file.createVariable(name, "f8", (name,))
        axis.setncatts(attributes)
        axis[:] = values
    return file


def _variable(file: netCDF4.Dataset, dtype: str, fill: float) -> "netCDF4.Variable[Any]":
    axes = ("time", "depth", "latitude", "longitude")
    sizes = [len(file.dimensions[name]) for name in axes]
    field = file.createVariable(
        "thetao",
        dtype,
        axes,
        zlib=True,
        complevel=1,
        shuffle=True,
        fill_value=fill,
        # The long file has 10,000 fields of a few cells: they share their chunks.
        chunksizes=(1, 1, 341, 720) if sizes[2] == NY else tuple(sizes),
    )
    field.setncatts(
        {"standard_name": "sea_water_potential_temperature", "units": "degrees_C", "long_name": "Temperature"}
    )
    return field
