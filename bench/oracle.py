"""Questions to a unit on the bench's ocean, and whether answers are what netCDF4 reads from its files."""

import csv
import io
import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final
from xml.etree import ElementTree as ET

import netCDF4
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.standing import HIDDEN, OPEN

_EDGE: Final = 20037508.342789244
_RADIUS: Final = 6378137.0
_LOW, _HIGH, _BANDS = 0.0, 30.0, 250
_SIDE: Final = 256
_WRONG: Final = 0.001
"""Share of pixels that may differ: those whose centre lies on the edge of a cell."""
_NEAR: Final = 12
"""By which a colour of a tile may differ from that of matplotlib, of 255."""
_WMS: Final = "/wms?SERVICE=WMS&VERSION=1.3.0"
_MERCATOR: Final = "&CRS=EPSG:3857&WIDTH=256&HEIGHT=256&FORMAT=image/png&TRANSPARENT=TRUE&STYLES=default-scalar/turbo"

KINDS: Final[Mapping[str, int]] = {
    "tile": 60, "info": 14, "map": 6, "capabilities": 4, "legend": 4, "kml": 4, "netcdf3": 3, "netcdf4": 2, "csv": 3,
}  # fmt: skip
"""What is asked for, and how often among a hundred."""
_HAIR: Final = 0.02
"""Of a cell: boxes hold what lies a hundredth of a step outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request, and where its answer comes from."""

    kind: str
    path: str
    name: str
    """Of the variable."""
    step: int
    level: int
    place: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """West, south, east, north: metres of EPSG:3857, or degrees for subsets; of a point the same twice."""


