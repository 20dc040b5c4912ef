"""Runs in the system's Python with GDAL: reads documents with LIBKML, and the pictures that they name, and tells.

Usage: kml_client.py FOLDER ADDRESS...
"""

import json
import sys
import urllib.request
from pathlib import Path

from osgeo import gdal, ogr

FOLDER, *ADDRESSES = sys.argv[1:]


def fetched(address, name):
    """Save what is at an address, and return where."""
    path = Path(FOLDER) / name
    with urllib.request.urlopen(address) as answer:
        path.write_bytes(answer.read())
    return str(path)


def overlay(feature):
    """Tell what LIBKML makes of a picture on the ground."""
    west, east, south, north = feature.GetGeometryRef().GetEnvelope()
    return {
        "name": feature["Name"],
        "box": [west, south, east, north],
        "begin": feature["begin"],
        "end": feature["end"],
        "icon": feature["icon"],
        "order": feature["drawOrder"],
    }


def main():
    """Print the findings as JSON: for each address, its layers by name with their pictures."""
    gdal.UseExceptions()
    ogr.UseExceptions()
    found = []
    for number, address in enumerate(ADDRESSES):
        opened = gdal.OpenEx(fetched(address, f"{number}.kml"), allowed_drivers=["LIBKML"])
        layers = [opened.GetLayer(index) for index in range(opened.GetLayerCount())]
        found.append([[layer.GetName(), [overlay(feature) for feature in layer]] for layer in layers])
    pictures = [one["icon"] for _, overlays in found[0] for one in overlays]
    for number, address in enumerate(pictures):
        fetched(address, f"{number}.png")
        assert gdal.Open(f"{FOLDER}/{number}.png").RasterXSize
    sys.stdout.write(json.dumps(found) + "\n")


main()
