"""Plain Zarr on a projection, as it stands. Oracles: xarray and PROJ."""

import asyncio

import numpy as np
import pyproj
import pytest
import xarray as xr

from core.cells import Separable
from core.grids.adapters import grid_of
from core.grids.memory import answered
from stores.cache import ChunkCache
from stores.plain.dataset import PlainDataset
from stores.plain.folder import Folder


@pytest.mark.parametrize("version", [2, 3])
async def test_axes_in_the_plane_of_a_projection_place_the_cells(tmp_path, version):
    x, y = np.arange(-1e6, 1e6, 5e4), np.arange(8e5, -6e5, -5e4)
    values = np.arange(y.size * x.size, dtype="f4").reshape(y.size, x.size)
    store = xr.Dataset(
        {"ice": (("x", "y"), values.T, {"grid_mapping": "crs"}), "crs": ((), 0, pyproj.CRS("EPSG:3413").to_cf())},
        coords={
            name: (name, axis, {"standard_name": f"projection_{name}_coordinate", "units": "m"})
            for name, axis in (("x", x), ("y", y))
        },
    )
    store.to_zarr(tmp_path / "a.zarr", zarr_format=version, consolidated=version == 2)
    plain = PlainDataset("a", Folder(tmp_path / "a.zarr"), cache=ChunkCache(2**26), offload=asyncio.to_thread)
    dataset, reader = await plain.open()
    (grid,) = dataset.description.grids.values()
    assert grid.kind == "projected"
    cells = Separable(rows=np.arange(y.size), columns=np.arange(x.size))
    places = answered(grid_of(grid).centres(cells), {})
    expected = pyproj.Transformer.from_crs("EPSG:3413", "OGC:CRS84", always_xy=True).transform(*np.meshgrid(x, y))
    np.testing.assert_allclose((places.longitude, places.latitude), expected, atol=1e-7)
    chunk = await reader.read("data/ice", (0, 0))
    np.testing.assert_array_equal(chunk[: y.size, : x.size], values)
