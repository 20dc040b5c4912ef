"""Which operation of WMS is asked for, and in which version to answer. Source: OGC 06-042, 6.2.4 and 6.8."""

from typing import Final, Literal, get_args

from core.numbers import shown
from core.problem import Problem
from gateway.wms.request.parameters import Parameters, Query, Version

Operation = Literal["GetCapabilities", "GetMap", "GetFeatureInfo", "GetLegendGraphic", "GetMetadata"]

_OPERATIONS: Final[dict[str, Operation]] = {name.lower(): name for name in get_args(Operation)}


def operation(query: Query) -> Operation:
    """Return what is asked for, in the standard's spelling; any case is understood.

    Raises:
        Problem: `unknown_operation`, `missing_parameter`, or SERVICE is another one.

    """
    parameters = Parameters.of(query)
    service = parameters.text("SERVICE") or "WMS"
    if service.upper() != "WMS":
        raise Problem("invalid_value", f"SERVICE={shown(service)} is not served here: WMS is", parameter="SERVICE")
    asked = parameters.required("REQUEST")
    found = _OPERATIONS.get(asked.lower())
    if found is None:
        message = f"REQUEST={shown(asked)} is not offered; there are {', '.join(get_args(Operation))}"
        raise Problem("unknown_operation", message, parameter="REQUEST")
    return found


def version_of(query: Query) -> Version:
    """Return the version to answer in. Never raises, so that any refusal can be put into the right words."""
    return Parameters.of(query).version
