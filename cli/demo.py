"""`halocline demo`: generate the demonstration ocean, ingest it, serve it."""

from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from cli.ingest import ingest_one
from cli.serve import Listen, listening, serve_config
from demo.generate import generate
from gateway.config import load

_FOLDER = "data/demo"
"""Beside the configuration, where `config.yaml` looks for it."""


def demo(path: Path, *, listen: Listen) -> int:
    """Do what is not yet done of generating and ingesting, then serve; return the exit code.

    Raises:
        ConfigError: there is no usable configuration.
        PortTakenError: somebody else listens there.

    """
    config = listening(load(path), listen=listen)
    with tqdm(total=1.0, desc="ocean", bar_format="{desc}: {percentage:3.0f}% {bar}", disable=None) as bar:

        def report(_name: str, fraction: float) -> None:
            bar.update(fraction - bar.n)

        generate(path.parent / _FOLDER, today=datetime.now(UTC).date(), report=report)
    for dataset in config.datasets:
        ingest_one(config, dataset, processes=2)
    return serve_config(config)
