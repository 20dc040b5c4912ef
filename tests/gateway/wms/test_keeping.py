"""How long answers may be kept: for ever where the address names their content, else until asked again."""

import os
import re
import shutil

import pytest

from gateway.app import make_app
from gateway.config.file import load
from gateway.keys import UNIT
from gateway.wms.request.revision import names_content
from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.location import Location
from tests.gateway.forms import MAP
from tests.sea import write_sea

FOR_EVER = "public, max-age=31536000, immutable"
DETAILS = {"request": "GetMetadata", "item": "layerDetails", "layerName": "sea/thetao"}
LEGEND = {"request": "GetLegendGraphic", "layer": "sea/thetao"}
CAPABILITIES = {"service": "WMS", "request": "GetCapabilities"}


async def revision(client):
    return (await (await client.get("/wms", params=DETAILS)).json())["revision"]


@pytest.mark.parametrize("asked", [MAP, LEGEND, MAP | {"TIME": "2015-03-02T12:00:00Z"}])
async def test_a_picture_whose_address_names_the_revision_may_be_kept_for_ever(sea, asked):
    plain = await sea.get("/wms", params=asked)
    named = await sea.get("/wms", params=asked | {"REVISION": await revision(sea)})
    assert (plain.headers["Cache-Control"], named.headers["Cache-Control"]) == ("no-cache", FOR_EVER)
    assert await plain.read() == await named.read()
    headers = {"If-None-Match": named.headers["ETag"]}
    again = await sea.get("/wms", params=asked | {"revision": await revision(sea)}, headers=headers)
    assert (again.status, again.headers["Cache-Control"]) == (304, FOR_EVER)


@pytest.mark.parametrize("change", [{"REVISION": "other"}, {"REVISION": ""}, {"TIME": "current"}])
async def test_any_other_picture_is_asked_for_again(sea, change):
    answer = await sea.get("/wms", params=MAP | {"REVISION": await revision(sea)} | change)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("asked", [MAP | {"LAYERS": "sea/nope"}, MAP | {"TIME": "1900-01-01T00:00:00Z"}])
async def test_a_refusal_is_never_kept(sea, asked):
    answer = await sea.get("/wms", params=asked | {"REVISION": await revision(sea)})
    assert (answer.status >= 400, answer.headers["Cache-Control"]) == (True, "no-store")


@pytest.mark.parametrize("asked", [CAPABILITIES, DETAILS])
async def test_what_may_change_under_its_address_is_asked_for_again(sea, asked):
    answer = await sea.get("/wms", params=asked | {"REVISION": await revision(sea)})
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("query", "revisions", "expected"),
    [
        ({"REVISION": "a"}, ["a"], True),
        ({"revision": "a"}, ["a", "a"], True),
        ({"REVISION": "a,b"}, ["a", "b"], True),
        ({"REVISION": "b,a"}, ["a", "b"], False),
        ({"REVISION": "a"}, ["a", "b"], False),
        ({"REVISION": "a,b"}, ["a"], False),
        ({"REVISION": "a"}, [], False),
        ({}, ["a"], False),
        ({"REVISION": "a", "TIME": "2015-03-02T12:00:00.000Z/2015-03-04/P1DT12H"}, ["a"], True),
        ({"REVISION": "a", "TIME": "2015-03-02T12:00:00Z/present"}, ["a"], False),
        ({"REVISION": "a", "TIME": "NOW"}, ["a"], False),
    ],
)
def test_an_address_names_the_content_where_all_revisions_are_given_and_no_clock_is_asked(query, revisions, expected):
    assert names_content(query, revisions) is expected


@pytest.fixture
def own(sea_store, tmp_path, aiohttp_client):
    """Return what starts a unit of a file of configuration, written at a given second, on a store of its own."""
    shutil.copytree(sea_store / "store", tmp_path / "store")
    shutil.copy(sea_store / "sea.nc", tmp_path)

    async def start(text, second):
        path = tmp_path / "config.yaml"
        path.write_text(f"store: store\n{text}\n")
        os.utime(path, (second, second))
        app = make_app(load(path))
        return app, await aiohttp_client(app)

    return start


async def _sequence(client):
    text = await (await client.get("/wms", params=CAPABILITIES)).text()
    return int(re.search(r'updateSequence="([0-9]+)"', text)[1])


PLAIN = "datasets: [{id: sea, source: sea.nc}]"
OTHER = "datasets: [{id: sea, source: sea.nc, title: Another, variables: {thetao: {palette: haline}}}]"
LATE = 4_000_000_000


async def test_the_update_sequence_grows_when_the_configuration_is_written(own):
    sequences = [await _sequence((await own(text, second))[1]) for text, second in ((PLAIN, 1), (OTHER, LATE))]
    assert sequences[0] < sequences[1] == LATE * 1000
    _, again = await own(OTHER, LATE)
    assert await _sequence(again) == sequences[1]
    answer = await again.get("/wms", params=CAPABILITIES | {"updateSequence": str(sequences[1])})
    assert 'code="CurrentUpdateSequence"' in await answer.text()
    answer = await again.get("/wms", params=CAPABILITIES | {"updateSequence": str(sequences[0])})
    assert answer.status == 200


async def test_the_update_sequence_and_the_revision_grow_with_a_new_version(own, tmp_path):
    app, client = await own(PLAIN, 1)
    before = await _sequence(client), await revision(client)
    write_sea(tmp_path / "sea4.nc", days=1, first=4)
    files = [tmp_path / "sea.nc", tmp_path / "sea4.nc"]
    ingest(Location.parse(str(tmp_path / "store")), "sea", files, crew=Processes(0), report=lambda _: None)
    await app[UNIT].refresh()
    after = await _sequence(client), await revision(client)
    assert before[0] < after[0]
    assert before[1] != after[1]
    answer = await client.get("/wms", params=MAP | {"REVISION": before[1]})
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
async def test_capabilities_that_lack_a_dataset_are_never_said_to_be_still_the_same(own, tmp_path, version):
    shutil.copytree(tmp_path / "store" / "sea", tmp_path / "store" / "dead")
    (tmp_path / "store" / "dead" / "refs").rename(tmp_path / "away")
    _, client = await own("datasets: [{id: sea, source: sea.nc}, {id: dead, source: dead.nc}]", 1)
    asked = CAPABILITIES | {"version": version}
    lacking = await (await client.get("/wms", params=asked)).text()
    assert "sea/thetao" in lacking
    assert "updateSequence" not in lacking
    alone = await (await client.get("/wms/sea", params=asked)).text()
    (sequence,) = re.findall(r'updateSequence="([0-9]+)"', alone)
    # Who has the whole document from before is told of the change, not that there is none, nor that they are ahead.
    for older in (sequence, str(int(sequence) + 1)):
        assert (await client.get("/wms", params=asked | {"UPDATESEQUENCE": older})).status == 200


async def test_the_revision_changes_with_the_colours_that_are_configured(own):
    found = [await revision((await own(text, 1))[1]) for text in (PLAIN, OTHER, PLAIN)]
    assert found[0] == found[2] != found[1]
