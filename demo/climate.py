"""The climate of the ocean in tables: profiles by latitude, places that differ from them, and the inland seas.

Round figures after the World Ocean Atlas; drawn by hand, good for a picture and for nothing else.
"""

from dataclasses import dataclass

Profile = tuple[tuple[float, float], ...]
"""Pairs: degrees north (or another coordinate), value."""

TEMPERATURE: Profile = (
    (-80, -3.5), (-70, -3.0), (-65, -1.5), (-60, 0.3), (-55, 2.8), (-50, 6), (-45, 10), (-40, 14), (-35, 17.5),
    (-30, 20), (-25, 22.3), (-20, 24.5), (-15, 26.2), (-10, 27.4), (-5, 27.8), (0, 27.8), (5, 28.2), (10, 28.2),
    (15, 27.5), (20, 26.2), (25, 24.3), (30, 21.8), (35, 18.3), (40, 14), (45, 10.5), (50, 8), (55, 6.3), (60, 4.8),
    (65, 3), (70, 0.5), (75, -1.5), (80, -3), (90, -4),
)  # fmt: skip
"""Surface, yearly mean, degC; below freezing where ice would be."""

SEASON: Profile = (
    (-80, 0.2), (-70, 0.6), (-60, 1.0), (-50, 1.6), (-40, 2.6), (-30, 2.8), (-20, 1.9), (-10, 0.9), (0, 0.3),
    (10, 0.6), (20, 1.8), (30, 3.6), (40, 5.0), (50, 4.4), (60, 3.6), (70, 2.4), (80, 0.6), (90, 0.1),
)  # fmt: skip
"""Half the range of surface temperature over the year, degC."""

SALINITY: Profile = (
    (-80, 34.0), (-70, 33.9), (-60, 33.8), (-50, 33.9), (-45, 34.3), (-40, 34.9), (-30, 35.7), (-22, 36.0),
    (-12, 35.5), (-5, 35.0), (2, 34.7), (8, 34.3), (14, 34.7), (22, 35.6), (28, 35.7), (35, 35.0), (42, 34.2),
    (50, 33.4), (60, 32.8), (66, 32.6), (72, 32), (80, 31), (90, 31),
)  # fmt: skip
"""Surface, between the oceans."""

THERMOCLINE: Profile = (
    (-75, 250), (-60, 420), (-50, 480), (-40, 520), (-30, 430), (-20, 290), (-10, 180), (0, 130), (10, 160), (20, 270),
    (30, 420), (40, 450), (50, 400), (60, 420), (70, 260), (80, 150),
)  # fmt: skip
"""Metres over which the surface's character fades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A round or oblong region that differs, fading outwards like a Gaussian."""

    lon: float
    """Degrees east of its centre."""
    lat: float
    """Degrees north of its centre."""
    wide: float
    """Degrees of longitude to where it has faded to 1/e."""
    high: float
    """Degrees of latitude to where it has faded to 1/e."""
    mean: float
    """How much it differs over the year."""
    summer: float = 0.0
    """How much more in northern summer, and less in northern winter."""


WARMER = (
    Place(lon=155, lat=0, wide=38, high=14, mean=1.2),
    Place(lon=90, lat=2, wide=22, high=12, mean=0.7),
    Place(lon=-78, lat=18, wide=16, high=8, mean=0.6),
    Place(lon=-90, lat=25, wide=9, high=5, mean=0.8, summer=1.6),
    Place(lon=-100, lat=14, wide=9, high=5, mean=1.2),
    Place(lon=-14, lat=56, wide=22, high=9, mean=3.0),
    Place(lon=4, lat=66, wide=13, high=6, mean=4.6),
    Place(lon=14, lat=71, wide=14, high=4, mean=5.0),
    Place(lon=33, lat=72, wide=15, high=3.5, mean=3.6),
    Place(lon=-60, lat=36, wide=17, high=4.5, mean=2.6),
    Place(lon=135, lat=28, wide=17, high=7, mean=2.0),
    Place(lon=-137, lat=55, wide=13, high=6, mean=1.6, summer=0.8),
    Place(lon=35, lat=-32, wide=9, high=7, mean=2.0),
    Place(lon=-42, lat=-27, wide=9, high=8, mean=1.8),
    Place(lon=158, lat=-29, wide=9, high=7, mean=1.8),
    Place(lon=112, lat=-27, wide=6, high=7, mean=1.4),
    Place(lon=-10, lat=-46, wide=30, high=6, mean=-1.2),
    Place(lon=60, lat=-47, wide=30, high=6, mean=-1.6),
    Place(lon=-150, lat=-48, wide=45, high=7, mean=1.8),
    Place(lon=-53, lat=55, wide=10, high=8, mean=-4.2),
    Place(lon=-62, lat=62, wide=10, high=8, mean=-3.6),
    Place(lon=-58, lat=45, wide=7, high=3.5, mean=-2.6, summer=1.5),
    Place(lon=-64, lat=42.3, wide=10, high=2.3, mean=-3.0),
    Place(lon=148, lat=41, wide=9, high=2.6, mean=-3.0),
    Place(lon=-57.5, lat=-43, wide=4, high=6, mean=-3.0),
    Place(lon=-28, lat=71, wide=10, high=5, mean=-3.5),
    Place(lon=152, lat=48, wide=11, high=6, mean=-3.6),
    Place(lon=150, lat=57, wide=9, high=5, mean=-3.5, summer=2.5),
    Place(lon=-175, lat=61, wide=12, high=4, mean=-3.4, summer=1.5),
    Place(lon=122, lat=37, wide=5, high=5, mean=-2.2, summer=5.0),
    Place(lon=134, lat=42, wide=5, high=4, mean=-2.5, summer=3.0),
    Place(lon=20, lat=59, wide=9, high=4, mean=0.5, summer=4.0),
    Place(lon=5, lat=56, wide=4, high=3, mean=0.0, summer=2.5),
    Place(lon=-84, lat=60, wide=9, high=6, mean=-6.0, summer=3.0),
    Place(lon=18, lat=37, wide=20, high=5, mean=2.2, summer=2.6),
    Place(lon=34, lat=43, wide=8, high=3, mean=1.5, summer=4.5),
    Place(lon=51, lat=42, wide=4, high=6, mean=0.5, summer=6.0),
    Place(lon=52, lat=27, wide=5, high=4, mean=1.5, summer=4.5),
    Place(lon=39, lat=20, wide=5, high=6, mean=2.0, summer=0.8),
    Place(lon=107, lat=19, wide=6, high=5, mean=0.0, summer=1.5),
)
"""Where the surface is warmer than its latitude, degC (colder, if negative)."""

