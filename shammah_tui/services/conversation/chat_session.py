"""The conversation as a record: what is shown comes from here, and stays here."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    StoredMessage,
    TitleSource,
    to_conversation,
)
from shammah_tui.core.conversation.reply import TextDelta, Usage, Warming
from shammah_tui.core.routing.crisis import is_crisis
from shammah_tui.core.text.blank import is_blank
from shammah_tui.ports import ConversationStore
from shammah_tui.services.conversation.open_conversation import OpenConversation
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.receipts import Cost
from shammah_tui.services.turn.recorder import Recorder
from shammah_tui.services.turn.said_text import SaidText
from shammah_tui.services.turn.titling import title_by
from shammah_tui.services.turn.turn_events import CutReply, Finished, Routed, TurnEvent, Unanswered

GONE = "This message was deleted: open the conversation again"


def no_cost(_model: str, _usage: Usage) -> int | None:
    """Prices are not known."""
    return None


class ChatSession:
    """Asks questions one after the other and keeps both sides of the conversation.

    Args:
        turn: Who has a question answered.
        store: Where conversations are kept.
        cost: Prices Claude's replies.
        make_private: Makes a store that keeps nothing, for a private conversation; None makes
            none.
    """

    def __init__(
        self,
        turn: ChatTurn,
        store: ConversationStore,
        cost: Cost = no_cost,
        make_private: Callable[[], ConversationStore] | None = None,
    ) -> None:
        self.store = store
        self.conversation = OpenConversation(store, make_private)
        self._turn = turn
        self._cost = cost
        self._undo_branch: Callable[[], None] | None = None

    async def ask(self, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question, and record it.

        A reply that was stopped or broke off stays in the conversation as far as it came, and can
        be gone on with; a question that nobody could answer does not. What was thought is no part
        of it.
        """
        turn = self._turn.run(
            self.conversation.history, text, is_private=self.conversation.is_private
        )
        async with aclosing(self._answered(turn)) as events:
            async for event in events:
                yield event

    async def _answered(
        self, turn: AsyncGenerator[TurnEvent, None]
    ) -> AsyncGenerator[TurnEvent, None]:
        """Pass on what happens with one question; it and its reply are then the conversation's."""
        self.conversation.cut = self.conversation.end = self.conversation.unanswered_id = None
        self._undo_branch = None
        asked: Routed | None = None
        said = SaidText()
        try:
            async with aclosing(self._recorded(turn)) as events:
                async for event in events:
                    said.note(event)
                    if isinstance(event, Routed):
                        asked = event
                    yield event
        finally:
            self.conversation.cut = said.stopped or self.conversation.cut
            if said.has_come and asked is not None:
                stays_here = self.conversation.is_private or asked.pin is Side.LOCAL
                self.conversation.history += (
                    Message(Role.USER, asked.question, stays_here),
                    Message(Role.ASSISTANT, said.text, said.stays_here),
                )

    def take_back(self) -> None:
        """Forget the question asked last where nobody has said anything: its writer has it back.

        Where it was asked in place of another one, everything is as it was. A turn that is closed
        before the first word keeps its question, as a crash does, until this is called.
        """
        self.conversation.recorder.take_back()
        undo, self._undo_branch = self._undo_branch, None
        if undo is not None:
            undo()

    async def go_on(self) -> AsyncGenerator[TurnEvent, None]:
        """Stream the rest of the reply that was cut, and record the two as one.

        Nothing happens when none was cut. Where nobody gives the rest, it can be asked for again.
        """
        conversation = self.conversation
        if conversation.end is not None:
            before, question, reply = conversation.end
            conversation.cut = self._turn.cut_of(before, question, reply)
            conversation.recorder.resume(question.id, reply)
            conversation.end = None
        cut = conversation.cut
        if cut is None:
            return
        said = SaidText(cut)
        try:
            turn = self._recorded(self._turn.go_on(cut), goes_on=cut)
            async with aclosing(turn) as events:
                async for event in events:
                    said.note(event)
                    yield event
        finally:
            self.conversation.cut = said.stopped or self.conversation.cut
            if said.has_come:
                # Where the cut was in the thoughts, there was no reply to be recorded yet.
                before = self.conversation.history
                if not is_blank(cut.text):
                    before = before[:-2]
                # The question is the last that was asked.
                self.conversation.history = (
                    *before,
                    cut.prompt[-1],
                    Message(Role.ASSISTANT, said.text, said.stays_here),
                )

    async def again(
        self, question_id: int, side: Side | None = None
    ) -> AsyncGenerator[TurnEvent, None]:
        """Ask a question of this conversation once more; the reply is a branch beside the others.

        What followed the other replies stays on their branches. Where nobody replies, everything
        is as it was. As ``ask`` otherwise.

        Args:
            question_id: The question.
            side: Who is to reply, whatever the router thinks; None is the side that the question
                is pinned to, or else asks the router. What stays on this machine is not sent to
                Claude, also where Claude is named.
        """
        path = await self.conversation.path_to(question_id)
        conversation_id = self.conversation.id
        if not path or conversation_id is None:
            yield Unanswered(GONE, None)
            return
        *before, question = path
        recorder = Recorder(self.conversation.store, conversation_id, question_id)
        recorder.again(question_id)
        turn = self._turn.ask(
            to_conversation(before),
            question.text,
            question.pin,
            side=side,
            is_private=question.is_private,
        )
        async with aclosing(self._branch(recorder, before, self._answered(turn))) as events:
            async for event in events:
                yield event

    async def edit(self, question_id: int, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Ask ``text`` in place of a question; the old question and what followed stay a branch.

        Where nobody replies, everything is as it was. As ``ask`` otherwise.
        """
        path = await self.conversation.path_to(question_id)
        if not path:
            yield Unanswered(GONE, None)
            return
        parent_id = path[-2].id if len(path) > 1 else None
        recorder = Recorder(self.conversation.store, self.conversation.id, parent_id)
        async with aclosing(self._branch(recorder, path[:-1], self.ask(text))) as events:
            async for event in events:
                yield event

    async def _branch(
        self,
        recorder: Recorder,
        path: Sequence[StoredMessage],
        turn: AsyncGenerator[TurnEvent, None],
    ) -> AsyncGenerator[TurnEvent, None]:
        """Have a turn happen after ``path``; where nobody replies, go back to what was shown.

        Args:
            recorder: Keeps it.
            path: What is before it.
            turn: It begins with its first event.
        """
        undo = self.conversation.begin_branch(recorder, path)
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    yield event
        finally:
            if recorder.is_unanswered:
                self._undo_branch = undo
            elif recorder.reply_id is None:
                undo()

    async def warm(self) -> AsyncGenerator[Warming, None]:
        """Have the local model read the conversation ahead of its next question.

        After that it gives the conversation a title, where it has one of words only and something
        was asked since it was opened. A cut reply is let alone: what the model has of it is what
        it takes to go on.
        """
        if self.conversation.can_go_on:
            return
        async with aclosing(self._turn.warm(self.conversation.history)) as steps:
            async for step in steps:
                yield step
        await self._give_title()

    async def read_draft(self, draft: str) -> None:
        """Have the local model read what has been typed of the next question, if it would be asked.

        A cut reply is let alone, as by ``warm``.
        """
        if self.conversation.can_go_on:
            return
        reading = self._turn.warm(
            self.conversation.history, draft, is_private=self.conversation.is_private
        )
        async with aclosing(reading) as steps:
            async for _ in steps:
                pass

    async def _give_title(self) -> None:
        conversation = self.conversation
        recorder, found = (
            conversation.recorder,
            self._turn.local_prompt(conversation.history),
        )
        conversation_id = recorder.conversation_id
        if conversation_id is None or recorder.reply_id is None or found is None:
            return
        if conversation.is_private or conversation.title_source is not TitleSource.WORDS:
            return
        if any(each.role is Role.USER and is_crisis(each.text) for each in conversation.history):
            # What it is about is nobody's business who sees the list.
            return
        title = await title_by(*found)
        if recorder is conversation.recorder:
            # One try: a model that gives none now will hardly give one after the next question.
            conversation.title_source = TitleSource.MODEL
        if title:
            conversation.store.rename(conversation_id, title, TitleSource.MODEL)

    async def _recorded(
        self, turn: AsyncGenerator[TurnEvent, None], goes_on: CutReply | None = None
    ) -> AsyncGenerator[TurnEvent, None]:
        """Pass events on, each after it was written down."""
        async with aclosing(self.conversation.recorder.follow(turn, self._cost, goes_on)) as events:
            async for event in events:
                match event:
                    case TextDelta():
                        self.conversation.cut = None
                    case Finished(cut=cut):
                        self.conversation.cut = cut
                yield event