class Oracle:
    """What the files say."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        """Read the axes of files of one day each, whose longitudes begin at -180 and whose rows go north."""
        self._files = files
        with netCDF4.Dataset(files[0]) as file:
            self.latitude = np.asarray(file["latitude"][:], dtype=np.float64)
            self.longitude = np.asarray(file["longitude"][:], dtype=np.float64)
            self.depths = [float(depth) for depth in file["depth"][:]]
            self.names = tuple(name for name, found in file.variables.items() if found.ndim == 4)
        self.times = [_moment(path) for path in files]
        self._checks: Mapping[str, Callable[[Question, bytes], str]] = {
            "tile": self._tile, "info": self._info, "map": _picture, "capabilities": self._capabilities,
            "legend": _legend, "kml": self._kml, "netcdf3": self._file, "netcdf4": self._file, "csv": self._table,
        }  # fmt: skip

    def wrong(self, question: Question, body: bytes) -> str:
        """Return what is wrong with an answer of status 200; empty where nothing is."""
        try:
            return self._checks[question.kind](question, body)
        except (ValueError, LookupError, OSError, ET.ParseError) as error:
            return f"cannot be read: {error!r}"

    def question(self, draw: random.Random, kind: str = "", *, fine: bool = True) -> Question:
        """Draw a question; with `fine`, tiles show single cells and not overviews."""
        kind = kind or draw.choices(list(KINDS), list(KINDS.values()))[0]
        name, step = draw.choice(self.names), draw.randrange(len(self.times))
        level = draw.randrange(len(self.depths))
        when = f"&TIME={self.times[step]}&ELEVATION={-self.depths[level]}"
        asked: dict[str, Any] = {"kind": kind, "name": name, "step": step, "level": level}
        layer = f"{OPEN}/{name}"
        if kind in ("tile", "info"):
            place = self._square(draw, fine=fine)
            view = f"{_MERCATOR}&LAYERS={layer}&BBOX={','.join(map(repr, place))}&COLORSCALERANGE={_LOW},{_HIGH}{when}"
            point = f"&REQUEST=GetFeatureInfo&QUERY_LAYERS={layer}&I=128&J=128&INFO_FORMAT=application/json"
            return Question(path=_WMS + ("&REQUEST=GetMap" if kind == "tile" else point) + view, place=place, **asked)
        if kind in ("netcdf3", "netcdf4", "csv"):
            return self._subset(draw, asked)
        paths = {
            "map": f"{_WMS}&REQUEST=GetMap&LAYERS={layer}&STYLES=&CRS=EPSG:{draw.choice((3413, 3031))}&WIDTH=1024"
            f"&HEIGHT=768&BBOX=-{4 + 4 * draw.random():.3f}e6,-3e6,4e6,3e6&FORMAT=image/png{when}",
            "capabilities": f"{_WMS}&REQUEST=GetCapabilities",
            "legend": f"{_WMS}&REQUEST=GetLegendGraphic&LAYER={layer}&FORMAT=application/json"
            f"&COLORSCALERANGE={_LOW},{draw.randint(10, 30)}",
            "kml": f"/kml/{layer}.kml?PART=steps&TIME={self.times[step]}",
        }
        return Question(path=paths[kind], **asked)

    def codes(self, question: Question) -> NDArray[np.int16]:
        """Return the packed plane that a question is about, (ny, nx)."""
        with netCDF4.Dataset(self._files[question.step]) as file:
            file.set_auto_maskandscale(False)
            return np.asarray(file[question.name][0, question.level])

    def _square(self, draw: random.Random, *, fine: bool) -> tuple[float, float, float, float]:
        finest = max(1, math.ceil(math.log2(self.longitude.size / _SIDE)))
        zoom = finest + draw.randint(0, 2) if fine else draw.randint(1, 4)
        while True:
            column, row = draw.randrange(2**zoom), draw.randrange(2**zoom)
            side = 2 * _EDGE / 2**zoom
            west, north = -_EDGE + column * side, _EDGE - row * side
            if _latitude(np.asarray(north)) > self.latitude[0] and (not fine or _latitude(np.asarray(north)) < 84):
                return west, north - side, west + side, north

    def _cells(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any, Any]:
        """Return row and column of the cell that contains each place, and whether there is one."""
        spacing = 360 / self.longitude.size
        column = np.rint((x / _EDGE * 180 - self.longitude[0]) / spacing).astype(int) % self.longitude.size
        height = float(self.latitude[1] - self.latitude[0])
        row = np.rint((_latitude(y) - self.latitude[0]) / height).astype(int)
        return np.clip(row, 0, self.latitude.size - 1), column, (row >= 0) & (row < self.latitude.size)

    def _values(self, question: Question) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        with netCDF4.Dataset(self._files[question.step]) as file:
            found = np.ma.masked_array(file[question.name][0, question.level])
        return np.asarray(found.filled(np.nan), dtype=np.float64), np.ma.getmaskarray(found)

    def _tile(self, question: Question, body: bytes) -> str:
        from matplotlib import colormaps  # noqa: PLC0415 -- the oracle, needed only here

        west, south, east, north = question.place
        middles = (np.arange(_SIDE) + 0.5) / _SIDE
        row, column, inside = self._cells(west + middles * (east - west), north - middles * (north - south))
        values, gone = self._values(question)
        shown, missing = values[row][:, column], gone[row][:, column] | ~inside[:, None]
        band = np.clip(np.floor((np.nan_to_num(shown) - _LOW) / (_HIGH - _LOW) * _BANDS), 0, _BANDS - 1).astype(int)
        expected = np.rint(colormaps["turbo"]((np.arange(_BANDS) + 0.5) / _BANDS) * 255).astype(int)[band]
        pixels = np.asarray(Image.open(io.BytesIO(body)).convert("RGBA")).astype(int)
        near = np.abs(pixels[..., :3] - expected[..., :3]).max(axis=-1) <= _NEAR
        right = np.where(missing, pixels[..., 3] == 0, near & (pixels[..., 3] == 255))
        share = float(1 - right.mean())
        return f"{share:.2%} of the pixels are wrong" if share > _WRONG else ""

    def _info(self, question: Question, body: bytes) -> str:
        found = json.loads(body)["features"][0]["properties"]["value"]
        west, south, east, north = question.place
        middle = 128.5 / _SIDE
        row, column, inside = self._cells(
            np.asarray(west + middle * (east - west)), np.asarray(north - middle * (north - south))
        )
        values, gone = self._values(question)
        if gone[row, column] or not inside:
            return "" if found is None else f"{found} where there is nothing"
        expected = values[row, column]
        return "" if found is not None and abs(found - expected) < 1e-4 else f"{found} instead of {expected}"

    def _capabilities(self, _: Question, body: bytes) -> str:
        root = ET.fromstring(body)
        listed = {each.text for each in root.iter() if (each.text or "").startswith((OPEN, HIDDEN))}
        expected = {f"{OPEN}/{name}" for name in self.names}
        return "" if listed == expected else f"layers {sorted(map(str, listed))}"

    def _kml(self, question: Question, body: bytes) -> str:
        begins = [each.text or "" for each in ET.fromstring(body).iter() if each.tag.endswith("}begin")]
        expected = self.times[question.step][:10]
        return "" if begins and all(text.startswith(expected) for text in begins) else f"time spans from {begins}"

    def _subset(self, draw: random.Random, asked: dict[str, Any]) -> Question:
        kind, west, south = asked["kind"], draw.uniform(-170, 60), draw.uniform(-70, 20)
        # Wider than a cell, so that there is one: a box without any would be answered by the nearest.
        wide, high = 360 / self.longitude.size, float(self.latitude[1] - self.latitude[0])
        box = min(west + draw.uniform(1.5, 30) * wide, 179.0), south + draw.uniform(1.5, 15) * high
        east, north = (west, south) if kind == "csv" else box
        place = west, south, east, north
        if kind != "csv" and self._beside_a_centre(place):
            return self._subset(draw, asked)
        where = (
            f"latitude={south!r}&longitude={west!r}"
            if kind == "csv"
            else f"west={west!r}&south={south!r}&east={east!r}&north={north!r}"
        )
        when = f"time={self.times[asked['step']]}&vertCoord={self.depths[asked['level']]}"
        path = f"/thredds/ncss/grid/{OPEN}?var={asked['name']}&{where}&{when}&accept={kind}"
        return Question(path=path, place=place, **asked)

    def _beside_a_centre(self, place: tuple[float, float, float, float]) -> bool:
        """Tell whether an edge is so near to centres that it is meant to hold them, though it may not by a hair."""
        edges = zip(place, (self.longitude, self.latitude) * 2, strict=True)
        return any(np.abs(centres - edge).min() < _HAIR * abs(centres[1] - centres[0]) for edge, centres in edges)

    def _file(self, question: Question, body: bytes) -> str:
        west, south, east, north = question.place
        rows = np.flatnonzero((self.latitude >= south) & (self.latitude <= north))
        columns = np.flatnonzero((self.longitude >= west) & (self.longitude <= east))
        expected = self.codes(question)[np.ix_(rows, columns)]
        # From memory, netCDF-C refuses small files of the classic format.
        with NamedTemporaryFile(suffix=".nc") as copy:
            copy.write(body)
            copy.flush()
            with netCDF4.Dataset(copy.name) as file:
                file.set_auto_maskandscale(False)
                found = np.squeeze(np.asarray(file[question.name][:]))
        return "" if np.array_equal(found, np.squeeze(expected)) else f"{question.kind} holds other values"

    def _table(self, question: Question, body: bytes) -> str:
        rows = list(csv.reader(io.StringIO(body.decode())))
        west, south, _, _ = question.place
        row, column = int(np.abs(self.latitude - south).argmin()), int(np.abs(self.longitude - west).argmin())
        values, gone = self._values(question)
        if len(rows) != 2:
            return f"a table of {len(rows)} lines"
        text = rows[1][-1]
        if gone[row, column]:
            return "" if text.strip().lower() in ("", "nan") else f"{text} where there is nothing"
        return "" if abs(float(text) - values[row, column]) < 1e-4 else f"{text} instead of {values[row, column]}"


def _moment(path: Path) -> str:
    with netCDF4.Dataset(path) as file:
        axis = file["time"]
        moment: Any = netCDF4.num2date(axis[0], axis.units)
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _latitude(y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return degrees north of metres in EPSG:3857."""
    return np.degrees(np.arctan(np.sinh(y / _RADIUS)))


def _picture(_: Question, body: bytes) -> str:
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return "" if picture.size == (1024, 768) and len(picture.getcolors(2**20) or []) > 3 else "an empty picture"


def _legend(question: Question, body: bytes) -> str:
    found = json.loads(body)
    high = float(question.path.rsplit(",", 1)[1])
    return "" if (found["low"], found["high"]) == (_LOW, high) else f"from {found['low']} to {found['high']}"
