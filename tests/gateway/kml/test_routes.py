import gzip
import io
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import netCDF4
import numpy as np
import pytest
from lxml import etree
from PIL import Image

from gateway.config.file import parse
from tests.conformance.xsd import faults
from tests.gateway.somebody import MAJOR, MINOR, unit_for

XSD = "http://schemas.opengis.net/kml/2.2.0/ogckml22.xsd"
TYPE = "application/vnd.google-earth.kml+xml"
K = "{http://www.opengis.net/kml/2.2}"
STEPS = [
    "2015-03-01T00:00:00Z",
    "2015-03-01T06:00:00Z",
    "2015-03-01T12:00:00Z",
    "2015-03-02T00:00:00Z",
    "2015-03-03T00:00:00Z",
]
SIDES = ("west", "south", "east", "north")


async def read(client, path="/kml/gulf/so.kml", **params):
    answer = await client.get(path, params=params)
    assert answer.status == 200, await answer.text()
    assert answer.headers["Content-Type"] == TYPE
    return etree.fromstring(await answer.read())


def here(client, href):
    """Return an address of the unit without its host, which must be this one."""
    assert href.startswith(str(client.make_url("/")))
    return href.removeprefix(str(client.make_url("/"))[:-1])


async def steps_of(client, **params):
    """Return the document that the opened one leads to."""
    opened = await read(client, **params)
    (link,) = opened.iter(f"{K}NetworkLink")
    answer = await client.get(here(client, link.findtext(f"{K}Link/{K}href")))
    assert answer.status == 200
    return etree.fromstring(await answer.read())


async def test_all_documents_lead_to_pictures_that_cover_the_extent_at_every_level(gulf, gulf_store, schemas):
    pictures, waiting, kinds = (
        {},
        ["/kml/gulf/so.kml?TIME=2015-03-01T06:00:00Z&DIM_MEMBER=1&COLORSCALERANGE=30,38"],
        set(),
    )
    while waiting:
        answer = await gulf.get(waiting.pop())
        body = await answer.read()
        assert answer.status == 200
        assert faults(body, schemas, XSD) == []
        tree = etree.fromstring(body)
        waiting += [here(gulf, link.findtext(f"{K}Link/{K}href")) for link in tree.iter(f"{K}NetworkLink")]
        for overlay in tree.iter(f"{K}GroundOverlay"):
            place = tuple(float(overlay.findtext(f"{K}LatLonBox/{K}{side}")) for side in SIDES)
            level = int(overlay.findtext(f"{K}name").split("/")[0])
            pictures.setdefault(level, {})[place] = here(gulf, overlay.findtext(f"{K}Icon/{K}href"))
        kinds |= {urlsplit(one.text).path for one in tree.iter(f"{K}href")}
    assert kinds == {"/wms", "/kml/logo.png", "/kml/gulf/so.kml"}
    assert sorted(pictures) == [0, 1, 2, 3]
    for level, found in pictures.items():
        # Bounds are halfway between centres.
        area = sum((east - west) * (north - south) for west, south, east, north in found)
        assert area == pytest.approx(100.0 * 4.0), level
    with netCDF4.Dataset(gulf_store / "gulf.nc") as file:
        await shows(gulf, pictures[3], file["so"][1, 1, 0])


async def shows(client, pictures, values):
    """Check that the finest pictures together show every cell: each colour stands for one range of values."""
    latitude, longitude = np.arange(40.05, 44, 0.1)[:, None], np.arange(-39.95, 60, 0.1)[None, :]
    found = np.zeros(values.shape, int)
    for (west, south, east, north), address in pictures.items():
        answer = await client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        picture = np.asarray(Image.open(io.BytesIO(await answer.read())).convert("RGBA")).astype(int)
        height, width, _ = picture.shape
        rows, columns = np.nonzero((west <= longitude) & (longitude < east) & (south <= latitude) & (latitude < north))
        x = ((longitude[0, columns] - west) / (east - west) * width).astype(int)
        y = ((north - latitude[rows, 0]) / (north - south) * height).astype(int)
        assert (picture[y, x, 3] == 255).all()
        found[rows, columns] += picture[y, x, :3] @ [1 << 16, 1 << 8, 1]
    assert (found > 0).all()
    # 250 colours from 30 to 38, of which neighbours may be equal in 8 bits.
    for colour in np.unique(found):
        assert np.ptp(values[found == colour]) < 0.066


