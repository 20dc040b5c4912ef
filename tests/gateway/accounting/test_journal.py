"""Records in files: numbered without a gap, in whole lines, for a while; read back from any number."""

import errno
import json
import logging
import multiprocessing
import os
import re
import resource
import signal
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.accounting.journal import Journal
from gateway.accounting.pseudonyms import Pseudonyms, secret_of
from gateway.accounting.reading import BrokenSeriesError, all_series, records
from gateway.accounting.use import Use
from gateway.config.accounting import AccountingConfig
from gateway.config.file import ConfigError, parse
from tests.gateway.accounting.conftest import lines_in

NOON = 1447848000.0
"""2015-11-18T12:00:00Z."""
DAY = 86400.0
NAME = re.compile(r"\d{4}-\d\d-\d\d\.\d{8}T\d{6}Z-[0-9a-f]{16}\.\d{12}\.jsonl")


def config(folder, **given):
    return AccountingConfig(folder=str(folder / "records"), secret=str(folder / "secret"), **given)


def journal(folder, clock=lambda: NOON, **given):
    made = Journal(config(folder, **given), "unit", clock)
    made.begin()
    return made


def use(time=NOON, subject="ada", operation="GetMap"):
    return Use(
        time=time, subject=subject, protocol="wms", operation=operation, datasets=("sea",), action="view", status=200,
        outcome="answered", refusal=None, size=7, seconds=0.25,
    )  # fmt: skip


def kinds(folder):
    return [line["kind"] for line in lines_in(folder / "records")]


def numbers(folder):
    return [line["seq"] for line in lines_in(folder / "records")]


def test_records_begin_and_end_and_are_numbered_from_one(tmp_path):
    made = journal(tmp_path)
    for _ in range(3):
        made.add(use)
        made.write()
    made.end()
    assert (kinds(tmp_path), numbers(tmp_path)) == (["begin", "use", "use", "use", "end"], [1, 2, 3, 4, 5])
    first = lines_in(tmp_path / "records")[0]
    assert first == {
        "seq": 1, "kind": "begin", "time": "2015-11-18T12:00:00.000Z", "format": 1, "unit": "unit",
        "series": made.series,
    }  # fmt: skip
    assert all(NAME.fullmatch(path.name) for path in (tmp_path / "records").iterdir())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=12), st.integers(1, 200))
def test_whatever_is_written_when_is_read_back_from_any_number(tmp_path_factory, batches, since):
    folder = tmp_path_factory.mktemp("journal")
    made, number = journal(folder, segment_bytes=4096), count()
    for batch in batches:
        for _ in range(batch):
            made.add(partial(use, operation=f"o{next(number)}", time=NOON + 3600 * next(number)))
        made.write()
    made.end()
    (series,) = all_series(folder / "records")
    found = list(records(folder / "records", series, since))
    total = sum(batches) + 2
    assert [one["seq"] for one in found] == list(range(since, total + 1))
    assert [one["operation"] for one in records(folder / "records", series) if one["kind"] == "use"] == [
        f"o{2 * place}" for place in range(sum(batches))
    ]


def test_another_file_is_begun_each_day_and_when_one_is_full(tmp_path):
    made = journal(tmp_path, segment_bytes=4096)
    for day in (0, 1):
        for _ in range(40):
            made.add(partial(use, time=NOON + day * DAY))
            made.write()
    files = sorted(path.name for path in (tmp_path / "records").iterdir())
    assert {name[:10] for name in files} == {"2015-11-18", "2015-11-19"}
    assert len(files) > 4
    assert max(path.stat().st_size for path in (tmp_path / "records").iterdir()) < 4096 + 400
    assert numbers(tmp_path) == list(range(1, 82))


def test_records_are_removed_when_their_days_are_over_and_nothing_else_is(tmp_path):
    old = journal(tmp_path, keep=timedelta(days=2))
    for day in range(4):
        old.add(partial(use, time=NOON + day * DAY))
        old.write()
    assert {line["time"][:10] for line in lines_in(tmp_path / "records")} == {"2015-11-19", "2015-11-20", "2015-11-21"}
    (tmp_path / "records" / "2001-01-01.notes.jsonl").write_text("")
    later = journal(tmp_path, clock=lambda: NOON + 9 * DAY, keep=timedelta(days=2))
    assert {line["time"][:10] for line in lines_in(tmp_path / "records")} == {"2015-11-27"}
    assert (tmp_path / "records" / "2001-01-01.notes.jsonl").exists()
    assert all_series(tmp_path / "records") == [later.series]
    (series,) = all_series(tmp_path / "records")
    assert [one["seq"] for one in records(tmp_path / "records", series)] == [1]


