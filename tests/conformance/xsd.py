"""Validation against the published schemas, from local copies; nothing is fetched.

The copies lie as `HOST/PATH` in the folder of the fixture `schemas`, under the address that documents name them by.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

WMS_130 = "http://schemas.opengis.net/sld/1.1.0/sld_capabilities.xsd"
"""Imports http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd, and adds GetLegendGraphic to it."""
WMS_130_EXCEPTIONS = "http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd"
WMS_111 = "http://schemas.opengis.net/wms/1.1.1/capabilities_1_1_1.dtd"
WMS_111_EXCEPTIONS = "http://schemas.opengis.net/wms/1.1.1/exception_1_1_1.dtd"


Schemas = Callable[[str], Path]
"""The fixture `schemas`."""


class LocalCopies(etree.Resolver):  # type: ignore[misc]  # lxml ships no types
    """Finds what schemas include and import."""

    def __init__(self, schemas: Schemas) -> None:
        super().__init__()
        self._schemas = schemas

    def resolve(self, url: str, _: str, context: object) -> object:
        # The address stays the name of the document: libxml2 must not meet one schema under two names.
        return self.resolve_string(copy(self._schemas, url).read_bytes(), context, base_url=url)


def copy(schemas: Schemas, url: str) -> Path:
    """Return where the copy of a published document lies."""
    parts = urlsplit(url)
    return schemas(f"{parts.hostname}{parts.path}")


def faults(document: bytes, schemas: Schemas, url: str) -> list[str]:
    """Return what is wrong with a document by the schema or DTD published at `url`: nothing, if it is valid."""
    tree = etree.fromstring(document, etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False))
    validator = _dtd(schemas, url) if url.endswith(".dtd") else _schema(schemas, url)
    validator.validate(tree)
    return [f"line {entry.line}: {entry.message}" for entry in validator.error_log]


def _schema(schemas: Schemas, url: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(LocalCopies(schemas))
    root = etree.fromstring(copy(schemas, url).read_bytes(), parser, base_url=url)
    return etree.XMLSchema(etree.ElementTree(root))


def _dtd(schemas: Schemas, url: str) -> etree.DTD:
    return etree.DTD(str(copy(schemas, url)))
