"""The keys of an issuer over HTTP: rotation, outages, floods; every request to the issuer is counted."""

import asyncio
import json
import re
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from gateway.config.auth import AuthConfig
from gateway.config.file import ConfigError, parse
from gateway.identity.issuer_keys import IssuerKeys, KeysUnknownError
from gateway.identity.key_sources import KeyAddress, key_source
from gateway.workers import Workers
from tests.issuer import ISSUER, Issuer

ONE, TWO = Issuer("one"), Issuer("two")


def both():
    return json.dumps({"keys": [ONE.jwk, TWO.jwk]}).encode()


class Central:
    """What the issuer's address answers."""

    def __init__(self):
        self.body, self.status, self.headers, self.asked = ONE.jwks, 200, {}, 0
        self.hold = asyncio.Event()
        self.hold.set()

    async def answer(self, _):
        self.asked += 1
        await self.hold.wait()
        return web.Response(body=self.body, status=self.status, headers=self.headers)

    async def elsewhere(self, _):
        return web.Response(body=both())


@pytest.fixture
async def central(aiohttp_server):
    central = Central()
    app = web.Application()
    app.router.add_get("/jwks", central.answer)
    app.router.add_get("/elsewhere", central.elsewhere)
    central.server = await aiohttp_server(app)
    central.url = str(central.server.make_url("/jwks"))
    return central


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def config(central, tmp_path):
    return AuthConfig(issuer=ISSUER, jwks=central.url, jwks_copy="copy/keys.json").placed(tmp_path)


@asynccontextmanager
async def running(config, clock, *, every=600.0):
    """Return keys after the first look."""
    workers = Workers(1)
    source = key_source(config, workers)
    source.every = every
    keys = IssuerKeys(source, workers, clock)
    background = keys.background(web.Application())
    await anext(background)
    await asyncio.sleep(0)
    await asyncio.wait({keys._looking})
    yield keys
    assert await anext(background, None) is None


async def test_a_new_key_is_had_when_a_token_names_it(config, central):
    clock = Clock()
    async with running(config, clock) as keys:
        assert set(keys.now) == {"one"}
        central.body = both()
        clock.now += 30
        assert set(await keys.look_for("two")) == {"one", "two"}
        assert central.asked == 2


async def test_a_flood_of_names_of_keys_costs_the_issuer_one_look_in_half_a_minute(config, central):
    clock = Clock()
    async with running(config, clock) as keys:
        for number in range(1000):
            assert "x" not in await keys.look_for(f"../{number}' OR 1=1 --")
        assert central.asked == 1
        clock.now += 30
        await asyncio.gather(*(keys.look_for(f"y{number}") for number in range(1000)))
        assert central.asked == 2
        # One that the issuer was found not to have is not asked for again so soon, and they are not held without end.
        clock.now += 30
        await keys.look_for("y999")
        assert central.asked == 2
        assert len(keys._unknown) <= 256
        clock.now += 300
        await keys.look_for("y999")
        assert central.asked == 3


async def test_a_key_that_was_unknown_is_found_once_it_is_there(config, central):
    clock = Clock()
    async with running(config, clock) as keys:
        assert "two" not in await keys.look_for("two")
        central.body = both()
        clock.now += 30
        await keys.look_for("three")
        assert "two" in await keys.look_for("two")


OUTAGES = {
    "an error": (500, both(), {}),
    "not there": (404, b"", {}),
    "a page": (200, b"<html>down for maintenance</html>", {}),
    "no key": (200, b'{"keys": []}', {}),
    "a private key": (200, json.dumps({"keys": [ONE.jwk, TWO.jwk | {"d": "AA"}]}).encode(), {}),
    "endless": (200, b" " * 400_000 + both(), {}),
    "a redirection": (302, both(), {"Location": "/elsewhere"}),
}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_the_last_keys_stay_whatever_the_issuer_answers(config, central, outage, caplog):
    clock = Clock()
    async with running(config, clock) as keys:
        central.status, central.body, central.headers = OUTAGES[outage]
        before = keys.now
        for _ in range(3):
            clock.now += 30
            with pytest.raises(KeysUnknownError):
                await keys.look_for("two")
        assert keys.now is before
        assert caplog.text.count("cannot be had") == 1
        central.status, central.body, central.headers = 200, both(), {}
        clock.now += 30
        assert "two" in await keys.look_for("two")
        assert "can be had again" in caplog.text


async def test_no_log_has_what_is_secret_in_the_address_of_the_keys(central, tmp_path, caplog):
    url = central.url.replace("://", "://user:hushed@") + "?key=whispered"
    config = AuthConfig(issuer=ISSUER, jwks=url, jwks_copy="keys.json").placed(tmp_path)
    central.status = 500
    async with running(config, Clock()):
        for _ in range(100):
            if "cannot be had" in caplog.text:
                break
            await asyncio.sleep(0.01)
    assert f"{central.url}: status 500" in caplog.text
    assert not {"user", "hushed", "whispered"} & set(re.findall(r"[a-z]+", caplog.text))


