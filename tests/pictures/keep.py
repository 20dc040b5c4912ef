"""Draws all reference pictures and keeps them: `python -m tests.pictures.keep`. Look at each before it is committed."""

import asyncio
import tempfile
from pathlib import Path

from tests.pictures.comparing import REFERENCES, keep
from tests.pictures.drawing import draw_all

if __name__ == "__main__":
    REFERENCES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pictures = asyncio.run(draw_all(Path(folder)))
    for old in REFERENCES.glob("*.png"):
        if old.stem not in pictures:
            old.unlink()
    for name, drawn in pictures.items():
        keep(name, drawn)
