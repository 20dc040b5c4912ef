"""When two pictures count as the same, and what is left behind when they do not."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

REFERENCES: Final = Path(__file__).parent / "references"
COLOURS: Final = 2
"""Of 255: a pixel differs when its red, green, blue or opacity is off by more. A decoder may round otherwise."""
SHARE: Final = 0.001
"""Of the pixels may differ: one whose centre lies on the edge of a cell may fall to either side."""


def reference(name: str) -> np.ndarray:
    """Return a picture that was looked at and kept; one without any pixel where there is none yet."""
    if not (path := REFERENCES / f"{name}.png").exists():
        return np.zeros((0, 0, 4), np.uint8)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"))


def differing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return which pixels differ. What is fully transparent in both has no colour."""
    off = np.abs(one.astype(int) - other.astype(int)).max(axis=-1) > COLOURS
    return off & ~((one[..., 3] == 0) & (other[..., 3] == 0))


def complaint(name: str, drawn: np.ndarray, kept: np.ndarray, folder: Path) -> str | None:
    """Return None for pictures that are the same, else a sentence that names the new picture and the difference."""
    if drawn.shape == kept.shape:
        off = differing(drawn, kept)
        if off.mean() <= SHARE:
            return None
        what = f"{off.sum()} of {off.size} pixels differ"
        apart = folder / f"{name}-difference.png"
        # Red where it differs, over a faint copy of what was kept.
        shown = np.where(off[..., None], np.array([255, 0, 0], np.uint8), 200 + kept[..., :3] // 5)
        Image.fromarray(shown.astype(np.uint8)).save(apart)
        seen = f"{folder / name}.png and {apart}"
    else:
        what, seen = f"{drawn.shape[1::-1]} pixels instead of {kept.shape[1::-1]}", f"{folder / name}.png"
    Image.fromarray(drawn).save(folder / f"{name}.png")
    return f"{name}: {what}; look at {seen}. If the new one is right, keep it with `make pictures`."


def keep(name: str, drawn: np.ndarray) -> None:
    """Keep a picture as a reference, small: with a palette where its colours fit into one."""
    picture = Image.fromarray(drawn)
    if (drawn[..., 3] == 255).all():
        picture = picture.convert("RGB")
        if picture.getcolors(256) is not None:
            picture = picture.quantize(256, dither=Image.Dither.NONE)
            if (np.asarray(picture.convert("RGB")) != drawn[..., :3]).any():
                picture = Image.fromarray(drawn).convert("RGB")
    picture.save(REFERENCES / f"{name}.png", optimize=True)
