"""The bench's ocean: CF, 1/12 degree global, packed int16, with land, made anew from a fixed seed."""

from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray

NY, NX = 2041, 4320
DEPTHS = (0.494, 109.7)
STEPS = 4
SCALE, OFFSET, FILL = 0.0007324442, 21.0, -32767
HOURS = 569784.0
"""Since 1950-01-01: 2015-01-01."""


def spectral(seed: int, slope: float, least: int, most: int) -> NDArray[np.float32]:
    """Return a random field of unit variance, periodic in x, with a power law between two wave numbers; (NY, NX)."""
    noise = np.random.default_rng(seed).standard_normal((2048, NX), dtype=np.float32)
    waves = np.fft.rfft2(noise)
    ky = np.abs(np.fft.fftfreq(2048, 1 / 2048)) * (360 / 170.67)
    k = np.hypot(ky[:, None], np.fft.rfftfreq(NX, 1 / NX)[None, :])
    waves *= np.where((k >= least) & (k <= most), np.maximum(k, 1) ** -slope, 0)
    field = np.fft.irfft2(waves, s=(2048, NX))[:NY].astype(np.float32)
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def codes(step: int, level: int, waves: tuple[NDArray[np.float32], ...]) -> NDArray[np.int16]:
    """Return one packed field, (NY, NX); the two first waves turn with time, the last one is land where it is high."""
    eddies, others, land = waves
    latitude = np.radians(np.linspace(-80, 90, NY))[:, None]
    phase = 0.35 * step + 0.4 * level
    warm = 28.0 * np.cos(latitude) ** 2 * np.exp(-DEPTHS[level] / 700.0)
    values = warm + 1.5 * (np.cos(phase) * eddies + np.sin(phase) * others)
    packed = np.rint((np.clip(values, -1.9, 33.0) - OFFSET) / SCALE).astype(np.int16)
    packed[land > 0.5] = FILL
    return np.asarray(packed)


def write(path: Path) -> None:
    """Write the field as NetCDF-4."""
    waves = (spectral(1, 2.2, 12, 700), spectral(2, 2.2, 12, 700), spectral(3, 2.5, 2, 40))
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"Conventions": "CF-1.11", "title": "Synthetic global ocean, 1/12 degree"})
        axes = {
            "time": (HOURS + 24.0 * np.arange(STEPS), {"units": "hours since 1950-01-01", "standard_name": "time"}),
            "depth": (np.array(DEPTHS), {"units": "m", "positive": "down", "standard_name": "depth"}),
            "latitude": (np.linspace(-80, 90, NY), {"units": "degrees_north", "standard_name": "latitude"}),
            "longitude": (-180 + np.arange(NX) / 12, {"units": "degrees_east", "standard_name": "longitude"}),
        }
        for name, (values, attributes) in axes.items():
            file.createDimension(name, len(values))
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts(attributes)
            axis[:] = values
        field = file.createVariable(
            "thetao",
            "i2",
            tuple(axes),
            zlib=True,
            complevel=1,
            shuffle=True,
            fill_value=FILL,
            chunksizes=(1, 1, 341, 720),
        )
        field.setncatts(
            {
                "standard_name": "sea_water_potential_temperature",
                "units": "degrees_C",
                "long_name": "Temperature",
                "scale_factor": SCALE,
                "add_offset": OFFSET,
            }
        )
        field.set_auto_maskandscale(False)
        for step in range(STEPS):
            for level in range(len(DEPTHS)):
                field[step, level] = codes(step, level, waves)
