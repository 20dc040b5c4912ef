"""NCSS requests as values. Source: Unidata, TDS 5, "NetCDF Subset Service Reference". Pure."""
