"""Default colours of a plain Zarr store: statistics of a few chunks of each field, not of all."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

import numpy as np

from core.dataset import Dataset, Statistics, Variable
from stores.base import ChunkReader, VersionGoneError
from stores.ingest.statistics import Contribution, contribution, joined, statistics_of

_LOG = logging.getLogger(__name__)
_PLACES: Final = 3
"""Chunks along each side of a map that are looked at, at most."""
_STEPS: Final = 3
_ENOUGH: Final = 10_000
"""Valid values after which no other step is looked at."""


async def sampled(dataset: Dataset, reader: ChunkReader, *, patience: float) -> dict[str, Statistics]:
    """Return statistics of each field from a sample; none of a field that cannot be read within `patience` seconds."""
    tasks = {field.name: asyncio.create_task(_of(field, dataset, reader)) for field in dataset.description.fields}
    done, late = await asyncio.wait(tasks.values(), timeout=patience) if tasks else (set(), set())
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    found: dict[str, Statistics] = {}
    for name, task in tasks.items():
        part = task.result() if task in done else None
        if part is not None:
            found |= statistics_of([{name: part}])
        elif task in late:
            _LOG.warning("dataset %s: %s has no default colours: sampling took too long", dataset.id, name)
    return found


async def _of(field: Variable, dataset: Dataset, reader: ChunkReader) -> Contribution | None:
    packing = dataset.packings[0][field.name]
    found: list[Contribution | None] = []
    try:
        for step in _middle_first(len(dataset.steps) if field.stepped else 1):
            before = (dataset.steps[step].slot,) if field.stepped else ()
            for place, (height, width) in _places(field):
                chunk = await reader.read(f"data/{field.name}", (*before, *(0,) * len(field.axes), *place))
                if chunk is not None:
                    cells = chunk[..., :height, :width]
                    found.append(await asyncio.to_thread(contribution, cells, packing))
            if sum(part.count for part in found if part is not None) >= _ENOUGH:
                break
    except (OSError, VersionGoneError) as error:
        _LOG.warning("dataset %s: %s has default colours of a smaller sample: %s", dataset.id, field.name, error)
    return joined(found)


def _middle_first(count: int) -> list[int]:
    """Return the middle of `count` steps, then the last, then the first."""
    return list(dict.fromkeys([count // 2, count - 1, 0]))[: min(count, _STEPS)]


def _places(field: Variable) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield chunks spread over the map, with the rows and columns that the array has in each."""
    spread = []
    for length, size in zip(field.shape[-2:], field.chunks[-2:], strict=True):
        count = -(-length // size)
        chosen = np.unique(np.linspace(0, count - 1, min(count, _PLACES)).round().astype(int)).tolist()
        spread.append([(place, min(size, length - place * size)) for place in chosen])
    for row, height in spread[0]:
        for column, width in spread[1]:
            yield (row, column), (height, width)
