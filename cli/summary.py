"""What an ingest did, in lines for people."""

from collections.abc import Collection, Iterator

from tqdm import tqdm

from stores.ingest.run import Summary


def changed(summary: Summary) -> bool:
    """Tell whether there is another version than before."""
    return bool(summary.added or summary.replaced or summary.withdrawn or summary.steps != summary.steps_before)


def partial(summary: Summary) -> bool:
    """Tell whether something was not taken."""
    return bool(summary.refused or summary.left_out)


def headline(dataset_id: str, summary: Summary) -> str:
    """Say what changed, in one line."""
    before = "" if summary.steps == summary.steps_before else f" ({summary.steps_before} before)"
    counts = {
        "new": summary.added,
        "replaced": summary.replaced,
        "withdrawn": summary.withdrawn,
        "unchanged": summary.kept,
        "refused": summary.refused,
    }
    files = ", ".join(f"{len(names)} {word}" for word, names in counts.items())
    if summary.left_out:
        files += f"; {len(summary.left_out)} variables left out"
    read = tqdm.format_sizeof(summary.bytes_read, "B")
    version = f"; version {summary.version}" if summary.version else ""
    return f"{dataset_id}: {summary.steps} steps{before}; files: {files}; {read} in {summary.seconds:.1f} s{version}"


def faults(summary: Summary, said: Collection[str] = ()) -> Iterator[str]:
    """Say what was not taken and why, one line each, but for those `said` before."""
    lines = [f"  refused {name}: {reason}" for name, reason in summary.refused]
    lines += [f"  left out of {name}: {variable}: {reason}" for name, variable, reason in summary.left_out]
    yield from (line for line in lines if line not in said)
