"""Random selections of one file, cut by us and by netCDF4 with loops over its cells.

Oracle: netCDF4, raw; which cells are in a box is told one by one from the coordinates that netCDF4 unpacks.
"""

import asyncio
import random
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import netCDF4
import numpy as np

from core.dataset import Dataset, MeshGrid, ProjectedGrid, RectilinearGrid
from core.problem import Problem
from core.selection.asked import Between, Box, Subset
from core.selection.plan import grid_dimensions
from gateway.cell_cache import CellCache
from gateway.config.file import parse
from gateway.extract import Extraction, Wanted, prepare
from gateway.opened import OpenDataset, opened
from gateway.ranges import Ranges
from gateway.sampling import Shared
from gateway.workers import Workers
from gateway.writers import netcdf3
from gateway.writers.hdf5 import Hdf5File
from gateway.writers.hdf5_options import Hdf5Options
from stores.cache import ChunkCache
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.repository import StoredDataset
from tests.contracts.raw import GLOBAL, raw_attributes
from tests.meshed import node_places, part, renumbered
from tests.planes import all_on_plane
from tests.staggered import between_centres, cells_around

TOLD = ("history", "comment", "geospatial_", "time_coverage_")
"""Global attributes that say something of the part that was cut."""
TRIES = 40
"""For each selection: some boxes hold no centre."""
CODES = ("_FillValue", "missing_value")
REQUEST = "http://unit.example/thredds/ncss/grid/d?var=all"


@asynccontextmanager
async def taken_up(files: list[Path], folder: Path, *, cache: int = 2**26) -> AsyncIterator[OpenDataset]:
    """Take up files as one dataset and open it."""
    location = Location.parse(str(folder / "store"))
    ingest(location, "d", files, crew=Processes(0), report=lambda _: None)
    async with opened_at(StoredDataset(location, "d"), "d", cache=cache) as dataset:
        yield dataset


@asynccontextmanager
async def opened_at(stored: StoredDataset, dataset_id: str, *, cache: int = 2**26) -> AsyncIterator[OpenDataset]:
    """Open a dataset that was taken up."""
    config = parse({"datasets": [{"id": dataset_id, "source": "*.nc"}]}, name="test", folder=Path())
    workers = Workers(2)
    shared = Shared(cache=ChunkCache(cache), ranges=Ranges(), cells=CellCache(0), workers=workers, most_cells=2**26)
    dataset, reader = await stored.open()
    yield opened(dataset, reader, config.datasets[0], shared)
    workers.close()


async def written3(extraction: Extraction, path: Path) -> Path:
    """Write netCDF-3 and hold its length against what was told."""
    body = b"".join([part async for part in netcdf3.stream(extraction)])
    await asyncio.to_thread(path.write_bytes, body)
    assert len(body) == netcdf3.length(extraction.layout) == extraction.estimate.sizes["netcdf3"]
    return path


