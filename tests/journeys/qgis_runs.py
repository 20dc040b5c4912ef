"""Runs a script in QGIS's own Python, offscreen, with a home of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PYTHON = "/usr/bin/python3"


def told_by_qgis(script, address, folder):
    """Run a script beside this file against a unit; returns what it printed as JSON. Its pictures are in `folder`."""
    probe = shutil.which(PYTHON) and subprocess.run(
        [PYTHON, "-c", "import qgis.core"], capture_output=True, check=False
    )
    if not probe or probe.returncode:
        pytest.skip("QGIS is not installed here (Debian: python3-qgis)")
    # A fresh cache: QGIS keeps capabilities across sessions.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(folder),
    }
    done = subprocess.run(
        [PYTHON, str(Path(__file__).with_name(script)), address, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.stdout.strip(), done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])
