"""xpublish-tiles over the tripolar field: as far as it can, with what it says where it cannot."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
import zarr
from zarr.codecs import BloscCodec

from bench import gate, wrk
from bench.containing import middles_of, of_orca
from bench.field import FILL, OFFSET, SCALE
from bench.grids_prepared import Grids
from bench.measured import Case, Turns, in_turns
from bench.peers.base import APPS, HOME, UVICORN, Environment, NotHereError
from bench.servers import NoAnswerError, Server
from bench.table import Row
from bench.workload import TIMES, Place
from bench.wrk import BadAnswersError

PEER: Final = "xpublish-tiles, tripolar"
_ENVIRONMENT: Final = Environment(name="xpublish-tiles", packages=("xpublish-tiles", *UVICORN))
_PATIENCE: Final = 900.0
"""Seconds for its first picture: it works out then how cells are found."""
_EVERY: Final = 8
"""Pixels between those that are compared."""


def curved(grids: Grids, tiles: Sequence[Place], turns: Turns, report: Callable[[str], None]) -> tuple[Row, str]:
    """Check and measure it; return its row and version. A row that says why has no figures."""
    try:
        report(f"peer: {PEER}")
        version = _ENVIRONMENT.install(report)
        store = _zarr_of(grids, report)
        with _started(store) as server:
            return _measured(server, grids, tiles, turns), version
    except (NotHereError, NoAnswerError, BadAnswersError, gate.WrongPixelsError, OSError) as error:
        return Row(what=PEER, figures={}, said=f"{error}".replace("|", "/").replace("\n", " ")[:300]), ""


def _measured(server: Server, grids: Grids, tiles: Sequence[Place], turns: Turns) -> Row:
    begun = time.perf_counter()
    _fetched(server, tiles[0])
    first = time.perf_counter() - begun
    truth = of_orca(grids.files["orca"])
    at = np.arange(_EVERY // 2, 256, _EVERY)
    errors, masks = [], []
    for place in [tile for tile in tiles if tile.tile and 4 <= tile.tile[0] <= 6][:6]:
        rows, columns = (each.ravel() for each in np.meshgrid(at, at, indexing="ij"))
        values = np.full(rows.size, np.nan)
        which, found = truth.at(middles_of(place, (rows + 0.5, columns + 0.5)), place.step)
        values[which] = found
        colours = gate.pixels_of(_fetched(server, place))[rows, columns]
        error, mask = gate.agreement(colours[None], gate.Scene(values=values[None]))
        errors.append(error)
        masks.append(mask)
    if np.median(errors) > gate.MEDIAN or min(masks) < gate.MASK:
        said = f"pictures are {np.median(errors):.2f} degrees off, {min(masks):.1%} of a picture agree on land and sea"
        raise gate.WrongPixelsError(f"first picture after {first:.0f} s; {said}")
    paths = wrk.write_paths(grids.folder / "peer.txt", [_address(place) for place in tiles])
    wrk.run(server.base, paths, connections=4, seconds=3, start=len(tiles) - 100)
    return in_turns([Case(what=PEER, paths=paths, server=server, connections=4)], turns)[0]


def _fetched(server: Server, place: Place) -> bytes:
    try:
        with urllib.request.urlopen(server.base + _address(place), timeout=_PATIENCE) as answer:
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        raise BadAnswersError(f"{error.code}: {error.read()[:200].decode(errors='replace')}") from error
    return content


def _address(place: Place) -> str:
    zoom, column, row = place.tile or (0, 0, 0)
    return (
        f"/datasets/ocean/tiles/WebMercatorQuad/{zoom}/{row}/{column}?variables=thetao&time={TIMES[place.step]}"
        "&colorscalerange=0,30&style=raster/turbo&width=256&height=256&f=image/png"
    )


def _started(store: Path) -> Server:
    head = [str(_ENVIRONMENT.python()), "-m", "uvicorn", "with_tiles:app", "--app-dir", str(APPS)]
    how = ["--loop", "uvloop", "--http", "httptools", "--log-level", "error", "--no-access-log"]
    return Server(
        lambda port: [[*head, *how, "--port", str(port)]],
        ready="/datasets",
        environment={"BENCH_ZARR": str(store.absolute()), "OMP_NUM_THREADS": "1"},
        log=HOME / f"{_ENVIRONMENT.name}.log",
    )


def _zarr_of(grids: Grids, report: Callable[[str], None]) -> Path:
    """Copy the field to Zarr once, packed as it is, with chunks as in the other bench."""
    path, done = grids.folder / "orca.zarr", grids.folder / "orca.zarr.done"
    if done.exists():
        return path
    report("copying the tripolar field to Zarr for the peer")
    group = zarr.open_group(path, mode="w", zarr_format=3, attributes={"Conventions": "CF-1.11"})
    how = BloscCodec(cname="zstd", clevel=5, shuffle="shuffle")
    with netCDF4.Dataset(grids.files["orca"]) as file:
        file.set_auto_maskandscale(False)
        hours = np.asarray(file["time"][:])
        time_axis = group.create_array("time", data=hours, chunks=hours.shape, dimension_names=("time",))
        time_axis.attrs.update({"units": "hours since 1950-01-01", "standard_name": "time", "axis": "T"})
        for name, standard, unit in (
            ("nav_lon", "longitude", "degrees_east"),
            ("nav_lat", "latitude", "degrees_north"),
        ):
            values = np.asarray(file[name][:])
            axis = group.create_array(name, data=values, chunks=(512, 512), compressors=how, dimension_names=("y", "x"))
            axis.attrs.update({"standard_name": standard, "units": unit})
        codes = np.asarray(file["thetao"][:])
    copy = group.create_array(
        "thetao", data=codes, chunks=(1, 512, 512), fill_value=FILL, compressors=how, dimension_names=("time", "y", "x")
    )
    for name, said in {
        "standard_name": "sea_water_potential_temperature",
        "units": "degrees_C",
        "coordinates": "nav_lat nav_lon",
    }.items():
        copy.attrs[name] = said
    copy.attrs.update({"_FillValue": FILL, "scale_factor": SCALE, "add_offset": OFFSET})
    done.touch()
    return path