UPWELLING = (
    Place(lon=-122, lat=0, wide=30, high=2.8, mean=3.8, summer=1.0),
    Place(lon=-92, lat=-1.5, wide=13, high=3.4, mean=4.4, summer=1.0),
    Place(lon=-80, lat=-9, wide=7, high=7, mean=5.6, summer=0.6),
    Place(lon=-73, lat=-21, wide=6, high=11, mean=4.6),
    Place(lon=-75, lat=-35, wide=5, high=7, mean=2.2),
    Place(lon=12, lat=-22, wide=5, high=9, mean=6.0, summer=0.8),
    Place(lon=10, lat=-11, wide=5, high=6, mean=2.6, summer=1.2),
    Place(lon=-10, lat=-1.5, wide=14, high=2.4, mean=2.0, summer=1.6),
    Place(lon=-17.5, lat=20, wide=4.5, high=8, mean=4.2, summer=-0.4),
    Place(lon=-11, lat=31, wide=4, high=5, mean=3.0, summer=1.2),
    Place(lon=-9.5, lat=41, wide=2.5, high=4, mean=1.4, summer=1.0),
    Place(lon=-124.5, lat=39, wide=4, high=6, mean=2.8, summer=1.6),
    Place(lon=-118, lat=30, wide=4.5, high=5, mean=3.0, summer=0.6),
    Place(lon=51.5, lat=9, wide=4, high=5, mean=1.2, summer=4.5),
    Place(lon=58, lat=19, wide=4, high=4, mean=0.8, summer=3.6),
    Place(lon=-95, lat=14.5, wide=1.8, high=2, mean=1.4, summer=-1.2),
    Place(lon=76, lat=9, wide=2.5, high=4, mean=0.4, summer=1.4),
)
"""Where deep water comes up, degC it cools the surface; also what feeds plankton."""

