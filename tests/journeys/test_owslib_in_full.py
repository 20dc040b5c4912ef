"""OWSLib's WMS client in both versions: dimensions, styles, values, posted requests and refusals."""

import io
import json

import numpy as np
import pytest
from owslib.util import ServiceException
from owslib.wms import WebMapService
from PIL import Image

from tests.journeys.file_colours import cell_colours, cell_values, differing
from tests.ocean import DAYS, HOURS

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module", params=["1.1.1", "1.3.0"])
def wms(ocean, request):
    return WebMapService(f"{ocean.address}wms", version=request.param)


def asked(layer="ocean/thetao", **changes):
    """Say which map; OWSLib swaps the axes of 1.3.0 itself."""
    return {
        "layers": [layer],
        "styles": ["default-scalar/viridis"],
        "srs": "EPSG:4326",
        "bbox": (-180, -90, 180, 90),
        "size": (360, 180),
        "format": "image/png",
        "transparent": True,
        "colorscalerange": "-2,34",
    } | changes


def colours(answer):
    return np.asarray(Image.open(io.BytesIO(answer.read())).convert("RGBA")).astype(int)


def test_times_and_levels_are_a_period_or_a_list_and_have_defaults(wms):
    assert wms["ocean/thetao"].timepositions == [f"{DAYS[0]}/{DAYS[-1]}/P1D"]
    assert wms["ocean/thetao"].elevations == ["-0.5", "-50", "-300"]
    assert wms["waves/VHM0"].timepositions == HOURS
    assert wms["ocean/thetao"].defaulttimeposition == DAYS[-1]


def test_further_dimensions_are_read_where_the_library_reads_any(wms):
    if wms.identification.version == "1.3.0":
        assert wms["waves/VHM0"].dimensions["member"]["values"] == ["0", "1", "2"]


def test_styles_have_legends_that_are_found(wms, ocean):
    styles = wms["ocean/thetao"].styles
    assert {"default-scalar", "default", "default-scalar/thermal"} <= set(styles)
    assert styles["default-scalar"]["legend"].startswith(ocean.address)


@pytest.mark.parametrize("method", ["Get", "Post"])
@pytest.mark.parametrize("step", [0, 2])
def test_every_pixel_is_the_cell_of_the_file(wms, ocean, method, step):
    longitude, latitude = np.meshgrid(np.arange(-179.5, 180), np.arange(89.5, -90, -1))
    answer = wms.getmap(**asked(time=DAYS[step]), method=method)
    assert differing(colours(answer), cell_colours(ocean.folder, longitude, latitude, step)) == 0


def test_a_depth_and_a_member_are_asked_for(wms):
    deep, surface = (colours(wms.getmap(**asked(elevation=level))) for level in ("-300", "-0.5"))
    assert (deep != surface).any(axis=-1).mean() > 0.5
    first, last = (colours(wms.getmap(**asked("waves/VHM0", dim_member=one, time=HOURS[0]))) for one in "02")
    assert (first != last).any(axis=-1).mean() > 0.1


@pytest.mark.parametrize("method", ["Get", "Post"])
def test_the_value_under_a_pixel_is_that_of_the_file(wms, ocean, method):
    told = wms.getfeatureinfo(
        **asked(time=DAYS[1], elevation="-50"),
        query_layers=["ocean/thetao"],
        xy=(149, 70),
        info_format="application/json",
        method=method,
    )
    (feature,) = json.loads(told.read())["features"]
    expected = float(cell_values(ocean.folder, -30.5, 19.5, step=1, level=1))
    assert feature["properties"]["value"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"styles": ["nonsense"]}, "nonsense"),
        ({"time": "2020-01-01"}, "2015-03-04T12:00:00Z"),
        ({"srs": "EPSG:9999999"}, "EPSG:9999999"),
    ],
)
def test_a_refusal_is_raised_with_its_message(wms, changes, says):
    with pytest.raises(ServiceException, match=says):
        wms.getmap(**asked(**changes))
