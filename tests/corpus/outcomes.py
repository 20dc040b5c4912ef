"""What becomes of one real file: taken up or opened as it stands, compared with netCDF4 and drawn, or refused.

Oracle: netCDF4, raw and with its own masking and scaling.
"""

import asyncio
import csv
import io
import math
import random
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import netCDF4
import numpy as np
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from core.dataset import CurvilinearGrid, Dataset, MeshGrid, ProjectedGrid, RectilinearGrid, Variable
from core.dimensions import dimensions_of
from gateway.app import make_app
from gateway.config.file import parse
from stores.base import ChunkReader
from stores.cache import ChunkCache
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from stores.plain.dataset import PlainDataset
from stores.plain.folder import Folder
from stores.repository import StoredDataset
from tests.gateway.writers.cutting import compared as cut_alike
from tests.gateway.writers.cutting import opened_at
from tests.meshed import cell_place, with_mesh
from tests.planes import on_plane
from tests.staggered import between_centres

PLACES = 20
"""Random valid places compared for each field."""
PLANES = 40
"""Planes that are looked at for them, at most: some may hold nothing."""
MEMORY = 2**26
"""Bytes of chunks of plain Zarr that are kept."""
SELECTIONS = 2
"""Random ones of each file, written in two formats."""
MESHES = {f"mesh/fesom/{name}.fesom.1948.nc": "mesh/fesom/fesom.mesh.diag.nc" for name in ("a_ice", "sst", "temp")}
"""Files that lack their mesh, and which has it."""
EMPTY_TEXTS = (": face_nodes: attributes", ": global FESOM_mesh_representative_checksum")
SIDE = 5
"""Pixels along a side of the picture around a valid cell."""
SHOWN = 8
"""Layers that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is expected of a file."""

    file: str
    verdict: str
    """served, in situ, companion, refused."""
    grid: str
    fields: tuple[str, ...]
    """That should become layers, at most 12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of it."""

    layers: tuple[str, ...] = ()
    steps: int = 0
    values: int = 0
    """Compared and equal, raw and unpacked."""
    pictures: int = 0
    """In which a valid cell is coloured."""
    reason: str = ""
    """Why it was refused."""
    wrong: tuple[str, ...] = ()
    """What differs."""


def verdicts(table: Path) -> list[Verdict]:
    """Read the verdicts on all files but those that hold no data."""
    with table.open(encoding="utf-8", newline="") as file:
        return [
            Verdict(
                file=row["file"],
                verdict=row["verdict"],
                grid=row["grid"],
                fields=tuple(name for name in row["variables"].split() if name != "..."),
            )
            for row in csv.DictReader(file)
            if row["verdict"] != "not data"
        ]


