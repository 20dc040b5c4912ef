"""Counters of one process, in a registry of its own so that two units may live in one process."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
GONE: Final = 499
"""Status of an answer for which its client did not wait; it is never sent."""

NAMELESS: Final = "none"
"""Label of what has no operations, and of what asked for none that there is."""

Figure = tuple[str, str, Callable[[], float]]
"""Name, what it says, and how it is asked for; a name that ends in `_total` only ever grows."""


class _Figures:
    """Reads counts that others keep, when asked: what is counted already is not counted twice."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = tuple(figures)

    def collect(self) -> Iterator[Metric]:
        for name, says, ask in self._figures:
            if name.endswith("_total"):
                yield CounterMetricFamily(name, says, value=ask())
            else:
                yield GaugeMetricFamily(name, says, value=ask())


class DrawingClock:
    """Called by the painter at the end of each step with its name; tells the seconds of all steps but reading.

    One that is never called belongs to a request whose picture another one was drawing already.
    """

    def __init__(self, rendered: Callable[[float], None]) -> None:
        """Tell `rendered` after the last step."""
        self._rendered = rendered
        self._before = time.perf_counter()
        self._seconds = 0.0
        self.stopped = False
        """Whether the picture was drawn for this request."""

    def __call__(self, step: str) -> None:
        """Note the end of a step."""
        now = time.perf_counter()
        if step != "read":
            self._seconds += now - self._before
        self._before = now
        if step == "encode":
            self.stopped = True
            self._rendered(self._seconds)


class Metrics:
    """What is counted. Labels are protocols, their operations and status codes: never a dataset, a caller or a path."""

    def __init__(self) -> None:
        """Make the counters."""
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "halocline_requests", "Requests answered.", ["protocol", "operation", "status"], registry=registry
        )
        self._seconds = Histogram(
            "halocline_request_seconds",
            "From the request read to the answer ready.",
            ["protocol", "operation"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._cancelled = Counter(
            "halocline_cancelled", "Requests whose client did not wait for the answer.", registry=registry
        )
        self.waited = self._histogram("queue", "That work waited for a thread.")
        """Tell the seconds that one piece of work waited for a thread."""
        self.waited_quick = self._histogram("quick_wait", "That quick work waited for a place, where it had to.")
        """Tell the seconds that quick work waited for a place."""
        self.waited_long = self._histogram("long_wait", "That long work waited for places, where it had to.")
        """Tell the seconds that long work waited for places."""
        self.read = self._histogram("read", "Of reading one chunk from the store.")
        """Tell the seconds of reading one chunk."""
        self.rendered = self._histogram("render", "Of drawing one picture, without reading.")
        """Tell the seconds of drawing one picture."""
        self.lagged = self._histogram("loop_lag", "How late the event loop came back to a timer.")
        """Tell how late the loop came back, in seconds."""
        self._joined = Counter(
            "halocline_drawings_joined", "Pictures that another request was drawing already.", registry=registry
        )
        self._in_flight = 0
        # Looking labels up costs more than counting: what they lead to is kept. There are few.
        self._known: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}
        self.include([("halocline_in_flight", "Requests that are being answered.", lambda: self._in_flight)])
        ProcessCollector(registry=registry)

    def include(self, figures: Sequence[Figure]) -> None:
        """Report figures that others keep as well."""
        self._registry.register(_Figures(figures))

    def began(self) -> None:
        """Count a request in."""
        self._in_flight += 1

    def ended(self, protocol: str, operation: str, status: int, seconds: float) -> None:
        """Count its answer."""
        self._in_flight -= 1
        known = self._known.get((protocol, operation, status))
        if known is None:
            counter = self._requests.labels(protocol, operation, str(status))
            histogram = self._seconds.labels(protocol, operation)
            known = self._known[protocol, operation, status] = counter.inc, histogram.observe
        known[0]()
        known[1](seconds)
        if status == GONE:
            self._cancelled.inc()

    def drawing(self) -> DrawingClock:
        """Return a clock for one picture; hand it to `drawn` at the end."""
        return DrawingClock(self.rendered)

    def drawn(self, clock: DrawingClock) -> None:
        """Count a picture that was not drawn anew, because another request was drawing it."""
        if not clock.stopped:
            self._joined.inc()

    def exposition(self) -> bytes:
        """Return all counts in the Prometheus text format 0.0.4."""
        return generate_latest(self._registry)

    def _histogram(self, name: str, says: str) -> Callable[[float], None]:
        made = Histogram(f"halocline_{name}_seconds", f"Seconds: {says}", buckets=_SECONDS, registry=self._registry)
        return made.observe
