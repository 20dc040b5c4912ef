"""Going back to an older version: at once, whole, and remembered."""

import asyncio
import datetime as dt

import icechunk
import pytest

from stores.ingest.crew import Processes
from stores.ingest.run import ingest
from stores.layout import INGEST, MAIN, ROLLBACK
from stores.location import Location
from stores.lock import LockedError
from stores.repository import StoredDataset
from stores.rollback import AlreadyServedError, forgive, rollback
from stores.verify import verify
from stores.versions import UnknownVersionError, chosen, versions
from stores.writer import Writer, open_writer
from tests.sea import write_sea


@pytest.fixture
def location(tmp_path):
    return Location.parse(str(tmp_path / "store"))


@pytest.fixture
def folder(tmp_path, location):
    """Two versions: one day, then two."""
    found = tmp_path / "sea"
    found.mkdir()
    for day in (1, 2):
        write_sea(found / f"day{day}.nc", days=1, first=day)
        take(location, found)
    return found


def take(location, folder, **how):
    with Processes(0) as crew:
        return ingest(location, "sea", sorted(folder.iterdir()), crew=crew, report=lambda _: None, **how)


def served(location):
    dataset, _ = asyncio.run(StoredDataset(location, "sea").open())
    return dataset


def kept(location):
    return [(version.id, len(version.steps), version.served, version.rejected) for version in versions(location, "sea")]


def test_versions_are_listed_the_newest_first(location, folder):
    repository = icechunk.Repository.open(location.storage("sea"))
    published = [each.id for each in repository.ancestry(branch=MAIN) if each.message == "publish"]
    assert [version.id for version in versions(location, "sea")] == published
    assert [(steps, now) for _, steps, now, _ in kept(location)] == [(2, True), (1, False)]


def test_readers_get_the_older_content_at_once_under_a_new_version(location, folder):
    newest, first = versions(location, "sea")
    before = served(location)
    done = rollback(location, "sea", first.id)
    dataset = served(location)
    assert (dataset.version, len(dataset.steps)) == (done.version, 1)
    assert dataset.steps[0] == before.steps[0]
    assert dataset.published >= before.published
    assert (done.before, done.rejected) == (newest.id, (str(folder / "day2.nc"),))
    assert done.held == (str(folder / "day1.nc"),)
    assert not verify(location, "sea", lambda *_: None).faults


def test_the_same_bytes_are_not_taken_again_under_any_name_and_others_are(location, folder):
    first = versions(location, "sea")[-1]
    rollback(location, "sea", first.id)
    again = take(location, folder)
    assert (again.steps, [name for name, _ in again.refused]) == (1, ["day2.nc"])
    assert "rolled back" in again.refused[0][1]
    (folder / "day2.nc").rename(folder / "renamed.nc")
    assert [name for name, _ in take(location, folder).refused] == ["renamed.nc"]
    write_sea(folder / "renamed.nc", days=2, first=2)
    mended = take(location, folder)
    assert (mended.steps, mended.refused) == (3, ())


def test_a_file_that_was_replaced_goes_back_to_what_it_held(location, folder):
    before = versions(location, "sea")[0]
    content = served(location).steps[1]
    write_sea(folder / "day2.nc", days=2, first=2)
    assert take(location, folder).steps == 3
    rollback(location, "sea", before.id)
    again = take(location, folder)
    assert (again.steps, [name for name, _ in again.refused]) == (2, ["day2.nc"])
    assert served(location).steps[1].revision == content.revision


def test_what_was_rolled_back_can_be_gone_back_to(location, folder):
    newest, first = versions(location, "sea")
    rollback(location, "sea", first.id)
    assert kept(location)[-1] == (newest.id, 2, False, True)
    rollback(location, "sea", newest.id)
    assert [version.content for version in versions(location, "sea") if version.served] == [newest.id]
    again = take(location, folder)
    assert (again.steps, again.refused) == (2, ())


def test_what_was_rejected_can_be_forgiven(location, folder):
    rollback(location, "sea", versions(location, "sea")[-1].id)
    assert forgive(location, "sea") == 1
    assert forgive(location, "sea") == 0
    assert take(location, folder).steps == 2


def test_the_served_version_and_unknown_ones_are_refused(location, folder):
    newest, first = found = versions(location, "sea")
    with pytest.raises(AlreadyServedError, match=newest.id):
        rollback(location, "sea", newest.id)
    with pytest.raises(OSError, match=r"dataset sea .*snapshot not found"):
        rollback(location, "sea", "AAAAAAAAAAAAAAAAAAAA")
    assert served(location).version == newest.id
    with pytest.raises(UnknownVersionError, match=f"{newest.id}, {first.id}"):
        chosen(found, "nothing")
    with pytest.raises(UnknownVersionError):
        chosen(found, "")
    assert chosen(found, first.id[:12]) is first


def test_an_ingest_under_way_is_waited_for_and_then_named(location, folder):
    first = versions(location, "sea")[-1]
    with open_writer(location, "sea"), pytest.raises(LockedError, match=r"sea\.lock"):
        rollback(location, "sea", first.id, wait=0.1)


@pytest.mark.parametrize("moment", ["before", "between"])
def test_a_rollback_that_is_killed_has_happened_or_has_not(location, folder, monkeypatch, moment):
    first = versions(location, "sea")[-1]

    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    def reset(repository, name, *to, **instead):
        (die if name == MAIN else whole)(repository, name, *to, **instead)

    whole = icechunk.Repository.reset_branch
    place, name, wrong = {
        "before": (Writer, "stamp", die),
        "between": (icechunk.Repository, "reset_branch", reset),
    }[moment]
    with monkeypatch.context() as patched:
        patched.setattr(place, name, wrong)
        with pytest.raises(Killed):
            rollback(location, "sea", first.id)
    assert len(served(location).steps) == 2
    again = take(location, folder)
    assert (again.steps, bool(again.refused)) == ((2, False) if moment == "before" else (1, True))
    rollback(location, "sea", first.id)
    repository = icechunk.Repository.open(location.storage("sea"))
    assert sorted(repository.list_branches()) == sorted((MAIN, INGEST))
    assert ROLLBACK not in repository.list_branches()


def test_a_version_is_kept_from_its_replacement_on_and_then_collected(location, folder):
    newest, first = versions(location, "sea")
    with open_writer(location, "sea") as writer:
        writer.collect(dt.datetime.fromtimestamp((newest.published - 1) / 1000, dt.UTC))
        # The first version was still served at that moment.
        assert [version.id for version in versions(location, "sea")] == [newest.id, first.id]
        writer.collect(dt.datetime.now(dt.UTC))
    assert [version.id for version in versions(location, "sea")] == [newest.id]
    assert not verify(location, "sea", lambda *_: None).faults
