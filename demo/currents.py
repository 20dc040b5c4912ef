"""Where the great currents run: a table of paths, drawn by hand after the textbooks.

Source: Talley et al., Descriptive Physical Oceanography, 6th ed., 2011; fronts of the Southern Ocean after Orsi,
Whitworth and Nowlin, On the meridional extent and fronts of the Antarctic Circumpolar Current, 1995.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A narrow current between slower return flows."""

    name: str
    """For people."""
    path: tuple[tuple[float, float], ...]
    """Degrees east, degrees north, downstream."""
    rise: float
    """Metres of sea level between its middle and its shoulder."""
    width: float
    """Half width, km."""
    meander: float
    """Kilometres its meanders reach downstream; they grow from nothing."""
    eddies: float
    """Metres: typical height of the eddies around it, downstream."""


CURRENTS = (
    Current(
        name="Gulf Stream", rise=0.42, width=70, meander=110, eddies=0.30,
        path=((-80, 25.3), (-79.7, 27.5), (-79.6, 30), (-77.5, 32.5), (-75, 35), (-72, 36.7), (-67, 38), (-62, 38.7),
              (-57, 39.5), (-52, 40.3), (-48.5, 42), (-45.5, 45), (-43, 48.5), (-39, 51), (-32, 52), (-25, 54)),
    ),
    Current(
        name="Loop Current", rise=0.3, width=65, meander=15, eddies=0.15,
        path=((-84.5, 19), (-86, 21.3), (-87, 24), (-87, 26), (-85.7, 26.6), (-84.8, 25), (-83.5, 24), (-81.5, 23.9)),
    ),
    Current(
        name="Azores Current", rise=0.06, width=80, meander=80, eddies=0.07,
        path=((-42, 38.5), (-38, 36), (-30, 34.3), (-22, 34), (-14, 34), (-9, 34.5)),
    ),
    Current(
        name="North Atlantic and Norwegian Current", rise=0.09, width=80, meander=50, eddies=0.09,
        path=((-28, 54), (-20, 57), (-12, 60), (-4, 62), (3, 64.5), (9, 68), (14, 71), (22, 73), (32, 74)),
    ),
    Current(
        name="East Greenland and Labrador Current", rise=0.1, width=60, meander=15, eddies=0.04,
        path=((-10, 76), (-17, 71.5), (-24, 68), (-34, 65), (-40, 61.5), (-43.5, 59), (-48, 60.3), (-53.5, 63.5),
              (-59.5, 62), (-60.5, 58.5), (-55, 54.5), (-51.5, 50.5), (-49.5, 46.5), (-50.5, 43)),
    ),
    Current(
        name="Kuroshio", rise=0.42, width=70, meander=90, eddies=0.28,
        path=((123.3, 17.5), (122.6, 20.5), (123, 24.3), (125.5, 26.9), (128.5, 29.3), (131.5, 30.6), (134.5, 32.3),
              (138, 33), (141, 35), (144.5, 36.2), (148, 35.3), (152, 36), (157, 35.2), (163, 35.3), (170, 34.8),
              (178, 34.5)),
    ),
    Current(
        name="Oyashio", rise=0.1, width=60, meander=60, eddies=0.12,
        path=((163, 55), (159, 50.5), (152, 46), (146.5, 42.5), (145, 40.5), (149, 40.3), (156, 41), (166, 41.5)),
    ),
    Current(
        name="Alaskan Stream", rise=0.09, width=55, meander=25, eddies=0.06,
        path=((-137, 57), (-142, 58.7), (-149, 58), (-155, 55.5), (-163, 53), (-172, 51.3), (-180, 50.7)),
    ),
    Current(
        name="California Current", rise=0.05, width=110, meander=90, eddies=0.06,
        path=((-127, 46), (-126.5, 41), (-125, 37.5), (-121.5, 33.5), (-118.5, 29), (-115, 25)),
    ),
    Current(
        name="Agulhas Current and its return", rise=0.36, width=70, meander=100, eddies=0.30,
        path=((34.5, -26), (32.8, -29), (29.5, -32.6), (26, -34.7), (22.5, -36.3), (19.5, -38), (17.6, -39.3),
              (18, -40.6), (21, -40.6), (25, -39.4), (28, -40), (31, -39.3), (36, -40), (42, -40.6), (50, -41.5),
              (60, -42.5), (70, -43.5)),
    ),
    Current(
        name="Brazil Current", rise=0.2, width=70, meander=90, eddies=0.22,
        path=((-38.5, -16), (-39.5, -21), (-43.5, -24.5), (-47.5, -28.5), (-51.5, -33.5), (-53.5, -37.5), (-52, -40),
              (-49.5, -42), (-47, -40.5), (-43, -41), (-36, -42), (-28, -42)),
    ),
    Current(
        name="Malvinas Current", rise=0.2, width=60, meander=15, eddies=0.12,
        path=((-66, -56), (-62.5, -54.6), (-58.5, -51.5), (-59.5, -47), (-57, -42.5), (-55, -39.3), (-53.8, -40.5),
              (-54.5, -44), (-54, -47.5), (-47, -48.5)),
    ),
    Current(
        name="East Australian Current", rise=0.2, width=65, meander=70, eddies=0.18,
        path=((154.5, -19), (154, -23), (154.6, -28), (153.4, -32), (156, -33.8), (161, -33.5), (166, -34.3),
              (172, -34)),
    ),
    Current(
        name="Leeuwin Current", rise=0.07, width=55, meander=30, eddies=0.1,
        path=((113, -21), (112.6, -25), (113.8, -30), (114.3, -34.3), (118, -35.8), (125, -35), (131, -34.5)),
    ),
    Current(
        name="Mozambique Channel", rise=0.05, width=90, meander=60, eddies=0.14,
        path=((42, -12), (41.5, -17), (38.5, -21), (36.5, -25)),
    ),
    Current(
        name="Subtropical Countercurrent", rise=0.04, width=110, meander=90, eddies=0.12,
        path=((124, 21), (140, 21.5), (160, 22), (180, 24)),
    ),
    Current(
        name="Subtropical Countercurrent, south", rise=0.04, width=110, meander=90, eddies=0.1,
        path=((160, -24), (180, -25), (200, -26), (220, -26)),
    ),
    Current(
        name="South Indian Countercurrent", rise=0.04, width=110, meander=90, eddies=0.1,
        path=((50, -26), (70, -25), (90, -25.5), (110, -27)),
    ),
    Current(
        name="Algerian Current", rise=0.06, width=45, meander=35, eddies=0.06,
        path=((-4.5, 36.1), (0, 36.6), (5, 37.5), (10, 37.9)),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A front of the Antarctic Circumpolar Current, all the way round."""

    path: tuple[tuple[float, float], ...]
    """Degrees east from -180 to below 180, degrees north."""
    rise: float
    """Metres of sea level from its southern to its northern side."""
    width: float
    """Half width, km."""


FRONTS = (
    Front(
        rise=0.52, width=75,
        path=((-180, -53.5), (-160, -56), (-140, -56), (-120, -56.5), (-100, -57.5), (-80, -58), (-66, -57.2),
              (-58, -54.8), (-50, -50), (-40, -49.5), (-25, -48.5), (-10, -47), (10, -46), (30, -46.5), (50, -45.5),
              (70, -47), (90, -47.5), (110, -49), (130, -51), (145, -52.5), (160, -55)),
    ),
    Front(
        rise=0.5, width=75,
        path=((-180, -60.5), (-160, -60), (-140, -58.5), (-120, -59.5), (-100, -60.8), (-80, -61), (-66, -59.3),
              (-55, -57), (-42, -52.5), (-25, -50.8), (-10, -50), (10, -50), (30, -50.5), (50, -49.8), (70, -50.5),
              (90, -52.5), (110, -54.5), (130, -55.5), (145, -57), (160, -60)),
    ),
    Front(
        rise=0.32, width=90,
        path=((-180, -65), (-160, -63.5), (-140, -62), (-120, -63), (-100, -64.5), (-80, -63.7), (-66, -61.5),
              (-55, -59.8), (-38, -55.3), (-20, -54), (0, -54.5), (25, -57), (50, -58.5), (70, -57.5), (85, -60),
              (110, -61.5), (130, -62), (150, -62.7), (165, -65)),
    ),
)  # fmt: skip
