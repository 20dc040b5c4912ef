"""`halocline demo`: generate the demonstration ocean, ingest it, serve it."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from cli.crews import Reading
from cli.ingest import ingest_one, job_of, location_of
from cli.progress import EVERY
from cli.serve import Listen, listening, say, serve_config
from demo.generate import generate
from gateway.config.file import load

_FOLDER = "data/demo"
"""Beside the configuration, where `config.yaml` looks for it."""


def demo(path: Path, *, listen: Listen) -> int:
    """Do what is not yet done of generating and ingesting, then serve; return the exit code.

    Raises:
        ConfigError: there is no usable configuration.
        PortTakenError: somebody else listens there.

    """
    config = listening(load(path), listen=listen)
    _generate(path.parent / _FOLDER)
    location = location_of(config)
    with Reading(processes=2).crew() as crew:
        for dataset in config.datasets:
            job = job_of(config, dataset, location)
            ingest_one(job, job.files(), crew)
    return serve_config(config)


def _generate(folder: Path) -> None:
    """Generate what is not there, saying how far it is: a bar on a terminal, now and then a line elsewhere."""
    terminal = sys.stderr.isatty()
    said = time.monotonic()
    if not terminal:
        say(f"ocean: generating what is not there yet in {folder}")
    with tqdm(total=1.0, desc="ocean", bar_format="{desc}: {percentage:3.0f}% {bar}", disable=not terminal) as bar:

        def report(name: str, fraction: float) -> None:
            nonlocal said
            bar.update(fraction - bar.n)
            if not terminal and time.monotonic() - said >= EVERY:
                said = time.monotonic()
                say(f"ocean: {fraction:.0%}, {name}")

        generate(folder, today=datetime.now(UTC).date(), report=report)
    if not terminal:
        say("ocean: done; copying it into the store")
