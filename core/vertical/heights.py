"""What a client asks of levels that follow the surface and the bottom: a height, not one of the file's own numbers."""

from dataclasses import dataclass
from math import isfinite, trunc

from core.asked.leeway import How
from core.asked.numbers import NumberRange, ranges_asked
from core.numbers import shown
from core.packing import Packing
from core.problem import Problem
from core.vertical.terms import Corners, Levels

_PARAMETER = "ELEVATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSlice:
    """One two-dimensional slice of a field that says where the surface or the bottom is."""

    name: str
    """Of the field."""
    shape: tuple[int, int]
    """Rows and columns."""
    between: tuple[int, int]
    """How many rows and columns further the last cell is whose mean is taken: 0 or 1 each."""
    overviews: tuple[int, ...]
    """Factors of its stored overviews."""
    indices: tuple[int, ...]
    """What stands before (row, column) in the index of a stored array."""
    revision: int
    """Of the content."""
    packing: Packing
    corners: Corners | None = None
    """Of a term on the nodes of a mesh, whose mean is taken for a face; None for all others."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heights:
    """The heights at which a field can be asked for."""

    levels: Levels
    lowest: float
    """Metres above the datum: the deepest bottom."""
    highest: float
    """Metres above the datum: 0, or the highest surface."""

    def find(self, text: str | None) -> tuple[float, How]:
        """Return the height that a client names, and why; None or "" is 0, the surface.

        Of a list and of a range the height nearest to the surface is taken.

        Raises:
            Problem: `invalid_dimension`, saying which heights there are; `too_large`.

        """
        if text is None or not text.strip():
            return 0.0, "default"
        asked = ranges_asked(text, _PARAMETER)
        inside = [found for one in asked if self.lowest <= (found := self._nearest(one)) <= self.highest]
        if inside:
            return min(inside, key=abs) + 0.0, "asked"
        message = f"ELEVATION={shown(text)} lies outside of the sea: from {self.lowest:g} to {self.highest:g} m"
        if self.lowest <= -asked[0].low < 0:
            message += f"; heights are counted upwards: a depth of {text.strip()} is {-asked[0].low!r}"
        raise Problem("invalid_dimension", message, parameter=_PARAMETER)

    def _nearest(self, asked: NumberRange) -> float:
        """Return the height of a range that lies nearest to the surface."""
        at = min(max(0.0, asked.low), asked.high)
        if not asked.step:
            return at
        count = (at - asked.begin) / asked.step
        # Steps that are too small to be counted leave nothing out.
        if not isfinite(count):
            return at
        # Rounded towards where the steps are counted from, which is in the range.
        return asked.begin + trunc(count) * asked.step
