"""Requests that a unit answers, as the parts they are made of: where what is asked of it in earnest is found."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.shelf import SHELF, TRIANGLES
from bench.standing import OPEN

Pairs = list[tuple[str, str]]

_FIELDS: Final[Mapping[str, Sequence[str]]] = {
    OPEN: ("thetao", "so"),
    SHELF: ("temp", "u", "h", "zeta", "u:v-group", "u:v-mag", "u:v-dir"),
    TRIANGLES: ("at_node", "at_face"),
}
_HALF: Final = 0.5
_KNOWN: Final = 0.1
"""Of callers say who they are."""
_SHARES: Final = (6, 3, 2)
"""Of requests for each dataset."""
_TIMES: Final = (
    "2015-01-01", "2015-01-02T00:00:00Z", "2015-01-01/2015-01-03", "2015-01-01T00:00:00.000Z,2015-01-02", "current",
    "2015-01", "2015-01-01/current/P1D", "2015-01-01T02:00:00+02:00",
)  # fmt: skip
_SIDES: Final = ("1", "16", "64", "256", "300", "512")
_STYLES: Final = ("default-scalar/viridis", "default", "raster/seq-BuYl-inv", "", "none")
_MAP: Final[Mapping[str, Sequence[str]]] = {
    "WIDTH": _SIDES, "HEIGHT": _SIDES,
    "FORMAT": (
        "image/png", "image/png; mode=32bit", "image/jpeg", "image/webp", "image/gif", "image/png8",
    ),
}  # fmt: skip
_VIEWS: Final = (
    ("CRS:84", "-30,30,30,70"), ("CRS:84", "170,-10,190,10"), ("EPSG:4326", "30,-30,70,30"),
    ("EPSG:4326", "-90,-180,90,180"),
    ("EPSG:3857", "-20037508,0,0,20037508"), ("EPSG:3857", "5009377,5009377,5165920,5165920"),
    ("EPSG:3413", "-4e6,-4e6,4e6,4e6"), ("EPSG:3031", "-4e6,-4e6,4e6,4e6"), ("EPSG:3035", "1e6,1e6,5e6,5e6"),
    ("urn:ogc:def:crs:EPSG::3395", "0,0,1,1"), ("CRS:84", "-14,38,-4,48"), ("EPSG:3857", "-1.2e6,5.0e6,-0.8e6,5.4e6"),
    ("EPSG:4326", "20,-50,30,-40"),
)  # fmt: skip
_LOOK: Final[Mapping[str, Sequence[str]]] = {
    "TIME": _TIMES,
    "ELEVATION": ("0", "-5", "0/-10", "-5,0", "-0", "-30", "-2.5"),
    "TRANSPARENT": ("TRUE", "FALSE"),
    "BGCOLOR": ("0xFF0000", "#00ff00", "navy"),
    "PALETTE": ("thermal", "div-RdBu", "x-Rainbow-inv"),
    "COLORSCALERANGE": ("1,10", "auto", "default", "1e-7,2e-7", "0.1,30"),
    "NUMCOLORBANDS": ("10", "250", "2"),
    "LOGSCALE": ("true", "false"),
    "ABOVEMAXCOLOR": ("extend", "transparent", "0xFF0000"), "BELOWMINCOLOR": ("0x8000FF00", "red"),
    "NODATACOLOR": ("0x808080", "transparent"),
    "OPACITY": ("50", "0", "100"),
    "INTERPOLATION": ("bilinear", "nearest"),
    "EXCEPTIONS": ("XML", "INIMAGE", "BLANK", "application/vnd.ogc.se_blank"),
    "REVISION": ("1",), "DIM_MEMBER": ("2",), "DPI": ("96",),
}  # fmt: skip
_INFO: Final[Mapping[str, Sequence[str]]] = {
    "INFO_FORMAT": ("text/xml", "text/plain", "text/html", "application/json", "application/geo+json"),
    "I": ("3", "0", "0"), "J": ("2", "0", "0"), "X": ("3", "0"), "Y": ("2", "0"), "FEATURE_COUNT": ("1", "5"),
}  # fmt: skip
_LEGEND: Final[Mapping[str, Sequence[str]]] = {
    "FORMAT": ("image/png", "image/svg+xml", "application/json", "image/gif", "image/webp", "image/jpeg"),
    "WIDTH": ("110", "20", "396"), "HEIGHT": ("264", "60", "20"),
    "HORIZONTAL": ("true", "false"), "COLORBARONLY": ("true", "false"), "SHOWLABEL": ("false",),
    "FONTCOLOR": ("0xFF0000", "white"), "STYLE": ("default-scalar/gray-inv", ""), "SCALE": ("1000000",),
}  # fmt: skip
_SUBSET: Final[Mapping[str, Sequence[str]]] = {
    "time": (*_TIMES, "present", "all"), "temporal": ("all",),
    "timeStride": ("1", "2"),
    "vertCoord": ("0", "5", "0/5"), "vertStride": ("1", "2"), "horizStride": ("1", "3", "100"),
    "accept": ("netcdf3", "netcdf4", "netcdf4-classic", "csv", "csv_file", "xml", "netcdf", "text/csv"),
    "addLatLon": ("true",), "dry-run": ("true", "false", ""),
}  # fmt: skip
_SIDES_OF_BOXES: Final = (("north", "south", "west", "east"), ("maxy", "miny", "minx", "maxx"))
_BOXES: Final = (
    ("46", "44", "-6", "-3"), ("10", "9", "179", "181"), ("10", "9", "179", "-178"), ("46", "44", "-11", "-8"),
    ("28", "24", "-45", "-39"), ("9", "44", "-6", "-3"),
)  # fmt: skip
_POINTS: Final = (("45", "-5"), ("-89.9", "355"), ("45", "355"), ("25", "-39"), ("43", "-8"))
_SPANS: Final[Sequence[Pairs]] = (
    [("time_start", "2015-01-01"), ("time_end", "2015-01-02")],
    [("time_start", "2015-01-02"), ("time_duration", "P2D")],
    [("time_duration", "12 hours"), ("time_end", "2015-01-03")],
    [("time_end", "2015-01-03")],
)


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request before it is written as bytes; all of it may be changed."""

    label: str
    """What is asked for."""
    path: str
    pairs: Pairs = field(default_factory=list)
    """Names and values of the query, as they are meant."""
    method: str = "GET"
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    posted: bool = False
    """Whether the query goes into the body, as a form."""


