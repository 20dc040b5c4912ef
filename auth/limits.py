"""How much a caller may use at once, by profile. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from auth.caller import Caller
from auth.rules import AUTHENTICATED, PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLimits:
    """What one caller may ask for; None sets no limit beyond those of the unit, which hold for everybody."""

    bytes: int | None = None
    """Of one download."""
    pixels: int | None = None
    """Width times height of one picture."""
    requests: int | None = None
    """That are under way at the same time, in each process."""


UNLIMITED: Final = CallerLimits()
"""Nothing beyond the limits of the unit."""


def most_generous(limits: Iterable[CallerLimits]) -> CallerLimits:
    """Return of each limit the largest one that is set; one that none sets stays open."""
    found = tuple(limits)
    return CallerLimits(
        bytes=max((one.bytes for one in found if one.bytes is not None), default=None),
        pixels=max((one.pixels for one in found if one.pixels is not None), default=None),
        requests=max((one.requests for one in found if one.requests is not None), default=None),
    )


class ProfileLimits:
    """The limits of all profiles; what a set of profiles comes to is worked out once."""

    _KEPT: Final = 4096

    def __init__(self, profiles: Mapping[str, CallerLimits]) -> None:
        """Take the limits by profile; `public` are those of everybody, `authenticated` those of every account."""
        self._profiles = dict(profiles)
        self._anonymous = self._profiles.get(PUBLIC, UNLIMITED)
        self._known: dict[frozenset[str], CallerLimits] = {}

    def of(self, caller: Caller) -> CallerLimits:
        """Return the limits of a caller: of each the most generous one among those of their profiles."""
        if not self._profiles:
            return UNLIMITED
        if caller.subject is None:
            return self._anonymous
        found = self._known.get(caller.profiles)
        if found is None:
            words = (PUBLIC, AUTHENTICATED, *(caller.profiles - {PUBLIC, AUTHENTICATED}))
            found = most_generous(self._profiles[word] for word in words if word in self._profiles)
            if len(self._known) < self._KEPT:
                self._known[caller.profiles] = found
        return found
