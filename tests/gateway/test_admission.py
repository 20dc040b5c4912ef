"""Places for work: how much is done at once, who is next, and who is refused."""

import asyncio
from contextlib import AsyncExitStack

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problem import Problem
from gateway import admission as module
from gateway.admission import Lane, Room, Turns
from gateway.app import make_app
from gateway.config.file import parse
from gateway.keys import ADMISSION

MAP = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "sea/thetao",
    "STYLES": "",
    "CRS": "CRS:84",
    "BBOX": "0,-40,80,40",
    "WIDTH": "64",
    "HEIGHT": "64",
    "FORMAT": "image/png",
}
LARGE = MAP | {"WIDTH": "600", "HEIGHT": "600"}
VALUE = MAP | {"REQUEST": "GetFeatureInfo", "QUERY_LAYERS": "sea/thetao", "I": "9", "J": "9", "INFO_FORMAT": "text/xml"}
LEGEND = {"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetLegendGraphic", "LAYER": "sea/thetao"}
LEGEND |= {"FORMAT": "image/png", "SLD_VERSION": "1.1.0"}
CAPABILITIES = {"SERVICE": "WMS", "REQUEST": "GetCapabilities"}
SUBSET = "/thredds/ncss/grid/sea"
SMALL = {"var": "thetao", "accept": "netcdf3", "north": "10", "south": "0", "east": "10", "west": "0"}


def lane(places=1, queue=8, seconds=60.0, each_pass=100, slow=None):
    waited = []
    room = Room(places=places, queue=queue, seconds=seconds, slow=slow)
    made = Lane(room, each_pass=each_pass, waited=waited.append)
    return made, waited


class Work:
    """Pieces of work that hold their places until they are told to end."""

    def __init__(self, lane):
        self.lane, self.begun, self.gates, self.tasks = lane, [], {}, {}
        self.at_once = self.most = 0

    def ask(self, name, who="a", share=1):
        self.gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._do(name, who, share))
        return self.tasks[name]

    async def _do(self, name, who, share):
        async with self.lane.place(who, share):
            self.begun.append(name)
            self.at_once += share
            self.most = max(self.most, self.at_once)
            try:
                await self.gates[name].wait()
            finally:
                self.at_once -= share

    async def end(self, name):
        self.gates[name].set()
        await passes(6)


async def passes(count):
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
def at_once(monkeypatch):
    """Say refusals at once."""
    monkeypatch.setattr(module, "_MOMENT", 0.0)


async def test_one_caller_is_served_in_the_order_in_which_it_came():
    made, waited = lane()
    work = Work(made)
    for name in "abcd":
        work.ask(name)
    await passes(3)
    assert (work.begun, made.waiting) == (["a"], 3)
    for name in "abcd":
        await work.end(name)
    assert (work.begun, work.most, made.waiting) == (list("abcd"), 1, 0)
    assert len(waited) == 3


async def test_callers_take_turns_so_that_one_with_many_requests_starves_nobody():
    made, _ = lane(queue=50)
    work = Work(made)
    for number in range(20):
        work.ask(f"greedy{number}", "greedy")
    await passes(2)
    work.ask("one", "modest")
    work.ask("two", "modest")
    await passes(2)
    for number in range(4):
        await work.end(work.begun[number])
    assert work.begun == ["greedy0", "greedy1", "one", "greedy2", "two"]
    for task in work.tasks.values():
        task.cancel()


@pytest.mark.usefixtures("at_once")
async def test_what_does_not_fit_into_the_queue_is_refused_and_counted():
    made, _ = lane(queue=2)
    work = Work(made)
    tasks = [work.ask(name) for name in "abcde"]
    await passes(6)
    for refused in tasks[3:]:
        with pytest.raises(Problem, match="2 requests wait already") as said:
            refused.result()
        assert said.value.kind == "busy"
    assert (made.refused, made.waiting) == (2, 2)
    for name in "abc":
        await work.end(name)
    assert work.begun == list("abc")


@pytest.mark.usefixtures("at_once")
async def test_a_full_queue_makes_room_for_another_caller_at_the_cost_of_the_newest_of_the_greediest():
    made, _ = lane(queue=4)
    work = Work(made)
    tasks = [work.ask(name, "greedy") for name in "abcde"]
    await passes(2)
    late = [work.ask(name, "modest") for name in "xyz"]
    await passes(6)
    assert [task.done() for task in tasks] == [False, False, False, True, True]
    assert all(isinstance(task.exception(), Problem) for task in tasks[3:])
    # Both have two waiting now: the third would take more than its share.
    assert [task.done() for task in late] == [False, False, True]
    for name in ("a", "b", "x", "c", "y"):
        await work.end(name)
    assert work.begun == ["a", "b", "x", "c", "y"]