def asked(draw: random.Random) -> Asked:
    """Draw a request that is answered, or nearly so."""
    make = draw.choices((_wms, _kml, _subset, _other), (66, 8, 20, 6))[0]
    wanted = make(draw)
    if draw.random() < _KNOWN:
        wanted.headers.append(("Authorization", "Bearer TOKEN"))
    return wanted


def _dataset(draw: random.Random) -> str:
    return draw.choices(list(_FIELDS), _SHARES)[0]


def _layer(draw: random.Random) -> str:
    dataset = _dataset(draw)
    return f"{dataset}/{draw.choice(_FIELDS[dataset])}"


def _some(draw: random.Random, offered: Mapping[str, Sequence[str]], share: float) -> Pairs:
    return [(name, draw.choice(values)) for name, values in offered.items() if draw.random() < share]


def _wms(draw: random.Random) -> Asked:
    names = ("GetMap", "GetFeatureInfo", "GetLegendGraphic", "GetCapabilities", "GetMetadata")
    operation = draw.choices(names, (45, 25, 12, 8, 10))[0]
    pairs = [("SERVICE", "WMS"), ("REQUEST", operation), ("VERSION", draw.choice(("1.3.0", "1.1.1", "1.1.0")))]
    layers = ",".join(_layer(draw) for _ in range(draw.choices((1, 2, 3), (6, 2, 1))[0]))
    if operation in ("GetMap", "GetFeatureInfo"):
        system, box = draw.choice(_VIEWS)
        pairs += [("LAYERS", layers), ("CRS", system), ("SRS", system), ("BBOX", box)]
        styles = "" if draw.random() < _HALF else ",".join(draw.choice(_STYLES) for _ in layers.split(","))
        pairs += [("STYLES", styles), *_some(draw, _MAP, 0.99), *_some(draw, _LOOK, 0.1)]
    if operation == "GetFeatureInfo":
        pairs += [*_some(draw, _INFO, 0.97), ("QUERY_LAYERS", layers)]
    if operation == "GetLegendGraphic":
        pairs += [("LAYER", layers), *_some(draw, _LEGEND, 0.4), *_some(draw, _LOOK, 0.15)]
    if operation == "GetMetadata":
        pairs += [("ITEM", draw.choice(("layerDetails", "minmax"))), ("LAYERNAME", layers), *_some(draw, _LOOK, 0.1)]
    if operation == "GetCapabilities":
        pairs += _some(draw, {"UPDATESEQUENCE": ("0", "1", "x"), "FORMAT": ("text/xml",), "DATASET": (*_FIELDS,)}, 0.3)
    roots = ("/wms", "/thredds/wms", "/ncWMS2/wms")
    path = draw.choices(roots, (6, 1, 1))[0] + draw.choices(("", f"/{OPEN}", "/nowhere"), (16, 6, 1))[0]
    return Asked(label=operation, path=path, pairs=pairs, posted=draw.random() < 0.05)


