"""The measuring tools measure what they say: run once, small, without judging any time."""

import asyncio
import io

import netCDF4
import numpy as np
import pytest
from PIL import Image

from bench import field, gate, workload
from bench.trace import trace
from bench.workload import Place
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.sea import write_sea

HALF_SEA = np.zeros((341, 720), dtype=bool)
HALF_SEA[:, 360:] = True
"""Sea in the east alone."""


def test_the_trace_names_every_step_of_a_tile_in_order(tmp_path):
    write_sea(tmp_path / "sea.nc")
    ingest(Location.parse(str(tmp_path)), "sea", [tmp_path / "sea.nc"], crew=Processes(0), report=lambda _: None)
    config = parse({"store": ".", "datasets": [{"id": "sea", "source": "sea.nc"}]}, name="test", folder=tmp_path)
    spent = asyncio.run(trace(config, "sea/thetao", "EPSG:3857", rounds=3))
    assert list(spent) == ["parse", "resolve", "etag", "locate", "read", "colour", "encode", "all"]
    assert {len(times) for times in spent.values()} == {3}
    assert all(time >= 0 for times in spent.values() for time in times)


def test_the_bench_field_is_the_same_every_time_and_has_land_and_sea():
    waves = tuple(field.spectral(seed, 2.2, 2, 40)[:50] for seed in (1, 2, 3))
    assert (waves[0] == field.spectral(1, 2.2, 2, 40)[:50]).all()
    whole = tuple(np.vstack([part] * 41)[: field.NY] for part in waves)
    codes = field.codes(1, 0, whole)
    assert codes.dtype == np.int16
    assert 0.05 < (codes == field.FILL).mean() < 0.95
    real = field.degrees(1, field.DEPTHS[0], whole)
    sea = codes != field.FILL
    assert np.abs(codes[sea] * field.SCALE + field.OFFSET - real[sea]).max() < field.SCALE


def test_the_long_file_has_ten_thousand_times_between_which_different_times_lie(tmp_path):
    field.write_long(tmp_path / "long.nc", lambda _: None)
    with netCDF4.Dataset(tmp_path / "long.nc") as file:
        steps = np.diff(file["time"][:])
        assert file["thetao"].shape == (10_000, 1, 4, 8)
    assert steps.min() > 0
    assert len(np.unique(np.round(steps * 60))) > 50


def test_the_workload_is_fixed_and_no_two_of_its_tiles_are_the_same():
    chosen = workload.tiles(300, 7, workload.everywhere())
    assert chosen == workload.tiles(300, 7, workload.everywhere())
    assert len({workload.path_of(place) for place in chosen}) == 300
    assert {place.tile[0] for place in chosen} == set(range(1, 8))
    assert {place.level for place in chosen} == set(workload.ASKED)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3413"])
def test_no_picture_is_asked_for_where_there_is_hardly_any_sea(crs):
    for place in workload.maps(20, 7, HALF_SEA, crs):
        longitudes, latitudes = workload.places_of(place, np.linspace(0, 1024, 9), np.linspace(0, 768, 9))
        assert ((longitudes % 360 < 180) & (latitudes > -80)).any()
        assert place.size == (1024, 768)


def test_places_are_those_that_the_projection_says():
    place = Place(crs="EPSG:3857", bbox=(0.0, 0.0, workload.EDGE, workload.EDGE), size=(2, 2), step=0, level=0)
    longitudes, latitudes = workload.places_of(place, np.array([0.5, 1.5]), np.array([0.5, 1.5]))
    assert longitudes[0] == pytest.approx([45.0, 135.0])
    assert latitudes[:, 0] == pytest.approx([79.17133464, 40.97989807])  # gd(3 pi / 4), gd(pi / 4)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A field of whole degrees from 1 to 28, with land, of the bench's shape."""
    path = tmp_path_factory.mktemp("gate") / "field.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", 1), ("depth", 1), ("latitude", field.NY), ("longitude", field.NX)):
            file.createDimension(name, size)
        cells = file.createVariable("thetao", "f4", tuple(file.dimensions), fill_value=1e20)
        rows, columns = np.mgrid[: field.NY, : field.NX]
        values = 1 + ((rows // 90 + columns // 120) % 28)
        cells[0, 0] = np.ma.masked_array(values, mask=columns % 1000 < 300)
    return path


PLACE = Place(crs="EPSG:3857", bbox=(-5009377.0, 2504688.0, 0.0, 7514065.0), size=(128, 128), step=0, level=0)


def drawn(source, place=PLACE, shift=(0.0, 0.0)) -> bytes:
    """Draw a place as it ought to be drawn."""
    values = gate.scene(source, place, shift).values
    colours = gate.turbo((np.arange(250) + 0.5) / 250)[gate.linear(values)]
    pixels = np.dstack([colours, np.where(np.isnan(values), 0, 255)]).astype(np.uint8)
    return as_png(pixels)


def as_png(pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_right_picture_passes_the_gate(source):
    assert gate.ours(source, [PLACE], lambda place: drawn(source, place)) == 0.0
    error, mask = gate.peers(source, [PLACE], lambda place: drawn(source, place))
    assert error < 0.07
    assert mask == 1.0


def flipped(source) -> bytes:
    return as_png(gate.pixels_of(drawn(source))[::-1].copy())


def without_land(source) -> bytes:
    pixels = gate.pixels_of(drawn(source)).copy()
    pixels[..., 3] = 255
    return as_png(pixels)


def blank(source) -> bytes:
    return as_png(np.zeros((128, 128, 4), dtype=np.uint8))


def one_cell_off(source) -> bytes:
    return drawn(source, shift=(0.0, 20.0))


@pytest.mark.parametrize("wrong", [flipped, without_land, blank, one_cell_off])
def test_a_wrong_picture_is_stopped_by_both_gates(source, wrong):
    content = wrong(source)
    with pytest.raises(gate.WrongPixelsError):
        gate.ours(source, [PLACE], lambda _: content)
    with pytest.raises(gate.WrongPixelsError):
        gate.peers(source, [PLACE], lambda _: content)


def test_a_wrong_value_is_stopped(source):
    values = gate.scene(source, PLACE).values
    rows, columns = np.nonzero(~np.isnan(values))
    pixel = int(columns[0]), int(rows[0])
    right = float(values[rows[0], columns[0]])
    gate.value(source, PLACE, pixel, right)
    for wrong in (right + 1, None):
        with pytest.raises(gate.WrongPixelsError, match="is told as"):
            gate.value(source, PLACE, pixel, wrong)


def test_bands_of_both_scales_begin_where_they_should():
    assert gate.linear(np.array([-5.0, 0.0, 0.119, 0.121, 29.99, 99.0, np.nan])).tolist() == [0, 0, 0, 1, 249, 249, 0]
    assert gate.logarithmic(np.array([-5.0, 0.1, 0.1 * 300**0.5 * 1.001, 30.1])).tolist() == [0, 0, 125, 249]
