"""Layers of the length and the direction of vectors, over HTTP. Oracle: netCDF4, numpy and PROJ; no code of ours."""

import io
import math
import tracemalloc
import xml.etree.ElementTree as ET

import netCDF4
import numpy as np
import pyproj
import pytest
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location

WMS = {"service": "WMS", "version": "1.3.0", "crs": "CRS:84", "styles": ""}
WMS_NS = "{http://www.opengis.net/wms}"
U = np.array([[0.3, -0.4, 0.0, 0.5], [0.1, 0.2, -0.7, 0.0], [0.9, 0.0, 0.25, -0.05]])
V = np.array([[0.4, 0.3, 0.6, 0.0], [-0.1, -0.9, 0.7, 0.0], [0.0, -0.35, 0.6, 0.05]])


@pytest.fixture
def served(tmp_path, aiohttp_client):
    async def serve(path):
        ingest(Location.parse(str(tmp_path / "store")), "d", [path], crew=Processes(0), report=lambda _: None)
        config = parse({"store": "store", "datasets": [{"id": "d", "source": path.name}]}, name="t", folder=tmp_path)
        return await aiohttp_client(make_app(config))

    return serve


def written(path, *, names=("uo", "vo"), said=("eastward_sea_water_velocity", "northward_sea_water_velocity"), **more):
    """Write one step of two packed components on longitude and latitude; u lacks one value and v another."""
    with netCDF4.Dataset(path, "w") as file:
        for name, values, units in (("lat", [10, 11, 12], "degrees_north"), ("lon", [20, 21, 22, 23], "degrees_east")):
            file.createDimension(name, len(values))
            axis = file.createVariable(name, "f8", (name,))
            axis[:] = values
            axis.units = units
        for name, standard, values, hole in zip(names, said, (U, V), ((0, 0), (2, 1)), strict=True):
            field = file.createVariable(name, "i2", ("lat", "lon"), fill_value=-999)
            field.setncatts(
                {"scale_factor": 0.001, "units": "m s-1"} | ({"standard_name": standard} if standard else {})
            )
            field.setncatts(more)
            field[:] = np.ma.masked_where(
                np.add.outer(np.arange(3) * 10, np.arange(4)) == hole[0] * 10 + hole[1], values
            )
    return path


async def value(client, layer, longitude, latitude, **more):
    """Return what GetFeatureInfo says at a place."""
    longitude, latitude, half = float(longitude), float(latitude), 1e-5
    box = f"{longitude - half!r},{latitude - half!r},{longitude + half!r},{latitude + half!r}"
    query = WMS | {"request": "GetFeatureInfo", "layers": layer, "query_layers": layer, "bbox": box, "width": "3"}
    query |= {"height": "3", "i": "1", "j": "1", "info_format": "application/json", **more}
    answer = await client.get("/wms", params=query)
    assert answer.status == 200, await answer.text()
    return (await answer.json())["features"][0]["properties"]


async def test_length_and_direction_are_those_of_the_components_and_missing_where_either_is(served, tmp_path):
    client = await served(written(tmp_path / "a.nc"))
    for row in range(3):
        for column in range(4):
            place = 20 + column, 10 + row
            length, towards = [await value(client, f"d/uo:vo-{part}", *place) for part in ("mag", "dir")]
            u, v = U[row, column], V[row, column]
            if (row, column) in ((0, 0), (2, 1)):
                assert (length["value"], towards["value"]) == (None, None)
                continue
            assert length["value"] == pytest.approx(math.hypot(u, v), abs=1e-12)
            if u or v:
                assert towards["value"] == pytest.approx(math.degrees(math.atan2(u, v)) % 360, abs=1e-9)
            else:
                assert towards["value"] is None
            assert (length["units"], towards["units"]) == ("m s-1", "degree")
            assert (length["standard_name"], towards["standard_name"]) == (
                "sea_water_speed",
                "sea_water_velocity_to_direction",
            )


async def test_capabilities_maps_and_legends_know_them_and_downloads_do_not(served, tmp_path):
    client = await served(written(tmp_path / "a.nc"))
    answer = await client.get("/wms", params={"service": "WMS", "version": "1.3.0", "request": "GetCapabilities"})
    names = [found.text for found in ET.fromstring(await answer.read()).iter(f"{WMS_NS}Name")]
    wanted = ["d/uo", "d/vo", "d/uo:vo-group", "d/uo:vo-mag", "d/uo:vo-dir"]
    assert [name for name in names if name.startswith("d/")] == [
        "d/uo",
        "d/vo",
        *(f"d/uo:vo-{part}" for part in ("group", "mag", "dir")),
    ]
    for part in ("mag", "dir"):
        layer = {"layers": f"d/uo:vo-{part}", "bbox": "19.5,9.5,23.5,12.5", "width": "40", "height": "30"}
        answer = await client.get(
            "/wms", params=WMS | layer | {"request": "GetMap", "format": "image/png", "transparent": "true"}
        )
        with Image.open(io.BytesIO(await answer.read())) as picture:
            shown = np.asarray(picture.convert("RGBA"))[5::10, 5::10, 3][::-1] > 0
        wanted = np.ones((3, 4), bool)
        wanted[0, 0] = wanted[2, 1] = False
        wanted &= True if part == "mag" else (U != 0) | (V != 0)
        assert (shown == wanted).all()
        legend = {"request": "GetLegendGraphic", "layer": f"d/uo:vo-{part}", "format": "image/png"}
        assert (await client.get("/wms", params=WMS | legend)).status == 200
    for var, status in (("uo", 200), ("uo:vo-mag", 400), ("all", 200)):
        answer = await client.get("/thredds/ncss/grid/d", params={"var": var, "accept": "netcdf3"})
        body = await answer.read()
        assert (answer.status, b"-mag" in body and status == 200) == (status, False)