async def written4(extraction: Extraction, path: Path) -> Path:
    """Write netCDF-4 without a process."""
    file = Hdf5File(path, extraction.layout, Hdf5Options(model="NETCDF4", deflate=1, shuffle=True))
    async for block in extraction.blocks():
        file.write(block.variable.name, block.start, block.values)
    file.close()
    return path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """One file as netCDF4 reads it."""

    file: netCDF4.Dataset
    dataset: Dataset

    def raw(self, name: str) -> np.ndarray:
        variable = self.file[name]
        variable.set_auto_maskandscale(False)
        if variable.dtype is not str:
            variable.set_auto_chartostring(False)
        return np.asarray(variable[...])

    def numbers(self, name: str) -> np.ndarray:
        """Return a coordinate unpacked, NaN where missing."""
        variable = self.file[name]
        variable.set_auto_maskandscale(True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = np.ma.filled(np.ma.asarray(variable[...]).astype("f8"), np.nan)
        variable.set_auto_maskandscale(False)
        return found

    def times(self) -> list[int]:
        """Return the place in the file of each step."""
        time = self.dataset.description.time
        by_time = {float(value): place for place, value in enumerate(self.numbers(time.variable).ravel())}
        return [by_time[value] for value in sorted(by_time)]

    def column_order(self, longitudes: np.ndarray, box: Box) -> tuple[list[int], bool]:
        """Return the columns in a box, and whether the seam of the file lies in it."""
        turned = {
            column: next(
                (
                    float(value) + 360 * turn
                    for turn in range(-4, 5)
                    if box.west <= float(value) + 360 * turn <= box.west + box.width
                ),
                None,
            )
            for column, value in enumerate(longitudes)
        }
        inside = [column for column, value in turned.items() if value is not None]
        if box.width == 360:
            return list(range(longitudes.size)), False
        steps = np.diff([turned[column] for column in inside])
        own = np.diff([longitudes[column] for column in inside])
        if np.allclose(steps, own, atol=1e-3) and ((steps > 0).all() or (steps < 0).all()):
            return inside, False
        ordered = sorted(inside, key=lambda column: turned[column])
        return [
            column
            for place, column in enumerate(ordered)
            if place == 0 or turned[column] - turned[ordered[place - 1]] > 1e-3
        ], True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What has to come of a subset."""

    subset: Subset
    indices: dict[str, list[int]]
    """By dimension of the source."""
    turned: bool
    inside: np.ndarray | None = None
    """Of the rows and columns that are taken, which lie in the box; None where all do."""


def random_subset(source: Source, chosen: random.Random, names: tuple[str, ...]) -> Expected | None:
    """Choose a subset of some fields; None where the box holds no centre."""
    dataset = source.dataset
    field = dataset.description.variables[names[0]]
    indices: dict[str, list[int]] = {}
    time, time_indices = _time(source, chosen, field)
    indices |= time_indices
    vertical = None
    asked_others = {}
    for name in field.axes:
        axis = dataset.description.axes[name]
        low, high = sorted(chosen.choice(axis.values) for _ in range(2))
        if vertical is not None and axis.kind == "vertical":
            return None
        between = Between(low=low, high=high, stride=chosen.choice([1, 1, 2]))
        if axis.kind == "vertical":
            vertical = between
        else:
            asked_others[name] = between
        indices[name] = [place for place, value in enumerate(axis.values) if low <= value <= high][:: between.stride]
    if isinstance(grid := dataset.description.grids[field.grid], MeshGrid):
        box, taken = _mesh_box(source, chosen, grid)
        subset = Subset(variables=names, place=box, time=time, vertical=vertical, others=asked_others)
        return None if taken is None else Expected(subset=subset, indices=indices | taken, turned=False)
    stride = chosen.choice([1, 1, 1, 2, 3])
    box, places, turned = _box(source, chosen, field.grid)
    if places is None:
        return None
    inside = None
    if len(places) > 2:
        inside = places[2][np.ix_(places[0], places[1])][::stride, ::stride]
        places = places[:2]
    for name, some in zip(grid_dimensions(dataset, field.grid), places, strict=True):
        indices[name] = some[::stride]
    if any(dataset.description.axes[name].formula for name in field.axes):
        # Depths of points between cells are told by the cells on both sides.
        indices |= cells_around(source.file, indices)
    subset = Subset(variables=names, place=box, stride=stride, time=time, vertical=vertical, others=asked_others)
    return Expected(subset=subset, indices=indices, turned=turned, inside=inside)


def _time(source, chosen, field):
    time = source.dataset.description.time
    if time is None or not field.stepped or time.dimension not in field.dimensions:
        return None, {}
    order = source.times()
    first, last = sorted(chosen.randrange(len(order)) for _ in range(2))
    stride = chosen.choice([1, 1, 2])
    ends = source.dataset.steps.times
    between = Between(low=int(ends[first]), high=int(ends[last]), stride=stride)
    return between, {time.dimension: order[first : last + 1][::stride]}


def _box(source, chosen, grid_id):
    grid = source.dataset.description.grids[grid_id]
    longitudes, latitudes = _centres(source, grid)
    finite = longitudes[np.isfinite(longitudes)]
    if chosen.random() < 0.2:
        rows, columns = longitudes.shape if longitudes.ndim == 2 else (latitudes.size, longitudes.size)
        return None, (list(range(rows)), list(range(columns))), False
    span = float(np.ptp(finite)) or 1.0
    west = chosen.uniform(float(finite.min()) - span / 4, float(finite.max())) + 360 * chosen.choice([-1, 0, 0, 1])
    east = west + chosen.uniform(0, min(span, 359.0))
    south, north = sorted(chosen.uniform(np.nanmin(latitudes) - 1, np.nanmax(latitudes) + 1) for _ in range(2))
    if chosen.random() < 0.3:
        west, east = (west + 180) % 360 - 180, (east + 180) % 360 - 180
    box = Box(west=west, south=south, east=east, north=north)
    if any(_near(edge, longitudes) for edge in (west, east)) or any(_near(edge, latitudes) for edge in (south, north)):
        # What lies a hair outside is meant to be inside.
        return box, None, False
    if isinstance(grid, RectilinearGrid):
        rows = [row for row, value in enumerate(latitudes) if south <= value <= north]
        columns, turned = source.column_order(longitudes, box)
        return box, (rows, columns) if rows and columns else None, turned
    with np.errstate(invalid="ignore"):
        inside = (latitudes >= south) & (latitudes <= north) & (np.mod(longitudes - box.west, 360) <= box.width)
    zero = (longitudes == 0) & (latitudes == 0)
    inside &= ~zero if zero.sum() > 1 else True
    if not inside.any():
        return box, None, False
    down, across = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    columns = list(range(across[0], across[-1] + 1))
    if box.width < 360 and not isinstance(grid, ProjectedGrid) and (once := once_round(longitudes, latitudes)):
        columns = shortest_run(once, across)
    return box, (list(range(down[0], down[-1] + 1)), columns, inside), False


def once_round(longitudes: np.ndarray, latitudes: np.ndarray) -> list[int] | None:
    """Return the columns of a grid that goes round, none of them twice; None where it does not."""
    turn, rise = np.radians(longitudes), np.radians(latitudes)
    places = np.stack([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)])
    count = longitudes.shape[1]
    for halo in (1, 2, 3, 4):
        if count > 2 * halo and np.allclose(places[..., :halo], places[..., -halo:], rtol=0, atol=1e-6, equal_nan=True):
            return list(range(count))[halo // 2 : halo // 2 - halo]
    apart = np.linalg.norm(places[..., 0] - places[..., -1], axis=0)
    steps = np.linalg.norm(np.diff(places, axis=2), axis=0)
    rows = np.isfinite(apart) & np.isfinite(steps).any(axis=1)
    if count < 10 or not rows.any():
        return None
    return list(range(count)) if np.median(apart[rows] - 1.5 * np.nanmedian(steps[rows], axis=1)) < 0 else None


def shortest_run(once: list[int], hit: np.ndarray) -> list[int]:
    """Return the fewest columns in a row, going round, that have all of some; from the first where they may."""
    wanted = {once[(column - once[0]) % len(once)] for column in hit.tolist()}
    runs = []
    for start, column in enumerate(once):
        if column in wanted:
            turned = once[start:] + once[:start]
            runs.append(turned[: 1 + max(place for place, each in enumerate(turned) if each in wanted)])
    return min(runs, key=len)


def _mesh_box(source, chosen, grid):
    source.file.set_auto_maskandscale(True)
    x, y = node_places(source.file, grid)
    if chosen.random() < 0.2:
        return None, {}
    west, east = sorted(chosen.uniform(np.nanmin(x) - 1e-3, np.nanmax(x)) for _ in range(2))
    south, north = sorted(chosen.uniform(np.nanmin(y), np.nanmax(y)) for _ in range(2))
    with np.errstate(invalid="ignore"):
        inside = (y >= south) & (y <= north) & (np.mod(x - west, 360) <= east - west)
    box = Box(west=west, south=south, east=east, north=north)
    return box, part(source.file, grid, inside) if inside.any() else None


def _centres(source, grid):
    staggered = getattr(grid, "staggered", None)
    if isinstance(grid, ProjectedGrid):
        rows, columns = (source.numbers(name).size for name in (grid.y, grid.x))
        return all_on_plane(source.file, (grid.x, grid.y), (rows, columns))
    if staggered is None:
        return source.numbers(grid.x), source.numbers(grid.y)
    source.file.set_auto_mask(True)
    source.file.set_auto_scale(True)
    return tuple(between_centres(source.file, name, staggered.dimensions) for name in (staggered.x, staggered.y))


def _near(edge: float, centres: np.ndarray) -> bool:
    step = float(np.median(np.abs(np.diff(centres)))) if centres.ndim == 1 and centres.size > 1 else 0.0
    return step > 0 and bool((np.abs((centres - edge + 180) % 360 - 180) < 2e-3 * step).any())


def differences(source: Source, path: Path, expected: Expected, *, exact: bool) -> list[str]:
    """Return what differs between a file that we made and what netCDF4 reads; `exact`: types and attributes too."""
    grids = source.dataset.description.grids.values()
    turned = {grid.x for grid in grids} if expected.turned else set()
    turned |= {
        bounds for name in turned if (bounds := getattr(source.file[name], "bounds", name)) in walked(source.file)
    }
    with netCDF4.Dataset(path) as made:
        made.set_auto_maskandscale(False)
        made.set_auto_chartostring(False)
        both = [name for name in walked(made) if name in walked(source.file)]
        plain = [name for name in both if name not in turned]
        wrong = [f"{name} is not there" for name in expected.subset.variables if not _there(made, name)]
        wrong += [name for name in plain if not _same_values(source, made, (name, expected), exact=exact)]
        wrong += [name for name in both if name in turned and not _same_places(source, made, (name, expected))]
        if exact:
            wrong += [f"{name}: attributes" for name in plain if not _same_attributes(source.file[name], made[name])]
            wrong += _global_differences(source, made)
            filled = expected.inside is not None and not expected.inside.all()
            wrong += ["no comment"] if filled and "outside the box from" not in made.comment else []
    return wrong


def _same_values(source: Source, made: netCDF4.Dataset, what: tuple[str, Expected], *, exact: bool) -> bool:
    values, wanted = np.asarray(made[what[0]][...]), _cut(source, made, *what)
    name, expected = what
    if expected.inside is not None and name in expected.subset.variables and _can_be_missing(source.file[name]):
        read = made[name]
        read.set_auto_mask(True)
        # Outside the box netCDF4 finds nothing; within it, what is the same bit for bit.
        empty = np.ma.getmaskarray(np.ma.masked_invalid(read[...]))[..., ~expected.inside].all()
        read.set_auto_maskandscale(False)
        outside = np.broadcast_to(~expected.inside, wanted.shape)
        values, wanted = np.where(outside, 0, values), np.where(outside, 0, wanted)
        if not empty:
            return False
    if values.dtype == object:
        return bool((values == wanted).all())
    same_type = values.dtype.newbyteorder("=") == wanted.dtype.newbyteorder("=") or not exact
    return same_type and values.shape == wanted.shape and values.tobytes() == wanted.astype(values.dtype).tobytes()


def _same_places(source: Source, made: netCDF4.Dataset, what: tuple[str, Expected]) -> bool:
    """Tell whether longitudes are those of the source but for whole turns, and run on."""
    name, expected = what
    values = np.asarray(made[name][...], "f8")
    own = source.numbers(name)[expected.indices[source.file[name].dimensions[0]]]
    same = values.shape == own.shape and np.allclose((values - own + 180) % 360, 180, atol=1e-3)
    return same and bool((np.diff(values, axis=0) > 0).all())


def _same_attributes(old: netCDF4.Variable, new: netCDF4.Variable) -> bool:
    one, other = raw_attributes(old.group(), old._varid), raw_attributes(new.group(), new._varid)
    if "_FillValue" in one and old.getncattr("_FillValue").dtype != old.dtype:
        # netCDF-4 takes none of another type.
        one, other = ({k: v for k, v in each.items() if k not in CODES} for each in (one, other))
    # What is filled outside a box, in a field that names no code for it, gets one.
    added = other.keys() - one.keys() == {"_FillValue"} and not any(name in one for name in CODES)
    return one == ({name: value for name, value in other.items() if name != "_FillValue"} if added else other)


def _can_be_missing(variable: netCDF4.Variable) -> bool:
    codes = [np.atleast_1d(getattr(variable, name)) for name in CODES if name in variable.ncattrs()]
    if not codes:
        return variable.dtype.itemsize > 1
    kind = variable.dtype
    return kind.kind == "f" or any((each.astype(kind) == each).any() for each in codes if each.dtype.kind in "iuf")


def _global_differences(source: Source, made: netCDF4.Dataset) -> list[str]:
    one, other = raw_attributes(source.file, GLOBAL), raw_attributes(made, GLOBAL)
    wrong = [f"global {name}" for name in one if not name.startswith(TOLD) and one[name] != other.get(name)]
    return wrong + ([] if made.history.endswith(REQUEST) else ["history"])


def walked(file: netCDF4.Dataset) -> list[str]:
    """Return the path of every variable."""
    found = list(file.variables)
    for group, inner in file.groups.items():
        found += [f"{group}/{name}" for name in walked(inner)]
    return found


def _there(file: netCDF4.Dataset, name: str) -> bool:
    return name in walked(file) or name.rpartition("/")[2] in walked(file)


def _cut(source: Source, made: netCDF4.Dataset, name: str, expected: Expected) -> np.ndarray:
    variable = source.file[name]
    values = source.raw(name)
    paths = source.dataset.description.variables[name].dimensions
    for place, path in enumerate(paths):
        if path in expected.indices:
            values = values.take(expected.indices[path], axis=place)
    for grid in source.dataset.description.grids.values():
        if isinstance(grid, MeshGrid) and name in (grid.connectivity, grid.edges) and expected.subset.place is not None:
            source.file.set_auto_maskandscale(True)
            numbers = renumbered(source.file, grid, name, expected.indices[source.file[grid.x].dimensions[0]])
            values = np.vectorize(lambda value, of=numbers: of.get(value, value), otypes=[values.dtype])(values)
            break
    new = list(made[name].dimensions)
    return values.transpose([list(variable.dimensions).index(each) for each in new])


async def compared(dataset: OpenDataset, file: Path, folder: Path, *, count: int, seed: int = 1) -> list[str]:
    """Compare `count` random selections with what netCDF4 reads from the file; return what differs."""
    chosen, wrong, done = random.Random(f"{seed} {file.name}"), [], 0
    with netCDF4.Dataset(file) as read:
        source = Source(file=read, dataset=dataset.dataset)
        for _ in range(TRIES * count):
            name = chosen.choice(list(dataset.offered))
            expected = random_subset(source, chosen, (dataset.offered[name].variable.name,))
            if expected is not None:
                asked = replace(expected.subset, variables=(name,))
                wrong += await _compared_in_both(dataset, asked, (source, expected), folder)
                done += 1
            if done == count:
                return wrong
    return [*wrong, f"only {done} of {count} selections held a cell"]


async def _compared_in_both(
    dataset: OpenDataset, asked: Subset, what: tuple[Source, Expected], folder: Path
) -> list[str]:
    wrong = []
    for kind, write in (("netcdf4", written4), ("netcdf3", written3)):
        try:
            extraction = await prepare(dataset, asked, Wanted(format=kind, request=REQUEST))
            path = await write(extraction, folder / f"made.{kind}.nc")
        except (Problem, ValueError) as problem:
            wrong.append(f"{kind} {asked}: {problem!r}")
        else:
            source, expected = what
            wrong += [
                f"{kind} {asked}: {each}" for each in differences(source, path, expected, exact=kind == "netcdf4")
            ]
    return wrong