@pytest.mark.usefixtures("at_once")
async def test_who_waits_too_long_is_refused_and_the_others_go_on():
    made, waited = lane(seconds=0.02)
    work = Work(made)
    work.ask("a")
    await passes(2)
    late = work.ask("b")
    with pytest.raises(Problem, match="it took too long"):
        async with asyncio.timeout(5):
            await late
    assert (made.waiting, made.refused, len(waited)) == (0, 1, 1)
    await work.end("a")
    work.ask("c")
    await passes(2)
    assert work.begun == ["a", "c"]


async def test_a_refusal_is_held_back_and_who_goes_away_meanwhile_is_let_go():
    made, _ = lane(queue=1)
    work = Work(made)
    tasks = [work.ask(name) for name in "abc"]
    await passes(6)
    assert (made.refused, [task.done() for task in tasks]) == (1, [False] * 3)
    tasks[2].cancel()
    await passes(3)
    assert tasks[2].cancelled()


async def test_so_many_refusals_are_held_back_and_no_more():
    made, _ = lane(queue=1)
    work = Work(made)
    tasks = [work.ask(str(number)) for number in range(9)]
    await passes(6)
    assert [task.done() for task in tasks] == [False] * 6 + [True] * 3
    assert all(isinstance(task.exception(), Problem) for task in tasks[6:])


async def test_who_goes_away_leaves_the_queue_at_once():
    made, _ = lane()
    work = Work(made)
    tasks = [work.ask(name) for name in "abc"]
    await passes(2)
    tasks[1].cancel()
    await passes(2)
    assert made.waiting == 1
    await work.end("a")
    assert work.begun == ["a", "c"]


async def test_who_goes_away_just_as_it_is_let_in_gives_its_place_back():
    made, _ = lane()
    work = Work(made)
    tasks = [work.ask(name) for name in "abc"]
    await passes(2)
    work.gates["a"].set()
    await passes(1)
    assert made.waiting == 1
    tasks[1].cancel()
    await passes(6)
    assert tasks[1].cancelled()
    assert work.begun == ["a", "c"]


async def test_what_is_large_takes_several_places_and_is_not_overtaken():
    made, _ = lane(places=3)
    work = Work(made)
    work.ask("a")
    await passes(2)
    work.ask("large", share=3)
    work.ask("b")
    await passes(4)
    assert work.begun == ["a"]
    await work.end("a")
    assert work.begun == ["a", "large"]
    await work.end("large")
    assert (work.begun, work.most) == (["a", "large", "b"], 3)


async def test_when_what_is_large_goes_away_what_waits_behind_it_is_let_in():
    made, _ = lane(places=2)
    work = Work(made)
    work.ask("a")
    await passes(2)
    large = work.ask("large", share=2)
    work.ask("b", "another")
    await passes(4)
    assert work.begun == ["a"]
    large.cancel()
    await passes(4)
    assert work.begun == ["a", "b"]


async def test_what_waits_for_its_store_keeps_its_place_for_a_moment_only():
    made, _ = lane(places=2, queue=3, slow=0.01)
    work = Work(made)
    for name in "abcde":
        work.ask(name)
    for _ in range(1000):
        if len(work.begun) == 5:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    # Three have lent their places, as many as may wait; the last two keep theirs.
    work.ask("f")
    await asyncio.sleep(0.05)
    assert (work.begun, made.waiting) == (list("abcde"), 1)
    await work.end("d")
    assert work.begun == list("abcdef")
    for name in "abcef":
        await work.end(name)
    # Both places are there again, and none besides.
    last = Work(made)
    for name in range(3):
        last.ask(name)
    await passes(4)
    assert (last.begun, made.waiting) == ([0, 1], 1)


async def test_what_wants_more_places_than_there_are_takes_all_of_them():
    made, _ = lane(places=3)
    async with asyncio.timeout(5), made.place("a", 9):
        assert made.waiting == 0
    async with asyncio.timeout(5), made.place("a", 3):
        assert made.waiting == 0


async def test_no_more_than_so_many_pieces_begin_in_one_pass_of_the_loop_even_if_each_ends_at_once():
    made, _ = lane(places=100, queue=100, each_pass=3)
    begun = []

    async def work():
        async with made.place("a"):
            begun.append(count)

    tasks = [asyncio.create_task(work()) for _ in range(20)]
    for count in range(40):  # noqa: B007 -- read by the work
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert len(begun) == 20
    assert np.unique(begun, return_counts=True)[1].max() == 3


