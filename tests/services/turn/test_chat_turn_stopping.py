"""Replies that the user stops."""

import asyncio
from contextlib import aclosing

import pytest

from shammah_tui.core.conversation.reply import TextDelta
from shammah_tui.services.turn.turn_events import Routed, TurnEvent
from tests.services.turns import CRISIS, claude, events_of, local, turn


async def test_cancelling_ends_the_reply_while_it_waits_for_the_next_piece() -> None:
    side = claude("Half", asyncio.Event())
    got: list[TurnEvent] = []

    async def listen() -> None:
        async with aclosing(turn(side).run((), "hi")) as events:
            async for event in events:
                got.append(event)  # noqa: PERF401 what came before the stop is what counts

    under_way = asyncio.create_task(listen())
    await side.waiting.wait()
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert side.ended == 1
    assert got[-1] == TextDelta("Half")


async def test_cancelling_before_any_text_asks_nobody_else() -> None:
    claude_side, local_side = claude(asyncio.Event()), local()
    under_way = asyncio.create_task(events_of(turn(claude_side, local_side), CRISIS))
    await claude_side.waiting.wait()
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert claude_side.ended == 1
    assert local_side.asked == []


async def test_closing_the_iterator_ends_the_reply() -> None:
    side = claude()
    events = turn(side).run((), "hi")
    assert isinstance(await anext(events), Routed)
    assert await anext(events) == TextDelta("Hello ")
    await events.aclose()
    assert side.ended == 1
