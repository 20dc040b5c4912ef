"""Why a unit cannot be served as asked. Apart from what raises it: who only tells of it is not to load a server."""


class ConfigError(Exception):
    """The configuration cannot be used; the message names file, key and cure."""


class PortTakenError(Exception):
    """Somebody else listens at the address; the message says what to do."""
