"""xpublish-tiles over the Zarr named by BENCH_ZARR; run by uvicorn in its own environment."""

import os

import xarray as xr
import xpublish
from xpublish_tiles.xpublish.tiles.plugin import TilesPlugin
from xpublish_tiles.xpublish.wms import WMSPlugin

ocean = xr.open_zarr(os.environ["BENCH_ZARR"], chunks=None, consolidated=False)
ocean.attrs["_xpublish_id"] = "ocean"
app = xpublish.Rest({"ocean": ocean}, plugins={"tiles": TilesPlugin(), "wms": WMSPlugin()}).app
