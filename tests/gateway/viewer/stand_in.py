"""A small map service that speaks as the viewer expects: a stand-in for a unit, and one that fails on demand."""

import io
import json
from collections.abc import Mapping
from xml.sax.saxutils import escape

import matplotlib as mpl
import numpy as np
from aiohttp import web
from PIL import Image
from pyproj import Transformer

from gateway.viewer.routes import routes

PALETTES = {
    "thermal": "inferno", "haline": "viridis", "deep": "YlGnBu", "dense": "PuBu", "ice": "bone", "balance": "RdBu_r",
    "speed": "YlGn", "viridis": "viridis", "magma": "magma", "plasma": "plasma", "cividis": "cividis", "turbo": "turbo",
}  # fmt: skip
"""The names a unit offers, and what matplotlib draws for them here."""
HOURS = [f"2014-{day // 28 + 1:02}-{day % 28 + 1:02}T{hour:02}:30:00.000Z" for day in range(336) for hour in range(24)]
DETAILS: dict[str, dict[str, object]] = {
    "phys/thetao": {"units": "degC", "scaleRange": [-2, 30], "defaultPalette": "thermal", "logScaling": False},
    "phys/so": {"units": "1e-3", "scaleRange": [30, 38], "defaultPalette": "haline", "logScaling": False},
    "bgc/chl": {"units": "mg m-3", "scaleRange": [0.01, 10], "defaultPalette": "viridis", "logScaling": True},
    "ice/siconc": {"units": "1", "scaleRange": [0, 1], "defaultPalette": "ice", "logScaling": False},
}
TITLES = {
    "phys/thetao": "Sea water potential temperature", "phys/so": "Sea water salinity",
    "bgc/chl": "Chlorophyll a", "ice/siconc": "Sea ice area fraction",
}  # fmt: skip
GROUPS = {"phys": "Global physics, daily means", "bgc": "Biogeochemistry, hourly", "ice": "Arctic sea ice, monthly"}
TIMES = {
    "phys": ("2015-01-01T12:00:00Z/2015-12-31T12:00:00Z/P1D", "2015-03-01T12:00:00Z"),
    "bgc": (",".join(HOURS), HOURS[-1]),
    "ice": ("2010-01-31T00:00:00.000Z/2015-12-31T00:00:00.000Z/P1M", "2015-02-28T00:00:00.000Z"),
}
LEVELS = "-0.494,-9.573,-47.374,-109.729,-541.089,-1062.44"


def stand_in() -> web.Application:
    """Make a unit of four layers; the range 1,666 is refused by it."""
    app = web.Application()
    app.add_routes([*routes(), web.get("/wms", service)])
    return app


def empty() -> web.Application:
    """Make a unit that has nothing yet."""

    async def nothing(_: web.Request) -> web.Response:
        return web.Response(text=capabilities([]), content_type="text/xml")

    app = web.Application()
    app.add_routes([*routes(), web.get("/wms", nothing)])
    return app


async def service(request: web.Request) -> web.Response:
    """Answer every WMS request; values that cannot be served are refused with a ServiceException."""
    given = {name.lower(): value for name, value in request.query.items()}
    asked = given["request"].lower()
    if asked == "getcapabilities":
        return web.Response(text=capabilities(list(DETAILS)), content_type="text/xml")
    if asked == "getmetadata":
        return web.json_response(DETAILS[given["layername"]] | {"palettes": list(PALETTES)})
    if asked == "getlegendgraphic":
        return png(np.linspace(0, 1, 256)[None, :].repeat(12, 0), given["palette"])
    if asked == "getmap" and given.get("colorscalerange") == "1,666":
        text = (
            '<ServiceExceptionReport xmlns="http://www.opengis.net/ogc"><ServiceException code="InvalidDimensionValue">'
        )
        text += "no colour ends at 666 &amp; so on</ServiceException></ServiceExceptionReport>"
        return web.Response(text=text, content_type="text/xml", status=400)
    return feature_info(given) if asked == "getfeatureinfo" else picture(given)


