"""What the QGIS explorer looks at. It runs in QGIS's own Python and in that of the tests."""

VIEWS = {
    "EPSG:4326": (-100, -60, 140, 80),
    "EPSG:3857": (-1.1e7, -8e6, 1.6e7, 1e7),
    "EPSG:3413": (-1.2e7, -1.2e7, 1.2e7, 1.2e7),
    "EPSG:3995": (-1.2e7, -1.2e7, 1.2e7, 1.2e7),
    "EPSG:3031": (-1.2e7, -1.2e7, 1.2e7, 1.2e7),
}
"""West, south, east and north of a view in each system, inside the box of the capabilities: QGIS draws no more."""

BELT = (-180, -60, 180, 60)
"""Inside what the waves cover."""

BEYOND = (-1.6e7, -1.6e7, 1.6e7, 1.6e7)
"""A view in EPSG:3413 that is wider than the box of the capabilities."""
