"""The local side breaks off in the middle of its text, and Claude answers beside it, once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Message, Role
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
from shammah_tui.core.errors import BackendError
from shammah_tui.core.wording.ending import after_colon, note_of
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.turn_events import Finished, TakenOver, TurnEvent, Unanswered
from tests.services.fakes import FakeBackend, Step
from tests.services.turns import GONE, LOCAL_DONE, NO_KEY, UNREACHABLE, claude, local, turn

LABEL = "Claude · local engine stopped"
CORRECTED = "Claude Sonnet 5.5 · local engine stopped"
"""Once Claude's API has told its model."""
BROKEN = f"Interrupted: {after_colon(str(GONE))}"
BEGUN = ReplyBegun(1_000_000, "claude-sonnet-5-5")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore, None]:
    store = SqliteStore(tmp_path / "store.db")
    yield store
    await store.close()


def session_of(
    store: SqliteStore, there: FakeBackend | BackendError, here: FakeBackend
) -> ChatSession:
    return ChatSession(
        turn(there, here), store, PriceList().cost_microusd, lambda: SqliteStore(None)
    )


async def ask(session: ChatSession, text: str = "hi") -> list[TurnEvent]:
    return [event async for event in session.ask(text)]


async def reopened(session: ChatSession) -> OpenedConversation:
    assert session.conversation.id is not None
    opened = await session.conversation.open(session.conversation.id)
    assert opened is not None
    return opened


async def versions(session: ChatSession) -> list[tuple[str, str]]:
    """Return text and note of each version of the last reply; the one shown comes last."""
    opened = await reopened(session)
    shown = opened.path[-1]
    found = []
    for each in opened.siblings.get(shown.id, (shown.id,)):
        assert session.conversation.id is not None
        at = await session.conversation.open(session.conversation.id, each)
        assert at is not None
        found.append((at.path[-1].text, note_of(at.path[-1])))
    return found


async def test_both_are_kept_and_the_label_says_why(store: SqliteStore) -> None:
    there, here = claude(), local("Half a ", "word", GONE)
    session = session_of(store, there, here)
    events = await ask(session)
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, events[-1].label) == ("Hello from Claude", CORRECTED)
    assert [message.text for message in there.asked[0]] == ["hi"]
    assert len(there.asked) == len(here.asked) == 1
    taken = next(event for event in events if isinstance(event, TakenOver))
    assert (taken.label, taken.broken.text) == (LABEL, "Half a word")
    assert taken.asking == "Local · Qwen3.5 4B · interrupted · asking Claude"
    # What is said next follows Claude's reply alone.
    assert session.conversation.history == (
        Message(Role.USER, "hi"),
        Message(Role.ASSISTANT, "Hello from Claude"),
    )
    opened = await reopened(session)
    assert [message.text for message in opened.path] == ["hi", "Hello from Claude"]
    receipt = opened.path[-1].receipt
    assert receipt is not None
    assert (receipt.side, receipt.label) == (Side.CLAUDE, CORRECTED)
    assert await versions(session) == [("Half a word", BROKEN), ("Hello from Claude", "")]
    rows = {row.side: row.replies for row in await store.ledger(Period.DAY)}
    assert rows == {Side.LOCAL: 1, Side.CLAUDE: 1}


@pytest.mark.parametrize("text", ["@local hi", "hi"])
@pytest.mark.parametrize("why", ["pinned or private", "no key"])
async def test_where_claude_may_not_be_asked_what_came_is_the_reply(
    store: SqliteStore, text: str, why: str
) -> None:
    there = claude()
    session = session_of(store, NO_KEY if why == "no key" else there, local("Half", GONE))
    if why != "no key" and text == "hi":
        assert session.conversation.begin_private()
    events = await ask(session, text)
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, events[-1].note) == ("Half", BROKEN)
    assert there.asked == []
    assert not [event for event in events if isinstance(event, TakenOver)]
    assert await versions(session) == [("Half", BROKEN)]


@pytest.mark.parametrize("steps", [(UNREACHABLE,), (ThinkingDelta("Well"), UNREACHABLE)])
async def test_where_claude_says_nothing_what_came_is_the_reply(
    store: SqliteStore, steps: tuple[Step, ...]
) -> None:
    there = claude(BEGUN, *steps)
    session = session_of(store, there, local("Half", GONE))
    events = await ask(session)
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, events[-1].label) == ("Half", "Local · Qwen3.5 4B")
    assert not [event for event in events if isinstance(event, Unanswered | ThinkingDelta)]
    assert len(there.asked) == 1
    assert session.conversation.history[-1].text == "Half"
    assert await versions(session) == [("Half", BROKEN)]
    # What it read for nothing is paid for all the same.
    rows = {row.side: row for row in await store.ledger(Period.DAY)}
    assert rows[Side.CLAUDE].cost_microusd == 2_000_000


