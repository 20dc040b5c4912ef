"""Random selections of real files hold, bit for bit, what netCDF4 reads from the source."""

import pytest

from tests.gateway.writers.cutting import compared

FILES = [
    "altimetry/nrt_global_allsat_phy_l4_20190223_20190226.nc",
    "grid/edal_test_4d.nc",
    "grid/tos_O1_2001-2002.nc",
    "grid/hycom_2depths.nc",
    "grid/woa18/woa18_decav_t05_04.nc",
    "grid/atlantic_profiles.nc",
    "odd/testDimensionOrder.nc",
    "odd/99_2day_timesteps.nc",
    "roms/Nordic_subset.nc",
]
"""Of every kind that there is: the seam of the file within reach, groups of levels, packed, turned, curvilinear."""


@pytest.mark.parametrize("name", FILES)
async def test_a_selection_is_what_the_source_holds(tmp_path, real_data, name):
    count, wrong = await compared(real_data(name), tmp_path, rounds=3, seed=3)
    assert not wrong
    assert count >= 2
