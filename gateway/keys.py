"""What handlers find in the application and on the request."""

import asyncio
from typing import Final

from aiohttp import web

from auth.caller import Caller
from gateway.admission import Admission
from gateway.config.file import Config
from gateway.http.forwarded import Arrival, Proxies
from gateway.identity.port import Identity
from gateway.metrics import Metrics
from gateway.pictures import Painter
from gateway.protocol import Pairs
from gateway.unit import Catalogue, Unit
from gateway.workers import Workers
from gateway.writers.downloads import Downloads

CONFIG: Final = web.AppKey("CONFIG", Config)
UNIT: Final = web.AppKey("UNIT", Unit)
ADMISSION: Final = web.AppKey("ADMISSION", Admission)
"""Places for work."""
WORKERS: Final = web.AppKey("WORKERS", Workers)
PAINTER: Final = web.AppKey("PAINTER", Painter)
METRICS: Final = web.AppKey("METRICS", Metrics)
DOWNLOADS: Final = web.AppKey("DOWNLOADS", Downloads)

DRAINING: Final = web.AppKey("DRAINING", asyncio.Event)
"""Set once the process has been told to end."""

IDENTITY: Final = web.AppKey("IDENTITY", Identity)
"""Settles who calls."""
PROXIES: Final = web.AppKey("PROXIES", Proxies)
"""Whose word is taken for how requests came here."""
ARRIVAL: Final = web.RequestKey("ARRIVAL", Arrival)
"""How the request came here."""
CALLER: Final = web.RequestKey("CALLER", Caller)
"""Who calls; not there where that could not be settled."""
VISIBLE: Final = web.RequestKey("VISIBLE", Catalogue)
"""The catalogue as this request's caller may see it."""
QUERY: Final = web.RequestKey("QUERY", Pairs)
"""Names and values of the request: of the form that was posted, and of the address."""
OPERATION: Final = web.RequestKey("OPERATION", str)
"""What is asked for, in the protocol's own words: one of few, for the metrics."""
REFUSAL: Final = web.RequestKey("REFUSAL", str)
"""The kind of problem for which the request was refused; not there where it was not."""
