"""Sources that vanish, change, or are no files: named, never waited for without end, and what was served stays."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stores.ingest.crew import Processes
from stores.ingest.reading import read_task
from stores.ingest.run import ingest

ROOT = Path(__file__).parents[3]
PATIENCE = 120.0


def a_pipe(path):
    os.mkfifo(path)


def a_folder(path):
    path.mkdir()


def a_link_to_nothing(path):
    path.symlink_to(path.with_name("nothing"))


def a_link_to_itself(path):
    path.symlink_to(path)


def nothing_in_it(path):
    path.write_bytes(b"")


def half_of_it(path):
    content = path.with_name("whole").read_bytes()
    path.write_bytes(content[: len(content) // 2])


def all_but_the_end(path):
    path.write_bytes(path.with_name("whole").read_bytes()[:-8])


def zeros_in_the_middle(path):
    content = bytearray(path.with_name("whole").read_bytes())
    content[: len(content) // 2] = bytes(len(content) // 2)
    path.write_bytes(content)


def no_longer_there(path):
    assert not path.exists()


def a_link_too_long_to_follow(path):
    path.symlink_to("x" * 300)


def closed_to_us(path):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path.write_bytes(path.with_name("whole").read_bytes())
    path.chmod(0)


HOSTILE = [
    (a_pipe, "pipe or device"),
    (a_folder, "folder"),
    (a_link_to_nothing, "No such file"),
    (a_link_to_itself, "symbolic links"),
    (nothing_in_it, "empty"),
    (half_of_it, ""),
    (zeros_in_the_middle, ""),
    (no_longer_there, "No such file"),
    (a_link_too_long_to_follow, "too long"),
    (closed_to_us, "Permission denied"),
]


@pytest.mark.parametrize(("spoil", "reason"), HOSTILE, ids=[spoil.__name__ for spoil, _ in HOSTILE])
def test_a_listed_file_that_cannot_be_read_keeps_what_it_gave(make, take, stored, spoil, reason):
    first, second = make("00.nc", [0], 1), make("01.nc", [1], 2)
    take(first, second)
    first.rename(first.with_name("whole"))
    spoil(first)
    summary = take(first, second)
    assert [name for name, _ in summary.refused] == ["00.nc"]
    assert reason in summary.refused[0][1]
    assert summary.withdrawn == ()
    found = stored()
    assert [found.values("t", step)[0, 0] for step in (0, 1)] == [1, 2]


@pytest.mark.parametrize(("spoil", "reason"), HOSTILE, ids=[spoil.__name__ for spoil, _ in HOSTILE])
def test_a_new_file_that_cannot_be_read_keeps_no_other_out(make, take, stored, spoil, reason):
    good, bad = make("01.nc", [1], 2), make("02.nc", [2], 3)
    bad.rename(bad.with_name("whole"))
    spoil(bad)
    summary = take(good, bad)
    assert [name for name, _ in summary.refused] == ["02.nc"]
    assert len(stored().dataset.steps) == 1
    if spoil is a_folder:
        bad.rmdir()
    else:
        bad.unlink(missing_ok=True)
    bad.with_name("whole").rename(bad)
    assert take(good, bad).refused == ()
    assert len(stored().dataset.steps) == 2


@pytest.mark.parametrize("kind", ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"])
def test_a_classic_file_that_was_cut_short_is_never_read_as_zeros(make, take, stored, kind):
    first, second = make("00.nc", [0], 1, kind=kind), make("01.nc", [1], 2, kind=kind)
    take(first, second)
    first.rename(first.with_name("whole"))
    all_but_the_end(first)
    assert "truncated" in take(first, second).refused[0][1]
    assert stored().values("t", 0)[0, 0] == 1


def test_an_empty_listing_withdraws_nothing(make, take, stored):
    take(make("00.nc", [0], 1), make("01.nc", [1], 2))
    summary = take()
    assert (summary.steps, summary.withdrawn) == (2, ())
    assert stored().values("t", 1)[0, 0] == 2


class Meddling(Processes):
    """A crew during whose reading something happens to a file, once."""

    def __init__(self, meddle):
        super().__init__(0)
        self.meddle = meddle

    def each(self, work, items):
        for found in super().each(work, items):
            if work is read_task and self.meddle is not None:
                self.meddle, meddle = None, self.meddle
                meddle()
            yield found


def rewritten(path, draft):
    path.write_bytes(draft.read_bytes())


def replaced(path, draft):
    draft.replace(path)


def growing(path, draft):
    with path.open("ab") as file:
        file.write(b"more")


def removed(path, draft):
    path.unlink()


@pytest.mark.parametrize("meddle", [rewritten, replaced, growing, removed])
def test_a_file_that_changes_while_it_is_read_is_never_mixed(make, take, stored, location, meddle):
    first, draft = make("00.nc", [0, 1, 2, 3], 1), make("draft", [0, 1, 2, 3], 2)
    other = make("01.nc", [4], 9)
    take(first, other)
    newer = make("newer", [0, 1, 2, 3], 5)
    newer.replace(first)
    crew = Meddling(lambda: meddle(first, draft))
    ingest(location, "d", [first, other], crew=crew, report=lambda progress: None)
    assert crew.meddle is None
    found = stored()
    assert len({found.values("t", step)[0, 0] for step in range(4)}) == 1
    assert found.values("t", 4)[0, 0] == 9
    if meddle in (rewritten, replaced):
        assert take(first, other).refused == ()
        assert stored().values("t", 0)[0, 0] == 2


def test_a_pipe_does_not_keep_the_command_waiting(make, tmp_path):
    make("00.nc", [0], 1)
    os.mkfifo(tmp_path / "source" / "01.nc")
    config = tmp_path / "unit.yaml"
    config.write_text(f"store: {tmp_path}/store\ndatasets:\n  - id: d\n    source: {tmp_path}/source/*.nc\n")
    command = [Path(sys.executable).with_name("halocline"), "ingest", config]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "01.nc" in done.stderr + done.stdout
    shutil.rmtree(tmp_path / "store")
