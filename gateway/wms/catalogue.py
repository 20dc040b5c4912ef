"""The capabilities of what a caller may see, joined from fragments that are written once per dataset version."""

from collections.abc import Sequence
from typing import Final

from cachetools import LRUCache

from gateway.conditional import entity_tag
from gateway.config import Config
from gateway.opened import OpenDataset
from gateway.pictures import SOFTWARE
from gateway.wms.capabilities import ServiceInfo, capabilities
from gateway.wms.fragments import dataset_layers
from gateway.wms.layers import layer_infos
from gateway.wms.request.parameters import Version
from gateway.workers import Workers

_DOCUMENTS: Final = 64 * 2**20
"""Bytes of documents kept: one for each address by which clients call the unit, and they may call it anything."""


class CapabilitiesWriter:
    """Writes capabilities; keeps the fragments of datasets and the last documents."""

    def __init__(self, config: Config, workers: Workers) -> None:
        """Describe the unit of `config`; fragments are written in `workers`."""
        self._service = ServiceInfo(
            title=config.unit.title,
            abstract=config.unit.abstract,
            max_width=config.limits.width,
            max_height=config.limits.height,
            max_layers=config.limits.layers,
        )
        # Titles and default colours are said in the document: after a restart, their change must be seen.
        self._configured = {dataset.id: entity_tag(dataset) for dataset in config.datasets}
        self._workers = workers
        self._fragments: dict[tuple[str, Version], tuple[str, bytes]] = {}
        self._documents: LRUCache[str, bytes] = LRUCache(_DOCUMENTS, getsizeof=len)

    async def document(self, sources: Sequence[OpenDataset], version: Version, address: str) -> tuple[str, bytes]:
        """Return the entity tag and the document for the datasets that a caller sees."""
        versions = tuple((self._configured[source.dataset.id], source.dataset.version) for source in sources)
        tag = entity_tag(SOFTWARE, version, address, self._service, versions)
        found = self._documents.get(tag)
        if found is None:
            fragments = [await self._fragment(source, version) for source in sources]
            found = capabilities(
                self._service,
                fragments,
                version=version,
                address=address,
                update_sequence=update_sequence(sources),
            )
            if len(found) <= self._documents.maxsize:
                self._documents[tag] = found
        return tag, found

    async def _fragment(self, source: OpenDataset, version: Version) -> bytes:
        """Return what is said of one dataset; that of a version which has been replaced is forgotten."""
        key = source.dataset.id, version
        written, found = self._fragments.get(key, ("", b""))
        if written != source.dataset.version:
            found = await self._workers.run(_written, source, version)
            self._fragments[key] = source.dataset.version, found
        return found


def update_sequence(sources: Sequence[OpenDataset]) -> str:
    """Return a number that grows whenever one of the datasets is published anew."""
    return str(max((source.dataset.published for source in sources), default=0))


def _written(source: OpenDataset, version: Version) -> bytes:
    return dataset_layers(source.title, layer_infos(source), version)
