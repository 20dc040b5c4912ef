"""A client of one unit over a socket, as the suite of the OGC is one: parameter names in mixed case, in any order."""

import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

import numpy as np
from lxml import etree
from PIL import Image

WMS = "{http://www.opengis.net/wms}"
HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; what came several times is joined by commas (RFC 9110, 5.2)."""
    body: bytes

    @property
    def type(self) -> str:
        """Of the content, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def xml(self) -> etree._Element:
        """The document."""
        return etree.fromstring(self.body, etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False))

    @property
    def code(self) -> str:
        """Of the exception that it is: empty where it has none; fails where it is no exception."""
        assert etree.QName(self.xml).localname == "ServiceExceptionReport", self.body[:300]
        return self.xml[0].get("code", "")

    @property
    def pixels(self) -> np.ndarray:
        """Of the picture: red, green, blue, opacity; shape (height, width, 4)."""
        assert self.type.startswith("image/"), (self.status, self.body[:300])
        return np.asarray(Image.open(io.BytesIO(self.body)).convert("RGBA"))


class Client:
    """Asks one unit."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str) -> Answer:
        """Get what is at a path, with its query."""
        return self.send("GET", path)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request."""
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=60)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            found: dict[str, str] = {}
            for name, value in answer.getheaders():
                before = found.get(name.lower())
                found[name.lower()] = value if before is None else f"{before}, {value}"
            return Answer(status=answer.status, headers=found, body=answer.read())

    def ask(self, operation: str, **parameters: object) -> Answer:
        """Ask for an operation of 1.3.0, unless `version` says another; None leaves a parameter out."""
        given = {"version": "1.3.0", "request": operation} | parameters
        pairs = [(mixed(name), str(value)) for name, value in given.items() if value is not None]
        return self.get("/wms?" + urlencode(pairs))

    def capabilities(self, version: str = "1.3.0", **parameters: object) -> Answer:
        """Ask for the capabilities."""
        return self.ask("GetCapabilities", service="WMS", version=version, **parameters)

    def map(self, layers: str = "waters/thetao", **parameters: object) -> Answer:
        """Ask for a map of the whole of `waters`, unless `parameters` say otherwise."""
        asked = {
            "layers": layers,
            "styles": "",
            "crs": "CRS:84",
            "bbox": "-30,30,30,70",
            "width": 60,
            "height": 40,
            "format": "image/png",
        }
        return self.ask("GetMap", **(asked | parameters))

    def info(self, layers: str = "waters/thetao", **parameters: object) -> Answer:
        """Ask what is at a pixel of that map."""
        asked = {
            "layers": layers,
            "query_layers": layers,
            "styles": "",
            "crs": "CRS:84",
            "bbox": "-30,30,30,70",
            "width": 60,
            "height": 40,
            "info_format": "application/json",
            "i": 40,
            "j": 20,
        }
        return self.ask("GetFeatureInfo", **(asked | parameters))


def mixed(name: str) -> str:
    """Return a name in the case that no server can expect."""
    return "".join(letter.upper() if place % 2 == 0 else letter.lower() for place, letter in enumerate(name))


def named_layers(document: etree._Element) -> Sequence[etree._Element]:
    """Return the layers of a capabilities document that can be asked for."""
    return document.findall(".//{*}Layer[{*}Name]")


def inherited(layer: etree._Element, name: str) -> list[etree._Element]:
    """Return the elements of a layer and of those around it."""
    around = [layer, *(one for one in layer.iterancestors() if etree.QName(one).localname == "Layer")]
    return [found for one in around for found in one.findall("{*}" + name)]
