"""Thoughts on their way to the screen, and replies that go on after a cut."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import (
    ReplyDone,
    StopReason,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
    Usage,
    Warming,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.routing.context_window import ContextUse
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import (
    Finished,
    Relabelled,
    Routed,
    TurnEvent,
    Unanswered,
)
from tests.services.fakes import FakeBackend
from tests.services.turns import (
    CLAUDE_DONE,
    GONE,
    LOCAL_DONE,
    NO_KEY,
    UNREACHABLE,
    claude,
    events_of,
    local,
    turn,
)

LOCAL_CUT = replace(LOCAL_DONE, stop_reason=StopReason.LENGTH)
CLAUDE_CUT = replace(CLAUDE_DONE, stop_reason=StopReason.LENGTH)
TOO_LONG = BackendError(BackendProblem.CONTEXT_TOO_LONG, "Too long.")


def session_of(chat_turn: ChatTurn) -> ChatSession:
    return ChatSession(chat_turn, SqliteStore(None, lambda _: None))


def said(session: ChatSession) -> list[str]:
    return [message.text for message in session.conversation.history]


def is_cut(session: ChatSession) -> bool:
    return session.conversation.can_go_on


async def ask(session: ChatSession, text: str = "hi") -> list[TurnEvent]:
    return [event async for event in session.ask(text)]


async def go_on(session: ChatSession) -> list[TurnEvent]:
    return [event async for event in session.go_on()]


# Thoughts


async def test_thoughts_are_events_of_their_own_and_no_part_of_the_record() -> None:
    here = local(ThinkingDelta("Let me "), ThinkingDelta("see."), "Blue", LOCAL_DONE)
    session = session_of(turn(claude(), here))
    events = await ask(session)
    assert events[1:4] == [ThinkingDelta("Let me "), ThinkingDelta("see."), TextDelta("Blue")]
    assert isinstance(events[-1], Finished)
    assert events[-1].text == "Blue"
    assert said(session) == ["hi", "Blue"]
    await ask(session, "and?")
    assert [message.text for message in here.asked[-1]] == ["hi", "Blue", "and?"]


async def test_thoughts_alone_are_no_reply_and_the_other_side_takes_over() -> None:
    here = local(ThinkingDelta("Let me see."), GONE)
    events = await events_of(turn(claude(), here), "hi")
    assert events[:3] == [
        Routed("Local · Qwen3.5 4B", None, "hi"),
        ThinkingDelta("Let me see."),
        Relabelled("Claude · local engine stopped", None),
    ]
    assert isinstance(events[-1], Finished)
    assert events[-1].text == "Hello from Claude"


# Going on


async def test_the_local_model_goes_on_with_its_own_message() -> None:
    here = local(ThinkingDelta("Hm."), "One ", LOCAL_CUT)
    session = session_of(turn(claude(), here, system_prompt=lambda: "Be brief."))
    first = await ask(session)
    assert isinstance(first[-1], Finished)
    assert first[-1].note.startswith("Cut off")
    assert is_cut(session)
    here.steps = ("two ", LOCAL_CUT)
    again = await go_on(session)
    assert again[1:-1] == [TextDelta("two ")]
    assert isinstance(again[-1], Finished)
    assert again[-1].text == "One two "
    assert is_cut(session)
    here.steps = ("three", LOCAL_DONE)
    await go_on(session)
    assert not is_cut(session)
    assert said(session) == ["hi", "One two three"]
    asked = [(message.role, message.text) for message in here.asked[-1]]
    assert asked == [
        (Role.SYSTEM, "Be brief."),
        (Role.USER, "hi"),
        (Role.ASSISTANT, "One two "),
    ]
    assert [options.begun_thought for options in here.options] == ["", "Hm.", "Hm."]
    assert await go_on(session) == []


async def test_claude_goes_on_with_what_claude_began() -> None:
    there, here = claude("One ", CLAUDE_CUT), local()
    session = session_of(turn(there, here))
    await ask(session, "@claude count")
    there.steps = ("two", CLAUDE_DONE)
    events = await go_on(session)
    assert events[0] == Routed("Claude · you asked", None, "count")
    assert said(session) == ["count", "One two"]
    assert there.asked[-1][-1] == Message(Role.ASSISTANT, "One ")
    assert here.asked == []


async def test_a_cut_in_the_thoughts_leaves_nothing_to_record_until_it_goes_on() -> None:
    here = local(ThinkingDelta("Let me"), LOCAL_CUT)
    session = session_of(turn(claude(), here))
    await ask(session)
    assert said(session) == []
    assert is_cut(session)
    here.steps = (ThinkingDelta(" see."), "Blue", LOCAL_DONE)
    await go_on(session)
    assert here.options[-1].begun_thought == "Let me"
    assert said(session) == ["hi", "Blue"]


async def test_the_other_side_goes_on_where_the_first_cannot() -> None:
    there, here = claude("two", CLAUDE_DONE), local("One ", LOCAL_CUT)
    session = session_of(turn(there, here))
    await ask(session)
    here.steps = (GONE,)
    events = await go_on(session)
    assert Relabelled("Claude · local engine stopped", None) in events
    assert there.options[-1].begun_thought == ""
    assert said(session) == ["hi", "One two"]


async def test_a_pin_holds_for_the_rest_as_well() -> None:
    there, here = claude(), local("One ", LOCAL_CUT)
    session = session_of(turn(there, here))
    await ask(session, "@local hi")
    here.steps = (GONE,)
    events = await go_on(session)
    assert isinstance(events[-1], Unanswered)
    assert there.asked == []
    # What there is stays, and it can be tried again.
    assert said(session) == ["hi", "One "]
    assert is_cut(session)
    here.steps = ("two", LOCAL_DONE)
    await go_on(session)
    assert said(session) == ["hi", "One two"]


async def test_the_rest_that_was_stopped_can_be_gone_on_with_as_well() -> None:
    gate = asyncio.Event()
    here = local("One ", LOCAL_CUT)
    session = session_of(turn(claude(), here))
    await ask(session)
    here.steps = ("two", gate)
    async with aclosing(session.go_on()) as events:
        async for event in events:
            if event == TextDelta("two"):
                break
    assert said(session) == ["hi", "One two"]
    assert is_cut(session)
    here.steps = (" three", LOCAL_DONE)
    await go_on(session)
    assert here.asked[-1][-1] == Message(Role.ASSISTANT, "One two")
    assert said(session) == ["hi", "One two three"]
    assert not is_cut(session)


async def test_what_breaks_off_keeps_both_pieces() -> None:
    there = claude("One ", CLAUDE_CUT)
    session = session_of(turn(there))
    await ask(session)
    there.steps = ("two", UNREACHABLE)
    events = await go_on(session)
    assert isinstance(events[-1], Finished)
    assert events[-1].text == "One two"
    assert said(session) == ["hi", "One two"]


async def test_a_new_question_ends_the_chance_to_go_on() -> None:
    there = claude("One ", CLAUDE_CUT)
    session = session_of(turn(there))
    await ask(session)
    there.steps = ("Hello", CLAUDE_DONE)
    await ask(session, "something else")
    assert not is_cut(session)
    assert said(session) == ["hi", "One ", "something else", "Hello"]


async def test_a_full_context_makes_room_by_leaving_out_the_oldest_turns() -> None:
    here = local("word " * 300, LOCAL_DONE)
    session = session_of(turn(NO_KEY, here, context_length=1024))
    await ask(session, "first")
    here.steps = ("word " * 300, LOCAL_CUT)
    await ask(session, "second")
    here.steps = ("done", LOCAL_DONE)
    events = await go_on(session)
    seen = here.asked[-1]
    assert [message.text for message in seen[:1]] == ["second"]
    assert seen[-1].role is Role.ASSISTANT
    assert isinstance(events[-1], Finished)
    assert events[-1].label.endswith("without the first 2 messages")
    # The record is whole.
    assert len(session.conversation.history) == 4
    assert said(session)[-1].endswith("word done")


# How full the context is, and reading ahead


async def test_the_engines_own_count_says_how_full_the_context_is() -> None:
    done = ReplyDone(StopReason.END_TURN, Usage(1200, 34), "m")
    events = await events_of(turn(claude(), local("Hi", done)), "hi")
    assert isinstance(events[-1], Finished)
    assert events[-1].context_use == ContextUse(1234, 4096)
    events = await events_of(turn(claude("Hi", done)), "hi")
    assert isinstance(events[-1], Finished)
    assert events[-1].context_use is None


async def test_reading_ahead_has_what_the_next_question_will_have() -> None:
    here = local()
    here.warming = (Warming(0, 40), Warming(40, 40))
    session = session_of(turn(claude(), here, system_prompt=lambda: "Be brief."))
    await ask(session)
    assert [step async for step in session.warm()] == [Warming(0, 40), Warming(40, 40)]
    await ask(session, "and?")
    assert here.asked[-1][: len(here.warmed[0])] == here.warmed[0]
    assert [message.text for message in here.warmed[0]] == ["Be brief.", "hi", "Hello from here"]


@pytest.mark.parametrize("why", ["nobody", "nothing said", "too long", "cut"])
async def test_when_there_is_no_use_in_reading_ahead(why: str) -> None:
    text = "x" * 6000 if why == "too long" else "x"
    here = local(text, LOCAL_CUT if why == "cut" else LOCAL_DONE)
    length = 2048 if why == "too long" else 4096
    session = session_of(turn(claude(), None if why == "nobody" else here, context_length=length))
    if why != "nothing said":
        await ask(session)
    assert [step async for step in session.warm()] == []
    assert here.warmed == []


async def test_closing_it_ends_reading_ahead() -> None:
    here = local()
    here.warming = (Warming(0, 40), asyncio.Event())
    session = session_of(turn(claude(), here))
    await ask(session)
    async with aclosing(session.warm()) as steps:
        await anext(steps)
    assert here.warmings_ended == 1


async def test_thinking_is_asked_for_by_the_options_of_the_side() -> None:
    here = FakeBackend("x", LOCAL_DONE)
    asked = turn(claude(), here, local_options=ReplyOptions(enable_thinking=True))
    await events_of(asked, "hi")
    assert here.options[-1].enable_thinking


async def kept_replies(session: ChatSession) -> list[tuple[str, str]]:
    await session.store.written()
    assert session.conversation.id is not None
    opened = await session.store.open(session.conversation.id)
    assert opened is not None
    replies = [each for each in opened.path if each.role is Role.ASSISTANT]
    return [(each.thought, each.text) for each in replies]


async def test_text_that_was_a_thought_is_no_text_in_the_store_and_in_the_next_request() -> None:
    here = local("Hm, ", "a greeting.", TextWasThought(), ThinkingDelta("\n"), "Hello", LOCAL_DONE)
    session = session_of(turn(NO_KEY, here))
    events = await ask(session)
    assert TextWasThought() in events
    (end,) = [event for event in events if isinstance(event, Finished)]
    assert end.text == "Hello"
    assert await kept_replies(session) == [("Hm, a greeting.\n", "Hello")]
    assert said(session) == ["hi", "Hello"]
    await ask(session, "and?")
    assert [each.text for each in here.asked[-1]] == ["hi", "Hello", "and?"]


async def test_a_thought_and_nothing_else_is_an_empty_reply() -> None:
    here = local("Hm.", TextWasThought(), LOCAL_DONE)
    session = session_of(turn(NO_KEY, here))
    (end,) = [event for event in await ask(session) if isinstance(event, Finished)]
    assert (end.text, end.note) == ("", "The reply is empty: rephrase the question")
    assert await kept_replies(session) == [("Hm.", "")]
    assert "Hm." not in said(session)


async def test_the_tag_may_come_in_the_rest_of_a_cut_reply() -> None:
    here = local("Hm, a ", LOCAL_CUT)
    session = session_of(turn(NO_KEY, here))
    await ask(session)
    assert said(session) == ["hi", "Hm, a "]
    here.steps = ("greet", TextWasThought(), ThinkingDelta("ing."), "Hello", LOCAL_DONE)
    (end,) = [event for event in await go_on(session) if isinstance(event, Finished)]
    assert end.text == "Hello"
    assert said(session) == ["hi", "Hello"]
    assert (await kept_replies(session))[-1] == ("Hm, a greeting.", "Hello")


async def test_the_tag_may_be_the_first_of_the_rest() -> None:
    here = local("Hm, a greeting.", LOCAL_CUT)
    session = session_of(turn(NO_KEY, here))
    await ask(session)
    here.steps = (TextWasThought(), "Hello", LOCAL_DONE)
    (end,) = [event for event in await go_on(session) if isinstance(event, Finished)]
    assert end.text == "Hello"
    assert said(session) == ["hi", "Hello"]
    assert (await kept_replies(session))[-1] == ("Hm, a greeting.", "Hello")
