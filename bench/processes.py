"""What a process and all below it use, as Linux tells it."""

import os
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """Return a process and all below it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = _fields(int(path.parent.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def memory(root: int) -> int:
    """Return the bytes that they have in memory; what they share counts once."""
    return sum(map(resident, tree(root)))


def resident(process: int) -> int:
    """Return the bytes that one has in memory, with its part of what others share; 0 where it has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(text.split("\nPss:")[1].split()[0]) * 1024


def cpu(root: int) -> float:
    """Return the CPU seconds that they have used, and those of their children that have ended."""
    return sum(sum(map(int, fields[11:15])) for process in tree(root) if (fields := _fields(process))) / _TICKS


def _fields(process: int) -> list[str]:
    """Return the fields of a process from its state on; none where it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
