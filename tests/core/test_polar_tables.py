"""Places are found among edges as by bisecting, whichever way is taken."""

import numpy as np
import pytest

from core.polar_tables import Steps

EDGES = {
    "even": np.linspace(2.0, 8.3, 5003),
    "closer at one end": 1.35 + np.linspace(0.0, 1.6, 3000) ** 4,
    "crowded": np.concatenate([[1.0], 5.0 + np.arange(300) * 1e-9, [np.inf]]),
    "none": np.array([]),
}


@pytest.mark.parametrize("name", EDGES)
def test_the_run_of_a_place_is_that_of_bisecting(name):
    edges, random = EDGES[name], np.random.default_rng(3)
    steps = Steps(edges=edges, cells=np.arange(edges.size + 1), first=1.3, scale=4096 / 7.1, count=4096)
    finite = edges[np.isfinite(edges)]
    # On edges, a hair beside them, and somewhat beyond both ends.
    places = np.concatenate([random.uniform(1.0, 8.7, 3000), finite, np.nextafter(finite, 0), np.nextafter(finite, 99)])
    np.testing.assert_array_equal(steps.runs(places), np.searchsorted(edges, places, side="right"))
