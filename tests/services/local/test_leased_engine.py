"""An engine is given up when nobody is being answered by it any more."""

import asyncio

from shammah_tui.core.conversation.reply import Warming
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.protocol.engine_messages import LoadModel
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.local.leased_engine import LeasedEngine
from tests.engine_child import user
from tests.fakes import ScriptedEngine


def engine() -> ScriptedEngine:
    return ScriptedEngine(LoadModel("x", 512, DevicePreference.CPU), lambda _: None)


async def test_a_reply_under_way_keeps_it_until_it_is_over() -> None:
    idle: list[bool] = []
    leased = LeasedEngine(engine(), lambda: idle.append(True))
    reply = leased.reply(user("hi"), ReplyOptions())
    await anext(reply)
    leased.retire()
    leased.retire()
    assert idle == []
    await reply.aclose()
    assert idle == [True]


async def test_reading_ahead_does_not_keep_it() -> None:
    idle: list[bool] = []
    scripted = engine()
    scripted.warming = (Warming(0, 40), asyncio.Event())
    leased = LeasedEngine(scripted, lambda: idle.append(True))
    steps = leased.warm(user("hi"), ReplyOptions())
    assert await anext(steps) == Warming(0, 40)
    leased.retire()
    assert idle == [True]
    await steps.aclose()
    assert scripted.warmings_ended == 1
    # A retired one is not begun with.
    assert [step async for step in leased.warm(user("hi"), ReplyOptions())] == []
    assert len(scripted.warmed) == 1
