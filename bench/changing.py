"""A folder of source files that changes from round to round; every value says in which round it was written."""

import random
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np

ROUNDS: Final = 240
"""Values begin anew here: each has a colour of its own in a picture."""
NY, NX = 128, 256
_FEW, _MANY = 4, 12
_DAYS: Final = 30


def value_of(number: int) -> int:
    """Return what every value is that was written in a round."""
    return 1 + number % ROUNDS


def change(folder: Path, number: int, draw: random.Random) -> None:
    """Bring new files, replace some and withdraw some: some hold several days, some a day that others hold too."""
    there = sorted(folder.glob("*.nc"))
    for _ in range(draw.randint(1, 3)):
        days = sorted(draw.sample(range(_DAYS), draw.randint(1, 3)))
        write(folder / f"run_{draw.randrange(10**6):06}.nc", days, value_of(number))
    for path in draw.sample(there, min(len(there), 2)):
        days = sorted(draw.sample(range(_DAYS), draw.randint(1, 3)))
        write(path, days, value_of(number))
    there = sorted(folder.glob("*.nc"))
    surplus = max(0, len(there) - _MANY)
    for path in draw.sample(there, max(surplus, int(len(there) > _FEW))):
        path.unlink()


def write(path: Path, days: list[int], value: int) -> None:
    """Write one file whose values are all `value`, under its name at once."""
    draft = path.with_suffix(".part")
    with netCDF4.Dataset(draft, "w") as file:
        for name, size in (("time", None), ("lat", NY), ("lon", NX)):
            file.createDimension(name, size)
        for name, units, values in (
            ("time", "days since 2020-01-01", days),
            ("lat", "degrees_north", np.linspace(-60, 60, NY)),
            ("lon", "degrees_east", np.linspace(-90, 90, NX)),
        ):
            axis = file.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = values
        draw = np.random.default_rng(value)
        for name, hidden in (("t", slice(0, 0)), ("u", slice(0, NX // 2))):
            field = file.createVariable(name, "f4", ("time", "lat", "lon"), fill_value=-1, zlib=False)
            # Noise that rounds to the value: a constant would compress until no chunk is an object of its own.
            field[:] = value + draw.uniform(-0.2, 0.2, (len(days), NY, NX)).astype("f4")
            field[:, :, hidden] = -1
    draft.replace(path)
