"""Boxes over grids whose axes are not longitude and latitude: what lies outside them is filled. Oracle: netCDF4."""

import csv
import io

import netCDF4
import numpy as np
import pytest

from bench.tripolar import tripolar
from core.selection.asked import Box, Subset
from gateway.extract import Wanted, prepare
from gateway.writers import text
from tests.gateway.writers.cutting import REQUEST, taken_up, written3, written4

KINDS = {
    "packed": ("i2", {"_FillValue": -5, "scale_factor": 0.5}),
    "holes": ("f4", {"_FillValue": np.float32("nan")}),
    "plain": ("f4", {}),
    "gone": ("f8", {"missing_value": -1.0}),
    "count": ("i4", {}),
    "byte": ("i1", {}),
    "flagged": ("u1", {"_FillValue": np.uint8(200)}),
}
"""Type and attributes."""
FILLED = {"packed": -5, "plain": 9.969209968386869e36, "gone": -1.0, "count": -2147483647, "flagged": 200}
BOX = Box(west=-1.0, south=41.0, east=1.5, north=43.0)


def turned_grid(path, east=0.0):
    """Write fields of all kinds on a grid that is turned by 45 degrees, so many degrees further east."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("j", 12)
        file.createDimension("i", 14)
        j, i = np.mgrid[0:12, 0:14].astype("f8")
        for name, values, units in (
            ("lon", (east + (i - j) * 0.4 + 180) % 360 - 180, "degrees_east"),
            ("lat", 40 + (i + j) * 0.15, "degrees_north"),
        ):
            place = file.createVariable(name, "f8", ("j", "i"))
            place.units = units
            place[:] = values
        file.comment = "of the provider"
        for name, (kind, attributes) in KINDS.items():
            field = file.createVariable(name, kind, ("j", "i"), fill_value=attributes.get("_FillValue"))
            field.setncatts({key: value for key, value in attributes.items() if key != "_FillValue"})
            field.coordinates = "lat lon"
            field.set_auto_maskandscale(False)
            field[:] = (np.arange(168).reshape(12, 14) % 100).astype(kind)
    return path


@pytest.mark.parametrize("write", [written3, written4])
async def test_cells_outside_the_box_are_filled_and_all_others_and_the_coordinates_are_whole(tmp_path, write):
    path = turned_grid(tmp_path / "a.nc")
    async with taken_up([path], tmp_path) as dataset:
        kind = "netcdf3" if write is written3 else "netcdf4"
        extraction = await prepare(dataset, Subset(place=BOX), Wanted(format=kind, request=REQUEST))
        made = await write(extraction, tmp_path / "made.nc")
    with netCDF4.Dataset(path) as source, netCDF4.Dataset(made) as cut:
        for each in (source, cut):
            each.set_auto_mask(False)
            each.set_auto_scale(False)
        lon, lat = source["lon"][:], source["lat"][:]
        inside = (lon >= BOX.west) & (lon <= BOX.east) & (lat >= BOX.south) & (lat <= BOX.north)
        down, across = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        part = np.s_[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        within = inside[part]
        assert not within.all()
        for name in ("lon", "lat"):
            assert cut[name][:].tobytes() == source[name][part].tobytes()
        for name in KINDS:
            values, wanted = cut[name][:], source[name][part]
            # netCDF-3 has no unsigned bytes: the bits are the same.
            assert values[within].tobytes() == wanted[within].astype(values.dtype).tobytes()
            if name == "holes":
                assert np.isnan(values[~within]).all()
            elif name == "byte":
                assert (values == wanted).all()
            else:
                assert (values[~within] == np.array(FILLED[name]).astype(values.dtype)).all()
                cut[name].set_auto_mask(True)
                assert (np.ma.getmaskarray(cut[name][:]) == ~within).all()
        assert "_FillValue" not in cut["byte"].ncattrs()
        assert cut["plain"].getncattr("_FillValue") == np.float32(FILLED["plain"])
        said, filled = cut.comment.splitlines()
        assert said == "of the provider"
        assert "outside the box from -1 to 1.5 degrees east and 41 to 43 degrees north are filled in packed" in filled
        assert "byte: values outside" in filled
        assert float(cut.geospatial_lon_min) == pytest.approx(lon[inside].min())
        assert float(cut.geospatial_lat_max) == pytest.approx(lat[inside].max())


@pytest.mark.parametrize("west", [179.0, -181.0])
async def test_a_part_over_the_date_line_does_not_say_that_it_goes_round_the_earth(tmp_path, west):
    path = turned_grid(tmp_path / "a.nc", east=180.0)
    async with taken_up([path], tmp_path) as dataset:
        box = Box(west=west, south=41.0, east=west + 2.5, north=43.0)
        extraction = await prepare(dataset, Subset(place=box), Wanted(format="netcdf3", request=REQUEST))
        made = await written3(extraction, tmp_path / "made.nc")
    with netCDF4.Dataset(made) as cut:
        # As far as the same box reaches where no date line is in it.
        ends = cut.geospatial_lon_min - west, cut.geospatial_lon_max - west
    assert ends == pytest.approx((0.2, 2.2), abs=0.21)


async def test_a_table_has_no_line_for_a_cell_outside_the_box(tmp_path):
    path = turned_grid(tmp_path / "a.nc")
    async with taken_up([path], tmp_path) as dataset:
        asked = Subset(variables=("packed", "byte"), place=BOX)
        extraction = await prepare(dataset, asked, Wanted(format="csv", request=REQUEST))
        body = b"".join([piece async for piece in text.stream(extraction)]).decode()
    with netCDF4.Dataset(path) as source:
        lon, lat, packed = (source[name][:] for name in ("lon", "lat", "packed"))
    inside = (lon >= BOX.west) & (lon <= BOX.east) & (lat >= BOX.south) & (lat <= BOX.north)
    lines = list(csv.reader(io.StringIO(body)))[1:]
    assert len(lines) == inside.sum()
    found = np.array([[float(cell) for cell in line[:3]] for line in lines])
    np.testing.assert_allclose(found, np.stack([lat[inside], lon[inside], packed[inside]], axis=1), rtol=1e-12)


@pytest.mark.parametrize(
    "box", [Box(west=-30.0, south=30.0, east=30.0, north=60.0), Box(west=0.05, south=42.02, east=0.1, north=42.04)]
)
async def test_nothing_is_filled_where_all_is_in_the_box_nor_in_the_one_cell_that_a_small_box_means(tmp_path, box):
    path = turned_grid(tmp_path / "a.nc")
    async with taken_up([path], tmp_path) as dataset:
        extraction = await prepare(dataset, Subset(place=box), Wanted(format="netcdf4", request=REQUEST))
        made = await written4(extraction, tmp_path / "made.nc")
    with netCDF4.Dataset(made) as cut:
        assert cut.comment == "of the provider"
        assert not np.ma.getmaskarray(cut["packed"][:]).any()
        assert cut["packed"].size in (1, 168)


async def test_steps_over_rows_and_columns_leave_out_no_less_than_they_should(tmp_path):
    path = turned_grid(tmp_path / "a.nc")
    async with taken_up([path], tmp_path) as dataset:
        asked = Subset(variables=("packed",), place=BOX, stride=3)
        extraction = await prepare(dataset, asked, Wanted(format="netcdf4", request=REQUEST))
        made = await written4(extraction, tmp_path / "made.nc")
    with netCDF4.Dataset(made) as cut:
        lon, lat, packed = (cut[name][:] for name in ("lon", "lat", "packed"))
    inside = (lon >= BOX.west) & (lon <= BOX.east) & (lat >= BOX.south) & (lat <= BOX.north)
    assert (np.ma.getmaskarray(packed) == ~inside).all()


async def test_points_between_cells_have_their_places_in_a_table(tmp_path, real_data):
    (tmp_path / "roms.nc").write_bytes(real_data("roms/Nordic_subset.nc").read_bytes())
    async with taken_up([tmp_path / "roms.nc"], tmp_path) as dataset:
        asked = Subset(variables=("ubar",), place=Box(west=13.0, south=67.0, east=14.0, north=67.4))
        extraction = await prepare(dataset, asked, Wanted(format="csv", request=REQUEST))
        body = b"".join([piece async for piece in text.stream(extraction)]).decode()
        assert len(body) <= extraction.estimate.sizes["csv"]
    head, *lines = csv.reader(io.StringIO(body))
    assert head[1].startswith("latitude")
    places = np.array([[float(line[1]), float(line[2])] for line in lines])
    assert len(lines) > 20
    assert ((places[:, 0] >= 67) & (places[:, 0] <= 67.4) & (places[:, 1] >= 13) & (places[:, 1] <= 14)).all()


def ring(path):
    """Write a field on a tripolar grid that starts at 75 degrees east, and one on points half a column further east."""
    longitudes, latitudes = (each[:45] for each in tripolar(80))
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("j", longitudes.shape[0])
        file.createDimension("i", longitudes.shape[1])
        for name, east in (("t", 0.0), ("u", 2.25)):
            for place, values, units in (
                (f"lon_{name}", longitudes + east, "degrees_east"),
                (f"lat_{name}", latitudes, "degrees_north"),
            ):
                file.createVariable(place, "f8", ("j", "i")).units = units
                file[place][:] = values
            field = file.createVariable(name, "f4", ("j", "i"), fill_value=np.float32(-1))
            field.coordinates = f"lat_{name} lon_{name}"
            field[:] = np.arange(longitudes.size).reshape(longitudes.shape)
    return path


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("t",), [79, 80, *range(1, 6)]),
        (("u",), [79, 80, *range(1, 5)]),
        (("t", "u"), [79, 80, *range(1, 6)]),
    ],
)
async def test_a_box_over_the_seam_of_a_grid_is_one_run_of_columns_round_it(tmp_path, names, expected):
    path = ring(tmp_path / "a.nc")
    # Columns 0 and 81 are those of 80 and 1.
    box = Box(west=70.0, south=-30.0, east=99.0, north=20.0)
    async with taken_up([path], tmp_path) as dataset:
        extraction = await prepare(
            dataset, Subset(variables=names, place=box), Wanted(format="netcdf3", request=REQUEST)
        )
        made = await written3(extraction, tmp_path / "made.nc")
    with netCDF4.Dataset(path) as source, netCDF4.Dataset(made) as cut:
        for name in names:
            lon, lat = source[f"lon_{name}"][:], source[f"lat_{name}"][:]
            inside = (lat >= box.south) & (lat <= box.north) & ((lon - box.west) % 360 <= box.width)
            down = np.flatnonzero(inside.any(axis=1))
            part = np.ix_(down, expected)
            assert cut[f"lon_{name}"][:].tobytes() == lon[part].tobytes()
            assert cut[f"lat_{name}"][:].tobytes() == lat[part].tobytes()
            assert (np.ma.getmaskarray(cut[name][:]) == ~inside[part]).all()
            assert (cut[name][:] == source[name][:][part]).all()
        assert 70.0 <= float(cut.geospatial_lon_min) <= 75.0
        assert 94.0 <= float(cut.geospatial_lon_max) <= 99.0
