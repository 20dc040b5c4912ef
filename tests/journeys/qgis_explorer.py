"""Runs in QGIS's own Python, offscreen: finds layers in the browser panel, draws them in many ways, asks, and tells.

Usage: qgis_explorer.py ADDRESS FOLDER
"""

import json
import os
import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsBrowserModel,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsRaster,
    QgsRasterLayer,
    QgsRectangle,
    QgsSettings,
)
from qgis.PyQt.QtCore import QDateTime, QEventLoop, QSize, Qt, QTimer
from qgis.PyQt.QtGui import QColor
from qgis_explorer_views import BELT, BEYOND, VIEWS

ADDRESS, FOLDER = sys.argv[1:3]
WORLD = (-180, -90, 180, 90)
SECONDS = 20


def layers_of_the_browser():
    """Return the address of each layer, by name, as QGIS itself writes it from the capabilities."""
    QgsSettings().setValue("qgis/connections-wms/unit/url", f"{ADDRESS}wms")
    model = QgsBrowserModel()
    model.initialize()
    connection = model.findPath("wms:/unit")
    item = model.dataItem(connection)
    model.fetchMore(connection)
    for _ in range(SECONDS * 20):
        if item.state() == item.Populated:
            break
        wait(50)
    found = {}

    def walk(parent):
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            child = model.dataItem(index)
            for uri in child.mimeUris():
                if uri.uri:
                    found[child.path().split("/", 4)[-1]] = uri.uri
            walk(index)

    walk(connection)
    return found


def wait(milliseconds):
    """Let QGIS work."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()


def opened(uri, **changes):
    """Open a layer, with parts of its address changed; None as a value removes one."""
    parts = dict(part.partition("=")[::2] for part in uri.split("&"))
    parts.update(changes)
    return QgsRasterLayer("&".join(f"{name}={value}" for name, value in parts.items()), "layer", "wms")


def draw(layer, name, crs="EPSG:4326", box=WORLD, moments=None):
    """Draw a layer and save what is seen; `moments` is what the temporal controller is set to."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    settings.setOutputSize(QSize(300, round(300 * (box[3] - box[1]) / (box[2] - box[0]))))
    settings.setExtent(QgsRectangle(*box))
    settings.setBackgroundColor(QColor(255, 255, 255))
    if moments:
        settings.setIsTemporal(True)
        settings.setTemporalRange(QgsDateTimeRange(*(QDateTime.fromString(one, Qt.ISODate) for one in moments)))
    job = QgsMapRendererSequentialJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    QTimer.singleShot(SECONDS * 1000, loop.quit)
    job.start()
    loop.exec_()
    return job.renderedImage().save(f"{FOLDER}/{name}.png")


def in_every_system(uri):
    """Draw a layer in the systems that it is offered in, the layer and the map in the same one."""
    return {
        crs: draw(opened(uri, crs=crs), "system_" + crs.replace(":", "_"), crs, box, ["2015-03-02T12:00:00Z"] * 2)
        for crs, box in VIEWS.items()
    }


def beyond_the_box(uri):
    """Draw more than the box that capabilities tell, as a user who ticks that it be ignored."""
    own = {"crs": "EPSG:3413", "IgnoreReportedLayerExtents": "1"}
    return draw(opened(uri, **own), "beyond", "EPSG:3413", BEYOND, ["2015-03-02T12:00:00Z"] * 2)


