"""Plain Zarr, versions 2 and 3, in a folder or behind HTTP, opened read-only as it stands."""
