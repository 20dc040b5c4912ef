"""Counters of one process, in a registry of its own so that two units may live in one process."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from stores.cache import ChunkCache

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class _CacheCollector:
    """Reads the chunk cache's own counts when asked, so that the hot path counts once."""

    def __init__(self, cache: ChunkCache) -> None:
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily("halocline_chunk_hits", "Chunks found in the cache.", value=self._cache.hits)
        yield CounterMetricFamily("halocline_chunk_misses", "Chunks read from the store.", value=self._cache.misses)
        yield GaugeMetricFamily("halocline_chunk_bytes", "Bytes of decoded chunks held.", value=self._cache.bytes)


class Metrics:
    """What is counted. Labels are protocols and status classes only: never a dataset, a caller or a path."""

    def __init__(self, cache: ChunkCache) -> None:
        """Make the counters."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "halocline_requests", "Requests answered.", ["protocol", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "halocline_request_seconds",
            "From the request read to the answer ready.",
            ["protocol"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._lag = Gauge(
            "halocline_loop_lag_seconds", "How late the event loop came back at the last beat.", registry=self._registry
        )
        self._registry.register(_CacheCollector(cache))

    def answered(self, protocol: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(protocol, f"{status // 100}xx").inc()
        self._seconds.labels(protocol).observe(seconds)

    def lagged(self, seconds: float) -> None:
        """Note how late the loop came back to a timer."""
        self._lag.set(seconds)

    def exposition(self) -> bytes:
        """Return all counts in the Prometheus text format 0.0.4."""
        return generate_latest(self._registry)
