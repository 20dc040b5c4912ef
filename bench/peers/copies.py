"""The packed field in the forms that peers read: Zarr, and cloud-optimised GeoTIFF."""

import subprocess
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import zarr
from zarr.codecs import BloscCodec

from bench import field
from bench.peers.base import APPS, Environment, Report
from bench.prepared import World
from bench.workload import ASKED

_CHUNKS = (1, 1, 512, 512)
RASTERIO = Environment(name="rasterio", packages=("rasterio", "netCDF4", "numpy"))


def zarr_of(world: World, report: Report) -> Path:
    """Write Zarr v3 of the whole shape once; only the levels that are asked for have chunks."""
    path = world.folder / "peers.zarr"
    done = world.folder / "peers.zarr.done"
    if done.exists():
        return path
    report("copying the field to Zarr for the peers")
    group = zarr.open_group(path, mode="w", zarr_format=3, attributes={"Conventions": "CF-1.11"})
    names = ("time", "depth", "latitude", "longitude")
    with netCDF4.Dataset(world.packed) as file:
        for name in names:
            values = np.asarray(file[name][:])
            attributes = {key: file[name].getncattr(key) for key in file[name].ncattrs()}
            axis = group.create_array(name, data=values, chunks=values.shape, dimension_names=(name,))
            axis.attrs.update(attributes)
        source = file["thetao"]
        source.set_auto_maskandscale(False)
        attributes = {key: source.getncattr(key) for key in source.ncattrs() if key != "_FillValue"}
        copy = group.create_array(
            "thetao",
            shape=source.shape,
            chunks=_CHUNKS,
            dtype="int16",
            fill_value=field.FILL,
            compressors=BloscCodec(cname="zstd", clevel=5, shuffle="shuffle"),
            dimension_names=names,
            attributes={key: _plain(value) for key, value in attributes.items()} | {"_FillValue": field.FILL},
        )
        for step in range(field.STEPS):
            for level in ASKED:
                copy[step, level] = source[step, level]
    done.touch()
    return path


def cogs_of(world: World, report: Report) -> Path:
    """Write a GeoTIFF for each step and level that is asked for, once; return their folder.

    Raises:
        NotHereError: what writes them cannot be installed.

    """
    folder = world.folder / "cog"
    done = folder / "done"
    if not done.exists():
        RASTERIO.install(report)
        report("copying the field to GeoTIFF for the peers")
        folder.mkdir(exist_ok=True)
        levels = [str(level) for level in ASKED]
        command = [str(RASTERIO.python()), str(APPS / "cog.py"), str(world.packed), str(folder), *levels]
        subprocess.run(command, check=True)
        done.touch()
    return folder


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