@pytest.mark.parametrize(
    ("time", "wanted"),
    [
        (None, STEPS[4:]),
        ("2015-03-01T12:00:00Z", STEPS[2:3]),
        ("2015-03-01", STEPS[:1]),
        ("2015-03-01T06:00:00Z/2015-03-02", STEPS[1:4]),
        ("2015-03-01/2015-03-01", STEPS[:3]),
        ("2015-03-01/2015-03-03/P1D", [STEPS[0], STEPS[3], STEPS[4]]),
        ("2015-03-02/current", STEPS[3:]),
        ("2015-03-03,2015-03-01T12:00:00Z", [STEPS[2], STEPS[4]]),
        ("2015-02/2015-04/P1M", STEPS[:1]),
    ],
)
async def test_every_step_that_is_meant_has_a_span_up_to_the_next_one(gulf, time, wanted):
    tree = await steps_of(gulf, **({"TIME": time} if time else {}))
    folders = list(tree.iter(f"{K}Folder"))
    assert [one.findtext(f"{K}name") for one in folders] == wanted
    assert [one.findtext(f"{K}TimeSpan/{K}begin") or next(one.iter(f"{K}begin")).text for one in folders] == wanted
    ends = [datetime.fromisoformat(next(one.iter(f"{K}end")).text) for one in folders]
    nexts = [datetime.fromisoformat(one) for one in wanted[1:]]
    assert ends[:-1] == [one - timedelta(seconds=1) for one in nexts]
    for folder in folders:
        asked = [dict(parse_qsl(urlsplit(one.text).query)) for one in folder.iter(f"{K}href")]
        assert {one["TIME"] for one in asked} == {folder.findtext(f"{K}name")}


async def test_the_last_step_lasts_as_long_as_the_one_before_it(gulf):
    tree = await steps_of(gulf)
    assert next(tree.iter(f"{K}end")).text == "2015-03-03T23:59:59Z"


async def test_parameters_reach_maps_and_legend(gulf):
    params = {
        "elevation": "-10",
        "dim_member": "1",
        "styles": "boxfill/ice",
        "ColorScaleRange": "31,32",
        "logscale": "true",
    }
    tree = await steps_of(gulf, **params)
    hrefs = [one.text for one in tree.iter(f"{K}href")]
    for href in hrefs:
        asked = dict(parse_qsl(urlsplit(href).query))
        assert (asked["ELEVATION"], asked["DIM_member"]) == ("-10", "1")
        assert (asked["COLORSCALERANGE"], asked["LOGSCALE"]) == ("31,32", "true")
        assert "boxfill/ice" in (asked.get("STYLES"), asked.get("STYLE"))
        answer = await gulf.get(here(gulf, href))
        assert answer.status == 200
        if asked.get("REQUEST") == "GetLegendGraphic":
            picture = Image.open(io.BytesIO(await answer.read()))
            (size,) = (one.find(f"{K}size") for one in tree.iter(f"{K}ScreenOverlay"))
            assert picture.size == (int(size.get("x")), int(size.get("y")))


