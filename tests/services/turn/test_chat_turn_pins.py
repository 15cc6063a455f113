"""Messages pinned to a side go there or nowhere."""

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.errors import BackendError
from shammah_tui.core.wording.unanswered import HELP_LINE
from shammah_tui.services.turn.turn_events import Finished, Routed, Unanswered
from tests.services.turns import (
    CRISIS,
    GONE,
    TOO_LONG,
    UNREACHABLE,
    claude,
    events_of,
    local,
    sentence_of,
    turn,
)


async def test_claude_by_pin() -> None:
    claude_side, local_side = claude(), local()
    events = await events_of(turn(claude_side, local_side), "@Claude  hi")
    assert events[0] == Routed("Claude · you asked", None, "hi")
    assert claude_side.asked == [(Message(Role.USER, "hi"),)]
    assert local_side.asked == []


async def test_local_by_pin() -> None:
    events = await events_of(turn(claude(), local()), "@local " + "long question " * 200)
    assert isinstance(events[-1], Finished)
    assert events[-1].label == "Local · you asked · Qwen3.5 4B · 31 tok/s"
    assert isinstance(events[0], Routed)
    assert events[0].question.startswith("long question")


async def test_nothing_pinned_to_local_reaches_claude_while_it_is_not_ready() -> None:
    side = claude()
    assert sentence_of(await events_of(turn(side), "@local secret")) == (
        "The local model cannot answer: the model is still downloading (45 %). Nothing was sent "
        "to Claude. Wait for the model, or remove @local to ask Claude."
    )
    assert side.asked == []


@pytest.mark.parametrize("problem", [GONE, TOO_LONG])
async def test_nothing_pinned_to_local_reaches_claude_when_it_fails(problem: BackendError) -> None:
    side = claude()
    sentence = sentence_of(await events_of(turn(side, local(problem)), "@local secret"))
    assert "Nothing was sent to Claude" in sentence
    assert side.asked == []


async def test_a_crisis_pinned_to_local_stays_here_and_shows_help() -> None:
    side = claude()
    events = await events_of(turn(side, local()), "@local " + CRISIS)
    assert events[0] == Routed("Local · you asked · Qwen3.5 4B", HELP_LINE, CRISIS)
    assert side.asked == []
    events = await events_of(turn(side), "@local " + CRISIS)
    assert isinstance(events[-1], Unanswered)
    assert events[-1].help_line == HELP_LINE
    assert side.asked == []


async def test_a_pin_to_claude_is_not_taken_over() -> None:
    local_side = local()
    events = await events_of(turn(claude(UNREACHABLE), local_side), "@claude hi")
    assert sentence_of(events) == (
        "Claude cannot answer: Claude cannot be reached. Check the network and send it again, or "
        "ask the local model."
    )
    assert local_side.asked == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("@local ", "Write a question after @local."),
        ("@claude", "Write a question after @claude."),
        (" \n", "Write a question first."),
    ],
)
async def test_nobody_is_asked_nothing(text: str, sentence: str) -> None:
    claude_side, local_side = claude(), local()
    assert await events_of(turn(claude_side, local_side), text) == [Unanswered(sentence, None)]
    assert claude_side.asked == local_side.asked == []
