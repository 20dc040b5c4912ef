"""Pictures of few colours that are drawn here, not of data, in each format of maps: bars and messages."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from renderers.encoders import encode_palette, encode_pixels
from renderers.images import Format, Rgb, shade

WHITE: Final[Rgb] = (255, 255, 255)
"""Under what is partly see-through, in a format that cannot be so."""


def encoded(indices: NDArray[np.uint8], colours: NDArray[np.uint8], written: Format) -> bytes:
    """Encode palette indices, shape (h, w), with their colours (RGBA), shape (256, 4), whose ground is among them."""
    found = encode_palette(indices, colours, written, background=WHITE, transparent=True)
    if found is not None:
        return found
    return encode_pixels(shade(indices, colours), written, background=WHITE, transparent=True)
