"""The capabilities of what a caller may see, joined from fragments that are written once per dataset version."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from cachetools import LRUCache

from gateway.config.file import Config
from gateway.http.conditional import SOFTWARE, entity_tag
from gateway.opened import OpenDataset
from gateway.unit import Listing
from gateway.wms.capabilities import Contact, Outer, ServiceInfo, capabilities
from gateway.wms.described import shared_styles
from gateway.wms.fragments import dataset_layers
from gateway.wms.layers import ADVERTISED, dataset_info
from gateway.wms.request.parameters import Version
from gateway.workers import Workers

K = TypeVar("K", bound=Hashable)

_ON_THE_LOOP: Final = 256 * 1024
"""Bytes that are joined in well under 2 ms."""
_LISTINGS: Final = 64
"""Sets of datasets whose names are kept: callers of one profile see one set, until one of it is published anew."""
_DOCUMENTS: Final = 64 * 2**20
"""Bytes of documents kept: one for each address by which clients call the unit, and they may call it anything."""


@dataclass(slots=True, eq=False)
class _Flight:
    """What is being written."""

    task: asyncio.Task[bytes]
    waiting: int = 0
    """Callers who wait for it."""


class CapabilitiesWriter:
    """Writes capabilities; keeps the fragments of datasets and the last documents."""

    def __init__(self, config: Config, workers: Workers) -> None:
        """Describe the unit of `config`; fragments are written in `workers`."""
        self._service = _service(config)
        self._said = entity_tag(SOFTWARE, self._service)
        # Titles and default colours are said in the document: after a restart, their change must be seen.
        self._configured = {dataset.id: entity_tag(dataset) for dataset in config.datasets}
        self._changed = config.changed
        self._workers = workers
        self._fragments: dict[tuple[str, Version], tuple[str, bytes]] = {}
        self._writing: dict[tuple[str, str, Version], _Flight] = {}
        self._documents: LRUCache[str, bytes] = LRUCache(_DOCUMENTS, getsizeof=len)
        self._joining: dict[str, _Flight] = {}
        self._named: LRUCache[tuple[str, ...], str] = LRUCache(_LISTINGS)

    async def document(self, listing: Listing, version: Version, address: str, changed: int = 0) -> tuple[str, bytes]:
        """Return the entity tag and the document for the datasets that a caller sees, by rules `changed` then."""
        sources, sequence = listing.datasets, self.update_sequence(listing, changed)
        tag = entity_tag(self._said, version, address, sequence, self._name(sources))
        found = self._documents.get(tag)
        if found is None:
            about = Outer(version=version, address=address, update_sequence=sequence)
            # Clients may call the unit by any address: without this, many that go at once would keep threads busy.
            found = await _together(self._joining, tag, lambda: self._joined(tag, sources, about), to_the_end=False)
        return tag, found

    def _name(self, sources: Sequence[OpenDataset]) -> str:
        """Return what stands for these versions of these datasets: of hundreds, it is looked up quicker than made."""
        key = *[source.dataset.id for source in sources], *[source.dataset.version for source in sources]
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = entity_tag(key, [self._configured[source.dataset.id] for source in sources])
        return found

    async def _joined(self, tag: str, sources: Sequence[OpenDataset], about: Outer) -> bytes:
        # One after the other: hundreds at once would keep pictures waiting for a thread.
        fragments = [await self._fragment(source, about.version) for source in sources]
        long = sum(map(len, fragments)) > _ON_THE_LOOP
        found = await self._workers.do(capabilities, self._service, fragments, about, long=long)
        if len(found) <= self._documents.maxsize:
            self._documents[tag] = found
        return found

    def update_sequence(self, listing: Listing, changed: int = 0) -> str | None:
        """Return a number that grows whenever one of the datasets is published anew, or the configuration is written.

        Milliseconds since 1970-01-01T00:00:00Z: the same in every process of the unit, and after a restart. `changed`
        is when the rules in force were written, which may have hidden datasets or shown them. None where a dataset is
        left out: with a number, who got this document would be told later that it is still whole.
        """
        if not listing.whole:
            return None
        return str(max(self._changed, changed, *(source.dataset.published for source in listing.datasets), 0))

    async def _fragment(self, source: OpenDataset, version: Version) -> bytes:
        """Return what is said of one dataset; that of a version which has been replaced is forgotten.

        All who ask while it is being written wait for one writing.
        """
        written, found = self._fragments.get((source.dataset.id, version), ("", b""))
        if written == source.dataset.version:
            return found
        flight = source.dataset.id, source.dataset.version, version
        return await _together(self._writing, flight, lambda: self._write(source, version), to_the_end=True)

    async def _write(self, source: OpenDataset, version: Version) -> bytes:
        found = await self._workers.run(_written, source, version, self._service.systems)
        self._fragments[source.dataset.id, version] = source.dataset.version, found
        return found


async def _together(
    flights: dict[K, _Flight], key: K, work: Callable[[], Coroutine[None, None, bytes]], *, to_the_end: bool
) -> bytes:
    """Return what `work` returns; all who ask for `key` meanwhile wait for one of it.

    It goes on as long as anybody waits for it, or `to_the_end`.
    """
    flight = flights.get(key)
    if flight is None:
        flight = flights[key] = _Flight(asyncio.create_task(work()))
        flight.task.add_done_callback(partial(_ended, flights, key))
    flight.waiting += 1
    try:
        return await asyncio.shield(flight.task)
    finally:
        flight.waiting -= 1
        if not (flight.waiting or to_the_end or flight.task.done()):
            # At once: who asks from now on must not be handed what is being cancelled.
            del flights[key]
            flight.task.cancel()


def _ended(flights: dict[K, _Flight], key: K, done: asyncio.Task[bytes]) -> None:
    flight = flights.get(key)
    if flight is not None and flight.task is done:
        del flights[key]
    if not done.cancelled():
        # Taken note of: asyncio would log a failure that nobody waited for any more.
        done.exception()


def _service(config: Config) -> ServiceInfo:
    unit, limits = config.unit, config.limits
    asked = unit.contact
    contact = None
    if asked is not None:
        contact = Contact(person=asked.person, organization=asked.organization, email=asked.email)
    return ServiceInfo(
        title=unit.title,
        abstract=unit.abstract,
        keywords=tuple(unit.keywords),
        contact=contact,
        fees=unit.fees,
        access_constraints=unit.access_constraints,
        max_width=limits.width,
        max_height=limits.height,
        max_layers=limits.layers,
        systems=unit.crs,
        styles=shared_styles(ADVERTISED),
    )


def _written(source: OpenDataset, version: Version, systems: tuple[str, ...]) -> bytes:
    return dataset_layers(dataset_info(source), version, systems)
