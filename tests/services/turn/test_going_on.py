"""Going on with a reply that did not come to its end: live, and after it was opened again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import ReplyBegun, ReplyDone, StopReason, TextDelta, Usage
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.wording.ending import (
    note_of,
    step_of,
)
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.turn_events import Finished, Routed, TurnEvent, Unanswered
from tests.services.fakes import FakeBackend, Step
from tests.services.turns import CLAUDE_DONE, GONE, LOCAL_DONE, NO_KEY, claude, local, turn

DROPPED = BackendError(
    BackendProblem.UNREACHABLE, "the connection to Claude's API broke off", "send it again"
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore, None]:
    store = SqliteStore(tmp_path / "store.db")
    yield store
    await store.close()


def session_of(
    store: SqliteStore, there: FakeBackend | BackendError, here: FakeBackend | None
) -> ChatSession:
    return ChatSession(turn(there, here), store)


async def events_of(events: AsyncGenerator[TurnEvent, None]) -> list[TurnEvent]:
    return [event async for event in events]


async def stop_at_text(session: ChatSession, text: str) -> None:
    async with aclosing(session.ask(text)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                return


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("end", ["stopped", "broken"])
@pytest.mark.parametrize("is_reopened", [False, True])
async def test_it_goes_on_with_whoever_gave_it(
    store: SqliteStore, side: Side, end: str, is_reopened: bool
) -> None:
    trouble: Step = (
        asyncio.Event() if end == "stopped" else (DROPPED if side is Side.CLAUDE else GONE)
    )
    backend = (claude if side is Side.CLAUDE else local)("Half ", trouble)
    there, here = (backend, local()) if side is Side.CLAUDE else (NO_KEY, backend)
    session = session_of(store, there, here)
    question = f"@{side.value.lower()} hi"
    if end == "stopped":
        await stop_at_text(session, question)
    else:
        await events_of(session.ask(question))
    if is_reopened:
        conversation_id = session.conversation.id
        assert conversation_id is not None
        session = session_of(store, there, here)
        opened = await session.conversation.open(conversation_id)
        assert opened is not None
        assert note_of(opened.path[-1]).startswith(
            "Stopped" if end == "stopped" else "Interrupted: "
        )
        assert step_of(opened.path[-1]) == "F7 continues."
    assert session.conversation.can_go_on
    backend.steps = ("a word", CLAUDE_DONE if side is Side.CLAUDE else LOCAL_DONE)
    events = await events_of(session.go_on())
    assert isinstance(events[0], Routed)
    assert "you asked" in events[0].label
    assert isinstance(events[-1], Finished)
    assert events[-1].text == session.conversation.history[-1].text == "Half a word"
    assert [(each.role, each.text) for each in backend.asked[-1]] == [
        (Role.USER, "hi"),
        (Role.ASSISTANT, "Half "),
    ]
    # It is one reply now, which is not gone on with again.
    assert session.conversation.id is not None
    opened = await session.conversation.open(session.conversation.id)
    assert opened is not None
    assert [each.text for each in opened.path] == ["hi", "Half a word"]
    assert not session.conversation.can_go_on


async def test_what_stays_here_is_not_gone_on_with_elsewhere(store: SqliteStore) -> None:
    session = session_of(store, claude(), local("Half ", asyncio.Event()))
    await stop_at_text(session, "@local secret")
    assert session.conversation.id is not None
    there = claude()
    later = session_of(store, there, None)
    await later.conversation.open(session.conversation.id)
    assert later.conversation.can_go_on
    events = await events_of(later.go_on())
    assert isinstance(events[-1], Unanswered)
    assert there.asked == []
    assert later.conversation.can_go_on


@pytest.mark.parametrize(
    "done",
    [
        CLAUDE_DONE,
        ReplyDone(StopReason.REFUSAL, Usage(9, 2), "m"),
        ReplyDone(StopReason.REPEATED, Usage(9, 2), "m"),
    ],
)
async def test_what_came_to_its_end_is_not_gone_on_with(
    store: SqliteStore, done: ReplyDone
) -> None:
    session = session_of(store, claude("Whole", done), None)
    await events_of(session.ask("hi"))
    assert not session.conversation.can_go_on
    assert session.conversation.id is not None
    await session.conversation.open(session.conversation.id)
    assert not session.conversation.can_go_on


async def test_a_turn_closed_before_the_first_word_keeps_its_question(store: SqliteStore) -> None:
    session = session_of(store, claude(ReplyBegun(9, "m"), asyncio.Event()), None)
    async with aclosing(session.ask("@claude hi")) as events:
        async for event in events:
            if isinstance(event, Routed):
                break
    conversation_id = session.conversation.id
    assert conversation_id is not None
    later = session_of(store, claude(), None)
    opened = await later.conversation.open(conversation_id)
    assert opened is not None
    (question,) = opened.path
    assert (question.written, later.conversation.unanswered_id) == ("@claude hi", question.id)
    await events_of(later.again(question.id))
    assert [each.text for each in later.conversation.history] == ["hi", "Hello from Claude"]
    assert later.conversation.unanswered_id is None


async def test_taken_back_it_is_nowhere_and_neither_is_its_conversation(
    store: SqliteStore,
) -> None:
    session = session_of(store, claude(asyncio.Event()), None)
    async with aclosing(session.ask("hi")) as events:
        async for _ in events:
            break
    session.take_back()
    assert session.conversation.id is None
    assert await store.conversations() == ()


async def test_an_edit_taken_back_leaves_everything_as_it_was(store: SqliteStore) -> None:
    there = claude()
    session = session_of(store, there, None)
    await events_of(session.ask("First"))
    there.steps = (asyncio.Event(),)
    assert session.conversation.question_id is not None and session.conversation.id is not None
    async with aclosing(session.edit(session.conversation.question_id, "Changed")) as events:
        async for _ in events:
            break
    session.take_back()
    before = (Message(Role.USER, "First"), Message(Role.ASSISTANT, "Hello from Claude"))
    assert session.conversation.history == before
    opened = await session.conversation.open(session.conversation.id)
    assert opened is not None
    assert ([each.text for each in opened.path], opened.siblings) == (
        ["First", "Hello from Claude"],
        {},
    )


@pytest.mark.parametrize("text", ["", "\n", " \u00a0", "\u200b", "\u2800"])
@pytest.mark.parametrize("reason", [StopReason.END_TURN, StopReason.REFUSAL])
@pytest.mark.parametrize("side", list(Side))
async def test_an_empty_or_declined_reply_is_kept_and_joins_no_questions(
    store: SqliteStore, text: str, reason: StopReason, side: Side
) -> None:
    steps = (*([text] if text else []), ReplyDone(reason, Usage(9, 1), "m"))
    backend = (claude if side is Side.CLAUDE else local)(*steps)
    there, here = (backend, None) if side is Side.CLAUDE else (NO_KEY, backend)
    session = session_of(store, there, here)
    await events_of(session.ask("one"))
    assert session.conversation.id is not None
    opened = await session.conversation.open(session.conversation.id)
    assert opened is not None
    assert [each.text for each in opened.path] == ["one", text]
    wanted = "The reply is empty" if reason is StopReason.END_TURN else "The model declined"
    assert note_of(opened.path[-1]).startswith(wanted)
    assert step_of(opened.path[-1])
    backend.steps = ("Two.", CLAUDE_DONE)
    await events_of(session.ask("two"))
    assert [each.text for each in backend.asked[-1]] == ["two"]
