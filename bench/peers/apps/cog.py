"""Writes GeoTIFFs of the packed field; run by the environment that has rasterio: SOURCE FOLDER LEVEL..."""

import sys
from pathlib import Path

import netCDF4
import rasterio
import rasterio.shutil
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

HALF = 1 / 24
"""Degrees: half a cell, from a centre to the edge."""


def main() -> None:
    """Write one file for each step and level, the north first."""
    source, folder, levels = sys.argv[1], Path(sys.argv[2]), [int(level) for level in sys.argv[3:]]
    with netCDF4.Dataset(source) as file:
        field = file["thetao"]
        field.set_auto_maskandscale(False)
        profile = {
            "driver": "GTiff",
            "height": field.shape[2],
            "width": field.shape[3],
            "count": 1,
            "dtype": "int16",
            "nodata": int(field.getncattr("_FillValue")),
            "crs": "EPSG:4326",
            "transform": from_origin(-180 - HALF, 90 + HALF, 2 * HALF, 2 * HALF),
        }
        options = {"compress": "ZSTD", "predictor": "YES", "blocksize": 512, "overview_resampling": "average"}
        for step in range(field.shape[0]):
            for level in levels:
                with MemoryFile() as memory:
                    with memory.open(**profile) as image:
                        image.write(field[step, level][::-1], 1)
                    with memory.open() as image:
                        path = folder / f"thetao_{step:02d}_{level:02d}.tif"
                        rasterio.shutil.copy(image, path, driver="COG", **options)


if __name__ == "__main__":
    main()
