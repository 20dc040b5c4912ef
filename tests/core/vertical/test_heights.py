"""Heights as clients write them: one number, of a range or a list the one nearest to the surface."""

import pytest

from core.dataset import Formula, Variable
from core.problem import Problem
from core.vertical.column import Column
from core.vertical.heights import Heights
from core.vertical.terms import Levels, Term

H = Variable(name="h", dtype="f8", dimensions=("y", "x"), shape=(2, 3), chunks=(2, 3), attributes={}, stepped=False)
FORMULA = Formula(name="ocean_sigma_coordinate", terms={"sigma": (-0.75, -0.5, -0.25)}, edges={}, depth="h", eta="")
LEVELS = Levels(
    column=Column.of(FORMULA), axis="s", axes=("s",), place=0, depth=Term(variable=H, between=(0, 0)), eta=None
)
HEIGHTS = Heights(levels=LEVELS, lowest=-5000.0, highest=2.0)


@pytest.mark.parametrize(
    ("text", "height"),
    [
        ("-50", -50.0),
        ("-100/-20", -20.0),
        ("-20/-100", -20.0),
        ("-100/50", 0.0),
        ("-100/-20/30", -40.0),
        ("-20/-100/30", -20.0),
        ("-300,-20,-40/-30", -20.0),
        ("-9000,-20", -20.0),
        # More steps than can be counted leave nothing out.
        ("-50/0/1e-310", 0.0),
        ("-20/-10/5e-324", -10.0),
        ("-1e308/-10/1e-10", -10.0),
        ("-50/0/1e300", -50.0),
    ],
)
def test_the_height_nearest_to_the_surface_is_meant(text, height):
    assert HEIGHTS.find(text) == (height, "asked")


@pytest.mark.parametrize("text", ["-9000", "3/1e308", "-1e308"])
def test_what_lies_outside_of_the_sea_is_refused(text):
    with pytest.raises(Problem, match="from -5000 to 2 m"):
        HEIGHTS.find(text)
