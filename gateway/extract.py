"""From what is asked of a dataset to what is read of it: nothing but coordinates and records is read here."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import series
from core.cells import Separable
from core.crs import Crs
from core.dataset import CurvilinearGrid, MeshGrid, ProjectedGrid, RectilinearGrid
from core.grids.base import Grid, Places
from core.layer import Layer
from core.problem import Problem
from core.selection.asked import Box, OnAxes, Point, Subset
from core.selection.cut import Cut
from core.selection.estimate import Estimate, Excess, Format, estimate, excess
from core.selection.given import packings_at
from core.selection.hull import Hull, lies_in
from core.selection.layout import Layout, layout
from core.selection.places import Bounding, on_axes
from core.selection.plan import Plan, plan
from core.selection.reading import Reading, quickest
from core.time import iso
from core.view import View
from gateway.blocks import BlockReader, Values, digest
from gateway.http.conditional import SOFTWARE, entity_tag
from gateway.meshes import meshed
from gateway.opened import OpenDataset
from gateway.sampling import Sampler
from gateway.series import read_record
from gateway.writers.classic import classic

_BAND: Final = 512
"""Rows of a curvilinear grid that are looked at together."""
_PIXEL: Final = 1e-6
"""Degrees."""

Extent = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The file that is to come of it."""

    format: Format
    request: str
    """That gives the same again: an address; it goes into `history`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extraction:
    """One request, worked out: all is known of the file but its values."""

    plan: Plan
    layout: Layout
    wanted: Wanted
    estimate: Estimate
    etag: str
    """Strong, with quotes: equal tags are equal bytes."""
    reader: BlockReader
    readings: Sequence[Reading]
    """In the order of `layout.variables`."""

    def blocks(self) -> AsyncGenerator[Values]:
        """Read the values, in the order of the variables and row-major order, a few blocks ahead.

        Raises:
            OSError: a chunk cannot be read.
            VersionGoneError: the version was collected meanwhile.

        """
        return self.reader.blocks(list(zip(self.layout.variables, self.readings, strict=True)))

    def excess(self, most: int) -> Excess | None:
        """Return what is too much of its file if that may have `most` bytes; None if it fits."""
        return excess(self.plan, self.estimate, self.wanted.format, most)


async def prepare(dataset: OpenDataset, subset: Subset, wanted: Wanted) -> Extraction:
    """Work out a request.

    Raises:
        Problem: there is nothing of what is asked for; it says what there is.
        OSError: coordinates or records cannot be read.

    """
    layers = _layers(dataset, subset)
    grids = dict.fromkeys(layer.variable.grid or "" for layer in layers)
    placed = {name: found for name in grids if (found := await _placed(dataset, name, subset.place)) is not None}
    planned = plan(dataset.dataset, layers, subset, {name: cuts for name, (cuts, _) in placed.items()})
    looked = {
        name: await _looked_at(dataset, name, planned, box)
        for name, (_, box) in placed.items()
        if not isinstance(dataset.dataset.description.grids[name], RectilinearGrid | MeshGrid)
    }
    planned, extents = await meshed(dataset, planned, subset.place)
    extents = {**extents, **{name: extent for name, (extent, _) in looked.items()}}
    planned = replace(planned, hulls={name: hull for name, (_, hull) in looked.items() if hull is not None})
    published = iso(dataset.dataset.published, "standard")
    note = f"{published} cut by Halocline {SOFTWARE} from version {dataset.dataset.version}: {wanted.request}"
    laid = layout(planned, extents, note)
    record = await _record(dataset.sampler, planned)
    readings = [_reading(planned, name, record) for name in planned.variables]
    read = sum(reading.chunks for reading in readings), sum(reading.bytes for reading in readings)
    return Extraction(
        plan=planned,
        layout=laid,
        wanted=wanted,
        estimate=estimate(planned, laid, classic(laid).length, read),
        etag=entity_tag(SOFTWARE, dataset.dataset.id, dataset.dataset.version, subset, wanted),
        reader=_reader(dataset, planned, record, read[1]),
        readings=readings,
    )


def _reader(dataset: OpenDataset, planned: Plan, record: series.Record | None, kept: int) -> BlockReader:
    slots, revisions = planned.rows[:, 1].tolist(), planned.rows[:, 2].tolist()
    return BlockReader(
        sampler=dataset.sampler,
        plan=planned,
        record=record,
        kept=kept,
        revisions=dict(zip(slots, revisions, strict=True)),
        fixed=digest(dataset.dataset.steps.rows[:, 2]),
    )


def _layers(dataset: OpenDataset, subset: Subset) -> list[Layer]:
    names = subset.variables or tuple(dataset.offered)
    unknown = [name for name in names if name not in dataset.offered]
    if unknown:
        message = f"there is no variable {unknown[0][:64]!r}; there is {', '.join(dataset.offered)}"
        raise Problem("invalid_value", message[:2000], parameter="var")
    if not names:
        raise Problem("invalid_value", "the dataset has no variable that can be cut", parameter="var")
    return [dataset.offered[name] for name in dict.fromkeys(names)]


async def _placed(
    dataset: OpenDataset, grid_id: str, place: Box | OnAxes | Point | None
) -> tuple[tuple[Cut, Cut], Box | None] | None:
    """Return rows and columns that the axes of a grid do not tell; None where they do, or all are taken.

    Of those around a box, what lies in it is meant; one cell is meant as it is.
    """
    grid = dataset.grids[grid_id]
    if isinstance(place, Point):
        return await _cell(dataset, grid_id, grid, place), None
    description = dataset.dataset.description.grids[grid_id]
    if isinstance(place, OnAxes):
        return (on_axes(description, place), None) if isinstance(description, ProjectedGrid) else None
    if place is None or isinstance(description, RectilinearGrid | MeshGrid):
        return None
    found = Bounding(place, rings=isinstance(description, CurvilinearGrid))
    for first in range(0, grid.shape[0], _BAND):
        rows = np.arange(first, min(first + _BAND, grid.shape[0]))
        places = await dataset.sampler.places(grid_id, grid, Separable(rows=rows, columns=np.arange(grid.shape[1])))
        found.add(places.longitude, places.latitude, first)
    if found.found is not None:
        return found.found, place
    middle = Point(longitude=place.west + place.width / 2, latitude=(place.south + place.north) / 2)
    return await _cell(dataset, grid_id, grid, middle), None


async def _cell(dataset: OpenDataset, grid_id: str, grid: Grid, point: Point) -> tuple[Cut, Cut]:
    """Return the row and the column of the cell that holds a place."""
    longitude, latitude = (point.longitude + 180.0) % 360.0 - 180.0, point.latitude
    box = (longitude - _PIXEL, latitude - _PIXEL, longitude + _PIXEL, latitude + _PIXEL)
    cells = await dataset.sampler.locate(grid_id, grid, View(crs=Crs.parse("CRS:84"), bbox=box, width=1, height=1))
    row, column = (int(np.ravel(found)[0]) for found in (cells.rows, cells.columns))
    if row < 0 or column < 0:
        message = f"{point.longitude:g} degrees east, {point.latitude:g} north lies in no cell of the grid"
        extent = grid.extent
        message += f", which runs from {extent.west:g} to {extent.east:g} and from {extent.south:g} to {extent.north:g}"
        raise Problem("invalid_value", message, parameter="latitude")
    return Cut(pieces=(range(row, row + 1),)), Cut(pieces=(range(column, column + 1),))


async def _looked_at(dataset: OpenDataset, grid_id: str, planned: Plan, box: Box | None) -> tuple[Extent, Hull | None]:
    """Return the extent of the centres of the cells that are meant of a grid, and which of those taken they are.

    The latter is None where that is all of them.
    """
    grid = dataset.grids[grid_id]
    field = next(name for name in planned.fields if planned.variable(name).grid == grid_id)
    rows, columns = (cut.indices for cut in planned.inner(field)[-2:])
    hull = np.ones((rows.size, columns.size), dtype=np.bool_)
    ends = []
    for first in range(0, rows.size, _BAND):
        cells = Separable(rows=rows[first : first + _BAND], columns=columns)
        places = await dataset.sampler.places(grid_id, grid, cells)
        asked = np.isfinite(places.longitude)
        if box is not None:
            asked = hull[first : first + _BAND] = lies_in(box, places.longitude, places.latitude)
        if asked.any():
            ends.append(_ends(places, asked, 0.0 if box is None else box.west))
    found = None if hull.all() or box is None else Hull(box=box, inside=hull)
    if not ends:
        extent = grid.extent
        return (extent.west, extent.south, extent.east, extent.north), found
    (west, east), (south, north), beyond = (
        (min(low for low, _ in some), max(high for _, high in some)) for some in zip(*ends, strict=True)
    )
    if box is not None and east - west > box.width:
        # The seam of longitudes lies in the box: they run on beyond it.
        west, east = (box.west + end for end in beyond)
    return (west, south, east, north), found


def _ends(places: Places, asked: NDArray[np.bool_], west: float) -> tuple[tuple[float, float], ...]:
    """Return the ends of longitudes, of latitudes, and of how far east of `west` they lie; of cells that are asked."""
    longitudes, latitudes = places.longitude[asked], places.latitude[asked]
    return tuple((float(some.min()), float(some.max())) for some in (longitudes, latitudes, (longitudes - west) % 360))


def _reading(planned: Plan, name: str, record: series.Record | None) -> Reading:
    variable = planned.variable(name)
    inner = tuple(cut.indices for cut in planned.inner(name))
    itemsize = 16 if variable.dtype == "str" else np.dtype(variable.dtype).itemsize
    if planned.on_mesh(name):
        # A mesh is stored as one row, which is none of the dimensions that are given out.
        chunks, blocks = ((*cut[:-2], cut[-1]) if cut else () for cut in (variable.chunks, variable.series))
        variable = replace(variable, chunks=chunks, series=blocks)
    if not variable.stepped:
        return Reading(variable=name, itemsize=itemsize, indices=inner, data=variable.chunks)
    slots = planned.rows[:, 1].astype(np.intp)
    packings = planned.dataset.packings
    numeric = bool(packings_at(planned, name)) or variable.grid is not None
    there = np.array([not numeric or name in packings[index] for index in planned.rows[:, 3].tolist()], dtype=np.bool_)
    reading = Reading(
        variable=name,
        itemsize=itemsize,
        indices=(slots, *inner),
        data=variable.chunks,
        series=variable.series,
        there=there,
    )
    if record is None or not variable.series:
        return reading
    return quickest(reading, series.held(planned.rows, record))


async def _record(sampler: Sampler, planned: Plan) -> series.Record | None:
    """Return what the blocks for series hold, as far as the steps reach; None where no field has any."""
    slots = next((found.series[0] for name in planned.fields if (found := planned.variable(name)).series), None)
    if slots is None:
        return None
    return await read_record(sampler, slots, planned.rows)
