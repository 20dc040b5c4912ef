"""Who reads NetCDF for a command: processes of this machine, or a Dask cluster."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from stores.ingest.crew import Crew, Processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a command reads, and how much it says."""

    processes: int = 2
    dask: str | None = None
    """Address of a scheduler, whose workers read instead of processes."""
    quiet: bool = False
    """Say nothing but what is wrong."""

    def crew(self) -> AbstractContextManager[Crew]:
        """Return who reads as long as the context is open.

        Raises:
            ClusterError: on entering: there is no such cluster.

        """
        if self.dask is None:
            return Processes(self.processes)
        from stores.ingest.cluster import DaskCrew  # noqa: PLC0415 -- installed only where there is a cluster

        return DaskCrew(self.dask)
