"""Puts the counts of several processes together, in the Prometheus text format. Pure.

Source: Prometheus, Exposition formats, "Text-based format" (0.0.4): all lines of a metric are one group.
"""

from collections.abc import Mapping
from typing import Final

_HELP: Final = "# HELP "


def together(expositions: Mapping[int, str]) -> str:
    """Return one exposition of several, each sample with the number of its process as a label.

    They are not added up: the counts of a process that is replaced begin at 0 again, which whoever asks can only tell
    where each process has its own series.
    """
    samples: dict[str, list[str]] = {}
    heads: dict[str, str] = {}
    for process, text in sorted(expositions.items()):
        for block in text.split(_HELP)[1:]:
            said, kind, *lines = block.splitlines()
            name = said.partition(" ")[0]
            heads.setdefault(name, f"{_HELP}{said}\n{kind}\n")
            samples.setdefault(name, []).extend(_labelled(line, process) for line in lines if line)
    return "".join(head + "".join(samples[name]) for name, head in heads.items())


def _labelled(line: str, process: int) -> str:
    # A name holds neither a space nor a brace; the values of labels may hold both.
    end = min(at for at in (line.find("{"), line.find(" ")) if at >= 0)
    name, rest = line[:end], line[end:]
    if rest.startswith("{"):
        return f'{name}{{process="{process}",{rest[1:]}\n'
    return f'{name}{{process="{process}"}}{rest}\n'
