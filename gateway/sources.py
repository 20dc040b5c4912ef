"""Where the datasets of a unit are read from: the store, or a plain Zarr as it stands."""

from pathlib import Path

from gateway.config.dataset import DatasetConfig
from gateway.config.file import Config
from gateway.sampling import Shared
from stores.base import DatasetSource
from stores.location import Location
from stores.repository import StoredDataset


def source_of(config: Config, dataset: DatasetConfig, shared: Shared) -> DatasetSource:
    """Return the source of one dataset; nothing is read."""
    if dataset.plain:
        return _plain(config, dataset, shared)
    location, patience = Location.parse(config.store), config.limits.store_timeout
    return StoredDataset(location, dataset.id, offload=shared.workers.run, patience=patience)


def _plain(config: Config, dataset: DatasetConfig, shared: Shared) -> DatasetSource:
    # Imported by units that have one: the rules of CF take a tenth of a second.
    from stores.plain.dataset import PlainDataset  # noqa: PLC0415
    from stores.plain.folder import Folder  # noqa: PLC0415
    from stores.plain.origin import Origin  # noqa: PLC0415, TC001
    from stores.plain.web import Web  # noqa: PLC0415

    if dataset.remote:
        origin: Origin = Web(dataset.source, timeout=config.limits.plain_timeout)
    else:
        origin = Folder(Path(dataset.source))
    return PlainDataset(dataset.id, origin, cache=shared.cache, offload=shared.workers.run)
