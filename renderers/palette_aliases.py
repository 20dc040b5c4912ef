"""Further names of palettes, as clients of ncWMS, THREDDS and matplotlib write them. Pure data.

The names are those of ncWMS 2 (`div-`, `psu-`, `seq-`, `x-`) and of the first ncWMS, which THREDDS 4 has too. Where
theirs is a table of ColorBrewer or of matplotlib, it is that very table.
"""

from collections.abc import Mapping
from typing import Final

_DIVERGING: Final = ("BrBG", "PRGn", "PiYG", "PuOr", "RdBu", "RdGy", "RdYlBu", "RdYlGn", "Spectral")
_SEQUENTIAL: Final = (
    "Blues", "BuGn", "BuPu", "GnBu", "Greens", "Greys", "OrRd", "Oranges", "PuBu", "PuBuGn", "PuRd", "Purples", "RdPu",
    "Reds", "YlGn", "YlGnBu", "YlOrBr", "YlOrRd",
)  # fmt: skip
_PERCEPTUAL: Final = ("viridis", "plasma", "magma", "inferno")
_OCEAN: Final = (
    "algae", "amp", "balance", "curl", "deep", "delta", "dense", "diff", "gray", "haline", "ice", "matter", "oxy",
    "phase", "rain", "solar", "speed", "tarn", "tempo", "thermal", "topo", "turbid",
)  # fmt: skip

OFFERED: Final[Mapping[str, str]] = (
    {f"div-{name}": name for name in _DIVERGING}
    | {"div-BuRd": "bwr", "div-BuRd2": "RdBu-inv"}
    | {f"psu-{name}": name for name in _PERCEPTUAL}
    | {f"seq-{name}": name for name in _SEQUENTIAL}
    | {"seq-GreysRev": "gist_gray", "x-Rainbow": "jet"}
    # Those of the first ncWMS. Its rainbow has the colours of jet; matplotlib's own is called mpl-rainbow here.
    | {"rainbow": "jet", "redblue": "bwr", "greyscale": "gist_gray"}
    | {"ncview": "x-Ncview", "occam": "x-Occam", "sst_36": "x-Sst"}
)
"""By name: the palette of the table with these colours, perhaps with -inv. To be listed among the palettes."""

UNDERSTOOD: Final[Mapping[str, str]] = (
    {"gist_yarg": "binary", "gist_yerg": "binary", "gist_grey": "gist_gray", "grey": "gist_gray", "Grays": "Greys"}
    # As matplotlib registers those of cmocean, and as palette files made of them for ncWMS are called.
    | {f"cmo.{name}": name for name in _OCEAN}
    | {f"cmocean_{name}": name for name in _OCEAN}
)
"""Likewise, of names that are understood but not listed: their colours are, under other ones."""
