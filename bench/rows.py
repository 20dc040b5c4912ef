"""Tables in RESULTS.md to which each run adds a row."""

import os
import platform
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).parent / "RESULTS.md"


def added(title: str, said: str, columns: tuple[str, ...], cells: tuple[object, ...], path: Path = RESULTS) -> str:
    """Add a row at the end of the table of that title, which is begun where it is not there; return the row.

    `said` stands below the title.
    """
    row = f"| {' | '.join(map(str, cells))} |\n"
    ruler = "|" + "---|" * len(columns)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"\n## {title}, {machine}\n\n{said}\n\n| {' | '.join(columns)} |\n{ruler}\n"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if head not in text:
        path.write_text(f"{text}{head}{row}", encoding="utf-8")
        return row
    at = text.index(head) + len(head)
    while text.startswith("|", at):
        at = text.index("\n", at) + 1
    path.write_text(text[:at] + row + text[at:], encoding="utf-8")
    return row
