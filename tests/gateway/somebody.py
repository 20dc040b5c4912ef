"""Callers for tests: what settles who calls, without tokens."""

from auth.caller import ANONYMOUS, Caller
from gateway.app import make_app
from gateway.keys import IDENTITY

MAJOR = Caller(subject="ada", profiles=frozenset({"major"}))
MINOR = Caller(subject="ben", profiles=frozenset({"minor"}))


class Somebody:
    """Takes every request for one of the same caller."""

    def __init__(self, found=ANONYMOUS):
        self.found = found

    async def caller(self, _):
        return self.found


def unit_for(config):
    """Return an application and what says who calls it."""
    app, who = make_app(config), Somebody()
    app[IDENTITY] = who
    return app, who
