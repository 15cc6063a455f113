"""What is marked to stay on this machine stays, and keeps its mark wherever it goes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.export_format import from_json, to_json
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.wording.unanswered import CONTRADICTION, PRIVATE, STAYS_HERE
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.turn_events import (
    Finished,
    Relabelled,
    Routed,
    TurnEvent,
    Unanswered,
)
from tests.services.fakes import FakeBackend, Step
from tests.services.turns import CLAUDE_DONE, CRISIS, GONE, LOCAL_DONE, turn

CUT = replace(LOCAL_DONE, stop_reason=StopReason.LENGTH)
SECRET = "my salary is 61,000"


class Talk:
    """A session on a real store with two sides that say what they are told to."""

    def __init__(self, store: SqliteStore) -> None:
        self.here, self.claude = FakeBackend(), FakeBackend("from Claude", CLAUDE_DONE)
        self.store = store
        self.session = self.reopened()

    def reopened(self) -> ChatSession:
        """Return a session as a new start of the program makes it."""
        return ChatSession(
            turn(self.claude, self.here), self.store, make_private=lambda: SqliteStore(None)
        )

    async def say(self, text: str, *reply: Step) -> list[TurnEvent]:
        self.here.steps = (*reply, LOCAL_DONE)
        return await drained(self.session.ask(text))

    async def path(self) -> tuple[StoredMessage, ...]:
        assert self.session.conversation.id is not None
        opened = await self.session.conversation.store.open(self.session.conversation.id)
        return () if opened is None else opened.path

    async def start_again(self) -> None:
        """Open the same conversation in another session, with no local model."""
        conversation_id = self.session.conversation.id
        assert conversation_id is not None
        self.session = self.reopened()
        await self.session.conversation.open(conversation_id)
        self.here.steps = (GONE,)


async def drained(events: AsyncGenerator[TurnEvent, None]) -> list[TurnEvent]:
    async with aclosing(events) as each:
        return [event async for event in each]


def texts(conversation: Conversation) -> list[str]:
    return [message.text for message in conversation]


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncGenerator[Talk, None]:
    store = SqliteStore(tmp_path / "store.db")
    yield Talk(store)
    await store.close()


@pytest.mark.parametrize("is_reopened", [False, True])
async def test_claude_is_not_sent_earlier_questions_that_stay_nor_their_replies(
    talk: Talk, is_reopened: bool
) -> None:
    await talk.say("@claude hello")
    await talk.say(f"@local {SECRET}", "61,000, well")
    if is_reopened:
        await talk.start_again()
    events = await talk.say("@claude and now?")
    assert texts(talk.claude.asked[-1]) == ["hello", "from Claude", "and now?"]
    assert isinstance(events[0], Routed)
    assert events[0].label.endswith(" · without 2 messages that stay here")
    receipt = talk.session.conversation.receipt
    assert receipt is not None and receipt.kept_here == 2
    assert (await talk.path())[-1].receipt == receipt


@pytest.mark.parametrize("is_reopened", [False, True])
async def test_what_the_local_side_said_after_it_stays_too(talk: Talk, is_reopened: bool) -> None:
    await talk.say(f"@local {SECRET}", "I see")
    await talk.say("ten percent of that?", "6,100")
    if is_reopened:
        await talk.start_again()
    await talk.say("@claude and now?")
    assert texts(talk.claude.asked[-1]) == ["and now?"]
    # What Claude said meanwhile knows nothing of it.
    await talk.say("@claude more")
    assert texts(talk.claude.asked[-1]) == ["and now?", "from Claude", "more"]
    assert texts(talk.session.conversation.history)[0] == SECRET


@pytest.mark.parametrize("reply", [(GONE,), ("6,1", GONE)])
async def test_nor_does_it_leave_when_claude_takes_over(
    talk: Talk, reply: tuple[Step, ...]
) -> None:
    await talk.say(f"@local {SECRET}", "I see")
    events = await talk.say("ten percent of that?", *reply)
    assert texts(talk.claude.asked[-1]) == ["ten percent of that?"]
    assert not any(isinstance(event, Unanswered) for event in events)
    path = await talk.path()
    assert (path[-1].text, path[-1].is_private) == ("from Claude", False)
    assert talk.session.conversation.history[-1].stays_here is False
    await talk.session.conversation.read_branches()
    siblings = talk.session.conversation.siblings
    if len(reply) == 2:
        talk.session.conversation.show_branch(min(siblings[path[-1].id]))
        assert (await talk.path())[-1].is_private


async def test_a_cut_reply_that_knows_of_it_is_gone_on_with_here_or_not_at_all(talk: Talk) -> None:
    await talk.say(f"@local {SECRET}", "I see")
    talk.here.steps = ("6,1", CUT)
    await drained(talk.session.ask("ten percent of that?"))
    talk.here.steps = (GONE,)
    events = await drained(talk.session.go_on())
    assert isinstance(events[-1], Unanswered)
    assert "the reply so far stays on this machine" in events[-1].sentence
    assert talk.claude.asked == []
    talk.here.steps = ("00", LOCAL_DONE)
    await drained(talk.session.go_on())
    assert texts(talk.session.conversation.history)[-2:] == [
        "ten percent of that?",
        "6,100",
    ]
    await talk.say("@claude and now?")
    assert texts(talk.claude.asked[-1]) == ["and now?"]


@pytest.mark.parametrize("is_reopened", [False, True])
@pytest.mark.parametrize("side", [None, Side.CLAUDE, Side.LOCAL])
async def test_asked_again_it_stays_whoever_is_named(
    talk: Talk, side: Side | None, is_reopened: bool
) -> None:
    await talk.say(f"@local {SECRET}", "I see")
    question = talk.session.conversation.question_id
    assert question is not None
    if is_reopened:
        await talk.start_again()
    talk.here.steps = (GONE,)
    (*_, last) = await drained(talk.session.again(question, side))
    assert isinstance(last, Unanswered)
    assert (last.sentence == STAYS_HERE) is (side is Side.CLAUDE)
    assert talk.claude.asked == []


async def test_asked_again_what_claude_was_asked_by_name_is_asked_of_claude(talk: Talk) -> None:
    await talk.say("@claude hello")
    question = talk.session.conversation.question_id
    assert question is not None
    await drained(talk.session.again(question))
    assert len(talk.claude.asked) == 2
    await drained(talk.session.again(question, Side.LOCAL))
    assert len(talk.here.asked) == 1
    # Whoever replied meanwhile: the question is what it was.
    assert await talk.session.conversation.text_to_edit(question) == "@claude hello"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (f"@local {SECRET}", f"@local {SECRET}"),
        (f"＠LOCAL: {SECRET}", f"@local {SECRET}"),
        ("@Claude  hello", "@claude hello"),
        ("@local\n    indented", "@local\n    indented"),
        ("hello", "hello"),
    ],
)
@pytest.mark.parametrize("reply", ["I see", "on"])
async def test_a_question_says_the_same_wherever_it_is_read(
    talk: Talk, typed: str, written: str, reply: str
) -> None:
    await talk.say(typed, reply)
    question = (await talk.path())[0]
    assert question.written == written
    assert await talk.session.conversation.text_to_edit(question.id) == written
    # To be asked, it has no pin in it.
    asked = (talk.here.asked + talk.claude.asked)[0]
    assert texts(asked) == [question.text]
    assert not question.text.lower().startswith(("@", "＠"))


async def test_a_fork_keeps_it(talk: Talk) -> None:
    await talk.say(f"@local {SECRET}", "I see")
    talk.here.steps = (GONE,)
    fork = await talk.session.conversation.fork((await talk.path())[-1].id)
    assert fork is not None
    await talk.session.conversation.open(fork)
    path = await talk.path()
    assert [message.stays_here for message in path] == [True, True]
    assert await talk.session.conversation.text_to_edit(path[0].id) == f"@local {SECRET}"
    (*_, last) = await drained(talk.session.again(path[0].id))
    assert isinstance(last, Unanswered)
    assert talk.claude.asked == []


async def test_a_private_conversation_is_no_less_private_for_having_been_exported(
    talk: Talk,
) -> None:
    assert talk.session.conversation.begin_private()
    await talk.say(SECRET, "I see")
    conversation_id = talk.session.conversation.id
    assert conversation_id is not None
    exported = to_json([each async for each in talk.session.conversation.store.records()])
    talk.session.conversation.begin_new()
    await talk.store.import_records(from_json(exported))
    await talk.session.conversation.open(conversation_id)
    question = (await talk.path())[0]
    # It is seen, and it is kept when it is changed.
    assert question.written == f"@local {SECRET}"
    talk.here.steps = (GONE,)
    for side in (None, Side.CLAUDE):
        (*_, last) = await drained(talk.session.again(question.id, side))
        assert isinstance(last, Unanswered)
    assert talk.claude.asked == []
    await talk.say("@claude and now?")
    assert texts(talk.claude.asked[-1]) == ["and now?"]


async def test_in_a_private_conversation_claude_is_never_named_with_success(talk: Talk) -> None:
    assert talk.session.conversation.begin_private()
    await talk.say(f"{SECRET}. {CRISIS}", "I see")
    question = talk.session.conversation.question_id
    assert question is not None
    (event,) = await drained(talk.session.again(question, Side.CLAUDE))
    assert event == Unanswered(PRIVATE, None)
    assert talk.claude.asked == []


@pytest.mark.parametrize("typed", ["@claude @local x", "@claude: @local, x", "@claude > @local x"])
async def test_who_names_both_sides_is_asked_which(talk: Talk, typed: str) -> None:
    assert await talk.say(typed) == [Unanswered(CONTRADICTION, None)]
    assert talk.claude.asked == talk.here.asked == []


async def test_nothing_is_withheld_where_nothing_stays(talk: Talk) -> None:
    await talk.say("hello", "Hi")
    events = await talk.say("@claude and now?")
    assert texts(talk.claude.asked[-1]) == ["hello", "Hi", "and now?"]
    labels = [event.label for event in events if isinstance(event, Routed | Relabelled | Finished)]
    assert not any("stay" in label for label in labels)
    assert (
        talk.session.conversation.receipt is not None
        and talk.session.conversation.receipt.kept_here == 0
    )