@pytest.mark.parametrize(
    "address", ["http://user:hushed@:80/keys", "http://user:hushed@[::1/keys", "ftp://u:hushed@x/"]
)
def test_an_address_that_is_none_is_refused_without_being_repeated(address, tmp_path):
    raw = {"auth": {"issuer": ISSUER, "jwks": address}}
    with pytest.raises(ConfigError, match="it is no address") as refused:
        parse(raw, name="test", folder=tmp_path)
    assert "hushed" not in str(refused.value)


@pytest.mark.parametrize("host", ["x..y", f"{'a' * 70}.org", "host:99999", "u%3Aer:p@localhost", "u:\u20ac@localhost"])
async def test_an_address_that_cannot_be_asked_is_a_look_that_failed(host, tmp_path):
    config = AuthConfig(issuer=ISSUER, jwks=f"http://{host}/keys", jwks_copy="keys.json").placed(tmp_path)
    async with running(config, Clock()) as keys:
        with pytest.raises(KeysUnknownError):
            await keys.look_for("one")


async def test_an_answer_that_is_no_http_repeats_no_secret(tmp_path, caplog):
    async def garbage(_, writer):
        writer.write(b"220 smtp.example.org\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(garbage, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        url = f"http://user:hushed@{host}:{port}/keys?key=whispered"
        config = AuthConfig(issuer=ISSUER, jwks=url, jwks_copy="keys.json").placed(tmp_path)
        async with running(config, Clock()) as keys:
            with pytest.raises(KeysUnknownError):
                await keys.look_for("one")
    assert f"http://{host}:{port}/keys: the answer is no HTTP" in caplog.text
    assert "hushed" not in caplog.text
    assert "whispered" not in caplog.text


async def test_the_copy_on_disk_serves_a_unit_that_starts_while_the_issuer_is_down(config, central, tmp_path):
    async with running(config, Clock()):
        pass
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["keys.json"]
    await central.server.close()
    async with running(config, Clock()) as keys:
        assert set(keys.now) == {"one"}


async def test_the_copy_of_another_issuers_keys_is_not_believed(config, central):
    async with running(config, Clock()):
        pass
    central.status = 500
    for change in ({"issuer": "https://other.example.org"}, {"jwks": central.url + "?2"}):
        async with running(config.model_copy(update=change), Clock()) as keys:
            assert keys.now == {}


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"keys": []}', b"\xff", ONE.jwks])
async def test_a_copy_that_cannot_be_used_is_passed_over(config, central, tmp_path, text):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/keys.json").write_bytes(text)
    central.status = 500
    async with running(config, Clock()) as keys:
        assert keys.now == {}
        with pytest.raises(KeysUnknownError):
            await keys.look_for("one")


async def test_a_copy_that_cannot_be_written_is_said_and_the_keys_are_used(config, central, tmp_path, caplog):
    (tmp_path / "copy").write_text("a file where the folder should be")
    async with running(config, Clock()) as keys:
        assert set(keys.now) == {"one"}
    assert "cannot be kept" in caplog.text


async def test_keys_are_looked_for_in_the_background(config, central):
    async with running(config, Clock(), every=0.01) as keys:
        central.body = TWO.jwks
        for _ in range(500):
            if set(keys.now) == {"two"}:
                break
            await asyncio.sleep(0.01)
        assert set(keys.now) == {"two"}
    asked = central.asked
    await asyncio.sleep(0.05)
    assert central.asked == asked


async def test_a_client_that_leaves_takes_the_look_from_nobody(config, central):
    clock = Clock()
    async with running(config, clock) as keys:
        central.body = both()
        central.hold.clear()
        clock.now += 30
        first, second = (asyncio.create_task(keys.look_for("two")) for _ in range(2))
        await asyncio.sleep(0.05)
        first.cancel()
        central.hold.set()
        assert "two" in await second
        assert central.asked == 2


async def test_an_issuer_that_never_answers_holds_up_no_start_and_no_end(config, central):
    central.hold.clear()
    workers = Workers(1)
    keys = IssuerKeys(KeyAddress(config), workers, Clock())
    async with asyncio.timeout(3):
        background = keys.background(web.Application())
        await anext(background)
        assert await anext(background, None) is None
    central.hold.set()


async def test_a_file_that_is_gone_for_a_while_takes_no_key_away(tmp_path):
    path = tmp_path / "keys.json"
    path.write_bytes(ONE.jwks)
    clock = Clock()
    async with running(AuthConfig(issuer=ISSUER, jwks=str(path)), clock) as keys:
        path.unlink()
        clock.now += 1
        with pytest.raises(KeysUnknownError):
            await keys.look_for("two")
        assert set(keys.now) == {"one"}
        path.write_bytes(both())
        clock.now += 1
        assert set(await keys.look_for("two")) == {"one", "two"}
