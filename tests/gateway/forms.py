"""A map that is asked for by GET and by POST."""

FORM = "application/x-www-form-urlencoded"
MAP = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "sea/thetao",
    "STYLES": "",
    "CRS": "CRS:84",
    "BBOX": "-180,-90,180,90",
    "WIDTH": "90",
    "HEIGHT": "45",
    "FORMAT": "image/png",
}
