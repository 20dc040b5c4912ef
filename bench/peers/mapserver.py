"""MapServer as Debian has it, by FastCGI behind nginx, over netCDF and over GeoTIFF."""

import itertools
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bench.field import DEPTHS, FILL, OFFSET, SCALE
from bench.gate import turbo
from bench.peers.base import HOME, NotHereError, Peer, Report, get_map
from bench.peers.copies import cogs_of
from bench.prepared import World
from bench.servers import Server
from bench.workload import HIGH, LOW, Place

_PROGRAM: Final = Path("/usr/lib/cgi-bin/mapserv")
_FOLDER: Final = HOME / "mapserver"
_RAMPS: Final = 16
"""Classes of colours, each a ramp: MapServer builds their table anew for each picture, so more of them are slow."""

_LAYER: Final = """\
  LAYER
    NAME "{name}" TYPE RASTER STATUS ON DATA '{data}'
    PROJECTION "init=epsg:4326" END
    VALIDATION "step" "^[0-9][0-9]$" "level" "^[0-9][0-9]$" "band" "^[0-9]+$"
      "default_step" "00" "default_level" "00" "default_band" "1" END
    METADATA "wms_title" "{name}" END
    PROCESSING "NODATA={fill}" PROCESSING "SCALE=-32000,17000" PROCESSING "SCALE_BUCKETS=1024"
    PROCESSING "CLOSE_CONNECTION=DEFER" {more}
{classes}  END
"""
_MAP: Final = """\
MAP
  NAME "ocean" SIZE 256 256 EXTENT -180 -80 180 90 UNITS DD MAXSIZE 4096
  PROJECTION "init=epsg:4326" END
  CONFIG "GDAL_NUM_THREADS" "1"
  OUTPUTFORMAT NAME "png" DRIVER AGG/PNG MIMETYPE "image/png" IMAGEMODE RGBA TRANSPARENT ON END
  OUTPUTFORMAT NAME "png8" DRIVER AGG/PNG8 MIMETYPE "image/png; mode=8bit" IMAGEMODE RGBA TRANSPARENT ON
    FORMATOPTION "QUANTIZE_FORCE=on" END
  WEB METADATA "wms_title" "ocean" "wms_onlineresource" "http://127.0.0.1/ms?" "wms_srs" "EPSG:3857 EPSG:4326"
    "wms_enable_request" "*" END END
{layers}END
"""
_PARAMETERS: Final = ("QUERY_STRING", "REQUEST_METHOD", "CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_ADDR")
_NGINX: Final = """\
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi;
  proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port} backlog=512;
    location = /health {{ return 200; }}
    location /ms {{
      fastcgi_pass unix:{folder}/socket; fastcgi_param SCRIPT_NAME /ms;
      fastcgi_param SERVER_NAME localhost; fastcgi_param SERVER_PORT {port};
      {parameters}
    }}
  }}
}}
"""


def mapserver_peers() -> tuple[Peer, ...]:
    """Return the three ways of serving the field."""
    eight = "image/png;%20mode=8bit"
    return tuple(
        Peer(name=name, install=_install, start=_start, tile=asked, map=asked)
        for name, asked in (
            ("MapServer, netCDF", _asking("nc", "image/png")),
            ("MapServer, COG", _asking("cog", "image/png")),
            ("MapServer, COG, 8 bits", _asking("cog", eight)),
        )
    )


def _asking(layer: str, image: str) -> Callable[[Place], str]:
    def asked(place: Place) -> str:
        band = place.step * len(DEPTHS) + place.level + 1
        more = f"&styles=&step={place.step:02d}&level={place.level:02d}&band={band}"
        return get_map("/ms?map=OCEAN&", place, layer, more).replace("image/png", image)

    return asked


def _install(world: World, report: Report) -> str:
    """Say what is missing; it comes from Debian, which the bench leaves to people.

    Raises:
        NotHereError: a program is missing.

    """
    needed = {"cgi-mapserver": _PROGRAM.exists(), "spawn-fcgi": _which("spawn-fcgi"), "nginx-light": _which("nginx")}
    missing = [package for package, there in needed.items() if not there]
    if missing:
        raise NotHereError(f"not installed: {' '.join(missing)} of Debian")
    cogs_of(world, report)
    said = subprocess.run([str(_PROGRAM), "-v"], check=False, capture_output=True, text=True).stdout
    return " ".join(said.split()[:3]).removesuffix(" PROJ").replace(" version", "")


def _which(program: str) -> bool:
    return shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin") is not None


def _start(world: World) -> Server:
    folder = _FOLDER.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ocean.map").write_text(map_file(world.folder.absolute()), encoding="utf-8")
    settings = f'CONFIG ENV MS_MAP_PATTERN "." END MAPS OCEAN "{folder}/ocean.map" END END\n'
    (folder / "mapserver.conf").write_text(settings, encoding="utf-8")

    def commands(port: int) -> Sequence[Sequence[str]]:
        (folder / "socket").unlink(missing_ok=True)
        parameters = " ".join(f"fastcgi_param {name} ${name.lower()};" for name in _PARAMETERS)
        text = _NGINX.format(folder=folder, port=port, parameters=parameters)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        return (
            ["spawn-fcgi", "-n", "-s", str(folder / "socket"), "-M", "0666", "--", str(_PROGRAM)],
            ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf")],
        )

    environment = {"MAPSERVER_CONFIG_FILE": str(folder / "mapserver.conf")}
    return Server(commands, ready="/ms?map=OCEAN&service=WMS&request=GetCapabilities", environment=environment)


def map_file(folder: Path) -> str:
    """Write the map file: the colours of packed values, with classes of their own below and above the range."""
    edges = np.rint((np.linspace(LOW, HIGH, _RAMPS + 1) - OFFSET) / SCALE).astype(int).tolist()
    colours = turbo(np.linspace(0, 1, _RAMPS + 1)).astype(int).tolist()
    written = [" ".join(map(str, colour)) for colour in colours]
    classes = [f"    CLASS EXPRESSION ([pixel] < {edges[0]}) STYLE COLOR {written[0]} END END\n"]
    classes += [
        f"    CLASS EXPRESSION ([pixel] >= {low} AND [pixel] < {high})\n"
        f'      STYLE COLORRANGE {written[at]} {written[at + 1]} DATARANGE {low} {high} RANGEITEM "foo" END END\n'
        for at, (low, high) in enumerate(itertools.pairwise(edges))
    ]
    classes.append(f"    CLASS EXPRESSION ([pixel] >= {edges[-1]}) STYLE COLOR {written[-1]} END END\n")
    sources = {
        "cog": (f"{folder}/cog/thetao_%step%_%level%.tif", ""),
        "nc": (f'NETCDF:"{folder}/packed.nc":thetao', 'PROCESSING "BANDS=%band%"'),
    }
    layers = [
        _LAYER.format(name=name, data=data, fill=FILL, more=more, classes="".join(classes))
        for name, (data, more) in sources.items()
    ]
    return _MAP.format(layers="".join(layers))
