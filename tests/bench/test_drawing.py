"""Every kind of picture is drawn and measured, once and small, without judging any time."""

import asyncio

from bench.drawing import kinds, measure
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.sea import write_sea


def test_each_kind_of_picture_is_measured_in_each_round(tmp_path):
    write_sea(tmp_path / "sea.nc")
    ingest(Location.parse(str(tmp_path)), "sea", [tmp_path / "sea.nc"], crew=Processes(0), report=lambda _: None)
    config = parse({"store": ".", "datasets": [{"id": "sea", "source": "sea.nc"}]}, name="test", folder=tmp_path)
    chosen = kinds("sea/thetao", "sea/thetao")
    spent = asyncio.run(measure(config, chosen, rounds=2, each=2))
    assert list(spent) == [kind.name for kind in chosen]
    assert all(len(times) == 2 and min(times) >= 0 for times in spent.values())
