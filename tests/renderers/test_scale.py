import math

import pytest

from core.problem import Problem
from renderers.scale import Scale

GOOD = {"palette": "thermal", "low": 0.0, "high": 30.0}


@pytest.mark.parametrize(
    ("change", "kind", "parameter", "says"),
    [
        ({"low": 30.0}, "invalid_value", "COLORSCALERANGE", "30,30 is empty"),
        ({"low": 31.0}, "invalid_value", "COLORSCALERANGE", "minimum must be below"),
        ({"low": math.nan}, "invalid_value", "COLORSCALERANGE", "finite"),
        ({"high": math.inf}, "invalid_value", "COLORSCALERANGE", "finite"),
        ({"low": -math.inf}, "invalid_value", "COLORSCALERANGE", "finite"),
        ({"log": True}, "invalid_value", "COLORSCALERANGE", "above 0"),
        ({"low": -1.0, "log": True}, "invalid_value", "COLORSCALERANGE", "above 0"),
        ({"low": -1e308, "high": 1e308}, "invalid_value", "COLORSCALERANGE", "too wide"),
        ({"low": 0.0, "high": 5e-324}, "invalid_value", "COLORSCALERANGE", "too narrow"),
        ({"low": 1e-300, "high": 1e300, "log": True}, "invalid_value", "COLORSCALERANGE", "too wide"),
        ({"bands": 1}, "invalid_value", "NUMCOLORBANDS", "2 to 250"),
        ({"bands": 251}, "invalid_value", "NUMCOLORBANDS", "2 to 250"),
        ({"palette": "nope"}, "unknown_style", "STYLES", "nope"),
    ],
)
def test_refuses_what_cannot_be_drawn(change, kind, parameter, says):
    with pytest.raises(Problem, match=says) as refusal:
        Scale(**(GOOD | change))
    assert (refusal.value.kind, refusal.value.parameter) == (kind, parameter)


def test_a_scale_is_a_key():
    assert {Scale(**GOOD): 1}[Scale(**GOOD)] == 1
