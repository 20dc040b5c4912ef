"""From the provider's NetCDF files to the store: incremental, resumable, verified."""
