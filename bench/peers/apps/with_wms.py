"""xpublish-wms over the Zarr named by BENCH_ZARR; run by uvicorn in its own environment."""

import os

import xarray as xr
import xpublish
from xpublish_wms import CfWmsPlugin

ocean = xr.open_zarr(os.environ["BENCH_ZARR"], chunks=None, consolidated=False)
app = xpublish.Rest({"ocean": ocean}, plugins={"wms": CfWmsPlugin()}).app
