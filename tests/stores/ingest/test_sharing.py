"""What a series of files says alike is kept once."""

import pickle
import tracemalloc

from stores.ingest.scan import scan
from stores.ingest.sharing import Sharing


def test_a_header_is_the_same_and_shares_what_the_one_before_says_too(make):
    sharing = Sharing()
    first = sharing.header(scan(make("a.nc", [0], title="one")))
    for other in (scan(make("b.nc", [1], title="two")), scan(make("c.nc", [2], scale=0.25, title="two"))):
        shared = sharing.header(other)
        assert shared.description == other.description
        assert list(shared.description.variables) == list(other.description.variables)
        assert (shared.packings, shared.coordinates, shared.fixed) == (other.packings, other.coordinates, other.fixed)
        assert (shared.times == other.times).all()
        assert shared.description.grids is first.description.grids
        assert shared.description.variables["lat"] is first.description.variables["lat"]
    assert shared.description.variables["t"] is not first.description.variables["t"]


def test_thousands_of_headers_take_little_memory(make):
    sent = pickle.dumps(scan(make("a.nc", [0], nx=2000)))
    sharing = Sharing()
    tracemalloc.start()
    try:
        kept = [sharing.header(pickle.loads(sent)) for _ in range(200)]
        each = tracemalloc.get_traced_memory()[0] / len(kept)
    finally:
        tracemalloc.stop()
    # As it comes from a worker it takes some 100 kB.
    assert each < 6000
