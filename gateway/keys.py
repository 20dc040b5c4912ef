"""What handlers find in the application and on the request."""

from typing import Final

from aiohttp import web

from gateway.config import Config
from gateway.metrics import Metrics
from gateway.pictures import Painter
from gateway.unit import Catalogue, Unit
from gateway.workers import Workers

CONFIG: Final = web.AppKey("CONFIG", Config)
UNIT: Final = web.AppKey("UNIT", Unit)
WORKERS: Final = web.AppKey("WORKERS", Workers)
PAINTER: Final = web.AppKey("PAINTER", Painter)
METRICS: Final = web.AppKey("METRICS", Metrics)

VISIBLE: Final = web.RequestKey("VISIBLE", Catalogue)
"""The catalogue as this request's caller may see it."""
