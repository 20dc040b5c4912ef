"""The great currents as sea level: ribbons of hill and hollow along meandering paths."""

from datetime import date

import numpy as np

from demo.currents import CURRENTS, FRONTS, Current, Front
from demo.days import elapsed
from demo.grid import KM_PER_DEGREE, Field, Grid
from demo.stamps import Stamps

_SPACING = 20.0
"""Kilometres between the stamps of a ribbon."""


def ribbons(grid: Grid, day: date) -> Field:
    """Return the sea level of all currents with two ends, metres, zero far from them."""
    field = np.zeros(grid.shape, dtype=np.float32)
    for number, current in enumerate(CURRENTS):
        _ribbon(current, number, day).add_to(field, grid)
    return field


def unrest(grid: Grid) -> Field:
    """Return the typical height of eddies in metres: high downstream of currents and along the southern fronts."""
    field = np.zeros(grid.shape, dtype=np.float32)
    for current in CURRENTS:
        lon, lat, along = (line[::2] for line in _path(current))
        level = 0.5 * current.eddies * np.minimum(along / 700.0 + 0.25, 1.0) * 40.0 / 330.0
        nothing = np.zeros_like(lat)
        wide = np.full_like(lat, 330.0)
        Stamps(lat=lat, lon=lon, radius=wide, level=level, east=nothing, north=nothing).add_to(field, grid)
    axis = _axis(FRONTS[1], grid.lon)
    rough = 0.7 + 0.3 * np.sin(np.radians(3 * grid.lon + 40)) + 0.2 * np.sin(np.radians(7 * grid.lon))
    field += (0.34 * rough * np.exp(-(((grid.lat[:, None] - axis - 1.5) / 4.5) ** 2))).astype(np.float32)
    return np.minimum(field, np.float32(0.36))


def southern(grid: Grid, day: date) -> Field:
    """Return the sea level of the Antarctic Circumpolar Current, metres: falls southwards across its fronts."""
    field = np.zeros(grid.shape, dtype=np.float32)
    for number, front in enumerate(FRONTS):
        axis = _axis(front, grid.lon)
        for wave in (11, 17, 26, 37):
            phase = np.radians(wave * (grid.lon - 0.06 * elapsed(day)) + 77 * wave * number)
            strength = 0.5 + 0.5 * np.sin(np.radians(2 * grid.lon + 50 * wave + 120 * number))
            axis = axis + 15.0 / wave * strength * np.sin(phase)
        away = (grid.column - axis.astype(np.float32)) * np.float32(KM_PER_DEGREE / front.width)
        field += np.float32(0.5 * front.rise) * (np.tanh(away) - 1)
    return field


def _axis(front: Front, lon: Field) -> Field:
    east, north = np.array(front.path).T
    axis = np.interp(lon, east, north, period=360.0)
    # The corners of the table would be corners of the current.
    reach = max(round(6.0 / (lon[1] - lon[0])), 1)
    kernel = np.hanning(2 * reach + 3)[1:-1]
    return np.convolve(np.concatenate([axis[-reach:], axis, axis[:reach]]), kernel / kernel.sum(), mode="valid")


def _path(current: Current) -> tuple[Field, Field, Field]:
    """Return longitude, latitude and distance from the start in km, at equal steps, without corners."""
    lon, lat = np.array(current.path).T
    for _ in range(3):
        lon, lat = _rounded(lon), _rounded(lat)
    length = np.hypot(np.diff(lon) * np.cos(np.radians(lat[1:])), np.diff(lat)) * KM_PER_DEGREE
    total = np.concatenate([[0.0], np.cumsum(length)])
    along = np.arange(0.0, total[-1], _SPACING)
    return np.interp(along, total, lon), np.interp(along, total, lat), along


def _rounded(line: Field) -> Field:
    """Cut the corners of a line once (Chaikin's scheme)."""
    cut = np.column_stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]]).ravel()
    return np.concatenate([line[:1], cut, line[-1:]])


def _ribbon(current: Current, number: int, day: date) -> Stamps:
    lon, lat, along = _path(current)
    east, north = _direction(lon, lat)
    days = elapsed(day)
    sway = np.zeros_like(along)
    for order, length in enumerate((270.0, 390.0, 620.0)):
        # Neither the length nor the reach of meanders is the same all along.
        bend = 1.6 * np.sin(along / (170.0 + 50 * order) + 3 * number + order)
        phase = 2 * np.pi * (along / length - days / (35.0 + 20 * order)) + number + 2 * order + bend
        sway += np.sin(phase) * (0.5, 0.8, 0.6)[order] * (0.7 + 0.5 * np.sin(along / (330.0 - 60 * order) + number))
    sway *= current.meander * np.minimum(along / 1400.0, 1.0)
    lat = lat + sway * east / KM_PER_DEGREE
    lon = lon - sway * north / KM_PER_DEGREE / np.cos(np.radians(lat))
    east, north = _direction(lon, lat)
    # High sea level lies to the right of a current in the north and to its left in the south.
    right = np.sign(lat)
    ends = np.minimum(1.0, np.minimum(along / 250.0, (along[-1] - along) / max(0.45 * along[-1], 250.0)))
    # A row of dipoles `_SPACING` apart adds up to a ribbon of this height (its integral along the path).
    height = current.rise * np.exp(0.5) * _SPACING / (current.width * np.sqrt(2 * np.pi)) * ends * right
    return Stamps(
        lat=lat, lon=lon, radius=np.full_like(lat, current.width), level=np.zeros_like(lat),
        east=height * north, north=-height * east,
    )  # fmt: skip


def _direction(lon: Field, lat: Field) -> tuple[Field, Field]:
    """Return the unit vector downstream: east, north."""
    east, north = np.gradient(lon) * np.cos(np.radians(lat)), np.gradient(lat)
    size = np.hypot(east, north)
    return east / size, north / size