SALTIER = (
    Place(lon=-35, lat=26, wide=34, high=15, mean=1.5),
    Place(lon=-28, lat=-19, wide=20, high=13, mean=0.9),
    Place(lon=-25, lat=52, wide=30, high=13, mean=1.7),
    Place(lon=6, lat=67, wide=17, high=8, mean=2.2),
    Place(lon=28, lat=73, wide=16, high=4, mean=2.3),
    Place(lon=63, lat=18, wide=9, high=8, mean=1.5),
    Place(lon=-118, lat=-19, wide=28, high=9, mean=0.4),
    Place(lon=-178, lat=28, wide=40, high=9, mean=-0.4),
    Place(lon=90, lat=17, wide=8, high=6, mean=-2.6, summer=-0.4),
    Place(lon=90.5, lat=21.5, wide=4, high=2, mean=-6.0, summer=-2.0),
    Place(lon=115, lat=2, wide=18, high=9, mean=-1.3),
    Place(lon=-88, lat=6, wide=14, high=4, mean=-1.6),
    Place(lon=-53, lat=4.5, wide=7, high=3.5, mean=-3.0, summer=-1.0),
    Place(lon=-49.5, lat=1, wide=2.5, high=1.8, mean=-11.0),
    Place(lon=10, lat=-5.5, wide=3, high=2.5, mean=-4.0),
    Place(lon=4, lat=4, wide=6, high=2.5, mean=-1.6),
    Place(lon=-89.5, lat=28.8, wide=3, high=1.4, mean=-6.0, summer=-1.0),
    Place(lon=-56.5, lat=-35, wide=3, high=1.8, mean=-9.0),
    Place(lon=122.5, lat=31.5, wide=2.6, high=2.2, mean=-6.0, summer=-1.5),
    Place(lon=-67, lat=49, wide=5, high=2, mean=-3.5),
    Place(lon=-57, lat=50, wide=7, high=6, mean=-1.2),
    Place(lon=-137, lat=58, wide=7, high=2.5, mean=-1.4),
    Place(lon=-124.5, lat=48, wide=2.5, high=2.5, mean=-1.6),
    Place(lon=76, lat=74, wide=9, high=3.5, mean=-9.0, summer=-2.0),
    Place(lon=130, lat=74, wide=11, high=3.5, mean=-8.0, summer=-3.0),
    Place(lon=160, lat=72, wide=8, high=3, mean=-4.0),
    Place(lon=-136, lat=70.5, wide=6, high=2, mean=-5.0, summer=-2.0),
    Place(lon=-150, lat=78, wide=35, high=7, mean=-2.2),
    Place(lon=-28, lat=72, wide=8, high=5, mean=-1.4),
    Place(lon=-2, lat=83, wide=50, high=4, mean=1.5),
)
"""Where the surface is saltier than its latitude (fresher, if negative)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sea:
    """A sea with water of its own below a sill."""

    name: str
    """For people."""
    outline: tuple[tuple[float, float], ...]
    """Degrees east, degrees north; runs over land but at its mouths."""
    salinity: float
    """At the surface, in the middle."""
    eastward: float = 0.0
    """Change of it per degree of longitude."""
    northward: float = 0.0
    """Change of it per degree of latitude."""
    deep: float = 0.0
    """Salinity below the sill, less that of the surface."""
    cold: float = 0.0
    """Temperature below the sill, degC."""


SEAS = (
    Sea(
        name="Mediterranean", salinity=38.2, eastward=0.055, deep=0.3, cold=13.4,
        outline=((-5.6, 34), (-5.6, 37), (-2, 39), (0, 43), (5, 46), (14, 47), (21, 42), (26, 40.8), (31, 37.5),
                 (37.5, 37.5), (37.5, 31), (33, 30.8), (20, 29), (10, 32), (0, 34)),
    ),
    Sea(name="Black Sea", salinity=18.0, deep=4.2, cold=8.9,
        outline=((27, 41.2), (26.5, 45), (30, 48), (40, 48.5), (43, 42), (38, 39.8), (29.3, 40.7))),
    Sea(name="Caspian", salinity=12.6, northward=-0.25, deep=0.3, cold=5.8,
        outline=((46, 36), (45.5, 48), (56, 48), (55.5, 36))),
    Sea(name="Baltic", salinity=7.2, eastward=-0.22, northward=-0.45, deep=3.5, cold=4.5,
        outline=((10.9, 53.3), (10.9, 55.8), (13.2, 56.2), (16, 60), (16, 66.5), (26, 66.5), (31, 60.5), (24, 56),
                 (19, 53.3))),
    Sea(name="Kattegat", salinity=23.0, northward=4.0, deep=6.0, cold=6.5,
        outline=((9.5, 54), (10.0, 57.7), (11.5, 58.5), (13, 57), (12.8, 56), (10.9, 54))),
    Sea(name="Red Sea", salinity=39.3, northward=0.3, deep=0.8, cold=21.7,
        outline=((43.2, 12.6), (41, 13), (37, 18), (32, 28), (32, 30.3), (36, 30), (40, 22), (43.5, 14.5))),
    Sea(name="Persian Gulf", salinity=39.3, eastward=-0.2, deep=0.5, cold=20.0,
        outline=((47, 31), (51, 30.7), (56.3, 27.6), (56.4, 26.2), (55, 24), (50, 24), (46.5, 28.5))),
    Sea(name="Hudson Bay", salinity=29.5, deep=3.0, cold=-1.4,
        outline=((-96, 51), (-96, 66), (-80, 66), (-77.5, 62.5), (-76, 60), (-76, 51))),
    Sea(name="Japan Sea", salinity=34.1, deep=0.0, cold=0.4,
        outline=((129, 35.2), (127, 40), (138, 48), (141.8, 50), (141.5, 45.5), (140.5, 41.5), (138, 36), (132.5, 34.6),
                 (130.5, 34.3))),
    Sea(name="Sea of Okhotsk", salinity=32.4, deep=1.5, cold=1.2,
        outline=((142, 46), (142.5, 54), (137, 55), (142, 60), (157, 62.5), (156.5, 51), (149, 45.5), (145, 44))),
    Sea(name="Gulf of Mexico", salinity=35.9, deep=-1.0, cold=4.3,
        outline=((-98, 17), (-98, 31), (-83, 31), (-81.2, 25.5), (-81.2, 23), (-84.5, 22), (-87, 21), (-91, 17))),
    Sea(name="Sulu Sea", salinity=33.8, deep=0.6, cold=9.9,
        outline=((117, 6.5), (119.5, 11.5), (122, 11.5), (123, 8.5), (119, 5.3))),
)  # fmt: skip
"""Inland and marginal seas."""
