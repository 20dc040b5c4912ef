"""What a caller may not discover does not exist for them: a unit with it answers like one without it, byte for byte."""

import asyncio
import re

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from auth.caller import ANONYMOUS, Caller
from auth.limits import CallerLimits
from auth.policy import Policy
from auth.rules import Rule
from gateway.config.file import parse
from gateway.keys import UNIT
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.gateway.somebody import unit_for
from tests.sea import write_sea

WMS = "service=WMS&version=1.3.0"
BOX = "crs=CRS:84&bbox=-180,-90,180,90&width=16&height=8"
PNG = f"styles=&{BOX}&format=image/png"
QUERIES = {
    "capabilities": f"{WMS}&request=GetCapabilities",
    "capabilities 1.1.1": "service=WMS&version=1.1.1&request=GetCapabilities&updatesequence=1",
    "map": f"{WMS}&request=GetMap&layers={{0}}/thetao&{PNG}",
    "two layers": f"{WMS}&request=GetMap&layers=sea/thetao,{{0}}/thetao&styles=,&{BOX}&format=image/png",
    "large map": f"{WMS}&request=GetMap&layers={{0}}/thetao&{PNG}".replace("=16", "=999"),
    "automatic colours": f"{WMS}&request=GetMap&layers={{0}}/thetao&{PNG}&colorscalerange=auto",
    "refused in the picture": f"{WMS}&request=GetMap&layers={{0}}/x&{PNG}&exceptions=INIMAGE",
    "blank where refused": f"{WMS}&request=GetMap&layers={{0}}/x&{PNG}&exceptions=BLANK",
    "info": f"{WMS}&request=GetFeatureInfo&layers={{0}}/thetao&query_layers={{0}}/thetao&styles=&{BOX}&i=3&j=3",
    "info of another": f"{WMS}&request=GetFeatureInfo&layers=sea/thetao&query_layers={{0}}/x&styles=&{BOX}&i=3&j=3",
    "legend": f"{WMS}&request=GetLegendGraphic&layer={{0}}/thetao&format=image/png",
    "metadata": f"{WMS}&request=GetMetadata&item=layerDetails&layername={{0}}/thetao",
    "variable": f"{WMS}&request=GetMetadata&item=layerDetails&layername={{0}}/nope",
    "subset": "var=all&accept=csv&latitude=3&longitude=3",
    "subset of another": "var={0}&dry-run",
    "subset that is refused": "var=all&temporal=all&accept=netcdf4&horizStride=x",
    "what it would take": "var=thetao&accept=netcdf3&dry-run",
    "nonsense": "request=Nonsense&dataset={0}",
}
USES = [
    *(("/wms", query, "view") for query in ("map", "two layers", "automatic colours", "info", "legend", "metadata")),
    ("/kml/{0}/thetao.kml", "nonsense", "view"),
    ("/thredds/ncss/grid/{0}", "subset", "download"),
    ("/thredds/ncss/grid/{0}", "what it would take", "download"),
]
"""What gives pixels, values or links to them, and what it takes to be given them."""


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """Return what asks a unit with `sea` and `secret`, and one with `sea` alone."""
    folder = tmp_path_factory.mktemp("twins")
    write_sea(folder / "sea.nc")
    write_sea(folder / "secret.nc", days=2, first=9)
    for name in ("sea", "secret"):
        place = Location.parse(str(folder / "store"))
        ingest(place, name, [folder / f"{name}.nc"], crew=Processes(0), report=lambda _: None)
    with asyncio.Runner() as runner:
        found = Twins(runner, folder)
        yield found
        found.close()


class Twins:
    """Two units that differ in one dataset; that one has been used, so that all caches hold it."""

    def __init__(self, runner, folder):
        self._runner = runner
        self.units = []
        for names in (("sea", "secret"), ("sea",)):
            raw = {
                "unit": {"public_url": "http://unit/"},
                "store": "store",
                "datasets": [{"id": name, "source": f"{name}.nc"} for name in names],
            }
            app, who = unit_for(parse(raw, name="test", folder=folder))
            self.units.append((app, who, names, runner.run(self._client(app))))
        app = self.units[0][0]
        self.paths = sorted({route.resource.canonical for route in app.router.routes() if route.method == "GET"})
        self.settle([], {}, ANONYMOUS)
        for path, query, _ in USES:
            assert self.ask(0, f"{path}?{QUERIES[query]}".format("secret"))[0] == 200

    async def _client(self, app):
        client = TestClient(TestServer(app))
        await client.start_server()
        return client

    def settle(self, rules, limits, caller):
        """Put rules in force in both units, for requests of one caller."""
        for app, who, names, _ in self.units:
            app[UNIT].rules.policy = Policy(names, rules, limits)
            who.found = caller

    def ask(self, which, path, **headers):
        """Return status, headers and body of an answer."""
        return self._runner.run(self._asked(self.units[which][3], path, headers))

    async def _asked(self, client, path, headers):
        answer = await client.get(path, headers=headers)
        kept = sorted((name, value) for name, value in answer.headers.items() if name != "Date")
        return answer.status, kept, await answer.read()

    def close(self):
        for unit in self.units:
            self._runner.run(unit[3].close())