@pytest.mark.parametrize(
    ("names", "said", "layers"),
    [
        (("a", "b"), ("eastward_wind", "northward_wind"), {"a:b-group", "a:b-mag", "a:b-dir"}),
        (("a", "b"), ("x_wind", "y_wind"), {"a:b-group", "a:b-mag", "a:b-dir"}),
        (("a", "b"), ("sea_ice_x_velocity", "sea_ice_y_velocity"), {"a:b-group", "a:b-mag", "a:b-dir"}),
        (("u", "v"), ("", ""), {"u:v-group", "u:v-mag", "u:v-dir"}),
        (("a", "b"), ("", ""), set()),
        (("u", "v"), ("sea_water_temperature", "sea_water_salinity"), set()),
        (("a", "b"), ("eastward_wind", "northward_sea_water_velocity"), set()),
        (("a", "b"), ("eastward_wind", ""), set()),
        (("a", "b"), ("eastward_wind status_flag", "northward_wind status_flag"), set()),
        (("a", "b"), ("eastward_wind standard_error", "northward_wind standard_error"), set()),
    ],
)
async def test_pairs_are_known_by_their_standard_names_else_by_what_models_call_them(
    served, tmp_path, names, said, layers
):
    client = await served(written(tmp_path / "a.nc", names=names, said=said))
    answer = await client.get("/wms", params={"service": "WMS", "version": "1.3.0", "request": "GetCapabilities"})
    found = {name.text for name in ET.fromstring(await answer.read()).iter(f"{WMS_NS}Name")}
    assert {name.removeprefix("d/") for name in found if name and ":" in name} == layers


async def test_the_range_of_a_layer_that_is_asked_for_automatically_is_that_of_its_values(served, tmp_path):
    client = await served(written(tmp_path / "a.nc"))
    query = {"request": "GetMetadata", "item": "layerDetails", "layerName": "d/uo:vo-mag", "colorscalerange": "auto"}
    low, high = (await (await client.get("/wms", params=query)).json())["scaleRange"]
    lengths = np.hypot(U, V)[np.ones((3, 4), bool) & ~np.isin(np.arange(12).reshape(3, 4), (0, 9))]
    # Ends are those of most values, moved outwards to round numbers.
    assert 0 <= low <= np.percentile(lengths, 2) + 1e-9
    assert lengths.max() / 2 < high < lengths.max() * 1.2


@pytest.mark.parametrize(
    ("file", "components", "fixed"),
    [
        ("roms/Nordic_subset.nc", ("ubar", "vbar"), {"time": "2016-02-03T12:00:00Z"}),
        ("roms/Nordic_subset.nc", ("uice", "vice"), {"time": "2016-02-04T12:00:00Z"}),
        ("roms/xroms/ocean_his_0001.nc", ("u", "v"), {"dim_s_rho": "1"}),
    ],
)
@pytest.mark.filterwarnings("ignore:.*invalid value encountered in cast", "ignore:.*_FillValue not used")
async def test_staggered_components_meet_at_cell_centres_and_are_turned_by_the_angle_of_the_grid(
    served, tmp_path, real_data, file, components, fixed
):
    (tmp_path / "roms.nc").write_bytes(real_data(file).read_bytes())
    client = await served(tmp_path / "roms.nc")
    with netCDF4.Dataset(real_data(file)) as source:
        step = {"ubar": (1,), "uice": (2,), "u": (0, 1)}[components[0]]
        u, v = (np.ma.filled(source[name][step].astype("f8"), np.nan) for name in components)
        lon, lat, angle = (np.asarray(source[name][:], "f8") for name in ("lon_rho", "lat_rho", "angle"))
    rows, columns = lon.shape
    more = {"time": "", **fixed} if "time" in fixed else fixed
    compared = 0
    for row in range(1, rows - 1, 3):
        for column in range(1, columns - 1, 3):
            # Point i of u lies between centres i and i + 1, and so for v along columns.
            at_u = (u[row, column - 1] + u[row, column]) / 2
            at_v = (v[row - 1, column] + v[row, column]) / 2
            place = lon[row, column], lat[row, column]
            length, towards = [
                await value(client, f"d/{':'.join(components)}-{part}", *place, **more) for part in ("mag", "dir")
            ]
            if math.isnan(at_u + at_v):
                assert (length["value"], towards["value"]) == (None, None)
                continue
            assert length["value"] == pytest.approx(math.hypot(at_u, at_v), abs=1e-9)
            if length["value"] == 0:
                continue
            wanted = 90 - math.degrees(math.atan2(at_v, at_u) + angle[row, column])
            assert abs((towards["value"] - wanted + 180) % 360 - 180) < 1.0
            compared += 1
    assert compared > 5


