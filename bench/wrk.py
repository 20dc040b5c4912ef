"""Load by wrk: asks for the paths of a file in turn, and counts the answers that are not what they should be."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).with_name("answers.lua")


class BadAnswersError(Exception):
    """Answers were not whole pictures with status 200: the rate does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What wrk tells of one run; milliseconds."""

    requests: float
    """That were answered."""
    micros: float
    """Microseconds that it took."""
    bad: float
    """Answers that are not what they should be."""
    status: float
    """Of the last of them; 0 where there was none."""
    failed: float
    """Connections."""
    p50: float
    p99: float
    mean: float
    most: float
    volume: float
    """Bytes of all answers with their heads."""


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
    """Ask for pictures by the paths in turn, from the one numbered `start` on.

    Raises:
        BadAnswersError: see there.

    """
    return judged(_asked(base, (str(paths), str(start), "pictures"), connections=connections, seconds=seconds))


def run_mixed(base: str, paths: Path, *, connections: int, seconds: float, start: int) -> Counted:
    """Ask for anything by the paths in turn; only answers of another status than 200 are bad."""
    return _asked(base, (str(paths), str(start), "anything"), connections=connections, seconds=seconds)


def counted(text: str) -> Counted:
    """Read the line that the script prints."""
    line = next(line for line in text.splitlines() if line.startswith("RESULT "))
    names = (field.name for field in fields(Counted))
    return Counted(**dict(zip(names, map(float, line.split()[1:]), strict=True)))


def judged(found: Counted) -> Load:
    """Return the load where every answer counts.

    Raises:
        BadAnswersError: any answer was bad, any connection failed, or there was no answer.

    """
    if found.bad or found.failed or not found.requests:
        message = f"{found.bad:.0f} of {found.requests:.0f} answers were no whole picture, {found.failed:.0f} failed"
        raise BadAnswersError(message)
    return Load(
        rate=found.requests / found.micros * 1e6,
        p50=found.p50,
        p99=found.p99,
        mean=found.mean,
        most=found.most,
        kilobytes=found.volume / found.requests / 1000,
        requests=found.requests,
    )


def _asked(base: str, given: Sequence[str], *, connections: int, seconds: float) -> Counted:
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is not installed; it is in the packages of most systems")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(SCRIPT)]
    return counted(subprocess.run([*command, base, "--", *given], check=True, capture_output=True, text=True).stdout)