async def test_hundreds_of_requests_are_read_a_few_in_each_pass_in_their_order_without_who_has_gone():
    turns, begun = Turns(), []

    async def ask(number):
        await turns.take()
        begun.append((count, number))

    tasks = [asyncio.create_task(ask(number)) for number in range(200)]
    for count in range(30):
        await asyncio.sleep(0)
        if count == 0:
            tasks[199].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [number for _, number in begun] == list(range(199))
    assert np.unique([at for at, _ in begun], return_counts=True)[1].max() == 8


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.booleans()), max_size=30))
def test_places_are_neither_lost_nor_made_whoever_comes_and_goes(steps):
    async def played():
        made, _ = lane(places=4, queue=100)
        work = Work(made)
        for number, (who, share, goes) in enumerate(steps):
            task = work.ask(number, who, share)
            await passes(number % 3)
            if goes:
                task.cancel()
        for _ in steps:
            for gate in work.gates.values():
                gate.set()
            await passes(6)
        await asyncio.gather(*work.tasks.values(), return_exceptions=True)
        # All four places are there again, and none besides.
        last = Work(made)
        for name in range(5):
            last.ask(name)
        await passes(4)
        assert (len(last.begun), made.waiting) == (4, 1)
        assert work.most <= 4
        for task in last.tasks.values():
            task.cancel()
        await asyncio.gather(*last.tasks.values(), return_exceptions=True)

    asyncio.run(played())


@pytest.fixture
async def crowded(sea_store, aiohttp_client, at_once):
    """Return a client of a unit in which nothing may wait, and its lanes."""
    given = {"store": "store", "limits": {"queue": 0}, "datasets": [{"id": "sea", "source": "sea.nc"}]}
    app = make_app(parse(given, name="test", folder=sea_store))
    return await aiohttp_client(app), app[ADMISSION]


async def fill(stack, lane):
    while True:
        await asyncio.sleep(0)
        place = lane.place("somebody")
        try:
            async with asyncio.timeout(5):
                await stack.enter_async_context(place)
        except Problem:
            return


@pytest.mark.parametrize(
    ("full", "path", "query", "status"),
    [
        ("quick", "/wms", MAP, 503),
        ("quick", "/wms", VALUE, 503),
        ("quick", "/wms", CAPABILITIES, 503),
        ("quick", "/wms", MAP | {"COLORSCALERANGE": "auto"}, 503),
        ("quick", "/kml/sea/thetao.kml", {}, 503),
        ("quick", f"{SUBSET}/dataset.xml", {}, 503),
        ("quick", "/wms", LARGE, 200),
        ("quick", "/wms", LEGEND, 200),
        ("quick", "/health/live", {}, 200),
        ("quick", "/metrics", {}, 200),
        ("quick", "/", {}, 200),
        ("long", "/wms", LARGE, 503),
        ("long", "/wms", LEGEND, 503),
        ("long", SUBSET, SMALL, 503),
        ("long", "/wms", MAP, 200),
        ("long", "/wms", VALUE, 200),
        ("long", "/wms", CAPABILITIES, 200),
        # What would be said in a picture is said in words.
        ("long", "/wms", MAP | {"TIME": "1900-01-01", "EXCEPTIONS": "INIMAGE"}, 400),
    ],
)
async def test_each_kind_of_work_has_its_lane_and_is_refused_in_the_words_of_its_protocol(
    crowded, full, path, query, status
):
    client, lanes = crowded
    async with AsyncExitStack() as stack:
        await fill(stack, getattr(lanes, full))
        answer = await client.get(path, params=query)
        body = await answer.read()
    assert answer.status == status, body
    if status == 503:
        assert answer.headers["Retry-After"] == "1"
        assert b"more to do than it can" in body
        assert (b"ServiceException" in body) == (path == "/wms")
    assert (await client.get(path, params=query)).status in (200, 400)


async def test_what_the_client_has_is_answered_without_a_place(crowded):
    client, lanes = crowded
    tag = (await client.get("/wms", params=MAP)).headers["ETag"]
    async with AsyncExitStack() as stack:
        await fill(stack, lanes.quick)
        answer = await client.get("/wms", params=MAP, headers={"If-None-Match": tag})
    assert answer.status == 304


async def test_metrics_tell_what_waits_and_what_was_refused(crowded):
    client, lanes = crowded
    async with AsyncExitStack() as stack:
        await fill(stack, lanes.long)
        refused = lanes.long.refused
        await client.get("/wms", params=LEGEND)
    text = await (await client.get("/metrics")).text()
    assert f"halocline_long_refused_total {refused + 1}.0" in text
    assert "halocline_quick_refused_total 0.0" in text
    assert "halocline_quick_waiting 0.0" in text
