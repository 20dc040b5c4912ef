"""QGIS as its users have it: layers dragged from the browser panel, every system, axes, identify, legends, refusals."""

import io
import urllib.parse
import urllib.request

import netCDF4
import numpy as np
import pyproj
import pytest
from PIL import Image

from tests.journeys.qgis_explorer_views import BELT, BEYOND, VIEWS
from tests.journeys.qgis_runs import told_by_qgis
from tests.ocean import DAYS, HOURS

pytestmark = pytest.mark.journey

WAVES = {"BBOX": ",".join(map(str, BELT)), "HEIGHT": "100"}


@pytest.fixture(scope="module")
def seen(ocean, tmp_path_factory):
    """Run the QGIS explorer once; return its findings and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("qgis")
    return told_by_qgis("qgis_explorer.py", ocean.address, folder), folder


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def drawn(ocean, layer, **parameters):
    """Draw what QGIS should have been sent for the whole world, 300 x 150, over white."""
    asked = {"REQUEST": "GetMap", "VERSION": "1.1.1", "LAYERS": layer, "STYLES": "", "SRS": "EPSG:4326"}
    asked |= {"BBOX": "-180,-90,180,90", "WIDTH": "300", "HEIGHT": "150", "FORMAT": "image/png"} | parameters
    with urllib.request.urlopen(f"{ocean.address}wms?{urllib.parse.urlencode(asked)}") as answer:
        return np.asarray(Image.open(io.BytesIO(answer.read())).convert("RGB")).astype(int)


def same(first, second):
    """Tell whether two pictures are alike; QGIS rounds colours that it premultiplies."""
    return first.shape == second.shape and np.abs(first - second).max() <= 2


def value(ocean, name, *indices, place=(19.0, 329.0)):
    with netCDF4.Dataset(ocean.folder / f"{name.split('/')[0]}.nc") as file:
        rows = [int(np.abs(file[axis][:] - at).argmin()) for axis, at in zip(("lat", "lon"), place, strict=True)]
        return float(file[name.split("/")[1]][(*indices, *rows)])


def test_the_browser_panel_finds_every_layer_with_its_times(seen):
    found, _ = seen
    assert sorted(found["uris"]) == ["ocean/chl", "ocean/siconc", "ocean/sla", "ocean/thetao", "waves/VHM0"]
    assert set(found["valid"].values()) == {True}
    assert f"timeDimensionExtent={DAYS[0]}/{DAYS[-1]}/P1D" in found["uris"]["ocean/thetao"]
    assert f"timeDimensionExtent={','.join(HOURS)}" in found["uris"]["waves/VHM0"]
    assert found["axes"]["times"] == [True, True]


@pytest.mark.parametrize("crs", VIEWS)
def test_land_lies_where_proj_says_in_every_system(seen, ocean, crs):
    found, folder = seen
    assert found["systems"][crs]
    shows_land(ocean, pixels(folder / f"system_{crs.replace(':', '_')}.png"), crs, VIEWS[crs])


def test_more_than_the_box_of_the_capabilities_is_drawn_for_who_wants_it(seen, ocean):
    found, folder = seen
    assert found["beyond"]
    shows_land(ocean, pixels(folder / "beyond.png"), "EPSG:3413", BEYOND)


def shows_land(ocean, picture, crs, box):
    """Check that white is where the file has land, and only there."""
    height, width, _ = picture.shape
    west, south, east, north = box
    x, y = np.meshgrid(
        west + (np.arange(width) + 0.5) * (east - west) / width,
        north - (np.arange(height) + 0.5) * (north - south) / height,
    )
    longitude, latitude = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(x, y)
    with netCDF4.Dataset(ocean.folder / "ocean.nc") as file:
        land = np.ma.getmaskarray(file["thetao"][1, 0])
    rows = np.clip(np.floor((latitude + 90.0) / 2.0), 0, 89).astype(int)
    expected = land[rows, np.floor(longitude % 360.0 / 2.0).astype(int) % 180]
    white = (picture == 255).all(axis=-1)
    assert (white != expected).mean() < 0.01, (white != expected).mean()
    assert len(np.unique(picture[~white], axis=0)) > 20


def test_the_temporal_controller_draws_the_day_that_it_stands_at(seen, ocean):
    _, folder = seen
    for day in (1, 2, 4):
        assert same(pixels(folder / f"day_{day}.png"), drawn(ocean, "ocean/thetao", TIME=DAYS[day - 1])), day
    assert not same(pixels(folder / "day_1.png"), pixels(folder / "day_2.png"))


def test_a_range_of_the_temporal_controller_draws_its_last_day(seen):
    _, folder = seen
    assert same(pixels(folder / "days_1_to_2.png"), pixels(folder / "day_2.png"))


def test_the_temporal_controller_goes_along_a_list_of_times(seen, ocean):
    _, folder = seen
    assert same(pixels(folder / "hour_0.png"), drawn(ocean, "waves/VHM0", **WAVES, TIME=HOURS[1]))
    assert same(pixels(folder / "hour_1.png"), drawn(ocean, "waves/VHM0", **WAVES, TIME=HOURS[3]))


def test_a_depth_and_a_member_stand_in_the_address_of_the_connection(seen, ocean):
    found, folder = seen
    assert same(pixels(folder / "deep.png"), drawn(ocean, "ocean/thetao", TIME=DAYS[1], ELEVATION="-300"))
    assert not same(pixels(folder / "deep.png"), pixels(folder / "day_2.png"))
    assert same(pixels(folder / "member.png"), drawn(ocean, "waves/VHM0", **WAVES, TIME=HOURS[3], DIM_MEMBER="2"))
    assert not same(pixels(folder / "member.png"), pixels(folder / "hour_1.png"))
    assert f"{value(ocean, 'ocean/thetao', 3, 2):.3f}" in " ".join(found["axes"]["deep"])


def test_identify_reads_features_with_attributes(seen, ocean):
    found, _ = seen
    (feature,) = found["features"]
    assert feature["layer"] == "ocean/thetao"
    # QGIS sends no TIME with identify: the default step answers.
    assert feature["time"] == DAYS[-1]
    assert float(feature["value"]) == pytest.approx(value(ocean, "ocean/thetao", 3, 0), abs=1e-6)
    assert feature["at"] == [-31.0, 19.0]
    assert feature["units"] == "degrees_C"


def test_identify_shows_a_page(seen, ocean):
    found, _ = seen
    (page,) = found["html"]
    assert page.startswith("<!DOCTYPE html>")
    assert f"{value(ocean, 'ocean/thetao', 3, 0):.3f}" in page


def test_a_layer_in_its_own_colours_has_a_legend(seen):
    found, folder = seen
    assert found["legend"] == found["contextual"]
    for name in ("legend", "contextual"):
        assert len(np.unique(pixels(folder / f"{name}.png").reshape(-1, 3), axis=0)) > 20


def test_qgis_draws_a_dragged_layer_in_its_default_style(seen):
    found, _ = seen
    styles = {dict(urllib.parse.parse_qsl(uri)).get("styles", "") for uri in found["uris"].values()}
    # Some versions leave it to the service, others name the first style that the layer inherits.
    assert styles <= {"", "default"}


@pytest.mark.parametrize(("name", "style"), [("legend", ""), ("inherited", "default-scalar/thermal")])
def test_a_style_that_all_layers_have_has_the_legend_of_the_layer(seen, ocean, name, style):
    _, folder = seen
    asked = {"REQUEST": "GetLegendGraphic", "VERSION": "1.3.0", "LAYER": "ocean/thetao", "STYLE": style}
    with urllib.request.urlopen(f"{ocean.address}wms?{urllib.parse.urlencode(asked)}") as answer:
        wanted = np.asarray(Image.open(io.BytesIO(answer.read())).convert("RGBA")).astype(int)
    found = np.asarray(Image.open(folder / f"{name}.png").convert("RGBA")).astype(int)
    assert same(found * (found[..., 3:] > 0), wanted * (wanted[..., 3:] > 0))


def test_qgis_reprojects_on_the_fly(seen):
    found, folder = seen
    assert found["reprojected"]
    picture = pixels(folder / "reprojected.png")
    assert 0.5 < (picture != 255).any(axis=-1).mean() < 0.9
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 50


def test_a_refusal_reaches_the_log_of_qgis(seen):
    found, folder = seen
    assert any("server replied: there is no" in text for text in found["refused"]), found["refused"]
    assert (pixels(folder / "refused.png") == 255).all()
