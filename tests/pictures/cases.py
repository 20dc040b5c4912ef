"""What the reference pictures show: by name, the parameters of a request over the common ones."""

from typing import Final

MAP: Final = {"SERVICE": "WMS", "VERSION": "1.1.1", "REQUEST": "GetMap", "LAYERS": "ocean/thetao", "STYLES": ""}
LEGEND: Final = {"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetLegendGraphic", "LAYER": "ocean/thetao"}
TIME: Final = "2015-03-02T12:00:00Z"

WORLD: Final = {"SRS": "EPSG:4326", "BBOX": "-180,-90,180,90", "WIDTH": "240", "HEIGHT": "120"}
ATLANTIC: Final = {"SRS": "EPSG:4326", "BBOX": "-80,0,0,40", "WIDTH": "160", "HEIGHT": "80"}
BAND: Final = {"SRS": "EPSG:4326", "BBOX": "-180,-45,180,45", "WIDTH": "160", "HEIGHT": "40"}


def square(crs: str, half: float, *, size: int = 160) -> dict[str, str]:
    """Look at a square round the origin of a system."""
    return {"SRS": crs, "BBOX": f"{-half},{-half},{half},{half}", "WIDTH": f"{size}", "HEIGHT": f"{size}"}


MAPS: Final[dict[str, dict[str, str]]] = {
    "plate-carree": WORLD,
    "plate-carree-over-the-date-line": WORLD | {"BBOX": "60,-90,420,90"},
    "plate-carree-130": WORLD | {"VERSION": "1.3.0", "CRS": "EPSG:4326", "BBOX": "-90,-180,90,180"},
    "mercator": square("EPSG:3857", 2e7),
    "polar-north": square("EPSG:3413", 4.5e6),
    "polar-south": square("EPSG:3031", 5.5e6),
    "europe": {"SRS": "EPSG:3035", "BBOX": "1900000,900000,7400000,6400000", "WIDTH": "160", "HEIGHT": "160"},
    "europe-130": {
        "VERSION": "1.3.0",
        "CRS": "EPSG:3035",
        "BBOX": "900000,1900000,6400000,7400000",
        "WIDTH": "160",
        "HEIGHT": "160",
    },
    "chlorophyll-logarithmic": WORLD | {"LAYERS": "ocean/chl"},
    "sea-level-around-zero": BAND | {"LAYERS": "ocean/sla"},
    "ice": square("EPSG:3995", 4.5e6, size=120) | {"LAYERS": "ocean/siconc"},
    "palette-inverted": BAND | {"STYLES": "default-scalar/viridis-inv"},
    "ten-bands": ATLANTIC | {"NUMCOLORBANDS": "10", "COLORSCALERANGE": "18,30", "STYLES": "default-scalar/x-Rainbow"},
    "above-below-nodata": BAND
    | {
        "COLORSCALERANGE": "18,25",
        "ABOVEMAXCOLOR": "0xFF00FF",
        "BELOWMINCOLOR": "0x00FFFF",
        "NODATACOLOR": "0x606060",
    },
    "above-transparent-on-yellow": BAND
    | {"COLORSCALERANGE": "0,25", "ABOVEMAXCOLOR": "transparent", "BGCOLOR": "0xFFFF80"},
    "range-of-the-step": ATLANTIC | {"COLORSCALERANGE": "auto", "ELEVATION": "-300"},
    "deep": BAND | {"ELEVATION": "-300"},
    "three-layers": WORLD | {"LAYERS": "ocean/thetao,ocean/chl,ocean/sla", "STYLES": ",,", "OPACITY": "100,50,30"},
    "half-transparent": BAND | {"OPACITY": "50", "TRANSPARENT": "TRUE"},
    "nearest": ATLANTIC | {"BBOX": "-84,18,-60,30", "COLORSCALERANGE": "20,28"},
    "bilinear": ATLANTIC | {"BBOX": "-84,18,-60,30", "COLORSCALERANGE": "20,28", "INTERPOLATION": "bilinear"},
    "bilinear-polar": square("EPSG:3413", 2e6, size=120) | {"INTERPOLATION": "bilinear"},
    "arrows": WORLD | {"LAYERS": "currents/uo:vo-group"},
    "arrows-polar": square("EPSG:3413", 3e6)
    | {"LAYERS": "currents/uo:vo-group", "STYLES": "default-vector/viridis", "TRANSPARENT": "TRUE"},
    "far-away": WORLD | {"WIDTH": "60", "HEIGHT": "30"},
    "jpeg": ATLANTIC | {"FORMAT": "image/jpeg", "WIDTH": "96", "HEIGHT": "48"},
    "webp": ATLANTIC | {"FORMAT": "image/webp", "TRANSPARENT": "TRUE"},
    "gif": ATLANTIC | {"FORMAT": "image/gif", "TRANSPARENT": "TRUE"},
    "refused": BAND | {"TIME": "2020-01-01", "EXCEPTIONS": "application/vnd.ogc.se_inimage", "HEIGHT": "80"},
}
LEGENDS: Final[dict[str, dict[str, str]]] = {
    "legend": {"HEIGHT": "220"},
    "legend-horizontal": {"VERTICAL": "false", "WIDTH": "240", "HEIGHT": "50"},
    "legend-ten-bands": {"HEIGHT": "220", "NUMCOLORBANDS": "10", "COLORSCALERANGE": "0,30"},
    "legend-logarithmic": {"LAYER": "ocean/chl", "HEIGHT": "220"},
    "legend-bar-alone": {"COLORBARONLY": "true", "WIDTH": "20", "HEIGHT": "120"},
}
CASES: Final[dict[str, dict[str, str]]] = {
    **{name: MAP | {"TIME": TIME, "FORMAT": "image/png"} | asked for name, asked in MAPS.items()},
    **{name: LEGEND | {"FORMAT": "image/png"} | asked for name, asked in LEGENDS.items()},
}
"""Each picture with all its parameters."""