def along_the_axes(uris):
    """Draw days, a range of days, a list of hours, a depth and a member of the ensemble."""
    noon = "2015-03-0{}T12:00:00Z"
    days = opened(uris["ocean/thetao"])
    for day in (1, 2, 4):
        draw(days, f"day_{day}", moments=[noon.format(day)] * 2)
    days.temporalProperties().setIntervalHandlingMethod(Qgis.TemporalIntervalMatchMethod.MatchUsingWholeRange)
    draw(days, "days_1_to_2", moments=[noon.format(1), noon.format(2)])
    hours = opened(uris["waves/VHM0"])
    for number, hour in enumerate(("2015-03-01T06:00:00Z", "2015-03-05T00:00:00Z")):
        draw(hours, f"hour_{number}", box=BELT, moments=[hour] * 2)
    own = {"IgnoreGetMapUrl": "1", "IgnoreGetFeatureInfoUrl": "1", "IgnoreReportedLayerExtents": "1"}
    deep = opened(uris["ocean/thetao"], url=f"{ADDRESS}wms?ELEVATION%3D-300", **own)
    draw(deep, "deep", moments=[noon.format(2)] * 2)
    member = opened(uris["waves/VHM0"], url=f"{ADDRESS}wms?DIM_MEMBER%3D2", **own)
    draw(member, "member", box=BELT, moments=["2015-03-05T00:00:00Z"] * 2)
    return {
        "times": [days.temporalProperties().isActive(), hours.temporalProperties().isActive()],
        "deep": identified(deep, QgsRaster.IdentifyFormatText),
    }


def identified(layer, kind):
    """Identify a place; features as their attributes, text as it came."""
    place, box = QgsPointXY(-31, 19), QgsRectangle(*WORLD)
    results = layer.dataProvider().identify(place, kind, box, 360, 180).results()
    found = []
    for value in results.values():
        if not isinstance(value, list):
            found.append(str(value))
            continue
        for one in value:
            stores = one if isinstance(one, list) else [one]
            for store in stores:
                for feature in store.features():
                    where = feature.geometry().asPoint()
                    told = dict(zip(feature.fields().names(), feature.attributes(), strict=False))
                    found.append({"at": [where.x(), where.y()], **{name: str(text) for name, text in told.items()}})
    return found


def legend(layer, name):
    """Fetch the legend of a layer as the legend panel does; returns its size."""
    settings = QgsMapSettings()
    settings.setOutputSize(QSize(400, 200))
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    settings.setExtent(QgsRectangle(*WORLD))
    fetcher = layer.dataProvider().getLegendGraphicFetcher(settings)
    if fetcher is None:
        return None
    loop = QEventLoop()
    images = []
    fetcher.finish.connect(lambda image: (images.append(image), loop.quit()))
    fetcher.error.connect(lambda _text: loop.quit())
    QTimer.singleShot(SECONDS * 1000, loop.quit)
    fetcher.start()
    loop.exec_()
    if not images:
        return None
    images[0].save(f"{FOLDER}/{name}.png")
    return [images[0].width(), images[0].height()]


def refused(uri):
    """Draw with a style that there is not, and return what QGIS tells the user."""
    said = []
    QgsApplication.messageLog().messageReceived.connect(lambda text, tag, level: said.append(text))
    draw(opened(uri, styles="nonsense"), "refused")
    wait(100)
    return said


def main():
    """Do all of it and print the findings as JSON."""
    application = QgsApplication([], False)
    application.initQgis()
    uris = layers_of_the_browser()
    uri = uris["ocean/thetao"]
    layer = opened(uri)
    found = {
        "uris": uris,
        "valid": {name: opened(one).isValid() for name, one in uris.items()},
        "systems": in_every_system(uri),
        "beyond": beyond_the_box(uri),
        "axes": along_the_axes(uris),
        "reprojected": draw(layer, "reprojected", "ESRI:54030", (-1.7e7, -8e6, 1.7e7, 8e6)),
        "features": identified(layer, QgsRaster.IdentifyFormatFeature),
        "html": identified(layer, QgsRaster.IdentifyFormatHtml),
        "legend": legend(layer, "legend"),
        "contextual": legend(opened(uri, contextualWMSLegend="1"), "contextual"),
        "inherited": legend(opened(uri, styles="default-scalar/thermal"), "inherited"),
        "refused": refused(uri),
    }
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    # QGIS may crash while it tears itself down.
    os._exit(0)


main()
