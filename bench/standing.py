"""A unit to be asked hard: some days of the bench's ocean, open and hidden datasets, tokens, records and logs."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from auth.minting import Grant, mint, new_key, public_jwks
from bench.ocean import Ocean, write_day
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

OPEN: Final = "ocean"
HIDDEN: Final = "quarantined-trial"
"""A dataset that nobody but the holders of a profile may know of; no word of it is in any request."""
_ISSUER: Final = "https://login.example.org"
_PROFILE: Final = "major"
_YEAR: Final = 366 * 86400.0
MB: Final = 2**20
_NONE: Final[Mapping[str, Path]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A unit that is ready to be served."""

    folder: Path
    config: Path
    files: tuple[Path, ...]
    """NetCDF files of the open dataset, one for each day."""
    token: str
    """Of a caller who may use everything but the hidden dataset."""


def prepared(folder: Path, ocean: Ocean, *, days: int, others: Mapping[str, Path] = _NONE) -> Standing:
    """Make the files and the store, where they are not there yet, and write the configuration.

    `others` are further open datasets of one file each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"day{day}.nc" for day in range(days))
    if not files[-1].exists():
        waves = ocean.waves()
        for day, path in enumerate(files):
            write_day(path, day, ocean, waves)
    return configured(folder, files, others=others)


def configured(
    folder: Path, files: tuple[Path, ...], store: str = "store", *, others: Mapping[str, Path] = _NONE
) -> Standing:
    """Take files up into the store beside them, or elsewhere, and write the configuration of their unit."""
    place = Location.parse(store if "://" in store else str(folder / store))
    for dataset, some in {OPEN: files, HIDDEN: files, **{name: (path,) for name, path in others.items()}}.items():
        ingest(place, dataset, list(some), crew=Processes(0), report=lambda _: None)
    secret = folder / "issuer.key"
    if not secret.exists():
        secret.write_bytes(new_key())
    (folder / "keys.json").write_bytes(public_jwks(secret.read_bytes()))
    grant = Grant(issuer=_ISSUER, subject="somebody", audience=("unit",), profiles=("other",), seconds=_YEAR)
    config = folder / "unit.yaml"
    config.write_text(yaml.safe_dump(_keys(store, files, others)))
    token = mint(secret.read_bytes(), grant, now=time.time(), number="1")
    return Standing(folder=folder, config=config, files=files, token=token)


def changed(standing: Standing, **parts: dict[str, Any]) -> None:
    """Change keys of the parts (`unit`, `limits`, `downloads`, ...) of its configuration."""
    keys = yaml.safe_load(standing.config.read_text())
    for name, values in parts.items():
        keys[name] = keys.get(name, {}) | values
    standing.config.write_text(yaml.safe_dump(keys))


def _keys(store: str, files: tuple[Path, ...], others: Mapping[str, Path]) -> dict[str, Any]:
    sources = [str(path) for path in files]
    source = sources[0] if len(sources) == 1 else str(files[0].parent / "day*.nc")
    return {
        "store": store,
        "unit": {"access_log": "access.log", "proxies": ["127.0.0.0/8"]},
        "auth": {"issuer": _ISSUER, "jwks": "keys.json"},
        "accounting": {"folder": "records", "secret": "records.secret", "segment_bytes": 64 * MB},
        "access": [{"datasets": "*", "discover": ["public"], "view": ["public"], "download": ["public"]}],
        "limits": {"chunk_cache": 64 * MB},
        "downloads": {"folder": "spool", "spool_bytes": 200 * MB, "keep": "5m"},
        "datasets": [
            {"id": OPEN, "source": source},
            {"id": HIDDEN, "source": source, "access": {"discover": [_PROFILE]}},
            *({"id": name, "source": str(path)} for name, path in others.items()),
        ],
    }


def kept(path: Path, state: dict[str, Any]) -> None:
    """Write down what a run has done so far, at once or not at all."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(state))
    draft.replace(path)


def resumed(path: Path, seed: int) -> dict[str, Any]:
    """Return what earlier runs with this seed have done; nothing where there were none."""
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text())
        if found["seed"] == seed:
            return found
    return {}
