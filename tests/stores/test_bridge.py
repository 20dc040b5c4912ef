import asyncio

import pytest

from stores.bridge import Bridge


def test_what_was_begun_is_ended_before_the_bridge_closes_though_nobody_waits_any_more():
    ended = []

    async def slow():
        await asyncio.sleep(0.05)
        ended.append("slow")

    async def begin():
        ended.append(asyncio.create_task(slow()).get_name())

    bridge = Bridge()
    bridge.run(begin())
    assert len(ended) == 1
    bridge.close()
    assert ended[1:] == ["slow"]


def test_a_failure_that_nobody_waits_for_does_not_keep_the_bridge_from_closing():
    async def broken():
        await asyncio.sleep(0.01)
        raise RuntimeError("nobody hears")

    async def begin():
        task = asyncio.create_task(broken())
        task.add_done_callback(lambda done: done.exception())

    bridge = Bridge()
    bridge.run(begin())
    bridge.close()
    with pytest.raises(RuntimeError, match="closed"):
        bridge._loop.call_soon(print)
