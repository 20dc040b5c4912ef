"""One layer of a picture, settled: what to draw of it, and how."""

from dataclasses import dataclass

from core.interpolation import Interpolation
from core.layer import Layer, Selection
from gateway.opened import OpenDataset
from renderers.scale import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One layer of a picture, settled."""

    source: OpenDataset
    layer: Layer
    selection: Selection
    scale: Scale
    opacity: float = 100.0
    """Percent."""
    interpolation: Interpolation = "nearest"
    """As `source.interpolation` settled it."""
    arrows: bool = False
    """Whether there are arrows over the colours, of a vector."""
