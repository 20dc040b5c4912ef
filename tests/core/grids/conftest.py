"""A grid that takes a second to make."""

import pytest

from tests.core.grids.charted import twisted_ocean


@pytest.fixture(scope="session")
def ocean():
    """A tripolar grid of which no part is straight."""
    return twisted_ocean(480)
