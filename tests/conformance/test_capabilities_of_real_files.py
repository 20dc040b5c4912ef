"""Capabilities of real files: valid, and true of what they offer."""

import pyproj
import pytest

from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.conformance.client import HREF, Client, named_layers
from tests.conformance.conftest import listening
from tests.conformance.xsd import WMS_111, WMS_130, faults

FILES = {
    "oisst": "grid/oisst_daily_reduced.nc",
    "hycom": "grid/hycom_2depths.nc",
    "woa": "grid/woa18/woa18_decav_t01_04.nc",
    "curvilinear": "curvilinear/example_file_irregular_2Dlat2Dlon_grid.nc",
    "arctic": "seaice/Arctic20_1to5Feb_2016.nc",
    "roms": "roms/test_roms.nc",
    "levels": "roms/Nordic_subset.nc",
    "mesh": "mesh/sfbofs_fvcom.nc",
    "lambert": "wind/AROME_MetCoOp_20160114_subset.nc",
    "altimetry": "altimetry/dt_med_allsat_phy_l4_20160515_20190101.nc",
    "dimensions": "odd/multi_dim.nc",
    "tripolar": "curvilinear/tos_Omon_CNRM-CM6-1_ssp245_r1i1p1f2_gn_201501.nc",
    "climate": "curvilinear/siconc_SImon_GFDL-ESM4_historical_r1i1p1f1_gn_185001-194912.nc",
    "units": "odd/test_adaguc.tests.311-getcapabilities-dimension-units.nc",
}
SCHEMA = {"1.1.1": WMS_111, "1.3.0": WMS_130}


@pytest.fixture(scope="module")
def real(tmp_path_factory, real_data):
    folder = tmp_path_factory.mktemp("real")
    for name, file in FILES.items():
        place = Location.parse(str(folder / "store"))
        assert not ingest(place, name, [real_data(file)], crew=Processes(0), report=lambda _: None).refused
    raw = {"store": "store", "datasets": [{"id": name, "source": f"{name}.nc"} for name in FILES]}
    with listening(parse(raw, name="real", folder=folder)) as port:
        yield Client(port)


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_the_capabilities_of_real_files_are_valid(real, version, schemas):
    answer = real.capabilities(version)
    assert faults(answer.body, schemas, SCHEMA[version]) == []
    assert {layer.findtext("{*}Name").partition("/")[0] for layer in named_layers(answer.xml)} == set(FILES)


def test_each_box_of_a_real_layer_is_in_the_order_of_its_system(real):
    for layer in named_layers(real.capabilities().xml):
        degrees = [float(side.text) for side in layer.find("{*}EX_GeographicBoundingBox")]
        west, east, south, north = degrees
        for box in layer.iterfind("{*}BoundingBox"):
            crs = pyproj.CRS("OGC:CRS84" if box.get("CRS") == "CRS:84" else box.get("CRS"))
            if not crs.is_geographic:
                continue
            first = [float(box.get("minx")), float(box.get("maxx"))]
            expected = [south, north] if crs.axis_info[0].direction == "north" else [west, east]
            assert first == pytest.approx(expected)


def test_each_real_layer_can_be_asked_for_by_what_its_capabilities_say(real):
    for layer in named_layers(real.capabilities().xml):
        box = layer.find("{*}BoundingBox[@CRS='CRS:84']")
        bbox = ",".join(box.get(side) for side in ("minx", "miny", "maxx", "maxy"))
        name = layer.findtext("{*}Name")
        given = {}
        for dimension in layer.iterfind("{*}Dimension"):
            plain = dimension.get("name") in ("time", "elevation")
            given[dimension.get("name") if plain else f"dim_{dimension.get('name')}"] = dimension.get("default")
        answer = real.map(name, bbox=bbox, width=16, height=16, **given)
        assert (name, answer.status, answer.type) == (name, 200, "image/png")
        assert "warning" not in answer.headers
        legend = layer.find("{*}Style/{*}LegendURL")
        address = legend.find("{*}OnlineResource").get(HREF)
        height, width = real.get("/" + address.split("/", 3)[3]).pixels.shape[:2]
        assert (name, str(width), str(height)) == (name, legend.get("width"), legend.get("height"))


def test_real_files_say_whose_they_are(real):
    document = real.capabilities().xml
    said = {found.text for found in document.iterfind(".//{*}Attribution/{*}Title")}
    assert {"National Centers for Environmental Information (NCEI)", "CLS, CNES", "KNMI"} <= said
    vocabularies = {word.get("vocabulary") for word in document.iter("{*}Keyword")}
    assert {"CF Standard Name Table", "ISO 19115"} <= vocabularies