WHO = st.frozensets(st.sampled_from(("public", "authenticated", "major", "minor")), max_size=2)
PATTERNS = ("sea", "secret", "*", "s*", "se*", "sec*", "?e*", "other")
ACTIONS = ("discover", "view", "download")


@st.composite
def rules(draw):
    patterns = draw(st.lists(st.sampled_from(PATTERNS), max_size=4, unique=True))
    lists = st.dictionaries(st.sampled_from(ACTIONS), WHO, min_size=1)
    return [Rule(datasets=name, lists=draw(lists), where=f"access.{place}") for place, name in enumerate(patterns)]


CALLERS = st.one_of(
    st.just(ANONYMOUS),
    st.builds(Caller, subject=st.just("me"), profiles=st.frozensets(st.sampled_from(("major", "minor")))),
)
LIMITS = st.sampled_from(({}, {"public": CallerLimits(pixels=10_000, requests=1)}))
PROPERTY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


def filled(path, dataset):
    """Return the address that a route means for a dataset."""
    return re.sub(r"\{[^}]*\}", "thetao", path.replace("{dataset}", dataset))


@PROPERTY
@given(rules=rules(), caller=CALLERS, limits=LIMITS, data=st.data())
def test_a_unit_with_a_hidden_dataset_answers_like_one_without_it(twins, rules, caller, limits, data):
    assume(not Policy(["secret"], rules).allows(caller, "secret", "discover"))
    twins.settle(rules, limits, caller)
    path = filled(data.draw(st.sampled_from(twins.paths)), data.draw(st.sampled_from(("secret", "sea"))))
    assume(path != "/metrics")
    query = QUERIES[data.draw(st.sampled_from(sorted(QUERIES)))].format(data.draw(st.sampled_from(("secret", "sea"))))
    with_it, without_it = (twins.ask(which, f"{path}?{query}") for which in (0, 1))
    assert with_it == without_it
    assert with_it[0] < 500


@PROPERTY
@given(rules=rules(), caller=CALLERS, name=st.sampled_from(("secret", "sea")), use=st.sampled_from(USES))
def test_nobody_gets_pixels_or_values_without_the_right_to(twins, rules, caller, name, use):
    twins.settle(rules, {}, caller)
    policy = Policy(["sea", "secret"], rules)
    path, query, action = use
    needed = {name, "sea"} if query == "two layers" else {name}
    status, headers, _ = twins.ask(0, f"{path}?{QUERIES[query]}".format(name))
    assert (status == 200) == all(policy.allows(caller, one, action) for one in needed)
    if status == 200:
        shared = all(policy.public(one, action) for one in needed)
        directives = dict(headers)["Cache-Control"].split(", ")
        assert ("private" in directives) == (not shared)
        assert ("Authorization" in dict(headers).get("Vary", "")) == (not shared)
    else:
        assert status in (401, 403, 404)
        assert not (status == 401 and caller is not ANONYMOUS)
        assert not (status == 404 and caller is ANONYMOUS and policy.guarded)
        assert ("WWW-Authenticate" in dict(headers)) == (status == 401)


def test_what_is_hidden_and_what_is_unknown_cost_the_same_metrics(twins):
    only_major = [Rule(datasets="secret", lists={"discover": frozenset({"major"})}, where="access.0")]
    twins.settle(
        [*only_major, Rule(datasets="*", lists={"view": frozenset({"public"})}, where="access.1")], {}, ANONYMOUS
    )
    for name in ("secret", "nope"):
        assert twins.ask(0, f"/wms?{QUERIES['map'].format(name)}")[0] == 401
    text = twins.ask(0, "/metrics")[2].decode()
    assert "secret" not in text
    assert "nope" not in text
