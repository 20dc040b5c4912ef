"""Load by wrk: asks for the paths of a file in turn, and refuses a run with any answer that is not a whole picture."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).with_name("tiles.lua")


class BadAnswersError(Exception):
    """Answers were not whole pictures with status 200: the rate does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one run found; milliseconds."""

    rate: float
    """Answers a second."""
    p50: float
    p99: float
    mean: float
    most: float
    kilobytes: float
    """Of one answer with its head."""
    requests: float
    cpu: float = 0.0
    """CPU seconds of the server's processes in all."""


def write_paths(path: Path, paths: Sequence[str]) -> Path:
    """Write the file that a run reads."""
    path.write_text("\n".join(paths) + "\n", encoding="utf-8")
    return path


def run(base: str, paths: Path, *, connections: int, seconds: float, start: int = 0) -> Load:
    """Ask for the paths in turn, from the one numbered `start` on.

    Raises:
        BadAnswersError: see there.

    """
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is not installed; it is in the packages of most systems")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(SCRIPT)]
    answer = subprocess.run([*command, base, "--", str(paths), str(start)], check=True, capture_output=True, text=True)
    return parse(answer.stdout)


def parse(text: str) -> Load:
    """Read the line that the script prints.

    Raises:
        BadAnswersError: any answer was bad, any connection failed, or there was no answer.

    """
    line = next(line for line in text.splitlines() if line.startswith("RESULT "))
    requests, micros, bad, failed, p50, p99, mean, most, volume = map(float, line.split()[1:])
    if bad or failed or not requests:
        raise BadAnswersError(f"{bad:.0f} of {requests:.0f} answers were no whole picture, {failed:.0f} failed")
    return Load(
        rate=requests / micros * 1e6,
        p50=p50,
        p99=p99,
        mean=mean,
        most=most,
        kilobytes=volume / requests / 1000,
        requests=requests,
    )
