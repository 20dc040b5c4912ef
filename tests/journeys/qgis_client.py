"""Runs in QGIS's own Python, offscreen: draws a layer at two times, identifies, fetches the legend, and tells.

Usage: qgis_client.py ADDRESS FOLDER
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsRaster,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QDateTime, QEventLoop, QSize, Qt
from qgis.PyQt.QtGui import QColor


def source(address: str, layer: str, crs: str, extent: str) -> str:
    """Write the address of a layer as QGIS keeps it."""
    axis = f"type=wmst&timeDimensionExtent={extent}&temporalSource=provider&allowTemporalUpdates=true"
    drawn = f"crs={crs}&format=image/png&layers={layer}&styles=default-scalar"
    return f"{drawn}&dpiMode=7&featureCount=10&{axis}&url={address}wms"


def draw(layer: QgsRasterLayer, crs: str, box: tuple, path: str, day: int) -> bool:
    """Draw a layer at noon of a day of March 2015."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    settings.setExtent(QgsRectangle(*box))
    settings.setOutputSize(QSize(512, 256))
    settings.setBackgroundColor(QColor(255, 255, 255))
    moment = QDateTime.fromString(f"2015-03-0{day}T12:00:00Z", Qt.ISODate)
    settings.setIsTemporal(True)
    settings.setTemporalRange(QgsDateTimeRange(moment, moment))
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    return job.renderedImage().save(path)


def main() -> None:
    """Do all of it and print the findings as JSON."""
    address, folder = sys.argv[1:3]
    application = QgsApplication([], False)
    application.initQgis()
    extent = "2015-03-01T12:00:00Z,2015-03-02T12:00:00Z,2015-03-03T12:00:00Z"
    found = {}
    layer = QgsRasterLayer(source(address, "sea/thetao", "EPSG:4326", extent), "sea", "wms")
    found["valid"] = layer.isValid()
    found["error"] = layer.error().message()
    found["temporal"] = layer.temporalProperties().isActive()
    box = (-180, -90, 180, 90)
    found["drawn"] = [draw(layer, "EPSG:4326", box, f"{folder}/qgis_day{day}.png", day) for day in (1, 3)]
    mercator = QgsRasterLayer(source(address, "sea/thetao", "EPSG:3857", extent), "sea", "wms")
    found["mercator"] = mercator.isValid()
    world = (-20037508, -15000000, 20037508, 15000000)
    found["drawn_mercator"] = draw(mercator, "EPSG:3857", world, f"{folder}/qgis_mercator.png", 1)
    # On-the-fly reprojection: the layer in degrees, the map in a polar projection.
    polar = (-4000000, -4000000, 4000000, 4000000)
    found["drawn_polar"] = draw(layer, "EPSG:3413", polar, f"{folder}/qgis_polar.png", 1)
    provider = layer.dataProvider()
    identified = provider.identify(QgsPointXY(-30, 20), QgsRaster.IdentifyFormatText, QgsRectangle(*box), 360, 180)
    found["identify"] = [str(value) for value in identified.results().values()]
    settings = QgsMapSettings()
    settings.setExtent(QgsRectangle(*box))
    fetcher = provider.getLegendGraphicFetcher(settings)
    loop = QEventLoop()
    images = []

    def keep(image: object) -> None:
        images.append(image)
        loop.quit()

    fetcher.finish.connect(keep)
    fetcher.error.connect(lambda _text: loop.quit())
    fetcher.start()
    loop.exec_()
    found["legend"] = [images[0].width(), images[0].height()] if images else None
    if images:
        images[0].save(f"{folder}/qgis_legend.png")
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    # QGIS may crash while it tears itself down.
    os._exit(0)


main()