async def outcomes(wanted: Sequence[Verdict], data: Path, folder: Path) -> list[Outcome]:
    """Take up files, each as a dataset of its own, and find out what a unit that has them all serves."""
    datasets = [{"id": f"d{number}", "source": str(data / each.file)} for number, each in enumerate(wanted)]
    unit = make_app(parse({"store": str(folder), "datasets": datasets}, name="test", folder=folder))
    async with TestClient(TestServer(unit)) as client:
        return [
            await outcome(f"d{number}", each, Asked(client=client, path=data / each.file, folder=folder))
            for number, each in enumerate(wanted)
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A unit, and one file that it is to serve."""

    client: TestClient
    path: Path
    folder: Path
    """Of the store."""


async def outcome(dataset_id: str, verdict: Verdict, asked: Asked) -> Outcome:
    """Take up one file, or open it as it stands, and find out what it is served as."""
    plain = asked.path.is_dir()
    if plain:
        origin = PlainDataset(dataset_id, Folder(asked.path), cache=ChunkCache(MEMORY), offload=asyncio.to_thread)
    else:
        location = Location.parse(str(asked.folder))
        mesh = MESHES.get(verdict.file)
        mesh = mesh and asked.path.parents[verdict.file.count("/")] / mesh
        summary = ingest(location, dataset_id, [asked.path], crew=Processes(0), report=lambda _: None, mesh=mesh)
        if mesh is not None:
            asked = replace(asked, path=with_mesh(asked.path, mesh, asked.folder / f"{dataset_id}.nc"))
        if summary.refused:
            return Outcome(reason=summary.refused[0][1])
        origin = StoredDataset(location, dataset_id)
    dataset, reader = await origin.open()
    differ = [] if plain else await _selections(origin, dataset_id, asked)
    if verdict.file in MESHES:
        # The copy with the mesh has a NUL where the files have a text of no length, which netCDF4 cannot write.
        differ = [each for each in differ if not each.endswith(EMPTY_TEXTS)]
    there = {field.name: field for field in dataset.description.fields}
    values, pictures, wrong = 0, 0, differ
    with netCDF4.Dataset(f"file://{asked.path}#mode=zarr,file" if plain else asked.path) as source:
        for name in verdict.fields:
            if name not in there:
                continue
            compared = Compared(dataset=dataset, reader=reader, field=there[name], source=source)
            places = compared.places(random.Random(name))
            other = [place for place in places if not await compared.equal(place)]
            values += len(places) - len(other)
            wrong += [f"{name} at {place.index}" for place in other]
            drawn = await coloured(asked.client, compared, places)
            pictures += drawn
            wrong += [] if drawn else [f"{name} is not drawn"]
    return Outcome(layers=tuple(there), steps=len(dataset.steps), values=values, pictures=pictures, wrong=tuple(wrong))


async def _selections(origin: StoredDataset, dataset_id: str, asked: Asked) -> list[str]:
    """Return what differs between random selections, as downloads write them, and the file."""
    async with opened_at(origin, dataset_id) as dataset:
        return await cut_alike(dataset, asked.path, asked.folder, count=SELECTIONS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """One value of a field, in the file."""

    index: tuple[int, ...]
    """In the order of the file."""
    code: np.generic
    """As stored."""
    value: np.generic
    """As netCDF4 unpacks it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """One field in the store and in its file."""

    dataset: Dataset
    reader: ChunkReader
    field: Variable
    source: netCDF4.Dataset

    def places(self, chosen: random.Random) -> list[Place]:
        """Choose places that netCDF4 finds valid, on a few planes at random steps and levels."""
        found: list[Place] = []
        sizes = dict(zip(self.field.dimensions, self.source[self.field.name].shape, strict=True))
        for _ in range(PLANES):
            if len(found) == PLACES:
                break
            plane = tuple(
                slice(None) if name in self.grid_dimensions else chosen.randrange(size) for name, size in sizes.items()
            )
            codes, values = self.raw(plane), np.ma.masked_invalid(self.expected(plane))
            valid = np.argwhere(~np.ma.getmaskarray(values))
            # A field of one plane is read but once.
            share = PLACES // 4 if max(codes.size, 1) < math.prod(sizes.values()) else PLACES
            for _ in range(share if len(valid) else 0):
                at = tuple(valid[chosen.randrange(len(valid))].tolist())
                rest = iter(at)
                index = tuple(next(rest) if isinstance(part, slice) else part for part in plane)
                found.append(Place(index=index, code=codes[at], value=np.ma.getdata(values)[at]))
        return found

    def raw(self, plane: tuple[object, ...]) -> np.ndarray:
        """Return codes as netCDF4 reads them."""
        variable = self.source[self.field.name]
        variable.set_auto_maskandscale(False)
        return np.asarray(variable[plane])

    def expected(self, plane: tuple[object, ...]) -> np.ma.MaskedArray:
        """Return values as netCDF4 masks and scales them."""
        variable = self.source[self.field.name]
        variable.set_auto_maskandscale(True)
        with warnings.catch_warnings():
            # It says so where it passes over a missing code that the type cannot hold.
            warnings.simplefilter("ignore")
            try:
                return variable[plane]
            except TypeError:
                # It cannot multiply with text, which is meant as the number that it spells.
                raw = np.ma.masked_equal(self.raw(plane), float(getattr(variable, "missing_value", "nan")))
                return raw * float(variable.scale_factor)

    async def equal(self, place: Place) -> bool:
        """Tell whether the store has the same code and the same value as the file."""
        found = await self.stored(dict(zip(self.field.dimensions, place.index, strict=True)))
        packing = self.dataset.packings[self.dataset.steps[self.step(place.index)].packing][self.field.name]
        same = place.code.astype(place.code.dtype.newbyteorder("=")).tobytes() == found.tobytes()
        value = packing.unpack(found[None])[0]
        return same and value == place.value.astype(value.dtype)

    def step(self, place: tuple[int, ...]) -> int:
        """Return the step of a place; the first where the file has but one."""
        time = self.dataset.description.time
        named = dict(zip(self.field.dimensions, place, strict=True))
        if time is None or time.dimension not in named:
            return 0
        # The file's times may be in any order, those of the store ascend.
        self.source.set_auto_mask(False)
        times = self.source[time.variable][:].ravel()
        self.source.set_auto_mask(True)
        return int(np.argsort(times, kind="stable").tolist().index(named[time.dimension]))

    async def stored(self, named: dict[str, int]) -> np.ndarray:
        """Return the code at a place of the store."""
        step = self.step(tuple(named.values()))
        slot = (self.dataset.steps[step].slot,) if self.field.stepped else ()
        *rows, column = (named[name] for name in self.grid_dimensions)
        row = rows[0] if rows else 0
        height, width = self.field.chunks[-2:]
        levels = tuple(named[name] for name in self.field.axes)
        chunk = await self.reader.read(f"data/{self.field.name}", (*slot, *levels, row // height, column // width))
        assert chunk is not None
        return chunk.reshape(chunk.shape[-2:])[row % height, column % width, ...]

    @property
    def grid_dimensions(self) -> tuple[str, ...]:
        """Names of the row and the column dimension; of a mesh its only one."""
        grid = self.dataset.description.grids[self.field.grid]
        if isinstance(grid, MeshGrid):
            return (grid.dimension,)
        x, y = (self.dataset.description.variables[name].dimensions for name in (grid.x, grid.y))
        if isinstance(grid, CurvilinearGrid) and grid.staggered is not None:
            return grid.staggered.dimensions
        return (y[0], x[0]) if isinstance(grid, RectilinearGrid | ProjectedGrid) else x

    def where(self, place: tuple[int, ...]) -> tuple[float, float]:
        """Return longitude and latitude as the file gives them."""
        grid = self.dataset.description.grids[self.field.grid]
        named = dict(zip(self.field.dimensions, place, strict=True))
        found = []
        if isinstance(grid, MeshGrid):
            return cell_place(self.source, grid, named[grid.dimension])
        if isinstance(grid, CurvilinearGrid) and grid.staggered is not None:
            at = tuple(named[each] for each in self.grid_dimensions)
            held = (grid.staggered.x, grid.staggered.y)
            longitude, latitude = (between_centres(self.source, name, self.grid_dimensions)[at] for name in held)
            return (longitude + 180) % 360 - 180, latitude
        if isinstance(grid, ProjectedGrid):
            return on_plane(self.source, (grid.x, grid.y), *(named[each] for each in self.grid_dimensions))
        for name in (grid.x, grid.y):
            variable = self.source[name]
            found.append(float(np.ma.getdata(variable[tuple(named[each] for each in variable.dimensions)])))
        return (found[0] + 180) % 360 - 180, found[1]

    def query(self, place: tuple[int, ...]) -> dict[str, str]:
        """Return what a request says of time, elevation and further dimensions to mean a place."""
        named = dict(zip(self.field.dimensions, place, strict=True))
        found = {}
        if self.field.stepped and self.dataset.description.time is not None:
            found["time"] = self.dataset.steps.iso(self.step(place))
        axes = [self.dataset.description.axes[name] for name in self.field.axes]
        for dimension in dimensions_of(axes):
            found[dimension.parameter] = repr(dimension.values[named[dimension.axis.name]])
        return found


async def coloured(client: TestClient, compared: Compared, places: list[Place]) -> bool:
    """Tell whether a picture around one of the places has a colour in its middle."""
    for place in (found.index for found in places):
        longitude, latitude = compared.where(place)
        if not -89 < latitude < 89 or not -179 < longitude < 179:
            continue
        half = 1e-4
        query = {
            "service": "WMS",
            "version": "1.3.0",
            "request": "GetMap",
            "layers": f"{compared.dataset.id}/{compared.field.name}",
            "styles": "",
            "crs": "CRS:84",
            "bbox": f"{longitude - half},{latitude - half},{longitude + half},{latitude + half}",
            "width": str(SIDE),
            "height": str(SIDE),
            "format": "image/png",
            "transparent": "true",
        }
        async with client.get("/wms", params=query | compared.query(place)) as answer:
            body = await answer.read()
            assert answer.status == 200, body
        with Image.open(io.BytesIO(body)) as picture:
            return picture.convert("RGBA").getpixel((SIDE // 2, SIDE // 2))[3] > 0
    return False


def row(verdict: Verdict, found: Outcome) -> str:
    """Write one line of the page."""
    return f"| `{verdict.file}` | {verdict.verdict}, {verdict.grid} | {_what(found)} | {_checked(found)} |"


def _what(found: Outcome) -> str:
    if found.reason:
        return found.reason.replace("|", "\\|")
    more = len(found.layers) - SHOWN
    names = " ".join(f"`{name}`" for name in found.layers[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{names}; {found.steps} step{'' if found.steps == 1 else 's'}"


def _checked(found: Outcome) -> str:
    return "" if found.reason else f"{found.values} values, {found.pictures} pictures"


def page(lines: Iterator[str]) -> str:
    """Write the page around its lines."""
    return HEAD + "\n".join(lines) + "\n"


HEAD = f"""# Real files

What becomes of each file in a collection of real ones: of models, satellites, instruments, and broken ones. Expected
is what a person who looked at each file decided. `make corpus` writes this page anew; a test takes up each file and
finds its line here.

A file that is served has its layers named. Of each field that was expected, {PLACES} random valid places were compared
with netCDF4, codes bit for bit and values as it unpacks them, and a picture around one of them was asked for over HTTP
and had a colour in its middle. {SELECTIONS} random selections of each file, written as netCDF-4 and as netCDF-3, held
what netCDF4 reads from the file, bit for bit. A file that is refused has the reason that its provider is told.

| file | expected | what came of it | found equal |
|---|---|---|---|
"""
