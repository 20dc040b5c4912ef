"""The viewer on a unit that shows its data to those alone who have a token, which is in the address of the page."""

import time

import pytest

from gateway.app import make_app
from gateway.config.file import parse
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.gateway.viewer.hands import DRAWN
from tests.issuer import ISSUER, Issuer
from tests.journeys.chromium import new_page
from tests.sea import write_sea

pytestmark = pytest.mark.journey


async def test_whoever_opens_the_page_with_a_token_sees_what_it_lets_them_see(driven, tmp_path, aiohttp_server):
    write_sea(tmp_path / "sea.nc")
    store = Location.parse(str(tmp_path / "store"))
    ingest(store, "sea", [tmp_path / "sea.nc"], crew=Processes(0), report=lambda _: None)
    issuer = Issuer()
    (tmp_path / "keys.json").write_bytes(issuer.jwks)
    config = {
        "unit": {"id": "demo"},
        "store": "store",
        "auth": {"issuer": ISSUER, "jwks": "keys.json"},
        "datasets": [{"id": "sea", "source": "sea.nc", "access": {"discover": ["major"], "view": ["major"]}}],
    }
    unit = str((await aiohttp_server(make_app(parse(config, name="test", folder=tmp_path)))).make_url("/"))
    token = issuer.token(time.time())
    async with new_page(driven) as page:
        await page.open(f"{unit}?token={token}")
        await page.until(DRAWN)
        data = [url for url in page.requests if "/wms?" in url]
        assert len(data) > 3
        assert [url for url in data if f"token={token}" not in url] == []
        links = await page.run("[...document.querySelectorAll('.foot a')].map((one) => one.href)")
        assert links
        assert all(f"token={token}" in link for link in links if link.startswith(unit))
        assert page.errors == []
    async with new_page(driven) as page:
        await page.open(unit)
        await page.until("document.body?.textContent.includes('no layers') || document.querySelector('.notice')")
        assert not [url for url in page.requests if "GetMap" in url]