@pytest.mark.parametrize(
    ("file", "components", "plane"),
    [
        (
            "seaice/Arctic20_1to5Feb_2016.nc",
            ("ubar", "vbar"),
            "+proj=stere +a=6371000 +b=6371000 +lat_0=90 +lat_ts=60 +lon_0=58",
        ),
        (
            "wind/AROME_MetCoOp_20160114_subset.nc",
            ("x_wind_10m", "y_wind_10m"),
            "+proj=lcc +lat_0=63 +lon_0=15 +lat_1=63 +lat_2=63 +R=6.371e+06",
        ),
    ],
)
async def test_components_along_the_axes_of_a_projection_point_where_proj_says(
    served, tmp_path, real_data, file, components, plane
):
    path = real_data(file)
    (tmp_path / "plane.nc").write_bytes(path.read_bytes())
    client = await served(tmp_path / "plane.nc")
    with netCDF4.Dataset(path) as source:
        u, v = (np.ma.filled(source[name][0].astype("f8"), np.nan) for name in components)
        lon, lat = (np.asarray(source[name][:], "f8") for name in ("longitude", "latitude"))
        time = netCDF4.num2date(source["time"][0], source["time"].units).strftime("%Y-%m-%dT%H:%M:%SZ")
    project, geod = pyproj.Proj(plane), pyproj.Geod(a=6371000, b=6371000)
    valid = np.argwhere(np.isfinite(u + v) & (np.hypot(u, v) > 0.001))
    for row, column in valid[:: len(valid) // 15]:
        here = lon[row, column], lat[row, column]
        x, y = project(*here)
        length = math.hypot(u[row, column], v[row, column])
        there = project(x + 100 * u[row, column] / length, y + 100 * v[row, column] / length, inverse=True)
        wanted = geod.inv(*here, *there)[0]
        found = await value(client, f"d/{':'.join(components)}-dir", *here, time=time)
        assert abs((found["value"] - wanted + 180) % 360 - 180) < 0.1
        found = await value(client, f"d/{':'.join(components)}-mag", *here, time=time)
        assert found["value"] == pytest.approx(length, rel=1e-6)


def on_cone(path):
    """Write one step of components along the axes of a Lambert projection, 20 by 30 cells of 10 km."""
    rng = np.random.default_rng(4)
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("y", 20), ("x", 30)):
            file.createDimension(name, size)
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts({"units": "km", "standard_name": f"projection_{name}_coordinate"})
            axis[:] = np.arange(size) * 10.0
        file.createVariable("crs", "i4", ()).setncatts(pyproj.CRS("+proj=lcc +lat_0=63 +lat_1=63 +lon_0=15").to_cf())
        for name in "xy":
            field = file.createVariable(f"{name}_wind", "f4", ("y", "x"))
            field.setncatts({"standard_name": f"{name}_wind", "units": "m s-1", "grid_mapping": "crs"})
            field[:] = rng.normal(size=(20, 30))
    return path


async def test_a_large_picture_of_directions_is_that_of_its_parts_and_needs_little_memory(served, tmp_path):
    client = await served(on_cone(tmp_path / "a.nc"))

    async def drawn(south, north, height):
        query = {"request": "GetMap", "layers": "d/x_wind:y_wind-dir", "format": "image/png", "width": "512"}
        query |= {"bbox": f"14.5,{south},21.5,{north}", "height": str(height), "transparent": "true"}
        answer = await client.get("/wms", params=WMS | query)
        with Image.open(io.BytesIO(await answer.read())) as picture:
            return np.asarray(picture.convert("RGBA"))

    await drawn(62.5, 65.5, 8)
    tracemalloc.start()
    whole = await drawn(62.5, 65.5, 768)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    parts = [await drawn(62.5 + 0.25 * part, 62.75 + 0.25 * part, 64) for part in reversed(range(12))]
    assert (whole == np.concatenate(parts)).all()
    assert len(np.unique(whole.reshape(-1, 4), axis=0)) > 100
    # Of the cells that pixels show, and their values; places and axes pixel by pixel would be 300 bytes each.
    assert peak < 100 * whole.shape[0] * whole.shape[1]
