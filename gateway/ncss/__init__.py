"""The NetCDF Subset Service: parts of datasets as files. Source: Unidata, TDS 5, "NetCDF Subset Service Reference"."""
