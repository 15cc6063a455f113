"""Titles by the local model: when they are asked for, and when they are not."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.records import ConversationSummary, TitleSource
from shammah_tui.core.conversation.reply import StopReason, TextWasThought, Warming
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.conversation.chat_session import TITLE_TOKENS, ChatSession
from tests.services.fakes import FakeBackend
from tests.services.turns import CRISIS, GONE, LOCAL_DONE, claude, local, turn


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore, None]:
    store = SqliteStore(tmp_path / "store.db")
    yield store
    await store.close()


async def ask(session: ChatSession, text: str = "how do boats float?") -> None:
    async for _ in session.ask(text):
        pass


async def warm(session: ChatSession, here: FakeBackend, title: str) -> None:
    here.steps = (title, LOCAL_DONE)
    async for _ in session.warm():
        pass


async def summary(store: SqliteStore) -> ConversationSummary:
    (found,) = await store.conversations()
    return found


async def test_the_local_model_gives_the_title_after_it_has_read(store: SqliteStore) -> None:
    here, there = local(), claude()
    session = ChatSession(turn(there, here, system_prompt=lambda: "Be brief."), store)
    await ask(session)
    before = await summary(store)
    assert (before.title, before.title_source) == ("how do boats float?", TitleSource.WORDS)
    here.warming = (Warming(5, 5),)
    await warm(session, here, 'Title: **"Why boats float"**.\nIt is short.')
    after = await summary(store)
    assert (after.title, after.title_source) == ("Why boats float", TitleSource.MODEL)
    # As the next question of what it has just read: then it reads no more than that.
    *read, wish = here.asked[-1]
    assert tuple(read) == here.warmed[-1]
    assert wish.role is Role.USER
    assert here.options[-1].max_tokens == TITLE_TOKENS
    assert here.options[-1].is_aside
    assert there.asked == []
    # No message of the conversation comes of it.
    assert [message.text for message in session.conversation.history] == [
        "how do boats float?",
        "Hello from here",
    ]
    assert after.message_count == 2


async def test_a_thought_is_no_part_of_the_title(store: SqliteStore) -> None:
    here = local()
    session = ChatSession(turn(claude(), here), store)
    await ask(session)
    here.steps = ("It asks of boats.", TextWasThought(), "Why boats float", LOCAL_DONE)
    async with aclosing(session.warm()) as steps:
        async for _ in steps:
            pass
    assert (await summary(store)).title == "Why boats float"


async def test_it_is_asked_for_once(store: SqliteStore) -> None:
    here = local()
    session = ChatSession(turn(claude(), here), store)
    for _ in range(3):
        await ask(session)
        await warm(session, here, "12345")
    assert sum(options.is_aside for options in here.options) == 1
    assert (await summary(store)).title_source is TitleSource.WORDS


async def test_a_title_of_the_users_stays(store: SqliteStore) -> None:
    here = local()
    session = ChatSession(turn(claude(), here), store)
    await ask(session)
    assert session.conversation.id is not None
    # Given while the model was at it: the session does not know.
    store.rename(session.conversation.id, "Mine", TitleSource.USER)
    await warm(session, here, "Another title")
    assert (await summary(store)).title == "Mine"
    # Opened again it is known, and the model is not troubled.
    await session.conversation.open(session.conversation.id)
    here.steps = ("And", LOCAL_DONE)
    await ask(session, "and?")
    asked = len(here.asked)
    await warm(session, here, "Another title")
    assert len(here.asked) == asked


async def test_one_that_was_only_opened_keeps_its_title(store: SqliteStore) -> None:
    here = local()
    session = ChatSession(turn(claude(), here), store)
    await ask(session)
    assert session.conversation.id is not None
    await session.conversation.open(session.conversation.id)
    await warm(session, here, "Another title")
    assert (await summary(store)).title_source is TitleSource.WORDS
    await ask(session, "and?")
    await warm(session, here, "Another title")
    assert (await summary(store)).title == "Another title"


async def test_a_question_ends_it_and_it_is_tried_again_after_the_reply(store: SqliteStore) -> None:
    here = local()
    session = ChatSession(turn(claude(), here), store)
    await ask(session)
    here.steps = ("Half a", asyncio.Event())

    async def warming() -> None:
        async for _ in session.warm():
            pass

    task = asyncio.create_task(warming())
    await here.waiting.wait()
    ended = here.ended
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert here.ended == ended + 1
    assert (await summary(store)).title_source is TitleSource.WORDS
    here.steps = ("Yes", LOCAL_DONE)
    await ask(session, "and?")
    await warm(session, here, "Why boats float")
    assert (await summary(store)).title == "Why boats float"


@pytest.mark.parametrize("why", ["fails", "absent", "too long", "cut", "private"])
async def test_when_there_is_none(store: SqliteStore, why: str) -> None:
    here = local("x" * 6000 if why == "too long" else "x", LOCAL_DONE)
    side = None if why == "absent" else here
    there = claude()
    session = ChatSession(
        turn(there, side, context_length=2048), store, make_private=lambda: SqliteStore(None)
    )
    if why == "private":
        assert session.conversation.begin_private()
    await ask(session)
    if why == "cut":
        here.steps = ("x", LOCAL_DONE.__class__(StopReason.LENGTH, LOCAL_DONE.usage, "m"))
        await ask(session)
    here.steps = (GONE,) if why == "fails" else ("A title", LOCAL_DONE)
    asked = len(there.asked)
    async with aclosing(session.warm()) as steps:
        async for _ in steps:
            pass
    assert [each.title_source for each in await store.conversations()] == (
        [] if why == "private" else [TitleSource.WORDS]
    )
    assert len(there.asked) == asked
    session.conversation.begin_new()


async def test_a_model_that_thinks_has_nothing_left_to_think_of(store: SqliteStore) -> None:
    here = local()
    thinks = ReplyOptions(enable_thinking=True)
    session = ChatSession(turn(claude(), here, local_options=thinks), store)
    await ask(session)
    await warm(session, here, " Why boats float")
    assert (await summary(store)).title == "Why boats float"
    assert here.asked[-1][-1].role is Role.ASSISTANT
    # Its template is asked for the same as before, or the conversation would be read again.
    assert here.options[-1].enable_thinking


async def test_a_conversation_with_a_crisis_has_its_day_for_a_title(store: SqliteStore) -> None:
    here, there = local(), claude()
    session = ChatSession(turn(there, here), store)
    await ask(session, CRISIS)
    title = (await summary(store)).title
    assert re.fullmatch(r"Conversation of \d+ [A-Z][a-z]+", title)
    await warm(session, here, "Self-Harm")
    await ask(session, "and now?")
    await warm(session, here, "Self-Harm")
    assert (await summary(store)).title == title
    assert session.conversation.id is not None
    session.store.rename(session.conversation.id, "Mine", TitleSource.USER)
    assert (await summary(store)).title == "Mine"
    opened = await store.open(session.conversation.id)
    assert opened is not None
    receipt = opened.path[1].receipt
    assert receipt is not None
    assert (receipt.label, receipt.reason) == ("Claude Sonnet 5.5", "Forwarded")


async def test_a_crisis_in_a_later_question_gives_no_title_either(store: SqliteStore) -> None:
    here, there = local(), claude()
    session = ChatSession(turn(there, here), store)
    await ask(session)
    await ask(session, CRISIS)
    await warm(session, here, "Self-Harm")
    assert (await summary(store)).title == "how do boats float?"