async def test_the_logo_has_the_size_that_is_said(gulf):
    opened = await read(gulf)
    (overlay,) = opened.iter(f"{K}ScreenOverlay")
    answer = await gulf.get(here(gulf, overlay.findtext(f"{K}Icon/{K}href")))
    picture = Image.open(io.BytesIO(await answer.read()))
    size = overlay.find(f"{K}size")
    assert picture.size == (int(size.get("x")), int(size.get("y")))
    again = await gulf.get("/kml/logo.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


async def test_the_balloon_tells_whose_data_these_are(gulf):
    opened = await read(gulf)
    said = etree.HTML(opened.findtext(f"{K}Document/{K}description"))
    rows = {row[0].xpath("string()"): row[1].xpath("string()") for row in said.iter("tr")}
    assert rows == {
        "Dataset": "A gulf", "Units": "10⁻³", "Elevation": "-0.5 m", "member": "0",
        "Institution": "Sea & <Sons>", "Licence": "CC-BY-4.0",
    }  # fmt: skip
    for link in said.iter("a"):
        assert (await gulf.get(here(gulf, link.get("href")))).status == 200


@pytest.mark.parametrize("part", [None, "steps"])
async def test_a_tag_is_answered_with_304_and_documents_are_packed(gulf, part):
    params = {"PART": part} if part else {}
    headers = {"Accept-Encoding": "identity"}
    plain = await gulf.get("/kml/gulf/so.kml", params=params, headers=headers)
    packed = await gulf.get(
        "/kml/gulf/so.kml", params=params, headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    )
    assert gzip.decompress(await packed.read()) == await plain.read()
    for tag in (plain.headers["ETag"], packed.headers["ETag"]):
        answer = await gulf.get("/kml/gulf/so.kml", params=params, headers=headers | {"If-None-Match": tag})
        assert answer.status == 304
        assert answer.headers["Cache-Control"] == plain.headers["Cache-Control"] == "no-cache"
        assert "Accept-Encoding" in answer.headers["Vary"]
    other = await gulf.get("/kml/gulf/so.kml", params=params | {"ELEVATION": "-10"}, headers=headers)
    assert other.headers["ETag"] != plain.headers["ETag"]
    head = await gulf.head("/kml/gulf/so.kml", params=params, headers=headers)
    assert head.headers["ETag"] == plain.headers["ETag"]


async def test_squares_of_a_named_revision_are_kept_for_good_and_nothing_else(gulf):
    tree = await steps_of(gulf, TIME="2015-03-01")
    href = here(gulf, next(tree.iter(f"{K}NetworkLink")).findtext(f"{K}Link/{K}href"))
    answer = await gulf.get(href)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    revision = dict(parse_qsl(urlsplit(href).query))["REVISION"]
    for address in (href.replace(revision, "0123"), f"/kml/gulf/so.kml?PART=steps&REVISION={revision}"):
        assert (await gulf.get(address)).headers["Cache-Control"] == "no-cache"


async def test_what_is_kept_current_is_asked_for_again(gulf):
    opened = await read(gulf, "/kml/now/so.kml")
    assert opened.findtext(f".//{K}Link/{K}refreshMode") == "onExpire"
    answer = await gulf.get(here(gulf, opened.findtext(f".//{K}Link/{K}href")))
    tree = etree.fromstring(await answer.read())
    expires = datetime.fromisoformat(tree.findtext(f"{K}NetworkLinkControl/{K}expires"))
    assert timedelta(minutes=14) < expires - datetime.now(UTC) <= timedelta(minutes=30)
    assert (await steps_of(gulf)).find(f"{K}NetworkLinkControl") is None


async def test_days_that_viewers_do_not_know_are_chosen_in_the_list(gulf, schemas):
    answer = await gulf.get("/kml/model/so.kml", params={"PART": "steps", "TIME": "2015-02-29/2015-02-30"})
    body = await answer.read()
    assert faults(body, schemas, XSD) == []
    tree = etree.fromstring(body)
    assert next(tree.iter(f"{K}Folder")).findtext(f"{K}name") == "2015-02-29T00:00:00Z"
    assert not list(tree.iter(f"{K}TimeSpan"))
    assert "radioFolder" in [one.text for one in tree.iter(f"{K}listItemType")]


REFUSED = [
    ({"TIME": "2014-01-01"}, 400, "2014-01-01"),
    ({"TIME": "2014-01-01/2014-02-01"}, 400, "holds no step; the nearest step is 2015-03-01T00:00:00Z"),
    ({"TIME": "2015-03-02/2015-03-01"}, 400, "ends before"),
    ({"TIME": "2015-03-01/2015-03-03"}, 413, "more than the 4 steps"),
    ({"TIME": "2015-03-01/2015-03-03/PT1M"}, 413, "more than the 4 steps"),
    ({"TIME": ",".join(STEPS)}, 413, "more than the 4 steps"),
    ({"TIME": "<b>"}, 400, "<b>"),
    ({"ELEVATION": "-7"}, 400, "ELEVATION"),
    ({"DIM_MEMBER": "7"}, 400, "DIM_member"),
    ({"STYLES": "default-scalar/nope"}, 400, "nope"),
    ({"PALETTE": "nope"}, 400, "nope"),
    ({"COLORSCALERANGE": "2,1"}, 400, "COLORSCALERANGE"),
    ({"INTERPOLATION": "cubic"}, 400, "INTERPOLATION"),
    ({"PART": "all"}, 400, "neither steps"),
    ({"PART": "99/0/0"}, 400, "neither steps"),
    ({"PART": "-1/0/0"}, 400, "neither steps"),
    ({"PART": "\u0661/0/0"}, 400, "neither steps"),
    ({"PART": "4/14/4"}, 400, "no square"),
    ({"PART": "3/0/0"}, 400, "no square"),
    ({"PART": "3/7/2", "TIME": "2015-03-01/2015-03-02"}, 413, "more than the 1 steps"),
    ({"PART": "3/7/2", "UNTIL": "x"}, 400, "UNTIL"),
    ({"PART": "3/7/2", "UNTIL": "2015-01-01"}, 400, "before TIME"),
]


@pytest.mark.parametrize(("params", "status", "says"), REFUSED)
async def test_refuses_in_kml_with_its_own_status(gulf, schemas, params, status, says):
    answer = await gulf.get("/kml/gulf/so.kml", params=params)
    await refused(answer, schemas, status, says)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/kml/nope/so.kml", 404),
        ("/kml/gulf/nope.kml", 404),
        ("/kml/gulf/so.kmz", 404),
        ("/kml", 404),
        ("/kml/gulf/%3Cb%3E.kml", 404),
        ("/kml/..%2F..%2Fetc/passwd.kml", 404),
    ],
)
async def test_what_is_not_there_is_refused_in_kml(gulf, schemas, path, status):
    await refused(await gulf.get(path), schemas, status, "")


