"""Writes the table of palettes: `python -m renderers.make_palettes renderers/palettes.npz`.

The table is kept in the repository, so that a server starts without matplotlib; a test compares it to its sources.
Source: cmocean (Thyng et al. 2016, doi:10.5670/oceanog.2016.66) and matplotlib's continuous colormaps.
"""

import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

OCEAN_FIRST = ("thermal", "haline", "ice", "algae", "balance", "speed", "deep", "oxy", "matter", "dense")
"""The palettes that the defaults use, in the order in which they are offered; the other ones of cmocean follow."""


def palettes() -> dict[str, NDArray[np.uint8]]:
    """Return the palettes by name, each of shape (256, 3): red, green, blue.

    Where both sources have a name, cmocean's is taken; further names of the same colours are left out.
    """
    import cmocean  # noqa: PLC0415 -- neither is needed to serve
    from matplotlib import colormaps  # noqa: PLC0415

    rest = [name for name in cmocean.cm.cmapnames if name not in OCEAN_FIRST]
    found = {name: sampled(cmocean.cm.cmap_d[name]) for name in (*OCEAN_FIRST, *rest)}
    known = {colours.tobytes() for colours in found.values()}
    for name in colormaps:
        colormap = colormaps[name]
        colours = sampled(colormap)
        continuous = colormap.N >= 256 and not name.endswith("_r") and not name.startswith("cmo.")
        if continuous and name not in found and colours.tobytes() not in known:
            known.add(colours.tobytes())
            found[name] = colours
    return found


def sampled(colormap: "Colormap") -> NDArray[np.uint8]:
    """Return 256 colours at even distances, shape (256, 3)."""
    colours: NDArray[np.uint8] = np.rint(colormap(np.linspace(0, 1, 256))[:, :3] * 255).astype(np.uint8)
    return colours


if __name__ == "__main__":
    np.savez_compressed(sys.argv[1], **palettes())  # type: ignore[arg-type]  # the stub takes names for options
