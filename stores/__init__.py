"""Where data come from: the versioned store, its readers and caches, and the ingest of NetCDF."""
