"""Whatever a request says, WMS answers in its own words: no fault, nothing of our insides, always well formed."""

import io
import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from tests.conformance.client import Answer

EXAMPLES = 300
INSIDES = (b"Traceback", b"site-packages", b'.py"', b".py'", b"/tmp/", b"/home/", b"aiohttp", b"numpy")

GOOD = {
    "SERVICE": ["WMS"],
    "VERSION": ["1.3.0", "1.1.1", "1.1.0"],
    "WMTVER": ["1.1.1"],
    "REQUEST": [
        "GetMap",
        "GetFeatureInfo",
        "GetMap",
        "GetFeatureInfo",
        "GetLegendGraphic",
        "GetCapabilities",
        "GetMetadata",
    ],
    "LAYERS": ["waters/thetao", "waters/thetao", "waters/thetao", "waters/thetao,near/thetao"],
    "QUERY_LAYERS": ["waters/thetao"],
    "LAYER": ["waters/thetao"],
    "LAYERNAME": ["waters/thetao"],
    "ITEM": ["layerDetails", "layerDetails", "minmax"],
    "STYLES": ["", "", "default-scalar/viridis", "default"],
    "STYLE": ["default-scalar/gray-inv"],
    "CRS": ["CRS:84", "EPSG:4326", "EPSG:3857", "EPSG:3413", "EPSG:3031"],
    "SRS": ["EPSG:4326", "EPSG:3857"],
    "BBOX": ["-30,30,30,70", "30,-30,70,30", "-180,-90,180,90", "0,0,1,1", "-4e6,-4e6,4e6,4e6"],
    "WIDTH": ["16", "1", "64"],
    "HEIGHT": ["16", "3"],
    "FORMAT": ["image/png", "image/png; mode=32bit", "image/jpeg", "image/webp", "image/gif", "image/svg+xml"],
    "INFO_FORMAT": ["text/xml", "text/plain", "text/html", "application/json"],
    "I": ["3"],
    "J": ["2"],
    "X": ["3"],
    "Y": ["2"],
    "TIME": ["current", "2015-03-02", "2015-03-01/2015-03-03", "2015-03-01T12:00:00Z,2015-03-02T12:00:00Z"],
    "ELEVATION": ["-50", "0/-300", "0"],
    "DIM_MEMBER": ["2"],
    "EXCEPTIONS": ["XML", "INIMAGE", "BLANK", "application/vnd.ogc.se_inimage", "application/vnd.ogc.se_blank"],
    "TRANSPARENT": ["TRUE", "FALSE"],
    "BGCOLOR": ["0xFF0000", "#00ff00"],
    "COLORSCALERANGE": ["1,10", "auto", "1e-7,2e-7"],
    "NUMCOLORBANDS": ["10", "250"],
    "LOGSCALE": ["true", "false"],
    "ABOVEMAXCOLOR": ["extend", "transparent"],
    "BELOWMINCOLOR": ["0x80FF00"],
    "NODATACOLOR": ["0x808080"],
    "OPACITY": ["50"],
    "INTERPOLATION": ["bilinear", "nearest"],
    "INTERPOLATIONS": ["nearest neighbor"],
    "COLORBARONLY": ["true", "false"],
    "VERTICAL": ["false"],
    "HORIZONTAL": ["true"],
    "SHOWLABEL": ["false"],
    "FONTCOLOR": ["0xFF0000"],
    "REVISION": ["1"],
    "DPI": ["96"],
    "MAP_RESOLUTION": ["96"],
    "FORMAT_OPTIONS": ["dpi:96"],
    "SCALE": ["1000000"],
    "PALETTE": ["thermal"],
    "FEATURE_COUNT": ["1", "5"],
    "UPDATESEQUENCE": ["0", "1"],
    "DATASET": ["waters"],
}
ODD = [
    "", " ", ",", ",,,,", "/", "//", "../../etc/passwd", "waters/", "/thetao", "waters/../world/ice", "%", "%2",
    "%00", "\0", "nan", "inf", "-inf", "1e999", "-0", "1_000", "0x10", "\u0663", "\uff11\uff16", "9" * 5000,
    "-" + "9" * 400, "1e-400", "99999", "NaN,NaN,NaN,NaN", "-1e308,-1e308,1e308,1e308", "0,0,0,0",
    "179.9999999,0,180,1e-9", "1e-300,1e-300,2e-300,2e-300", "EPSG:-1", "EPSG:99999999999999999999", "EPSG:4979",
    "EPSG:32661", "AUTO2:42001,1,0,0", "urn:ogc:def:crs:EPSG::4326", "0000-00-00", "2015-02-30T00:00:00Z",
    "9999999-01-01", "-9999-12-31T23:59:59Z", "0001-01-01/9999-12-31/PT0.001S", "2015-03-01/2015-03-02/P0D",
    "current/current/current", "2015-03-01T12:00:00+99:99", ",".join(["2015-03-02"] * 300),
    "<script>alert(1)</script>", "]]>", "&amp;&lt;", "\ud7ff\ufffe\uffff", "\u202e", "a" * 9000, "{}", "${jndi:x}",
    "'; DROP", "\r\nSet-Cookie: a=b", "\x1b[31m", "\N{DROPLET}" * 50, "default-scalar/" + "x" * 65,
    "default-scalar/../x", "0xGGGGGG", "#1",
]  # fmt: skip

values = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.floats().map(str) | st.integers(-(10**20), 10**20).map(str)
changes = st.lists(
    st.tuples(
        st.sampled_from(sorted(GOOD)), values | numbers | st.sampled_from(sorted(chain.from_iterable(GOOD.values())))
    ),
    max_size=2,
)
whole = st.fixed_dictionaries({name: st.sampled_from(found) for name, found in GOOD.items()})
left_out = st.sets(st.sampled_from(sorted(GOOD)), max_size=2) | st.sets(st.sampled_from(sorted(GOOD)), max_size=30)
paths = st.sampled_from(["/wms"] * 4 + ["/wms/waters", "/wms/nowhere", "/ncWMS2/wms", "/thredds/wms/world"])
READ = Path(__file__).parents[2] / "gateway/wms/request"
NO_PARAMETERS = {"DIM_", "T", "WMS", "_", "_T"}
names = st.sampled_from([str.upper, str.lower, str.title])


def well_formed(answer: Answer) -> bool:
    """Tell whether a body is what its type says: a picture, a document, text."""
    if answer.type.startswith("image/") and answer.type != "image/svg+xml":
        Image.open(io.BytesIO(answer.body)).load()
        return True
    if answer.type == "application/json":
        return json.loads(answer.body) is not None
    if answer.type in ("text/plain", "text/html"):
        return bool(answer.body.decode("utf-8"))
    return etree.fromstring(answer.body) is not None


def test_any_request_is_answered_in_the_words_of_wms(wms):
    answered = Counter()

    @given(
        base=whole,
        without=left_out,
        changed=changes,
        added=st.lists(st.tuples(values, values), max_size=2),
        spelled=names,
        posted=st.booleans(),
        path=paths,
    )
    @example(base={"REQUEST": "GetMap"}, without=(), changed=[], added=[], spelled=str.upper, posted=True, path="/wms")
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
    def ask(base, without, changed, added, spelled, posted, path):
        # Of a name that comes again, the first value counts.
        pairs = changed + [(spelled(name), value) for name, value in base.items() if name not in without] + added
        query = urlencode(pairs, errors="replace")
        if posted:
            answer = wms.send("POST", path, query.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        else:
            answer = wms.get(f"{path}?{query}")
        assert answer.status in (200, 400, 404, 413), (answer.status, answer.body[:500], query)
        assert well_formed(answer), query
        assert not [found for found in INSIDES if found in answer.body], answer.body[:500]
        assert "\n" not in str(answer.headers)
        assert "set-cookie" not in answer.headers
        if answer.status == 200 and "halocline-refusal" not in answer.headers:
            answered[base["REQUEST"]] += 1

    ask()
    # Where all are refused at once, nothing behind the parsers has been tried.
    assert {name: answered[name] >= 10 for name in GOOD["REQUEST"]} == dict.fromkeys(GOOD["REQUEST"], True), answered


def test_every_parameter_that_is_read_is_tried():
    written = "".join(path.read_text() for path in sorted(READ.glob("*.py")))
    read = set(re.findall(r'"([A-Z_]+)"', written)) - NO_PARAMETERS
    assert {"BBOX", "REVISION"} <= read
    assert read <= set(GOOD)


@given(raw=st.binary(max_size=60).map(quote) | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_bytes_that_are_no_text_are_no_fault_of_ours(wms, raw):
    for start in ("/wms?SERVICE=WMS&REQUEST=GetMap&LAYERS=", "/wms?", "/wms/"):
        answer = wms.get(start + raw.replace("#", ""))
        assert answer.status < 500, (answer.status, raw, answer.body[:300])
        assert not [found for found in INSIDES if found in answer.body], answer.body[:500]
