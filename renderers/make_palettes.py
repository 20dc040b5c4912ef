"""Writes the table of palettes: `python -m renderers.make_palettes renderers/palettes.npz`.

The table is kept in the repository, so that a server starts without matplotlib; a test compares it to its sources.
Source: cmocean (Thyng et al. 2016, doi:10.5670/oceanog.2016.66), matplotlib's colormaps, and a few runs of colours of
our own under names of ncWMS that neither has.
"""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

OCEAN_FIRST: Final = ("thermal", "haline", "ice", "algae", "balance", "speed", "deep", "oxy", "matter", "dense")
"""The palettes that the defaults use, in the order in which they are offered; the other ones of cmocean follow."""
EVEN: Final = ("viridis", "plasma", "inferno", "magma", "cividis", "turbo")
"""What people ask for most of matplotlib's."""
RENAMED: Final[Mapping[str, str]] = {"rainbow": "mpl-rainbow"}
"""Of matplotlib, by its own name: in a map service it is the one of the first ncWMS, with the colours of jet."""

ANCHORS: Final[Mapping[str, tuple[str, ...]]] = {
    "seq-BkBu": ("000000", "0000FF"),
    "seq-BkGn": ("000000", "00FF00"),
    "seq-BkRd": ("000000", "FF0000"),
    "seq-BkYl": ("000000", "FFFF00"),
    "seq-BlueHeat": ("000000", "0000FF", "00FFFF", "FFFFFF"),
    "seq-Heat": ("000000", "FF0000", "FFFF00", "FFFFFF"),
    "seq-cubeYF": ("840CAC", "6E60FC", "48A4D4", "48D080", "74E84C", "CCEC5C"),
    "x-Occam": ("5020CC", "A860FF", "0068D4", "40F0F0", "38B868", "E8F810", "A07234", "E43830", "782020"),
    "x-Sst": ("000099", "004CC0", "0098F0", "80D060", "D8CC00", "EE9000", "FF4400", "990000"),
    "alg": ("C800FF", "0000FF", "00FFFF", "00FF88", "00FF00", "C8FF30", "FFFF00", "FF9800", "A80000"),
    "alg2": ("000066", "0000FF", "00FFFF", "00FF00", "FFFF00", "FF0000", "660000"),
    "ferret": ("C800FF", "5030FF", "009850", "FFFF00", "FF0000", "980000"),
    "occam_pastel-30": (
        "DD58A8", "F090FF", "5864C0", "88FFF0", "64C048", "E0FF80", "B89838", "FFC098", "FF3333",
    ),
}  # fmt: skip
"""Colours at even distances, between which those of a palette run straight: what ncWMS has under these names, roughly.

Red, green, blue in hexadecimal.
"""


def palettes() -> dict[str, NDArray[np.uint8]]:
    """Return the palettes by name, each of shape (256, 3): red, green, blue.

    Where both libraries have a name, cmocean's is taken; further names of the same colours are left out. Those with
    fewer colours, for categories, come last, each colour on an even part of the 256.
    """
    import cmocean  # noqa: PLC0415 -- neither is needed to serve
    from matplotlib import colormaps  # noqa: PLC0415

    rest = [name for name in cmocean.cm.cmapnames if name not in OCEAN_FIRST]
    found = {name: sampled(cmocean.cm.cmap_d[name]) for name in (*OCEAN_FIRST, *rest)}
    known = {colours.tobytes() for colours in found.values()}
    own = [name for name in colormaps if not name.endswith("_r") and not name.startswith("cmo.")]
    # The sort keeps matplotlib's order within each kind.
    for name in sorted(own, key=lambda name: (name not in EVEN, colormaps[name].N < 256)):
        colours = sampled(colormaps[name])
        if name not in found and colours.tobytes() not in known:
            known.add(colours.tobytes())
            found[RENAMED.get(name, name)] = colours
    found["seq-BuYl"] = run(found["YlGnBu"][[255, 128, 0]])
    found["x-Ncview"] = ncview()
    found |= {name: run(np.array([list(bytes.fromhex(text)) for text in texts])) for name, texts in ANCHORS.items()}
    return found


def sampled(colormap: "Colormap") -> NDArray[np.uint8]:
    """Return 256 colours at even distances, shape (256, 3)."""
    colours: NDArray[np.uint8] = np.rint(colormap(np.linspace(0, 1, 256))[:, :3] * 255).astype(np.uint8)
    return colours


def run(anchors: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return 256 colours that run straight between `anchors`, shape (n, 3), which lie at even distances."""
    at, places = np.linspace(0, 1, 256), np.linspace(0, 1, len(anchors))
    channels = [np.interp(at, places, anchors[:, channel]) for channel in range(3)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return colours


def ncview() -> NDArray[np.uint8]:
    """Return the colours of Ncview: from blue to red, with three waves of green, shape (256, 3)."""
    at = np.linspace(0, 1, 256)
    waves = np.sin(3 * np.pi * at) ** 2
    colours: NDArray[np.uint8] = np.rint(255 * np.stack([at, waves, 1 - at], axis=1)).astype(np.uint8)
    return colours


if __name__ == "__main__":
    np.savez_compressed(sys.argv[1], **palettes())  # type: ignore[arg-type]  # the stub takes names for options