def _kml(draw: random.Random) -> Asked:
    pairs = _some(draw, _LOOK, 0.15)
    pairs += _some(draw, {"PART": ("steps", "0/0/0", "1/1/0", "5/20/10"), "UNTIL": ("2015-01-02T00:00:00Z",)}, 0.4)
    path = draw.choice((f"/kml/{_layer(draw)}.kml",) * 6 + (f"/kml/{OPEN}/none.kml", "/kml/logo.png"))
    return Asked(label="KML", path=path, pairs=pairs)


def _subset(draw: random.Random) -> Asked:
    dataset = _dataset(draw)
    root = draw.choice((f"/thredds/ncss/grid/{dataset}", f"/thredds/ncss/{dataset}"))
    if draw.random() < 0.15:
        pages = ("dataset.html", "pointDataset.html", "dataset.xml", "pointDataset.xml", "datasetBoundaries.wkt",
                 "datasetBoundaries.json", "datasetBoundaries.xml", "none")  # fmt: skip
        pairs = _some(draw, {"accept": ("wkt", "json")}, 0.3)
        return Asked(label="NCSS page", path=f"{root}/{draw.choice(pages)}", pairs=pairs)
    fields = _FIELDS[dataset]
    pairs = [("var", draw.choice((*fields, ",".join(fields[:2]), "all")))]
    names = draw.choice((*_SIDES_OF_BOXES, ("latitude", "longitude")))
    pairs += zip(names, draw.choice(_BOXES if len(names) == len(_BOXES[0]) else _POINTS), strict=True)
    pairs += draw.choice(_SPANS) if draw.random() < _HALF else []
    return Asked(label="subset", path=root, pairs=[*pairs, *_some(draw, _SUBSET, 0.2)])


def _other(draw: random.Random) -> Asked:
    paths = ("/", "/health", "/health/live", "/health/ready", "/metrics", "/favicon.ico", "/viewer/main.js",
             "/viewer/viewer.css", "/viewer/", "/nowhere", "/robots.txt", "/.git/config", "/thredds/", "/thredds/ncss",
             "/kml", "/kml/", "/wms/", "/ncWMS2", "/wms/a/b/c")  # fmt: skip
    return Asked(label="other", path=draw.choice(paths), pairs=_some(draw, _LOOK, 0.05))