def capabilities(names: list[str]) -> str:
    """Write capabilities of these layers, grouped by dataset."""
    groups = {name.split("/", 1)[0]: [one for one in names if one.startswith(name.split("/")[0])] for name in names}
    inner = "".join(
        f"<Layer><Title>{GROUPS[group]}</Title>{''.join(map(layer, members))}</Layer>"
        for group, members in groups.items()
    )
    crs = "".join(f"<CRS>{code}</CRS>" for code in ("EPSG:3857", "EPSG:4326", "EPSG:3413"))
    return (
        '<WMS_Capabilities xmlns="http://www.opengis.net/wms" version="1.3.0">'
        "<Service><Name>WMS</Name><Title>A unit &amp; its ocean</Title></Service>"
        f"<Capability><Layer><Title>All</Title>{crs}{inner}</Layer></Capability></WMS_Capabilities>"
    )


def layer(name: str) -> str:
    """Write one layer."""
    times, default = TIMES[name.split("/", 1)[0]]
    elevation = f'<Dimension name="elevation" units="m" unitSymbol="m" default="-0.494">{LEVELS}</Dimension>'
    styles = "".join(f"<Style><Name>default-scalar{end}</Name><Title>x</Title></Style>" for end in ("", "/thermal"))
    south = 50 if name.startswith("ice") else -80
    return (
        f"<Layer queryable='1'><Name>{name}</Name><Title>{escape(TITLES[name])}</Title>"
        f"<Abstract>About {name}</Abstract>"
        "<EX_GeographicBoundingBox><westBoundLongitude>-180</westBoundLongitude>"
        f"<eastBoundLongitude>180</eastBoundLongitude><southBoundLatitude>{south}</southBoundLatitude>"
        "<northBoundLatitude>90</northBoundLatitude></EX_GeographicBoundingBox>"
        f"<Dimension name='time' units='ISO8601' default='{default}'>{times}</Dimension>"
        f"{elevation if name.startswith('phys') else ''}{styles}</Layer>"
    )


def picture(given: Mapping[str, str]) -> web.Response:
    """Draw a smooth field that depends on time and depth, with holes where it is negative."""
    west, south, east, north = (float(part) for part in given["bbox"].split(","))
    if given["crs"] == "EPSG:4326":  # latitude first (06-042, 6.7.3.3)
        west, south, east, north = south, west, north, east
    width, height = int(given["width"]), int(given["height"])
    x = west + (np.arange(width) + 0.5) * (east - west) / width
    y = north - (np.arange(height) + 0.5) * (north - south) / height
    lon, lat = Transformer.from_crs(given["crs"], "EPSG:4326", always_xy=True).transform(*np.meshgrid(x, y))
    phase = sum(map(ord, given.get("time", ""))) / 7 + float(given.get("elevation", "0") or 0) / 100
    swirl = 0.08 * np.sin(np.radians(lon * 5 + phase * 9)) * np.cos(np.radians(lat * 6)) + 0.03 * np.sin(
        np.radians(lon * 17 - lat * 13)
    )
    field = np.cos(np.radians(lat)) ** 2 * 0.95 + swirl
    return png(np.where(field < 0, np.nan, field), given["styles"].split("/")[-1])


def png(field: np.ndarray, palette: str) -> web.Response:
    """Colour a field of 0 to 1; NaN is transparent."""
    colours = mpl.colormaps[PALETTES[palette]](field, bytes=True)
    colours[np.isnan(field), 3] = 0
    stream = io.BytesIO()
    Image.fromarray(colours).save(stream, "PNG")
    return web.Response(body=stream.getvalue(), content_type="image/png")


def feature_info(given: Mapping[str, str]) -> web.Response:
    """Tell one value; it names the request's own column and row."""
    name = given["query_layers"]
    told = {
        "layer": name, "name": TITLES[name], "value": 12.25, "units": DETAILS[name]["units"], "time": given.get("time"),
        "elevation": float(given["elevation"]) if "elevation" in given else None, "i": given["i"], "j": given["j"],
    }  # fmt: skip
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": told}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    return web.Response(text=text, content_type="application/json")


def main() -> None:
    """Serve the stand-in for a look at the page by eye."""
    web.run_app(stand_in(), host="127.0.0.1", port=8765)


if __name__ == "__main__":
    main()
