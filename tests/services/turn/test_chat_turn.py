"""One question: who is asked, who takes over, and what is kept."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import ReplyBegun, ReplyDone, StopReason, TextDelta, Usage
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import (
    Failed,
    Loading,
    NotAvailable,
    Offline,
)
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.routing.context_window import ContextUse
from shammah_tui.core.routing.routing import Router
from shammah_tui.core.wording.unanswered import HELP_LINE
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import Finished, Relabelled, Routed, Unanswered
from tests.services.turns import (
    CLAUDE_DONE,
    CRISIS,
    DOWNLOADING,
    GONE,
    LOCAL_DONE,
    NO_KEY,
    QWEN,
    READY,
    TOO_LONG,
    UNREACHABLE,
    claude,
    events_of,
    local,
    sentence_of,
    turn,
)


async def test_claude_replies_while_the_model_arrives() -> None:
    side = claude()
    label = "Claude Sonnet 5.5 · model still downloading (45 %)"
    assert await events_of(turn(side, claude_model=lambda: "claude-sonnet-5-5"), "hi there") == [
        Routed(label, None, "hi there"),
        TextDelta("Hello "),
        TextDelta("from Claude"),
        Finished(
            "Hello from Claude",
            label,
            StopReason.END_TURN,
            CLAUDE_DONE.usage,
            "claude-sonnet-5-5",
        ),
    ]
    assert side.ended == 1


async def test_the_local_model_replies_once_ready_and_claude_is_not_asked() -> None:
    claude_side, local_side = claude(), local()
    events = await events_of(turn(claude_side, local_side), "hi")
    assert events == [
        Routed("Local · Qwen3.5 4B", None, "hi"),
        TextDelta("Hello "),
        TextDelta("from here"),
        Finished(
            "Hello from here",
            "Local · Qwen3.5 4B · 31 tok/s",
            StopReason.END_TURN,
            LOCAL_DONE.usage,
            "Qwen3.5-4B-Q4_K_M",
            context_use=ContextUse(11, 4096),
        ),
    ]
    assert claude_side.asked == []


async def test_during_a_switch_the_model_before_goes_on_answering() -> None:
    local_side = local()
    events = await events_of(turn(claude(), local_side, DOWNLOADING), "hi")
    assert isinstance(events[0], Routed)
    assert events[0].label == "Local · Qwen3.5 4B"


@pytest.mark.parametrize("pin", ["", "@claude ", "@local "])
async def test_both_sides_see_the_same_conversation_whole(pin: str) -> None:
    before = (
        Message(Role.USER, "first"),
        Message(Role.ASSISTANT, "reply"),
    )
    claude_side, local_side = claude(), local(GONE)
    asked = turn(claude_side, local_side, system_prompt=lambda: "Be brief.")
    await events_of(asked, pin + "second", before)
    expected = (Message(Role.SYSTEM, "Be brief."), *before, Message(Role.USER, "second"))
    seen = claude_side.asked + local_side.asked
    assert seen == [expected] * (1 if pin else 2)


async def test_an_empty_system_prompt_is_left_out() -> None:
    side = claude()
    await events_of(turn(side, system_prompt=lambda: " \n"), "hi")
    assert side.asked == [(Message(Role.USER, "hi"),)]


async def test_each_side_is_asked_with_its_own_options() -> None:
    claude_side, local_side = claude(UNREACHABLE), local()
    for_local = ReplyOptions(None, Sampling(temperature=1.0))
    asked = ChatTurn(
        Router(),
        lambda: claude_side,
        lambda: LocalBackend(local_side, "Qwen3.5 4B", None, for_local),
        lambda: READY,
    )
    await events_of(asked, CRISIS)
    assert claude_side.options == [ReplyOptions()]
    assert local_side.options == [for_local]


@pytest.mark.parametrize(
    ("problem", "label"),
    [
        (UNREACHABLE, "Local · Claude unreachable"),
        (BackendError(BackendProblem.OVERLOADED, "x"), "Local · Claude overloaded"),
        (BackendError(BackendProblem.BAD_KEY, "x"), "Local · Claude refused the key"),
    ],
)
async def test_the_local_model_takes_over_from_claude(problem: BackendError, label: str) -> None:
    claude_side = claude(problem)
    events = await events_of(turn(claude_side, local()), CRISIS)
    assert events[0] == Routed("Claude", HELP_LINE, CRISIS)
    assert events[1] == Relabelled(label, HELP_LINE)
    assert isinstance(events[-1], Finished)
    assert (events[-1].label, events[-1].text) == (label, "Hello from here")
    assert len(claude_side.asked) == 1
    assert claude_side.ended == 1


async def test_without_a_key_the_local_model_is_asked_at_once() -> None:
    events = await events_of(turn(NO_KEY, local()), CRISIS)
    assert events[0] == Routed("Local · no Claude key", HELP_LINE, CRISIS)
    assert not any(isinstance(event, Relabelled) for event in events)
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize(
    ("problem", "label"),
    [
        (GONE, "Claude · local engine stopped"),
        (TOO_LONG, "Claude · conversation too long for the local model"),
        (BackendError(BackendProblem.SERVER_ERROR, "x"), "Claude · local engine failed"),
    ],
)
async def test_claude_takes_over_from_the_local_model(problem: BackendError, label: str) -> None:
    local_side = local(problem)
    events = await events_of(turn(claude(), local_side), "hi")
    assert events[:2] == [Routed("Local · Qwen3.5 4B", None, "hi"), Relabelled(label, None)]
    assert isinstance(events[-1], Finished)
    assert events[-1].label == label.replace("Claude", "Claude Sonnet 5.5")
    assert len(local_side.asked) == 1


async def test_a_label_is_corrected_where_the_api_reports_another_model() -> None:
    begun = ReplyBegun(9, "claude-opus-5-20260801")
    done = ReplyDone(StopReason.END_TURN, Usage(9, 2), "claude-opus-5-20260801")
    asked = turn(claude(begun, "Hello", done), claude_model=lambda: "claude-sonnet-5-5")
    events = await events_of(asked, "hi")
    routed, counted, _, finished = events
    assert isinstance(routed, Routed)
    assert routed.label.startswith("Claude Sonnet 5.5 · ")
    assert isinstance(counted, ReplyBegun)
    assert counted.label.startswith("Claude Opus 5 · ")
    assert isinstance(finished, Finished)
    assert finished.label == counted.label


async def test_empty_deltas_are_no_text() -> None:
    events = await events_of(turn(claude(), local("", GONE)), "hi")
    assert TextDelta("") not in events
    assert isinstance(events[-1], Finished)
    assert events[-1].text == "Hello from Claude"


async def test_a_model_that_became_ready_while_claude_was_tried_takes_over() -> None:
    gate = asyncio.Event()
    claude_side, local_side = claude(gate, UNREACHABLE), local()
    found: list[LocalBackend] = []
    asked = ChatTurn(
        Router(), lambda: claude_side, lambda: found[0] if found else None, lambda: Loading(QWEN)
    )
    under_way = asyncio.create_task(events_of(asked, "hi"))
    await claude_side.waiting.wait()
    found.append(LocalBackend(local_side, "Qwen3.5 4B"))
    gate.set()
    events = await under_way
    assert events[0] == Routed("Claude · model loading", None, "hi")
    assert events[1] == Relabelled("Local · Claude unreachable", None)


async def test_text_that_came_before_a_failure_is_kept_and_marked() -> None:
    other = local()
    events = await events_of(turn(claude("Half a ", "sent", UNREACHABLE), other), CRISIS)
    assert isinstance(events[-1], Finished)
    assert events[-1].cut is not None
    assert events[-1].cut.text == "Half a sent"
    assert replace(events[-1], cut=None) == Finished(
        "Half a sent",
        "Claude",
        None,
        Usage(None, 4, is_estimated=True),
        "",
        interrupted="Claude cannot be reached; try later.",
    )
    assert events[-1].step == "F7 continues."
    assert events[-1].note == "Interrupted: Claude cannot be reached; try later."
    assert other.asked == []


@pytest.mark.parametrize("side", ["claude", "local"])
async def test_a_stream_without_an_end_is_a_failure(side: str) -> None:
    if side == "claude":
        events = await events_of(turn(claude("Half")), "hi")
    else:
        events = await events_of(turn(NO_KEY, local("Half")), "hi")
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason is None
    assert "ended early" in events[-1].interrupted


async def test_neither_side_can_reply() -> None:
    assert await events_of(turn(NO_KEY), "hi") == [
        Unanswered(
            "No model available yet: the model is still downloading (45 %) and ANTHROPIC_API_KEY "
            "is not set. Wait for the model, or give a key with /key.",
            None,
        )
    ]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            lambda: turn(claude(UNREACHABLE), None, NotAvailable(Offline())),
            (
                "No model available: no local model is on this machine and Claude cannot be "
                "reached. Go online to download one, or check the network and send it again."
            ),
        ),
        (
            lambda: turn(NO_KEY, None, Failed(QWEN, "The disk is full.", True)),
            (
                "No model available: the local model failed (The disk is full) and "
                "ANTHROPIC_API_KEY is not set. Press F9 to retry, or give a key with /key."
            ),
        ),
        (
            lambda: turn(NO_KEY, local(GONE)),
            (
                "No model available: the local model stopped and ANTHROPIC_API_KEY is not set. "
                "Send it again when it has reloaded, or give a key with /key."
            ),
        ),
        (
            lambda: turn(claude(UNREACHABLE), local(GONE)),
            (
                "No model available: the local model stopped and Claude cannot be reached. Send "
                "it again when it has reloaded, or check the network and send it again."
            ),
        ),
    ],
)
async def test_what_to_do_when_neither_can(asked: Callable[[], ChatTurn], sentence: str) -> None:
    assert sentence_of(await events_of(asked(), "hi")) == sentence


async def test_help_is_shown_also_when_no_one_can_reply() -> None:
    events = await events_of(turn(NO_KEY), CRISIS)
    assert isinstance(events[-1], Unanswered)
    assert events[-1].help_line == HELP_LINE


async def test_each_side_is_asked_once() -> None:
    claude_side, local_side = claude(UNREACHABLE), local(GONE)
    await events_of(turn(claude_side, local_side), "hi")
    await events_of(turn(claude_side, local_side), CRISIS)
    assert (len(claude_side.asked), len(local_side.asked)) == (2, 2)


async def test_a_conversation_too_long_by_estimate_goes_to_claude() -> None:
    local_side = local()
    before = (Message(Role.USER, "x" * 9_000), Message(Role.ASSISTANT, "y" * 3_000))
    events = await events_of(turn(claude(), local_side), "hi", before)
    assert isinstance(events[0], Routed)
    assert events[0].label == "Claude · conversation too long for the local model"
    assert local_side.asked == []
    events = await events_of(turn(claude(), local_side, context_length=8192), "hi", before)
    assert isinstance(events[-1], Finished)
    assert events[-1].label.startswith("Local · Qwen3.5 4B")


@pytest.mark.parametrize(
    ("reason", "text", "note"),
    [
        (StopReason.END_TURN, "all of it", ""),
        (StopReason.END_TURN, " ", "The reply is empty: rephrase the question"),
        (StopReason.END_TURN, "\u2060\n\ufe0f", "The reply is empty: rephrase the question"),
        (StopReason.LENGTH, "cut", "Cut off: the reply reached its length limit"),
        (
            StopReason.CONTEXT_FULL,
            "cut",
            "The context is full: F7 continues with what fits, Ctrl+N starts a new conversation",
        ),
        (StopReason.REPEATED, "x x x", "Stopped: the reply repeated itself; rephrase the question"),
        (StopReason.STOPPED, "half", "Stopped"),
        (StopReason.REFUSAL, "", "The model declined"),
    ],
)
async def test_how_it_ended_is_said(reason: StopReason, text: str, note: str) -> None:
    side = claude(text, ReplyDone(reason, Usage(), "m"))
    events = await events_of(turn(side), "hi")
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason is reason
    assert events[-1].note == note
