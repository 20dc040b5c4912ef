"""The measuring tools measure what they say: run once, small, without judging any time."""

import asyncio

import numpy as np

from bench import field, tiles
from bench.trace import trace
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.sea import write_sea


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


def test_the_workload_is_fixed_and_its_tiles_differ():
    chosen = tiles.tiles(300, 7)
    assert chosen == tiles.tiles(300, 7)
    assert len({tiles.path_of(tile) for tile in chosen}) > 250
    assert all("bench/thetao" in tiles.path_of(tile) for tile in chosen)


def test_the_pixel_check_tells_right_from_wrong():
    band, missing = np.array([[0.0, 100.0]]), np.array([[False, True]])
    right = np.array([[[48, 18, 59, 255], [0, 0, 0, 0]]], dtype=np.uint8)
    wrong = np.array([[[255, 18, 59, 255], [0, 0, 0, 255]]], dtype=np.uint8)
    assert tiles._shown(right, band, missing).all()
    assert not tiles._shown(wrong, band, missing).any()
