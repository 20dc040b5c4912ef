"""What may happen to a unit while it serves: each lets it happen, asks meanwhile, mends it and asks again."""

import os
import random
import shutil
import signal
import struct
import threading
import time
import urllib.error
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.hearing import Hearing, UntrueError, children_of, listeners, writable
from bench.standing import OPEN, Standing
from bench.victims import Server

if TYPE_CHECKING:
    from bench.faults import FaultyProxy

_ASKED: Final = 40
"""Questions during each fault."""
_REMOTE: Final = ("internal error", "slow down", "reset", "cut", "stall", "delay")
_JUMP: Final = 400 * 86400
"""Seconds."""
_BACK: Final = 10.0
"""Seconds in which a process that died is replaced."""

Fault = Callable[["Scene", Hearing], None]


class Scene:
    """Where faults happen: a store in a folder, or in an object store behind a network, and a clock."""

    def __init__(self, standing: Standing, draw: random.Random) -> None:
        """Let faults happen to a unit."""
        self.standing, self.draw = standing, draw
        self.store = standing.folder / "store"
        self.proxy: FaultyProxy | None = None
        self.env = dict(os.environ)
        self.clock = standing.folder / "clock"

    @property
    def chunks(self) -> list[Path]:
        """Return the objects with the values of the open dataset."""
        return sorted(path for path in (self.store / OPEN / "chunks").rglob("*") if path.is_file())

    def moved(self, seconds: int) -> None:
        """Move the wall clock of the unit to so many seconds from the true one."""
        with self.clock.open("r+b") as file:
            file.write(struct.pack("=q", seconds))


def store_away(scene: Scene, unit: Hearing) -> None:
    """Take the whole store away, as an unmounted disk does."""
    # As well before the first question as after it.
    unit.sound(scene.draw.choice((0, 1)))
    away = scene.store.with_name("away")
    scene.store.rename(away)
    try:
        _refused(unit.truthful(_ASKED))
        time.sleep(scene.draw.choice((0.0, 3.0)))
        unit.truthful(_ASKED)
        unit.alive()
    finally:
        away.rename(scene.store)
    unit.recovered()


def chunks_damaged(scene: Scene, unit: Hearing) -> None:
    """Flip a bit in some objects of the store, cut others short, and lose others."""
    kept = scene.standing.folder / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(scene.store / OPEN / "chunks", kept)
    hurt = scene.draw.sample(scene.chunks, len(scene.chunks) // 2)
    for path in hurt:
        _damage(path, scene.draw)
    try:
        _refused(unit.truthful(_ASKED))
        unit.alive()
    finally:
        for path in hurt:
            shutil.copyfile(kept / path.relative_to(scene.store / OPEN / "chunks"), path)
        shutil.rmtree(kept)
    unit.recovered()


def _damage(path: Path, draw: random.Random) -> None:
    content, kind = bytearray(path.read_bytes()), draw.randrange(4)
    if kind == 3:
        path.unlink()
        return
    if kind == 2:
        del content[draw.randrange(len(content)) :]
    else:
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)


def disk_full(_: Scene, unit: Hearing) -> None:
    """Let no file grow: neither downloads, nor the logs, nor the records of uses."""
    unit.sound(2, "netcdf4")
    for process in unit.server.processes:
        writable(process, 512)
    try:
        _refused(unit.truthful(6, "netcdf4"))
        for kind in ("tile", "info", "netcdf3", "csv", "capabilities"):
            unit.sound(5, kind)
    finally:
        for process in unit.server.processes:
            writable(process, None)
    unit.recovered()
    until = time.monotonic() + _BACK
    while unit.figure("halocline_uses_waiting") > 1:
        if time.monotonic() > until:
            raise UntrueError("records of uses still wait for a disk that has room again")
        time.sleep(0.2)
    if unit.figure("halocline_uses_lost_total"):
        raise UntrueError("records of uses were lost")


