"""A site that is not the unit: another origin, with pages that draw the unit's maps."""

import os
from pathlib import Path

from aiohttp import web

HERE = Path(__file__).parent
OPENLAYERS = HERE.parents[1] / "gateway" / "viewer" / "static" / "vendor" / "ol-10.11.0"
NPM = Path(os.environ.get("HALOCLINE_NPM") or f"{os.environ.get('HOME', '/tmp')}/.cache/halocline/npm") / "node_modules"
"""Where `.ci/run` puts the libraries that `npm/package-lock.json` names."""


def site():
    """Return the site."""
    app = web.Application()
    app.router.add_static("/pages", HERE / "pages")
    app.router.add_static("/openlayers", OPENLAYERS)
    if NPM.is_dir():
        app.router.add_static("/npm", NPM)
    return app
