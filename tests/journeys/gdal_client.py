"""Runs in the system's Python with GDAL: opens a unit in several ways, reads pixels, and tells.

Usage: gdal_client.py ADDRESS FOLDER
"""

import json
import sys

from osgeo import gdal

ADDRESS, FOLDER = sys.argv[1:3]
COLOURS = "STYLES=default-scalar/viridis&COLORSCALERANGE=-2,34"
SERVICE = """<GDAL_WMS>
  <Service name="WMS">
    <Version>{version}</Version>
    <ServerUrl>{address}wms?ELEVATION=-0.5&amp;{colours}&amp;TIME={time}&amp;</ServerUrl>
    <Layers>ocean/thetao</Layers>
    <{kind}>{crs}</{kind}>
    <ImageFormat>{written}</ImageFormat>
    <Transparent>{transparent}</Transparent>
    <BBoxOrder>{order}</BBoxOrder>
  </Service>
  <DataWindow>
    <UpperLeftX>{box[0]}</UpperLeftX><UpperLeftY>{box[3]}</UpperLeftY>
    <LowerRightX>{box[2]}</LowerRightX><LowerRightY>{box[1]}</LowerRightY>
    <SizeX>{size[0]}</SizeX><SizeY>{size[1]}</SizeY>
  </DataWindow>
  <Projection>{crs}</Projection>
  <BandsCount>{bands}</BandsCount>
  <BlockSizeX>128</BlockSizeX><BlockSizeY>128</BlockSizeY>
</GDAL_WMS>
"""
WORLD = (-180, -90, 180, 90)
POLE = (-4e6, -4e6, 4e6, 4e6)
TRIES = {
    "111": {"version": "1.1.1", "kind": "SRS", "crs": "EPSG:4326", "order": "xyXY", "box": WORLD, "size": (360, 180)},
    "130": {"version": "1.3.0", "kind": "CRS", "crs": "EPSG:4326", "order": "yxYX", "box": WORLD, "size": (360, 180)},
    "pole": {"version": "1.3.0", "kind": "CRS", "crs": "EPSG:3413", "order": "xyXY", "box": POLE, "size": (256, 256)},
}


def described(name, time="2015-03-01T12:00:00Z", bands=4, written="image/png"):
    """Write the description of a source."""
    clear = "TRUE" if bands == 4 else "FALSE"
    given = {"address": ADDRESS, "colours": COLOURS.replace("&", "&amp;"), "time": time, "bands": bands}
    return SERVICE.format(**given, written=written, transparent=clear, **TRIES[name])


def saved(source, name):
    """Read all pixels of a source into a PNG; returns its size."""
    opened = gdal.Open(source)
    target = gdal.GetDriverByName("PNG").CreateCopy(f"{FOLDER}/{name}.png", opened)
    return [target.RasterXSize, target.RasterYSize, target.RasterCount]


def main():
    """Do all of it and print the findings as JSON."""
    gdal.UseExceptions()
    # Nothing is kept beside the pictures.
    gdal.SetConfigOption("GDAL_DEFAULT_WMS_CACHE_PATH", f"{FOLDER}/cache")
    listed = gdal.Open(f"WMS:{ADDRESS}wms")
    layers = listed.GetMetadata("SUBDATASETS")
    found = {"layers": sorted(value for name, value in layers.items() if name.endswith("_NAME"))}
    own = next(name for name in found["layers"] if "thetao" in name)
    found["listed"] = gdal.Translate(f"{FOLDER}/listed.png", own, format="PNG", width=512, height=256).RasterCount
    found["sizes"] = {name: saved(described(name), name) for name in TRIES}
    found["later"] = saved(described("111", time="2015-03-03T12:00:00Z"), "later")
    found["jpeg"] = saved(described("111", bands=3, written="image/jpeg"), "jpeg")
    small = gdal.Translate(f"{FOLDER}/small.png", described("111"), format="PNG", width=90, height=45)
    found["small"] = [small.RasterXSize, small.RasterYSize]
    try:
        gdal.Open(described("111", time="2020-01-01T00:00:00Z")).ReadAsArray()
    except RuntimeError as error:
        found["refused"] = str(error)
    sys.stdout.write(json.dumps(found) + "\n")


main()