async def test_a_wrong_method_is_refused_in_kml(gulf, schemas):
    await refused(await gulf.post("/kml/gulf/so.kml"), schemas, 405, "GET")


async def refused(answer, schemas, status, says):
    body = await answer.read()
    assert (answer.status, answer.headers["Content-Type"]) == (status, TYPE)
    assert answer.headers["Cache-Control"] == "no-store"
    assert faults(body, schemas, XSD) == []
    (placemark,) = etree.fromstring(body).iter(f"{K}Placemark")
    assert says in placemark.findtext(f"{K}Snippet")


async def test_a_token_is_repeated_only_where_it_lets_somebody_in(gulf):
    # This unit knows nobody: whatever is called a token is none, and stays out of documents.
    answer = await gulf.get("/kml/gulf/so.kml", params={"token": "abc"})
    assert b"abc" not in await answer.read()


async def test_names_are_escaped_in_paths(gulf):
    answer = await gulf.get("/kml/gulf/" + quote("so?x") + ".kml")
    assert answer.status == 404


async def test_who_may_not_view_gets_a_message_and_whose_token_is_in_the_address_gets_it_in_every_link(
    gulf_store, aiohttp_client, schemas
):
    rules = {"discover": ["public"], "view": ["major"], "download": ["major"]}
    raw = {"store": "store", "datasets": [{"id": "gulf", "source": "gulf.nc", "access": rules}]}
    app, who = unit_for(parse(raw, name="test", folder=gulf_store))
    client = await aiohttp_client(app)
    for path in ("/kml/gulf/so.kml", "/kml/gulf/so.kml?PART=steps"):
        await refused(await client.get(path), schemas, 401, "major")
    who.found = MINOR
    await refused(await client.get("/kml/gulf/so.kml"), schemas, 403, "major")
    who.found = MAJOR
    waiting, seen = ["/kml/gulf/so.kml?Token=a.b-c&TIME=2015-03-01"], 0
    while waiting:
        answer = await client.get(waiting.pop())
        assert answer.headers["Cache-Control"].startswith("private")
        tree = etree.fromstring(await answer.read())
        links = [one.findtext(f"{K}Link/{K}href") for one in tree.iter(f"{K}NetworkLink")]
        waiting += [here(client, link) for link in links]
        for one in tree.iter(f"{K}href"):
            assert one.text.endswith("kml/logo.png") or parse_qsl(urlsplit(one.text).query)[-1] == ("token", "a.b-c")
            seen += 1
    assert seen > 20
    # In a header it stays there: an address that is passed on must not hold what its sender did not put into one.
    answer = await client.get("/kml/gulf/so.kml?PART=steps", headers={"Authorization": "Bearer a.b-c"})
    assert b"a.b-c" not in await answer.read()


async def test_where_the_range_follows_the_values_each_step_has_the_legend_of_its_own_time(gulf):
    tree = await steps_of(gulf, TIME="2015-03-01/2015-03-02", COLORSCALERANGE="auto")
    legends = [one.findtext(f"{K}Icon/{K}href") for one in tree.iter(f"{K}ScreenOverlay")]
    assert [dict(parse_qsl(urlsplit(one).query))["TIME"] for one in legends] == STEPS[:4]
    assert len(list((await steps_of(gulf, TIME="2015-03-01/2015-03-02")).iter(f"{K}ScreenOverlay"))) == 1
