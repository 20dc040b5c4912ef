"""The counts of several processes as one text, as Prometheus reads it."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gateway.operations.exposition import together


def told(seen):
    """Return what a process says that has counted some answers."""
    registry = CollectorRegistry()
    counter = Counter("answers", "Answers.", ["status", "path"], registry=registry)
    seconds = Histogram("took_seconds", "Took.", buckets=[1.0], registry=registry)
    Counter("plain", "Plain.", registry=registry).inc(7)
    for status, number in seen.items():
        counter.labels(status, 'a "b" {c} d\\e').inc(number)
        seconds.observe(number)
    return generate_latest(registry).decode()


def read(text):
    """Return what Prometheus's own reader finds, without the times of creation."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_each_sample_is_there_with_the_number_of_its_process():
    texts = {0: told({"200": 3}), 2: told({"200": 1, "404": 5})}
    expected = {
        (name, tuple(sorted((*labels, ("process", str(process)))))): value
        for process, text in texts.items()
        for (name, labels), value in read(text).items()
    }
    assert read(together(texts)) == expected


def test_each_metric_is_one_group():
    heads = [line for line in together({0: told({"200": 3}), 1: told({})}).splitlines() if line.startswith("# TYPE")]
    assert heads
    assert len(heads) == len(set(heads))
