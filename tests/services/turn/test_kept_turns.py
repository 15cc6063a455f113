"""What is kept of thoughts, of stopped replies and of places, on a real store."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.ledger import Period
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.prices import PriceList
from shammah_tui.core.conversation.records import OpenedConversation
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    StopReason,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from shammah_tui.services.conversation.chat_session import ChatSession
from tests.services.fakes import FakeBackend, Step
from tests.services.turns import CRISIS, GONE, LOCAL_DONE, NO_KEY, UNREACHABLE, claude, local, turn

LOCAL_CUT = replace(LOCAL_DONE, stop_reason=StopReason.LENGTH)
BEGUN = ReplyBegun(1_000_000, "claude-sonnet-5-5")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore, None]:
    store = SqliteStore(tmp_path / "store.db")
    yield store
    await store.close()


def session_of(store: SqliteStore, there: FakeBackend, here: FakeBackend | None) -> ChatSession:
    return ChatSession(turn(there, here), store, PriceList().cost_microusd)


async def ask(session: ChatSession, text: str = "hi") -> None:
    async for _ in session.ask(text):
        pass


async def stop_at(session: ChatSession, event: object, text: str = "hi") -> None:
    async with aclosing(session.ask(text)) as events:
        async for each in events:
            if each == event:
                return
    raise AssertionError("It did not come to that")


async def reopened(store: SqliteStore, session: ChatSession) -> OpenedConversation:
    assert session.conversation.id is not None
    opened = await session.conversation.open(session.conversation.id)
    assert opened is not None
    return opened


async def kept(store: SqliteStore, session: ChatSession) -> list[tuple[str, str]]:
    path = (await reopened(store, session)).path
    return [(message.text, message.thought) for message in path]


async def test_thoughts_are_kept_beside_the_reply_and_sent_to_nobody(store: SqliteStore) -> None:
    there, here = (
        claude(),
        local(ThinkingDelta("Let me "), ThinkingDelta("see."), "Blue", LOCAL_DONE),
    )
    session = session_of(store, there, here)
    await ask(session)
    assert await kept(store, session) == [("hi", ""), ("Blue", "Let me see.")]
    for side in ("@local and?", "@claude and?"):
        await ask(session, side)
    said = " ".join(message.text for asked in (*here.asked, *there.asked) for message in asked)
    assert "Let me" not in said


async def test_thoughts_are_on_disk_before_they_are_shown(store: SqliteStore) -> None:
    session = session_of(store, claude(), local(ThinkingDelta("Let me"), asyncio.Event()))
    async with aclosing(session.ask("hi")) as events:
        async for event in events:
            if event == ThinkingDelta("Let me"):
                assert session.conversation.id is not None
                opened = await store.open(session.conversation.id)
                assert opened is not None
                assert opened.path[-1].thought == "Let me"
                assert not opened.path[-1].is_complete
                break


async def test_a_reply_stopped_in_its_thoughts_is_kept_as_far_as_it_was_shown(
    store: SqliteStore,
) -> None:
    here = local(ThinkingDelta("Let me"), asyncio.Event())
    session = session_of(store, claude(), here)
    await stop_at(session, ThinkingDelta("Let me"))
    assert await kept(store, session) == [("hi", ""), ("", "Let me")]
    # A reply without a word is none that a model should see.
    here.steps = ("Yes", LOCAL_DONE)
    await ask(session, "and?")
    assert [message.text for message in here.asked[-1]] == ["and?"]


async def test_thoughts_that_led_to_nothing_are_not_the_other_sides(store: SqliteStore) -> None:
    session = session_of(store, claude(), local(ThinkingDelta("Let me see."), GONE))
    await ask(session)
    assert await kept(store, session) == [("hi", ""), ("Hello from Claude", "")]


async def test_where_nobody_replies_the_thoughts_go_with_the_question(store: SqliteStore) -> None:
    session = ChatSession(turn(NO_KEY, local(ThinkingDelta("Let me see."), GONE)), store)
    await ask(session)
    assert await store.conversations() == ()


async def test_going_on_after_a_cut_in_the_thoughts_makes_one_reply(store: SqliteStore) -> None:
    here = local(ThinkingDelta("Let me"), LOCAL_CUT)
    session = session_of(store, claude(), here)
    await ask(session)
    here.steps = (ThinkingDelta(" see."), "Blue", LOCAL_DONE)
    async for _ in session.go_on():
        pass
    opened = await reopened(store, session)
    assert [(each.text, each.thought) for each in opened.path] == [
        ("hi", ""),
        ("Blue", "Let me see."),
    ]
    assert opened.siblings == {}


async def test_where_the_rest_does_not_come_the_cut_thought_stays(store: SqliteStore) -> None:
    here = local(ThinkingDelta("Let me"), LOCAL_CUT)
    session = session_of(store, claude(), here)
    await ask(session, "@local hi")
    here.steps = (ThinkingDelta(" see"), GONE)
    async for _ in session.go_on():
        pass
    assert await kept(store, session) == [("hi", ""), ("", "Let me")]


@pytest.mark.parametrize(
    ("steps", "ended"),
    [
        ((BEGUN, "x" * 300, asyncio.Event()), StopReason.STOPPED),
        ((BEGUN, "x" * 300, UNREACHABLE), None),
    ],
    ids=["stopped", "broken off"],
)
async def test_what_claude_had_read_and_written_is_counted_at_its_price(
    store: SqliteStore, steps: tuple[Step, ...], ended: StopReason | None
) -> None:
    session = session_of(store, claude(*steps), None)
    if ended is None:
        await ask(session)
    else:
        await stop_at(session, TextDelta("x" * 300))
    receipt = session.conversation.receipt
    assert receipt is not None
    assert receipt.stop_reason is ended
    assert (receipt.model, receipt.revision) == ("claude-sonnet-5-5", "claude-sonnet-5-5")
    usage = receipt.usage
    assert (usage.prompt_tokens, usage.reply_tokens, usage.is_estimated) == (1_000_000, 100, True)
    # A million tokens in at 2 dollars, a hundred out at 10 dollars a million.
    assert receipt.cost_microusd == 2_001_000
    path = (await reopened(store, session)).path
    assert path[-1].receipt == receipt
    (row,) = await store.ledger(Period.DAY)
    assert (row.cost_microusd, row.unpriced_replies) == (2_001_000, 0)


@pytest.mark.parametrize("end", ["stopped", "failed", "empty", "taken over"])
async def test_what_claude_read_for_nothing_is_paid_for_as_well(
    store: SqliteStore, end: str
) -> None:
    done = ReplyDone(StopReason.REFUSAL, Usage(1_000_000, 0), "claude-sonnet-5-5")
    ends: dict[str, Step] = {"stopped": asyncio.Event(), "empty": done}
    there = claude(BEGUN, ends.get(end, UNREACHABLE))
    session = session_of(store, there, local() if end == "taken over" else None)
    question = CRISIS if end == "taken over" else "hi"
    if end == "stopped":
        await stop_at(session, ReplyBegun(1_000_000, "claude-sonnet-5-5"), question)
        session.take_back()
    else:
        await ask(session, question)
    rows = {row.side: row for row in await store.ledger(Period.DAY)}
    paid = rows[Side.CLAUDE]
    assert (paid.replies, paid.prompt_tokens, paid.cost_microusd) == (1, 1_000_000, 2_000_000)
    assert (Side.LOCAL in rows) is (end == "taken over")
    # What was declined was answered.
    assert len(await store.conversations()) == (1 if end in ("taken over", "empty") else 0)


async def test_a_local_reply_that_is_stopped_counts_its_tokens_too(store: SqliteStore) -> None:
    here = local(ReplyBegun(50, "Qwen"), ThinkingDelta("y" * 30), "x" * 60, asyncio.Event())
    session = session_of(store, claude(), here)
    await stop_at(session, TextDelta("x" * 60))
    (row,) = await store.ledger(Period.DAY)
    assert (row.side, row.model, row.prompt_tokens, row.reply_tokens) == (
        Side.LOCAL,
        "Qwen",
        50,
        30,
    )


# Places


async def test_a_message_is_opened_on_whichever_branch_it_is(store: SqliteStore) -> None:
    session = session_of(store, claude("One", replace(LOCAL_DONE)), None)
    await ask(session)
    assert (
        session.conversation.question_id is not None and session.conversation.reply_id is not None
    )
    conversation, question, first = (
        session.conversation.id,
        session.conversation.question_id,
        session.conversation.reply_id,
    )
    async for _ in session.again(question):
        pass
    second = session.conversation.reply_id
    assert conversation is not None
    opened = await session.conversation.open(conversation)
    assert opened is not None
    assert (opened.path[-1].id, opened.place_id) == (second, None)
    opened = await session.conversation.open(conversation, first)
    assert opened is not None
    assert (opened.path[-1].id, opened.place_id) == (first, first)
    # What is asked next follows what is shown.
    await ask(session, "and?")
    assert [each.id for each in (await reopened(store, session)).path[:2]] == [question, first]


async def test_the_place_is_kept_and_a_message_that_is_gone_is_none(store: SqliteStore) -> None:
    session = session_of(store, claude("One", LOCAL_DONE), None)
    session.conversation.save_place(7)
    await ask(session)
    session.conversation.save_place(session.conversation.question_id)
    opened = await reopened(store, session)
    assert opened.place_id == opened.path[0].id
    assert session.conversation.id is not None
    same = await session.conversation.open(session.conversation.id, 12345)
    assert same is not None
    assert same.path == opened.path
    assert same.place_id == opened.place_id
    assert await session.conversation.open(999) is None
    assert session.conversation.id is not None
