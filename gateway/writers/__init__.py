"""File formats of downloads: netCDF-3 and CSV as streams, netCDF-4 by processes of their own."""
