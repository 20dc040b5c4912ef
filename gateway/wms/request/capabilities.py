"""GetCapabilities as a value. Source: OGC 06-042, 7.2.3."""

from dataclasses import dataclass

from gateway.wms.request.parameters import Parameters, Query, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCapabilities:
    """One GetCapabilities."""

    version: Version
    dataset: str | None
    """To describe alone; None for all."""
    update_sequence: str | None
    """That the client has."""


def parse_get_capabilities(query: Query, *, dataset: str | None = None) -> GetCapabilities:
    """Read GetCapabilities (06-042, 7.2.3); `dataset` is the one in the path."""
    parameters = Parameters.of(query)
    return GetCapabilities(
        version=parameters.version,
        dataset=dataset or parameters.text("DATASET"),
        update_sequence=parameters.text("UPDATESEQUENCE"),
    )