def test_what_cannot_be_removed_has_nothing_written_twice_and_saves_no_other_file(tmp_path, caplog):
    made = journal(tmp_path, keep=timedelta(days=2))
    # Called like a file of records, and no file: nobody can remove it so, whatever they may.
    stuck = tmp_path / "records" / "2001-01-01.20010101T000000Z-0000000000000000.000000000001.jsonl"
    stuck.mkdir()
    for _ in range(3):
        made.add(partial(use, time=NOON + 5 * DAY))
    made.write()
    made.write()
    assert made.kept == 3
    assert "cannot be removed" in caplog.text
    stuck.rmdir()
    made.end()
    assert kinds(tmp_path) == ["use", "use", "use", "end"]
    assert numbers(tmp_path) == [2, 3, 4, 5]


# --- what cannot be written


class Disk:
    """A disk on which only so many bytes fit: the system itself refuses what is beyond."""

    def __init__(self, bytes_of_a_file):
        self.most = bytes_of_a_file

    def __enter__(self):
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.most, self.before[1]))

    def __exit__(self, *_):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
        signal.signal(signal.SIGXFSZ, self.handled)


def test_a_disk_that_is_full_amid_a_line_leaves_whole_lines_and_nothing_is_lost(tmp_path, caplog):
    made = journal(tmp_path)
    made.add(use)
    made.write()
    before = lines_in(tmp_path / "records")
    size = sum(path.stat().st_size for path in (tmp_path / "records").iterdir())
    for _ in range(5):
        made.add(use)
    with caplog.at_level(logging.WARNING), Disk(size + 300):
        made.write()
        made.write()
        assert (made.waiting, made.kept) == (5, 1)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert lines_in(tmp_path / "records") == before
    made.add(use)
    made.write()
    made.end()
    assert (numbers(tmp_path), made.waiting, made.lost, made.kept) == (list(range(1, 10)), 0, 0, 7)


def test_half_a_line_that_cannot_be_taken_back_is_passed_over_by_the_reader(tmp_path, monkeypatch):
    made = journal(tmp_path)
    size = sum(path.stat().st_size for path in (tmp_path / "records").iterdir())
    for _ in range(5):
        made.add(use)

    def stuck(*_):
        raise OSError(errno.EIO, "stuck")

    with monkeypatch.context() as patched, Disk(size + 700):
        patched.setattr(os, "ftruncate", stuck)
        made.write()
    made.write()
    made.end()
    (series,) = all_series(tmp_path / "records")
    assert [one["seq"] for one in records(tmp_path / "records", series)] == list(range(1, 8))


def test_uses_beyond_the_bound_are_lost_and_a_record_says_how_many(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.accounting.journal._WAITING", 3)
    made = journal(tmp_path)
    with Disk(1):
        for _ in range(5):
            made.add(use)
        made.write()
        for _ in range(5):
            made.add(use)
        made.write()
        assert made.waiting == 6
    made.write()
    made.end()
    assert kinds(tmp_path) == ["begin", "use", "use", "use", "lost", "use", "use", "use", "lost", "end"]
    assert numbers(tmp_path) == list(range(1, 11))
    assert [line["uses"] for line in lines_in(tmp_path / "records") if line["kind"] == "lost"] == [2, 2]
    assert (made.kept, made.lost) == (6, 4)


def test_a_disk_that_stays_full_to_the_end_leaves_no_end(tmp_path):
    made = journal(tmp_path)
    made.add(use)
    with Disk(1):
        made.end()
    assert (kinds(tmp_path), made.lost) == (["begin"], 1)


def test_a_file_that_was_taken_away_is_not_begun_again_under_its_old_name(tmp_path):
    made = journal(tmp_path)
    (first,) = (tmp_path / "records").iterdir()
    first.rename(tmp_path / "elsewhere")
    made.add(use)
    made.write()
    assert numbers(tmp_path) == [2]
    assert [path.name.split(".")[2] for path in (tmp_path / "records").iterdir()] == ["000000000002"]


def _write_until_killed(folder, ready):
    made = journal(folder)
    for number in count():
        made.add(partial(use, operation=str(number)))
        made.write()
        if number == 50:
            ready.set()


def test_a_process_that_is_killed_leaves_records_without_a_gap_and_without_an_end(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    process = spawn.Process(target=_write_until_killed, args=(tmp_path, ready))
    process.start()
    assert ready.wait(30)
    process.kill()
    process.join()
    (series,) = all_series(tmp_path / "records")
    found = list(records(tmp_path / "records", series))
    assert [one["seq"] for one in found] == list(range(1, len(found) + 1))
    assert [one["operation"] for one in found[1:]] == [str(number) for number in range(len(found) - 1)]
    assert len(found) > 50
    assert found[-1]["kind"] == "use"
    journal(tmp_path).end()
    assert len(all_series(tmp_path / "records")) == 2


# --- reading


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lines: lines[:2] + lines[3:], "4 follows 2"),
        (lambda lines: [*lines[:2], b"{nonsense\n", *lines[2:]], ":3: it is not JSON"),
        (lambda lines: [*lines[:2], b"[]\n", *lines[2:]], ":3: it is no record"),
        (lambda lines: [*lines[:2], b'{"kind":"use"}\n', *lines[2:]], "a record has no number"),
        (lambda lines: [*lines[:2], b"\xff\n", *lines[2:]], ":3: it is not JSON"),
    ],
)
def test_what_is_missing_or_damaged_in_the_middle_is_named(tmp_path, damage, says):
    made = journal(tmp_path)
    for _ in range(4):
        made.add(use)
    made.end()
    (path,) = (tmp_path / "records").iterdir()
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(BrokenSeriesError, match=re.escape(says)):
        list(records(tmp_path / "records", made.series))


