"""`halocline serve`: a configured unit, or files as they are."""

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from cli.ingest import ingest_files, say
from gateway.config import Config, ConfigError, load, parse
from gateway.serve import free_port, serve
from stores.ingest.series import grouped
from stores.location import Location

Listen = tuple[str | None, int | None]
"""Host and port where the command line gives them."""
_YAML = (".yaml", ".yml")
REFUSED = 2


def serve_given(what: Sequence[Path], *, cache: Path | None, listen: Listen, workers: int | None) -> int:
    """Serve a configuration, or ingest files to a cache folder and serve them; return the exit code.

    Raises:
        ConfigError: what was given cannot be used.
        PortTakenError: somebody else listens there.

    """
    if len(what) == 1 and what[0].suffix in _YAML:
        return serve_config(listening(load(what[0]), listen=listen, workers=workers))
    if any(path.suffix in _YAML for path in what):
        raise ConfigError("give one configuration, or files, not both")
    missing = [path for path in what if not path.is_file()]
    if missing:
        raise ConfigError(f"{missing[0]}: there is no such file")
    return serve_files(what, cache=cache or _cache_folder(), listen=listen, workers=workers)


def serve_files(files: Sequence[Path], *, cache: Path, listen: Listen, workers: int | None) -> int:
    """Copy files that belong together into one dataset each, and serve them without any configuration."""
    absolute = [path.resolve() for path in files]
    name = blake2b("\n".join(sorted(map(str, absolute))).encode(), digest_size=8).hexdigest()
    folder = cache / name
    datasets = grouped(absolute)
    raw = {
        "unit": {"id": "files", "title": "Files on this machine"},
        "store": str(folder),
        "datasets": [{"id": dataset, "source": str(members[0])} for dataset, members in datasets.items()],
    }
    config = listening(parse(raw, name="the files given", folder=Path("/")), listen=listen, workers=workers)
    location = Location.parse(config.store)
    served = [
        dataset
        for dataset in config.datasets
        if ingest_files(location, dataset.id, datasets[dataset.id], processes=1).steps
    ]
    if not served:
        say("halocline: none of these files can be served")
        return REFUSED
    return serve_config(config.model_copy(update={"datasets": served}))


def listening(config: Config, *, listen: Listen, workers: int | None = None) -> Config:
    """Return `config` with what the command line says otherwise, once it is sure that it can listen there.

    Raises:
        PortTakenError: somebody else listens there; said before any long work.

    """
    host, port = listen
    given = {"host": host, "port": port, "workers": workers}
    unit = config.unit.model_copy(update={key: value for key, value in given.items() if value is not None})
    return config.model_copy(update={"unit": unit.model_copy(update={"port": free_port(unit.host, unit.port)})})


def serve_config(config: Config) -> int:
    """Serve until told to stop; return the exit code.

    Raises:
        PortTakenError: somebody else listens there.

    """
    count = f"{len(config.datasets)} dataset{'' if len(config.datasets) == 1 else 's'}"
    serve(
        config,
        ready=lambda address: say(
            f"Halocline serves {count}.\n  map   {address}\n"
            f"  WMS   {address}wms?service=WMS&request=GetCapabilities\nStop with Ctrl-C."
        ),
    )
    return 0


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "halocline"