def writers_killed(_: Scene, unit: Hearing) -> None:
    """Kill the processes that write netCDF-4, while they wait and while they write."""
    before = set(children_of(unit.server))
    unit.sound(1, "netcdf4")
    for after in (0.0, 0.01, 0.05):
        asking = threading.Timer(after, _kill_all, [unit.server, before])
        asking.start()
        unit.truthful(3, "netcdf4")
        asking.join()
    unit.recovered()
    unit.sound(2, "netcdf4")


def _kill_all(server: Server, spared: set[int]) -> None:
    for process in set(children_of(server)) - spared:
        os.kill(process, signal.SIGKILL)


def worker_killed(_: Scene, unit: Hearing) -> None:
    """Kill one of two processes under load, again and again: only those are cut off that it was answering."""
    for _number in range(3):
        victim = unit.draw.choice(_listening(unit, set()))
        killer = threading.Timer(0.3, os.kill, [victim, signal.SIGKILL])
        killer.start()
        begun, lost = time.monotonic(), 0
        while time.monotonic() - begun < 1.5:
            try:
                unit.heard(unit.oracle.question(unit.draw, "tile"))
            except (urllib.error.URLError, ConnectionError):
                lost += 1
        killer.join()
        unit.count.hung_up += lost
        if lost > 2:
            raise UntrueError(f"{lost} connections were lost with one process, and one was open at a time")
        _listening(unit, {victim})
        unit.count.seconds.append(time.monotonic() - begun - 0.3)
        unit.sound(20)


def _listening(unit: Hearing, gone: set[int]) -> list[int]:
    """Wait until two processes listen, none of them one of `gone`."""
    until = time.monotonic() + _BACK
    while len(found := listeners(unit.server)) < 2 or gone & set(found):
        if time.monotonic() > until:
            raise UntrueError(f"of two processes only {found} listen after {_BACK:g} s; {sorted(gone)} were killed")
        time.sleep(0.05)
    return found


def network_fails(scene: Scene, unit: Hearing) -> None:
    """Let every request to the object store fail, in one way or in all, then some of them, then none."""
    if scene.proxy is None:
        raise ValueError("this fault is one of object stores")
    kind = scene.draw.choice(_REMOTE)
    scene.proxy.kinds, scene.proxy.share = (kind,), 1.0
    try:
        refused = unit.truthful(8)
        unit.alive()
        if kind in ("internal error", "slow down", "stall"):
            _refused(refused)
        scene.proxy.kinds, scene.proxy.share = _REMOTE[:-2], 0.3
        unit.truthful(8)
    finally:
        scene.proxy.share = 0.0
        scene.proxy.release()
    unit.recovered()


def clock_jumps(scene: Scene, unit: Hearing) -> None:
    """Let the wall clock jump by 400 days forward, back beyond the start, and home: tokens alone go by it."""
    with_token = {"Authorization": f"Bearer {scene.standing.token}"}
    for seconds in scene.draw.sample((_JUMP, -_JUMP), 2):
        unit.heard(unit.oracle.question(unit.draw, "tile"), with_token)
        scene.moved(seconds)
        unit.sound(_ASKED // 2)
        unit.sound(3, "netcdf4")
        _expired(unit, with_token, forward=seconds > 0)
        scene.moved(0)
        unit.heard(unit.oracle.question(unit.draw, "tile"), with_token)
        unit.recovered()
        unit.sound(2, "netcdf4")


def _expired(unit: Hearing, with_token: dict[str, str], *, forward: bool) -> None:
    """See that a token is refused once it has expired; an earlier clock may take one that was verified before."""
    try:
        unit.heard(unit.oracle.question(unit.draw, "tile"), with_token)
    except UntrueError as error:
        if not str(error).startswith("401"):
            raise
    else:
        if forward:
            raise UntrueError("a token is taken that has expired, or the clock did not move")


FAULTS: Final[Mapping[str, Fault]] = {
    "store away": store_away,
    "chunks damaged": chunks_damaged,
    "disk full": disk_full,
    "writers killed": writers_killed,
    "worker killed": worker_killed,
    "network fails": network_fails,
    "clock jumps": clock_jumps,
}


def _refused(refused: int) -> None:
    if not refused:
        raise UntrueError("the fault was noticed by no question: it was none")
