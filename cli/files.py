"""`halocline serve FILE.nc ...`: files as they are, copied to a cache folder and served without any configuration."""

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from cli.codes import FAILED
from cli.crews import Reading
from cli.ingest import ingest_one, job_of
from cli.serve import Listen, listening, say, serve_config
from gateway.config.file import ConfigError, parse
from stores.ingest.series import grouped
from stores.location import Location


def serve_files(files: Sequence[Path], *, cache: Path | None, listen: Listen, workers: int | None) -> int:
    """Copy files that belong together into one dataset each, and serve them; return the exit code.

    Raises:
        ConfigError: a file is not there.
        PortTakenError: somebody else listens there.

    """
    # What is no file and no Zarr is refused here; a folder of Zarr stands alone below, for it is no NetCDF.
    missing = [path for path in files if not path.is_file() and not (path.suffix == ".zarr" and path.is_dir())]
    if missing:
        raise ConfigError(f"{missing[0]}: there is no such file")
    absolute = [path.resolve() for path in files]
    name = blake2b("\n".join(sorted(map(str, absolute))).encode(), digest_size=8).hexdigest()
    folder = (cache or _cache_folder()) / name
    datasets = grouped(absolute)
    raw = {
        "unit": {"id": "files", "title": "Files on this machine"},
        "store": str(folder),
        "datasets": [{"id": dataset, "source": str(members[0])} for dataset, members in datasets.items()],
    }
    config = listening(parse(raw, name="the files given", folder=Path("/")), listen=listen, workers=workers)
    location = Location.parse(config.store)
    with Reading(processes=1).crew() as crew:
        served = [
            dataset
            for dataset in config.datasets
            if dataset.plain or ingest_one(job_of(config, dataset, location), datasets[dataset.id], crew).steps
        ]
    if not served:
        say("halocline: none of these files can be served")
        return FAILED
    return serve_config(config.model_copy(update={"datasets": served}))


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "halocline"