def test_half_a_line_at_the_end_is_passed_over(tmp_path):
    made = journal(tmp_path)
    made.add(use)
    made.write()
    (path,) = (tmp_path / "records").iterdir()
    with path.open("ab") as file:
        file.write(b'{"seq":3,"ki')
    assert [one["seq"] for one in records(tmp_path / "records", made.series)] == [1, 2]


# --- pseudonyms


def test_a_pseudonym_lasts_a_month_or_always(tmp_path):
    secret = secret_of(tmp_path / "secret")
    month, always = Pseudonyms(secret, "month"), Pseudonyms(secret, "always")
    assert month.of("ada", NOON) == month.of("ada", NOON + 12 * DAY) != month.of("ada", NOON + 13 * DAY)
    assert always.of("ada", NOON) == always.of("ada", NOON + 400 * DAY)
    assert month.of(None, NOON) is None
    assert Pseudonyms(bytes(32), "month").of("ada", NOON) != month.of("ada", NOON)
    assert re.fullmatch("[0-9a-f]{32}", month.of("ada\0\ud800", NOON))


def test_processes_that_begin_together_share_one_secret(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(secret_of, [tmp_path / "a" / "secret"] * 8)
    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["secret"]


@pytest.mark.parametrize("text", [b"", b"nonsense", b"00" * 31, b"00" * 33, b"\xff", "٠".encode() * 64])
def test_a_secret_that_is_none_is_named_and_kept(tmp_path, text):
    (tmp_path / "secret").write_bytes(text)
    with pytest.raises(ConfigError, match="64 hexadecimal digits"):
        Journal(config(tmp_path), "unit").begin()
    assert (tmp_path / "secret").read_bytes() == text


def test_a_secret_that_others_may_read_is_said(tmp_path, caplog):
    secret_of(tmp_path / "secret")
    (tmp_path / "secret").chmod(0o644)
    with caplog.at_level(logging.WARNING):
        secret_of(tmp_path / "secret")
    assert "can be read by others" in caplog.text


# --- configuration


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (None, "accounting: Value error, write {}"),
        ({"keep": "90"}, "accounting.keep"),
        ({"pseudonyms": "week"}, "accounting.pseudonyms"),
        ({"segment_bytes": 10}, "accounting.segment_bytes"),
        ({"folders": "x"}, "accounting.folders"),
    ],
)
def test_what_cannot_be_configured_is_named(tmp_path, given, says):
    with pytest.raises(ConfigError, match=re.escape(says)):
        parse({"accounting": given}, name="test", folder=tmp_path)


def test_paths_begin_at_the_folder_of_the_configuration(tmp_path):
    found = parse({"accounting": {}}, name="test", folder=tmp_path).accounting
    assert (found.folder, found.secret) == (str(tmp_path / "data/accounting"), str(tmp_path / "data/accounting.secret"))
    assert parse({}, name="test", folder=tmp_path).accounting is None


def test_a_record_is_one_line_of_ascii(tmp_path):
    made = journal(tmp_path)
    made.add(partial(use, operation="a\n\u2028é"))
    made.write()
    (path,) = (tmp_path / "records").iterdir()
    assert json.loads(path.read_bytes().decode("ascii").splitlines()[1])["operation"] == "a\n\u2028é"
