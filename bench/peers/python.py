"""Peers from the Python package index, each under uvicorn in an environment of its own."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from bench.field import DEPTHS
from bench.peers.base import APPS, HOME, UVICORN, Environment, Peer, Report, get_map
from bench.peers.copies import zarr_of
from bench.prepared import World
from bench.servers import Server
from bench.workload import TIMES, Place

_TILES = Environment(name="xpublish-tiles", packages=("xpublish-tiles", *UVICORN))
_WMS = Environment(name="xpublish-wms", packages=("xpublish-wms", "xpublish", "dask", *UVICORN))
_TITILER = Environment(name="titiler.xarray", packages=("titiler.xarray[full]", "h5netcdf", *UVICORN))
_COLOURS = "&styles=raster/turbo&colorscalerange=0,30"


def _installed(environment: Environment) -> Callable[[World, Report], str]:
    def install(world: World, report: Report) -> str:
        version = environment.install(report)
        zarr_of(world, report)
        return version

    return install


def _started(environment: Environment, app: str, ready: str) -> Callable[[World], Server]:
    def start(world: World) -> Server:
        python = str(environment.python())
        head = [python, "-m", "uvicorn", app, "--app-dir", str(APPS)]
        how = ["--loop", "uvloop", "--http", "httptools", "--log-level", "error", "--no-access-log"]
        return Server(
            lambda port: [[*head, *how, "--port", str(port)]],
            ready=ready,
            environment=_environment(world),
            log=HOME / f"{environment.name}.log",
        )

    return start


def _environment(world: World) -> Mapping[str, str]:
    return {"BENCH_ZARR": str((world.folder / "peers.zarr").absolute()), "OMP_NUM_THREADS": "1"}


def _when(place: Place) -> str:
    return f"&time={TIMES[place.step]}&elevation={DEPTHS[place.level]}"


def _tiles_tile(place: Place) -> str:
    zoom, column, row = place.tile or (0, 0, 0)
    return (
        f"/datasets/ocean/tiles/WebMercatorQuad/{zoom}/{row}/{column}?variables=thetao&time={TIMES[place.step]}"
        f"&depth={DEPTHS[place.level]}&colorscalerange=0,30&style=raster/turbo&width=256&height=256&f=image/png"
    )


def _wms_map(place: Place) -> str:
    return get_map("/datasets/ocean/wms/?", place, "thetao", _COLOURS + _when(place))


def _titiler_query(place: Place) -> str:
    when = f"sel={quote(f'time={TIMES[place.step]}')}&sel={quote(f'depth=nearest::{DEPTHS[place.level]}')}"
    return f"variable=thetao&{when}&rescale=0,30&colormap_name=turbo"


def _titiler_at(world: World) -> tuple[Callable[[Place], str], Callable[[Place], str]]:
    source = f"url={quote(str((world.folder / 'peers.zarr').absolute()))}"

    def tile(place: Place) -> str:
        zoom, column, row = place.tile or (0, 0, 0)
        return f"/tiles/WebMercatorQuad/{zoom}/{column}/{row}.png?{source}&tilesize=256&{_titiler_query(place)}"

    def picture(place: Place) -> str:
        bbox, (width, height) = ",".join(map(repr, place.bbox)), place.size
        crs = "coord_crs=epsg:3857&dst_crs=epsg:3857"
        return f"/bbox/{bbox}/{width}x{height}.png?{source}&{crs}&{_titiler_query(place)}"

    return tile, picture


def python_peers(world: World) -> tuple[Peer, ...]:
    """Return those that read the Zarr."""
    tile, picture = _titiler_at(world)
    return (
        Peer(
            name="xpublish-tiles",
            install=_installed(_TILES),
            start=_started(_TILES, "with_tiles:app", "/datasets"),
            tile=_tiles_tile,
            map=_wms_map,
        ),
        Peer(
            name="titiler.xarray",
            install=_installed(_TITILER),
            start=_started(_TITILER, "titiler.xarray.main:app", "/healthz"),
            tile=tile,
            map=picture,
        ),
        Peer(
            name="xpublish-wms",
            install=_installed(_WMS),
            start=_started(_WMS, "with_wms:app", "/datasets"),
            tile=_wms_map,
            map=_wms_map,
        ),
    )
