"""Draws every reference picture anew, through the whole unit, in this process."""

import io
from pathlib import Path

import numpy as np
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.ocean import write_currents, write_ocean
from tests.pictures.cases import CASES


async def draw_all(folder: Path) -> dict[str, np.ndarray]:
    """Return each picture as red, green, blue and opacity, 0 to 255; a store of the ocean is made in `folder`."""
    datasets = []
    for name, write in (("ocean", write_ocean), ("currents", write_currents)):
        write(folder / f"{name}.nc")
        ingest(Location.parse(str(folder / "store")), name, [folder / f"{name}.nc"], crew=Processes(0), report=_silent)
        datasets.append({"id": name, "source": f"{name}.nc"})
    app = make_app(parse({"store": "store", "datasets": datasets}, name="pictures", folder=folder))
    async with TestClient(TestServer(app)) as client:
        return {name: await _drawn(client, name, asked) for name, asked in CASES.items()}


def _silent(_line: str) -> None:
    pass


async def _drawn(client, name, asked):
    async with client.get("/wms", params=asked) as answer:
        body = await answer.read()
        assert answer.status == 200, f"{name}: {body[:500]!r}"
        wanted = asked["FORMAT"].partition("/")[2]
        picture = Image.open(io.BytesIO(body))
        assert picture.format.lower() == wanted, f"{name} came as {picture.format}"
        return np.asarray(picture.convert("RGBA"))
