"""Whether pictures show the data, or no rate counts. Values are those of the NetCDF file, colours matplotlib's."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.workload import HIGH, LOW, Place, cells, places_of

BANDS: Final = 250
_NEAR: Final = 12
"""Of 255: how far a colour may lie from its own; the palette's table is rounded."""
_EDGE: Final = 1 / 8
"""Pixels: how near to a cell's edge a centre may show the cell beyond it, where axes do not separate."""
MEDIAN: Final = 0.25
"""Degrees: how far half of a peer's pixels may be off; 16 classes of colours are 0.07 off."""
MASK: Final = 0.98
"""Share of a peer's pixels that agree on land and sea; cells at the coast are drawn in several ways."""

Fetch = Callable[[Place], bytes]


class WrongPixelsError(Exception):
    """Pictures do not show the data: no rate counts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What a picture has to show."""

    values: NDArray[np.float64]
    """(height, width), degrees; NaN where there is land or no field."""


def scene(source: Path, place: Place, shift: tuple[float, float] = (0.0, 0.0), level: int | None = None) -> Scene:
    """Read the cells under the centres of all pixels, or beside them by `shift` pixels.

    `level` is that of the source, where it is not the packed field's.
    """
    width, height = place.size
    rows, columns = cells(*places_of(place, np.arange(width) + 0.5 + shift[0], np.arange(height) + 0.5 + shift[1]))
    with netCDF4.Dataset(source) as file:
        field = file["thetao"][place.step, place.level if level is None else level]
    values = np.ma.filled(field.astype(np.float64), np.nan)
    inside = (rows >= 0) & (rows < values.shape[0])
    return Scene(values=np.where(inside, values[np.clip(rows, 0, values.shape[0] - 1), columns], np.nan))


def pixels_of(content: bytes) -> NDArray[np.uint8]:
    """Decode a picture: (height, width, 4)."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def linear(values: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return the bands of values on the linear scale; NaN is in band 0."""
    bands = np.clip(np.floor((values - LOW) / (HIGH - LOW) * BANDS), 0, BANDS - 1)
    return np.asarray(np.nan_to_num(bands), dtype=int)


def logarithmic(values: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return the bands on a logarithmic scale from a tenth."""
    above = np.log(np.maximum(values, 0.1) / 0.1) / np.log(HIGH / 0.1)
    return np.asarray(np.nan_to_num(np.clip(np.floor(above * BANDS), 0, BANDS - 1)), dtype=int)


def shown(
    pixels: NDArray[np.uint8], found: Scene, bands: Callable[[NDArray[np.float64]], NDArray[np.int_]] = linear
) -> NDArray[np.bool_]:
    """Tell which pixels have the colour of their value, and are transparent where there is none."""
    expected = turbo((np.arange(BANDS) + 0.5) / BANDS)[bands(found.values)]
    near = np.abs(pixels[..., :3] - expected).max(axis=-1) <= _NEAR
    return np.asarray(np.where(np.isnan(found.values), pixels[..., 3] == 0, near & (pixels[..., 3] == 255)))


def turbo(at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the palette's colours, (..., 3) from 0 to 255, by its own definition."""
    from matplotlib import colormaps  # noqa: PLC0415 -- slow to load, and the oracle is needed only here

    return np.asarray(np.rint(colormaps["turbo"](at)[..., :3] * 255), dtype=np.float64)


def ours(source: Path, places: Sequence[Place], fetch: Fetch) -> float:
    """Return the worst share of wrong pixels of our pictures; every pixel shows the cell under its centre.

    Raises:
        WrongPixelsError: it is above a thousandth.

    """
    worst = 0.0
    for place in places:
        # Where axes separate, pixels are exact.
        shifts = [(0.0, 0.0)]
        if place.crs != "EPSG:3857":
            shifts += [(_EDGE, 0.0), (-_EDGE, 0.0), (0.0, _EDGE), (0.0, -_EDGE)]
        pixels = pixels_of(fetch(place))
        right = np.any([shown(pixels, scene(source, place, shift)) for shift in shifts], axis=0)
        worst = max(worst, float(np.mean(~right)))
    if worst > 0.001:
        raise WrongPixelsError(f"{worst:.2%} of the pixels of a picture are wrong")
    return worst


def agreement(pixels: NDArray[np.uint8], found: Scene) -> tuple[float, float]:
    """Return the median error in degrees, of what is drawn over the sea, and the share of pixels whose mask agrees."""
    at = np.linspace(0, 1, 1024)
    palette = turbo(at)
    distinct, which = np.unique(pixels[..., :3].reshape(-1, 3), axis=0, return_inverse=True)
    nearest = [int(np.argmin(((palette - colour) ** 2).sum(axis=1))) for colour in distinct.astype(np.float64)]
    values = (LOW + at * (HIGH - LOW))[nearest][which.reshape(-1)].reshape(found.values.shape)
    drawn, sea = pixels[..., 3] > 0, ~np.isnan(found.values)
    both = drawn & sea
    error = float(np.median(np.abs(values - np.clip(found.values, LOW, HIGH))[both])) if both.any() else np.inf
    return error, float(np.mean(drawn == sea))


def value(source: Path, place: Place, pixel: tuple[int, int], found: float | None) -> None:
    """Compare a value told of a pixel, column and row, with the cell under its centre; None is no value.

    Raises:
        WrongPixelsError: it is another one.

    """
    expected = scene(source, place).values[pixel[1], pixel[0]]
    told = np.nan if found is None else found
    if not np.isclose(told, expected, atol=1e-3, equal_nan=True):
        raise WrongPixelsError(f"the value at pixel {pixel} is told as {found}, and is {expected:.4f}")


def peers(source: Path, places: Sequence[Place], fetch: Fetch) -> tuple[float, float]:
    """Return the median of the errors of a peer's pictures, and the worst agreement of their masks.

    Peers have other colour tables and other ways with the coast: they are judged less strictly.

    Raises:
        WrongPixelsError: they do not show the data.

    """
    found = [agreement(pixels_of(fetch(place)), scene(source, place)) for place in places]
    error, mask = float(np.median([one[0] for one in found])), min(one[1] for one in found)
    if error > MEDIAN or mask < MASK:
        raise WrongPixelsError(f"pictures are {error:.2f} degrees off, {mask:.1%} of a picture agree on land and sea")
    return error, mask