async def test_an_empty_reply_takes_nothing_over(store: SqliteStore) -> None:
    done = ReplyDone(StopReason.REFUSAL, Usage(9, 0), "claude-sonnet-5-5")
    session = session_of(store, claude(done), local("Half", GONE))
    events = await ask(session)
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, events[-1].note) == ("Half", BROKEN)
    assert await versions(session) == [("Half", BROKEN)]


async def test_claude_breaking_off_as_well_is_the_end(store: SqliteStore) -> None:
    there, here = claude("Also half", UNREACHABLE), local("Half", GONE)
    session = session_of(store, there, here)
    events = await ask(session)
    assert isinstance(events[-1], Finished)
    assert events[-1].note == f"Interrupted: {after_colon(str(UNREACHABLE))}"
    assert len(there.asked) == len(here.asked) == 1
    assert await versions(session) == [
        ("Half", BROKEN),
        ("Also half", f"Interrupted: {after_colon(str(UNREACHABLE))}"),
    ]


async def test_what_claude_broke_off_is_not_asked_of_this_machine(store: SqliteStore) -> None:
    here = local()
    session = session_of(store, claude("Half", UNREACHABLE), here)
    events = await ask(session, "I want to kill myself")
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, here.asked) == ("Half", [])


async def test_a_side_that_took_over_from_claude_hands_nothing_back(store: SqliteStore) -> None:
    there, here = claude(UNREACHABLE), local("Half", GONE)
    session = session_of(store, there, here)
    events = await ask(session, "I want to kill myself")
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, len(there.asked)) == ("Half", 1)


async def test_thoughts_come_with_the_first_word(store: SqliteStore) -> None:
    there = claude(ThinkingDelta("Let me "), ThinkingDelta("see."), "Blue", LOCAL_DONE)
    session = session_of(store, there, local(ThinkingDelta("Hm"), "Half", GONE))
    events = await ask(session)
    at = events.index(TextDelta("Blue"))
    assert events[at - 1] == ThinkingDelta("Let me see.")
    opened = await reopened(session)
    assert (opened.path[-1].text, opened.path[-1].thought) == ("Blue", "Let me see.")


@pytest.mark.parametrize("said", ["", "Well, "])
async def test_a_stop_while_claude_is_asked_keeps_what_is_shown(
    store: SqliteStore, said: str
) -> None:
    there = claude(BEGUN, *([said] if said else []), asyncio.Event())
    session = session_of(store, there, local("Half", GONE))
    last = TextDelta(said) if said else ReplyBegun(1_000_000, "claude-sonnet-5-5")
    async with aclosing(session.ask("hi")) as events:
        async for event in events:
            if event == last:
                break
    assert session.conversation.history[-1].text == (said or "Half")
    stopped = [(said, "Stopped")] if said else []
    assert await versions(session) == [("Half", BROKEN), *stopped]


async def test_a_user_who_stops_the_local_side_asks_nobody(store: SqliteStore) -> None:
    there = claude()
    session = session_of(store, there, local("Half", asyncio.Event()))
    async with aclosing(session.ask("hi")) as events:
        async for event in events:
            if event == TextDelta("Half"):
                break
    assert there.asked == []
    assert await versions(session) == [("Half", "Stopped")]


async def test_a_question_asked_again_breaks_off_into_two_more_versions(
    store: SqliteStore,
) -> None:
    here = local("Whole", LOCAL_DONE)
    session = session_of(store, claude(), here)
    await ask(session)
    here.steps = ("Half", GONE)
    assert session.conversation.question_id is not None
    async for _ in session.again(session.conversation.question_id):
        pass
    assert await versions(session) == [
        ("Whole", ""),
        ("Half", BROKEN),
        ("Hello from Claude", ""),
    ]
    assert session.conversation.history[-1].text == "Hello from Claude"


@pytest.mark.parametrize("can_claude", [True, False])
async def test_the_rest_of_a_cut_reply_breaks_off(store: SqliteStore, can_claude: bool) -> None:
    there, here = claude(), local("One ", replace(LOCAL_DONE, stop_reason=StopReason.LENGTH))
    session = session_of(store, there if can_claude else NO_KEY, here)
    await ask(session)
    here.steps = ("two ", GONE)
    events = [event async for event in session.go_on()]
    assert isinstance(events[-1], Finished)
    shown = await versions(session)
    assert shown[1] == ("One two ", BROKEN)
    if can_claude:
        # It is asked the question, not to go on with somebody else's sentence.
        assert [message.text for message in there.asked[0]] == ["hi"]
        assert shown[2:] == [("Hello from Claude", "")]
        assert events[-1].text == session.conversation.history[-1].text == "Hello from Claude"
    else:
        assert shown[2:] == []
        assert events[-1].text == session.conversation.history[-1].text == "One two "
    assert len(session.conversation.history) == 2
    assert session.conversation.can_go_on is not can_claude


async def test_who_cannot_take_back_what_was_shown_keeps_it() -> None:
    there = claude()
    asked = turn(there, local("Half", GONE), replaces_text=False)
    events = [event async for event in asked.run((), "hi")]
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, events[-1].note) == ("Half", BROKEN)
    assert there.asked == []
