"""Whatever is done with a message that was marked to stay here, Claude never receives it.

Sequences of everything that leads to a request are made up; Claude's place is taken by a server
that listens, and the local side repeats all that it was ever told.
"""

import asyncio
import re
import tempfile
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shammah_tui.adapters.endpoint.engine import EndpointEngine
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Conversation, Role
from shammah_tui.core.conversation.export_format import from_json, to_json
from shammah_tui.core.conversation.pins import Side, with_pin
from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.core.conversation.reply import (
    ReplyDone,
    ReplyEvent,
    StopReason,
    TextDelta,
    Usage,
    Warming,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.routing.routing import Router
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import TurnEvent
from tests.adapters.claude_client import make
from tests.adapters.endpoints import Endpoint
from tests.loopback.chat_completions import END, Events, LoopbackCompletions, Request, delta
from tests.loopback.messages_api import LoopbackMessagesAPI
from tests.loopback.messages_faults import Drop, StatusFault
from tests.services.turns import DOWNLOADING, READY

SECRET = "secret"
CRISIS = "I want to kill myself"
PINS = ("@local {}", "@LOCAL: {}", "＠local, {}", "> @local {}", "\u200b@local {}", "@local/{}")
HERE = ("replies", "replies", "replies", "is cut", "fails", "breaks off", "is not ready")
THERE = ("replies", "replies", "is cut", "refuses", "breaks off")


def repeated(texts: Iterable[str]) -> str:
    """Return what is said by who repeats what was told, each thing once: else it would double."""
    told = re.findall(rf"{SECRET}\d+|open\d+", " ".join(texts))
    return " ".join(("I was told", *dict.fromkeys(told)))


class Parrot:
    """A local model that repeats whatever it was told.

    Attributes:
        way: How it replies.
    """

    def __init__(self) -> None:
        self.way = HERE[0]

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Repeat it."""
        if self.way == "fails":
            raise BackendError(BackendProblem.ENGINE_GONE, "Gone")
        yield TextDelta(repeated(message.text for message in conversation))
        if self.way == "breaks off":
            raise BackendError(BackendProblem.ENGINE_GONE, "Gone")
        stop = StopReason.LENGTH if self.way == "is cut" else StopReason.END_TURN
        yield ReplyDone(stop, Usage(9, 9), "parrot")

    async def warm(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[Warming, None]:
        """Read it."""
        yield Warming(0, len(conversation))


class Ways(RuleBasedStateMachine):
    """Everything that leads to a request, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.api = LoopbackMessagesAPI()
        self.api.__enter__()
        self.claude = make(self.api)
        self.parrot = self.make_parrot()
        self.is_ready = True
        self.count = 0
        self.forks: list[int] = []
        self.store = SqliteStore(Path(self.folder.name) / "store.db")
        self.session = self.new_session()

    def make_parrot(self) -> Any:
        return Parrot()

    def local(self) -> LocalBackend | None:
        return LocalBackend(self.parrot, "Parrot", None) if self.is_ready else None

    def new_session(self) -> ChatSession:
        turn = ChatTurn(
            Router(),
            self.claude.side,
            self.local,
            lambda: READY if self.is_ready else DOWNLOADING,
        )
        return ChatSession(turn, self.store, make_private=lambda: SqliteStore(None))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(asyncio.wait_for(work, 20))

    def drain(self, turn: AsyncGenerator[TurnEvent, None]) -> None:
        async def drained() -> None:
            async with aclosing(turn) as events:
                async for _ in events:
                    pass

        self.do(drained())

    def sides(self, here: str, there: str) -> None:
        self.is_ready = here != "is not ready"
        self.parrot.way = here
        self.api.reply_with("Fine", stop_reason="max_tokens" if there == "is cut" else "end_turn")
        self.api._faults.clear()
        if there == "refuses":
            self.api.fail_with(StatusFault(400, "invalid_request_error", "no"))
        elif there == "breaks off":
            self.api.fail_with(Drop(1))

    def path(self) -> tuple[StoredMessage, ...]:
        conversation_id = self.session.conversation.id
        if conversation_id is None:
            return ()
        opened = self.do(self.session.conversation.store.open(conversation_id))
        return () if opened is None else opened.path

    def question(self, which: int) -> StoredMessage | None:
        asked = [message for message in self.path() if message.role is Role.USER]
        return asked[which % len(asked)] if asked else None

    def text(self, *, is_secret: bool, is_crisis: bool) -> str:
        self.count += 1
        words = (f"{SECRET}{self.count}" if is_secret else f"open{self.count}",)
        return " ".join((*words, CRISIS) if is_crisis else words)

    here = st.sampled_from(HERE)
    there = st.sampled_from(THERE)
    which = st.integers(0, 5)

    @rule(here=here, there=there, pin=st.sampled_from(PINS), is_crisis=st.booleans())
    def ask_here(self, here: str, there: str, pin: str, is_crisis: bool) -> None:
        self.sides(here, there)
        text = self.text(is_secret=True, is_crisis=is_crisis)
        self.drain(self.session.ask(pin.format(text)))

    @rule(there=there)
    def ask_claude(self, there: str) -> None:
        self.sides(HERE[0], there)
        text = self.text(is_secret=self.session.conversation.is_private, is_crisis=False)
        self.drain(self.session.ask(with_pin(Side.CLAUDE, text)))

    @rule(here=here, there=there, is_crisis=st.booleans())
    def ask(self, here: str, there: str, is_crisis: bool) -> None:
        self.sides(here, there)
        text = self.text(is_secret=self.session.conversation.is_private, is_crisis=is_crisis)
        self.drain(self.session.ask(text))

    @rule(here=here, there=there, which=which, side=st.sampled_from([None, *Side]))
    def again(self, here: str, there: str, which: int, side: Side | None) -> None:
        self.sides(here, there)
        if question := self.question(which):
            self.drain(self.session.again(question.id, side))

    @rule(here=here, there=there, which=which)
    def edit(self, here: str, there: str, which: int) -> None:
        self.sides(here, there)
        if question := self.question(which):
            text = self.do(self.session.conversation.text_to_edit(question.id))
            self.drain(self.session.edit(question.id, f"{text} indeed"))

    @rule(here=here, there=there, which=which)
    def recall(self, here: str, there: str, which: int) -> None:
        self.sides(here, there)
        if question := self.question(which):
            self.drain(self.session.ask(question.written))

    @rule(here=here, there=there, is_secret=st.booleans())
    def go_on(self, here: str, there: str, is_secret: bool) -> None:
        self.sides("is cut", "is cut")
        is_secret = is_secret or self.session.conversation.is_private
        text = self.text(is_secret=is_secret, is_crisis=False)
        self.drain(self.session.ask(with_pin(Side.LOCAL, text) if is_secret else text))
        self.sides(here, there)
        self.drain(self.session.go_on())

    @rule(which=which)
    def fork(self, which: int) -> None:
        path = self.path()
        if path:
            forked = self.do(self.session.conversation.fork(path[which % len(path)].id))
            if forked is not None:
                self.do(self.session.conversation.open(forked))

    @rule(which=which, is_question=st.booleans())
    def switch(self, which: int, is_question: bool) -> None:
        self.do(self.session.conversation.read_branches())
        siblings = self.session.conversation.siblings
        ids = [each for versions in siblings.values() for each in versions]
        if ids:
            self.session.conversation.show_branch(ids[which % len(ids)])
            self.do(self.session.conversation.open(self.session.conversation.id or 0))

    @rule(which=which, is_undone=st.booleans())
    def delete(self, which: int, is_undone: bool) -> None:
        path = self.path()
        if path:
            self.do(self.session.conversation.delete_turn(path[which % len(path)].id))
            if is_undone:
                self.do(self.session.conversation.undo())
            self.do(self.session.conversation.open(self.session.conversation.id or 0))

    @rule(here=here, is_pinned=st.booleans())
    def read_ahead(self, here: str, is_pinned: bool) -> None:
        """The conversation, a title of it, and a draft."""
        self.sides(here, THERE[0])

        async def read() -> None:
            async with aclosing(self.session.warm()) as steps:
                async for _ in steps:
                    pass
            text = self.text(is_secret=True, is_crisis=False)
            await self.session.read_draft(with_pin(Side.LOCAL, text) if is_pinned else text)

        self.do(read())

    @rule(where=st.sampled_from(["new", "private", "another", "start again"]), which=which)
    def go_elsewhere(self, where: str, which: int) -> None:
        async def go() -> None:
            if where == "private":
                assert self.session.conversation.begin_private()
                return
            if where != "another":
                self.session.conversation.begin_new()
            if where == "start again":
                await self.store.close()
                self.store = SqliteStore(Path(self.folder.name) / "store.db")
                self.session = self.new_session()
            kept = await self.store.conversations()
            if where in ("another", "start again") and kept:
                await self.session.conversation.open(kept[which % len(kept)].id)

        self.do(go())

    @precondition(lambda self: self.session.conversation.id is not None)
    @rule()
    def export_and_import(self) -> None:
        conversation_id = self.session.conversation.id
        assert conversation_id is not None

        async def carry() -> None:
            store = self.session.conversation.store
            records = [each async for each in store.records((conversation_id,))]
            self.session.conversation.begin_new()
            await self.store.import_records(from_json(to_json(records)))
            await self.session.conversation.open(conversation_id)

        self.do(carry())

    @invariant()
    def nothing_has_left(self) -> None:
        for call in self.api.calls:
            assert SECRET.encode() not in call.raw

    def teardown(self) -> None:
        async def close() -> None:
            self.session.conversation.begin_new()
            await self.store.close()
            await self.claude.aclose()

        self.do(close())
        self.runner.close()
        self.api.__exit__()
        self.folder.cleanup()


class WaysByEndpoint(Ways):
    """The local side is a server, which repeats whatever it was told."""

    def make_parrot(self) -> Any:
        self.server = LoopbackCompletions()
        self.server.__enter__()
        self.server.posts.clear()
        self.server.posts.append(self.react)
        endpoint = Endpoint(self.server.url)
        endpoint.loaded()
        return _Way(endpoint.engine)

    def react(self, request: Request) -> Events:
        told = repeated(message["content"] for message in request.body["messages"])
        match self.parrot.way:
            case "fails":
                return Events([], then="drop")
            case "breaks off":
                return Events([delta(told)], then="drop")
            case way:
                reason = "length" if way == "is cut" else "stop"
                return Events([delta(told), delta(finish_reason=reason), END])

    def teardown(self) -> None:
        super().teardown()
        self.parrot.engine.stop()
        self.server.close()


class _Way:
    """An endpoint's engine with the way it replies noted beside it."""

    def __init__(self, engine: EndpointEngine) -> None:
        self.engine = engine
        self.way = HERE[0]
        self.reply = engine.reply
        self.warm = engine.warm


def _test_of(machine: type[Ways], examples: int, steps: int) -> Any:
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return case


TestWays = _test_of(Ways, 60, 30)
TestWaysByEndpoint = _test_of(WaysByEndpoint, 15, 20)
