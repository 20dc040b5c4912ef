"""What the server is to reach on a quiet machine of this kind, by row."""

from typing import Final

from bench.table import Goal

WARM, COLD = "tile 256, chunks in cache", "tile 256, no chunk cache"
WARM_PEERS = "tile 256, 4 clients, chunks in cache"
COLD_FEW = "tile 256, no chunk cache, 4 clients"
MAP, MAP_COLD, POLAR = "map 1024 x 768, EPSG:3857", "map 1024 x 768, no chunk cache", "map 1024 x 768, EPSG:3413"
FLOAT, LOG = "tile 256, float32, linear", "tile 256, float32, logarithmic"
SMOOTH, STACKED = "tile 256, bilinear", "tile 256, two layers, RGBA"
CROWD, TWO = "tile 256, 16 clients", "tile 256, 16 clients, two processes"
LONG, LONG_PACKED = "GetCapabilities, 10,000 irregular steps", "GetCapabilities, 10,000 irregular steps, gzip"
MANY, MANY_PACKED = "GetCapabilities, 561 datasets", "GetCapabilities, 561 datasets, gzip"
POINT = "GetFeatureInfo"
START = "start with 561 datasets to the first picture"
START_ALL = "start with 561 datasets to the first capabilities of all"
LOAD = "tile 256, 10 levels, 512 MiB of cache"

XPUBLISH, TITILER, XPUBLISH_WMS = "xpublish-tiles", "titiler.xarray", "xpublish-wms"
MAPSERVER: Final = ("MapServer, netCDF", "MapServer, COG", "MapServer, COG, 8 bits")
MAPSERVER_MAPS: Final = tuple(f"{name}, map 1024 x 768" for name in MAPSERVER)

GOALS: Final = (
    Goal(what=WARM, figure="rate", at_least=True, bound=1200, unit="/s"),
    Goal(what=WARM, figure="rate", at_least=True, bound=15, over=(XPUBLISH,)),
    Goal(what=WARM, figure="rate", at_least=True, bound=5, over=MAPSERVER),
    Goal(what=WARM, figure="cpu", at_least=False, bound=0.9),
    Goal(what=COLD, figure="rate", at_least=True, bound=400, unit="/s"),
    Goal(what=COLD, figure="rate", at_least=True, bound=5, over=(XPUBLISH,)),
    Goal(what=COLD, figure="rate", at_least=True, bound=1.7, over=MAPSERVER),
    Goal(what=COLD, figure="cpu", at_least=False, bound=2.2),
    Goal(what=COLD_FEW, figure="mean", at_least=False, bound=10, unit=" ms"),
    Goal(what=MAP, figure="rate", at_least=True, bound=130, unit="/s"),
    Goal(what=MAP, figure="rate", at_least=True, bound=4, over=MAPSERVER_MAPS),
    Goal(what=POLAR, figure="share", at_least=True, bound=0.5, unit=" of EPSG:3857"),
    Goal(what=FLOAT, figure="share", at_least=True, bound=0.75, unit=" of packed"),
    Goal(what=LOG, figure="share", at_least=True, bound=0.75, unit=" of packed"),
    Goal(what=SMOOTH, figure="share", at_least=True, bound=0.4, unit=" of plain"),
    Goal(what=STACKED, figure="share", at_least=True, bound=0.3, unit=" of plain"),
    Goal(what=CROWD, figure="tail", at_least=False, bound=8),
    Goal(what=CROWD, figure="late", at_least=False, bound=0, unit=" times over 50 ms"),
    Goal(what=TWO, figure="share", at_least=True, bound=1.3, unit=" of one"),
    Goal(what=LONG, figure="p50", at_least=False, bound=3, unit=" ms"),
    Goal(what=LONG_PACKED, figure="kB", at_least=False, bound=60, unit=" kB"),
    Goal(what=LONG_PACKED, figure="p50", at_least=False, bound=3, unit=" ms"),
    Goal(what=MANY, figure="p50", at_least=False, bound=3, unit=" ms"),
    Goal(what=MANY_PACKED, figure="p50", at_least=False, bound=3, unit=" ms"),
    Goal(what=POINT, figure="p50", at_least=False, bound=1.5, unit=" ms"),
    Goal(what=START, figure="p50", at_least=False, bound=2000, unit=" ms"),
    Goal(what=START, figure="peak", at_least=False, bound=400, unit=" MB"),
    Goal(what=START_ALL, figure="peak", at_least=False, bound=400, unit=" MB"),
    Goal(what=LOAD, figure="peak", at_least=False, bound=837, unit=" MB (cache + 300)"),
)
