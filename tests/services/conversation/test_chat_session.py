"""Branches, forks and deleted turns, on a real store."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import HiddenTurns, OpenedConversation
from shammah_tui.core.conversation.reply import TextDelta, Usage
from shammah_tui.core.wording.receipt_lines import receipt_lines
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.conversation.open_conversation import Restored
from shammah_tui.services.turn.turn_events import Finished, TurnEvent, Unanswered
from tests.services.fakes import FakeBackend, Step
from tests.services.turns import CLAUDE_DONE, GONE, LOCAL_DONE, turn


@dataclass
class Talk:
    """A session with two sides that say what they are told to."""

    session: ChatSession
    here: FakeBackend
    claude: FakeBackend

    async def say(self, question: str, *reply: Step) -> tuple[int, int]:
        """Have a question answered and return its id and that of its reply."""
        self.here.steps = (*reply, LOCAL_DONE)
        await drained(self.session.ask(question))
        assert self.session.conversation.question_id is not None
        assert self.session.conversation.reply_id is not None
        return (
            self.session.conversation.question_id,
            self.session.conversation.reply_id,
        )

    async def reopened(self) -> OpenedConversation:
        assert self.session.conversation.id is not None
        opened = await self.session.conversation.open(self.session.conversation.id)
        assert opened is not None
        return opened

    async def texts(self) -> list[str]:
        return [message.text for message in (await self.reopened()).path]


async def drained(turn: AsyncGenerator[TurnEvent, None]) -> list[TurnEvent]:
    async with aclosing(turn) as events:
        return [event async for event in events]


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncGenerator[Talk, None]:
    here, claude = FakeBackend(), FakeBackend("from Claude", CLAUDE_DONE)
    store = SqliteStore(tmp_path / "store.db")
    yield Talk(ChatSession(turn(claude, here), store, cost), here, claude)
    await store.close()


def cost(model: str, usage: Usage) -> int | None:
    return 1_234 if model == "claude-sonnet-5-5" else None


async def test_a_reply_and_its_receipt_are_known_once_they_are_kept(talk: Talk) -> None:
    question, reply = await talk.say("one", "two")
    path = (await talk.reopened()).path
    assert [message.id for message in path] == [question, reply]
    await drained(talk.session.again(question, Side.CLAUDE))
    receipt = talk.session.conversation.receipt
    assert receipt is not None
    assert (receipt.side, receipt.cost_microusd) == (Side.CLAUDE, 1_234)
    assert (await talk.reopened()).path[-1].receipt == receipt


async def test_again_makes_a_branch_and_the_model_sees_only_what_was_before(talk: Talk) -> None:
    await talk.say("one", "1")
    question, old = await talk.say("two", "2")
    await talk.say("three", "3")
    talk.here.steps = ("2b", LOCAL_DONE)
    await drained(talk.session.again(question))
    assert [message.text for message in talk.here.asked[-1]] == ["one", "1", "two"]
    new = talk.session.conversation.reply_id
    assert new is not None
    opened = await talk.reopened()
    assert [message.text for message in opened.path] == ["one", "1", "two", "2b"]
    assert opened.siblings[new] == (old, new)
    await talk.session.conversation.read_branches()
    assert talk.session.conversation.siblings == opened.siblings
    assert talk.session.conversation.hidden == HiddenTurns(new, 1, 1)
    talk.session.conversation.show_branch(old)
    assert await talk.texts() == ["one", "1", "two", "2", "three", "3"]
    await talk.say("four", "4")
    assert [message.text for message in talk.here.asked[-1]][-3:] == ["three", "3", "four"]


async def test_what_is_asked_after_again_follows_the_new_branch(talk: Talk) -> None:
    question, _ = await talk.say("one", "1")
    talk.here.steps = ("1b", LOCAL_DONE)
    await drained(talk.session.again(question))
    await talk.say("two", "2")
    assert [message.text for message in talk.here.asked[-1]] == ["one", "1b", "two"]
    assert await talk.texts() == ["one", "1b", "two", "2"]


async def test_the_other_side_is_asked_alone(talk: Talk) -> None:
    question, _ = await talk.say("one", "1")
    await drained(talk.session.again(question, Side.CLAUDE))
    assert [message.text for message in talk.claude.asked[-1]] == ["one"]
    path = (await talk.reopened()).path
    assert path[-1].receipt is not None
    assert (path[-1].receipt.side, path[-1].receipt.reason) == (Side.CLAUDE, "Pinned")
    assert path[0].text == "one"


async def test_a_private_question_stays_here_when_it_is_asked_again(talk: Talk) -> None:
    question, _ = await talk.say("@local one", "1")
    talk.here.steps = (GONE,)
    events = await drained(talk.session.again(question))
    assert isinstance(events[-1], Unanswered)
    assert talk.claude.asked == []
    assert await talk.session.conversation.text_to_edit(question) == "@local one"


async def test_again_with_no_reply_leaves_everything_as_it_was(talk: Talk) -> None:
    question, _ = await talk.say("one", "1")
    await talk.say("two", "2")
    talk.here.steps = talk.claude.steps = (GONE,)
    events = await drained(talk.session.again(question))
    assert isinstance(events[-1], Unanswered)
    assert [message.text for message in talk.session.conversation.history] == [
        "one",
        "1",
        "two",
        "2",
    ]
    assert await talk.texts() == ["one", "1", "two", "2"]
    assert (await talk.reopened()).siblings == {}


async def test_again_that_is_stopped_keeps_what_came(talk: Talk) -> None:
    question, _ = await talk.say("one", "1")
    talk.here.steps = ("half", asyncio.Event())
    async with aclosing(talk.session.again(question)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    assert await talk.texts() == ["one", "half"]


async def test_an_edited_question_forks_and_the_old_one_stays_reachable(talk: Talk) -> None:
    first, _ = await talk.say("one", "1")
    second, _ = await talk.say("two", "2")
    talk.here.steps = ("2b", LOCAL_DONE)
    events = await drained(talk.session.edit(second, "two, better"))
    assert isinstance(events[-1], Finished)
    assert [message.text for message in talk.here.asked[-1]] == ["one", "1", "two, better"]
    opened = await talk.reopened()
    assert [message.text for message in opened.path] == ["one", "1", "two, better", "2b"]
    assert opened.siblings[opened.path[2].id] == (second, opened.path[2].id)
    talk.here.steps = ("1b", LOCAL_DONE)
    await drained(talk.session.edit(first, "one, better"))
    assert await talk.texts() == ["one, better", "1b"]
    talk.session.conversation.show_branch(second)
    assert await talk.texts() == ["one", "1", "two", "2"]


async def test_an_edit_that_nobody_answers_leaves_everything_as_it_was(talk: Talk) -> None:
    first, _ = await talk.say("one", "1")
    await talk.say("two", "2")
    talk.here.steps = talk.claude.steps = (GONE,)
    events = await drained(talk.session.edit(first, "one, better"))
    assert isinstance(events[-1], Unanswered)
    opened = await talk.reopened()
    assert [message.text for message in opened.path] == ["one", "1", "two", "2"]
    assert opened.siblings == {}


async def test_a_fork_goes_on_by_itself(talk: Talk) -> None:
    _, reply = await talk.say("one", "1")
    await talk.say("two", "2")
    old = talk.session.conversation.id
    new = await talk.session.conversation.fork(reply)
    assert new is not None
    assert old is not None
    await talk.session.conversation.open(new)
    await talk.say("three", "3")
    assert await talk.texts() == ["one", "1", "three", "3"]
    await talk.session.conversation.open(old)
    assert await talk.texts() == ["one", "1", "two", "2"]


async def test_a_turn_is_deleted_with_all_its_replies_and_comes_back(talk: Talk) -> None:
    question, reply = await talk.say("one", "1")
    talk.here.steps = ("1b", LOCAL_DONE)
    await drained(talk.session.again(question))
    await talk.say("two", "2")
    assert await talk.session.conversation.delete_turn(question)
    assert await talk.texts() == ["two", "2"]
    talk.here.steps = ("3", LOCAL_DONE)
    await drained(talk.session.ask("three"))
    assert [message.text for message in talk.here.asked[-1]] == ["two", "2", "three"]
    assert talk.session.conversation.can_undo
    assert await talk.session.conversation.undo() == Restored(
        talk.session.conversation.id or 0, question, "one"
    )
    assert await talk.texts() == ["one", "1b", "two", "2", "three", "3"]
    assert await talk.session.conversation.undo() is None
    assert not await talk.session.conversation.delete_turn(12345)
    assert reply in (await talk.reopened()).siblings[(await talk.reopened()).path[1].id]


async def test_a_fork_on_a_question_ends_before_it(talk: Talk) -> None:
    first, _ = await talk.say("one", "1")
    second, _ = await talk.say("two", "2")
    new = await talk.session.conversation.fork(second)
    assert new is not None
    # Before the first question there is nothing to be copied.
    assert await talk.session.conversation.fork(first) is None
    await talk.session.conversation.open(new)
    assert await talk.texts() == ["one", "1"]


async def test_a_deletion_is_undone_after_the_conversation_was_left(talk: Talk) -> None:
    question, _ = await talk.say("one", "1")
    await talk.say("two", "2")
    old = talk.session.conversation.id
    assert old is not None
    await talk.session.conversation.delete_turn(question)
    talk.session.conversation.begin_new()
    can_undo = [talk.session.conversation.can_undo]
    await talk.session.conversation.open(old)
    can_undo.append(talk.session.conversation.can_undo)
    assert can_undo == [False, True]
    restored = await talk.session.conversation.undo()
    assert restored is not None
    assert restored.text == "one"
    assert await talk.texts() == ["one", "1", "two", "2"]


async def test_the_present_conversation_is_deleted_and_what_was_deleted_last_comes_back_first(
    talk: Talk,
) -> None:
    await talk.say("one", "1")
    first = talk.session.conversation.id
    assert first is not None
    gone = await talk.session.conversation.delete_conversation(first)
    assert gone is not None
    assert gone.title == "one"
    assert talk.session.conversation.history == ()
    assert await talk.session.store.conversations() == ()
    question, _ = await talk.say("two", "2")
    await talk.session.conversation.delete_turn(question)
    restored = await talk.session.conversation.undo()
    assert restored is not None
    assert restored.question_id == question
    assert await talk.session.conversation.undo() == Restored(first, None, "one")
    assert [each.title for each in await talk.session.store.conversations()] == ["two", "one"]
    assert await talk.session.conversation.delete_conversation(12345) is None


async def test_the_last_turn_is_deleted_by_its_reply(talk: Talk) -> None:
    await talk.say("one", "1")
    _, reply = await talk.say("two", "2")
    assert await talk.session.conversation.delete_turn(reply)
    assert await talk.texts() == ["one", "1"]


async def test_deleting_one_version_of_a_question_shows_the_other(talk: Talk) -> None:
    first, _ = await talk.say("one", "1")
    talk.here.steps = ("1b", LOCAL_DONE)
    await drained(talk.session.edit(first, "one, better"))
    assert talk.session.conversation.question_id is not None
    assert await talk.session.conversation.delete_turn(talk.session.conversation.question_id)
    opened = await talk.reopened()
    assert [message.text for message in opened.path] == ["one", "1"]
    assert opened.siblings == {}
    assert await talk.session.conversation.undo() is not None
    assert await talk.texts() == ["one, better", "1b"]


async def test_what_is_not_there_any_more_is_one_sentence(talk: Talk) -> None:
    await talk.say("one", "1")
    for events in (talk.session.again(5), talk.session.edit(5, "six")):
        (event,) = await drained(events)
        assert isinstance(event, Unanswered)
    assert await talk.session.conversation.text_to_edit(5) == ""
    assert [message.role for message in (await talk.reopened()).path] == [Role.USER, Role.ASSISTANT]


async def test_a_reply_that_is_stopped_keeps_its_counts_and_its_pace(talk: Talk) -> None:
    talk.here.steps = ("half of what ", "there was to say", asyncio.Event())
    async with aclosing(talk.session.ask("@local one")) as events:
        async for event in events:
            if event == TextDelta("there was to say"):
                break
            await asyncio.sleep(0.02)
    receipt = talk.session.conversation.receipt
    assert receipt is not None
    usage = receipt.usage
    assert (usage.reply_tokens, usage.is_estimated) == (10, True)
    assert usage.first_token_s is not None
    assert usage.first_token_s >= 0.02
    assert usage.tokens_per_s is not None
    assert 0 < usage.tokens_per_s <= 9 / 0.02
    assert dict(receipt_lines(receipt))["Speed"].endswith("tok/s")
