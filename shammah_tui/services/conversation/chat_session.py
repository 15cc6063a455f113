"""Asks questions in the open conversation, records what becomes of them, and has it titled."""

import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    StoredMessage,
    TitleSource,
    to_conversation,
)
from shammah_tui.core.conversation.reply import TextDelta, TextWasThought, Usage, Warming
from shammah_tui.core.conversation.titles import title_from_reply
from shammah_tui.core.errors import BackendError
from shammah_tui.core.routing.context_window import estimate_tokens, leaves_room
from shammah_tui.core.routing.crisis import is_crisis
from shammah_tui.core.wording import notices
from shammah_tui.ports import ConversationStore, ReplyOptions
from shammah_tui.services.conversation.open_conversation import OpenConversation
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.live_reply import LiveReply
from shammah_tui.services.turn.recorder import Cost, Recorder
from shammah_tui.services.turn.turn_events import Finished, Routed, TurnEvent, Unanswered

log = logging.getLogger(__name__)

TITLE_TOKENS = 24
"""Ten words in any language; a title is cut at 48 cells."""

_WISH = "Give our conversation a title of two to six words, in its language. Write only the title."
_BEGINNING = "Title:"


def no_cost(_model: str, _usage: Usage) -> int | None:
    """Prices are not known."""
    return None


class ChatSession:
    """Asks questions one after the other and keeps both sides of the conversation.

    ``make_private`` makes a store that keeps nothing, for a private conversation.
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

    def ask(self, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question, and record it.

        A reply that was stopped or broke off stays in the conversation as far as it came, and can
        be gone on with; a question that nobody could answer does not. What was thought is no part
        of it.
        """
        conversation = self.conversation
        return self._recorded(
            self._turn.run(conversation.history, text, is_private=conversation.is_private)
        )

    def take_back(self) -> None:
        """Forget the question asked last where nobody has said anything: its writer has it back.

        Where it was asked in place of another one, everything is as it was. A turn that is closed
        before the first word keeps its question, as a crash does, until this is called.
        """
        self.conversation.path.take_back_question()
        undo, self._undo_branch = self._undo_branch, None
        if undo is not None:
            undo()

    def go_on(self) -> AsyncGenerator[TurnEvent, None]:
        """Stream the rest of the reply that was cut, and record the two as one.

        Nothing happens when none was cut. Where nobody gives the rest, it can be asked for again.
        """
        path = self.conversation.path
        if path.end is not None:
            before = to_conversation(path.messages[:-2])
            path.cut, path.end = self._turn.cut_of(before, *path.end), None
        turn = None if path.cut is None else self._turn.go_on(path.cut)
        return self._recorded(turn, is_rest=True)

    async def again(
        self, question_id: int, side: Side | None = None
    ) -> AsyncGenerator[TurnEvent, None]:
        """Ask a question of this conversation once more; the reply is a branch beside the others.

        What followed the other replies stays on their branches. Where nobody replies, everything
        is as it was. ``side`` is to reply, whatever the router thinks; None is the side that the
        question is pinned to, or else asks the router. What stays on this machine is not sent to
        Claude, also where Claude is named. As ``ask`` otherwise.
        """
        path = await self.conversation.path_to(question_id)
        if not path:
            yield Unanswered(notices.MESSAGE_GONE, None)
            return
        question = path[-1]
        with self._branch(path, asks_again=True):
            turn = self._turn.ask(
                self.conversation.history,
                question.text,
                question.pin,
                side=side,
                is_private=question.is_private,
            )
            async with aclosing(self._recorded(turn)) as events:
                async for event in events:
                    yield event

    async def edit(self, question_id: int, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Ask ``text`` in place of a question; the old question and what followed stay a branch.

        Where nobody replies, everything is as it was. As ``ask`` otherwise.
        """
        path = await self.conversation.path_to(question_id)
        if not path:
            yield Unanswered(notices.MESSAGE_GONE, None)
            return
        with self._branch(path[:-1]):
            async with aclosing(self.ask(text)) as events:
                async for event in events:
                    yield event

    @contextmanager
    def _branch(
        self, messages: Sequence[StoredMessage], *, asks_again: bool = False
    ) -> Iterator[None]:
        """Have a turn follow ``messages``; where nobody replies, go back to what was there."""
        undo = self.conversation.begin_branch(messages, asks_again=asks_again)
        path = self.conversation.path
        try:
            yield
        finally:
            if path.is_unanswered:
                self._undo_branch = undo
            elif path.reply is None:
                undo()

    async def warm(self) -> AsyncGenerator[Warming, None]:
        """Have the local model read the conversation ahead of its next question.

        After that it gives the conversation a title, where it has one of words only and something
        was asked since it was opened. A cut reply is let alone: what the model has of it is what
        it takes to go on. Closing the iterator ends it at once; what was read stays.
        """
        if self.conversation.can_go_on:
            return
        if (found := self._turn.local_prompt(self.conversation.history)) is not None:
            local, prompt = found
            async with aclosing(local.backend.warm(prompt, local.options)) as steps:
                async for step in steps:
                    yield step
        await self._give_title()

    async def read_draft(self, draft: str) -> None:
        """Have the local model read what has been typed of the next question, if it would be asked.

        A cut reply is let alone, as by ``warm``.
        """
        conversation = self.conversation
        if conversation.can_go_on:
            return
        found = self._turn.draft_prompt(
            conversation.history, draft, is_private=conversation.is_private
        )
        if found is not None:
            local, prompt = found
            async with aclosing(local.backend.warm(prompt, local.options)) as steps:
                async for _ in steps:
                    pass

    async def _give_title(self) -> None:
        conversation = self.conversation
        path, found = conversation.path, self._turn.local_prompt(conversation.history)
        conversation_id = path.conversation_id
        if conversation_id is None or path.reply is None or found is None:
            return
        if conversation.is_private or conversation.title_source is not TitleSource.WORDS:
            return
        if any(each.role is Role.USER and is_crisis(each.text) for each in conversation.history):
            # What it is about is nobody's business who sees the list.
            return
        title = await title_by(*found)
        if path is conversation.path:
            # One try: a model that gives none now will hardly give one after the next question.
            conversation.title_source = TitleSource.MODEL
        if title:
            conversation.store.rename(conversation_id, title, TitleSource.MODEL)

    async def _recorded(
        self, turn: AsyncGenerator[TurnEvent, None] | None, *, is_rest: bool = False
    ) -> AsyncGenerator[TurnEvent, None]:
        """Pass on what happens in a turn, each event after it was recorded."""
        if turn is None:
            return
        path = self.conversation.path
        if not is_rest:
            path.cut = path.end = self._undo_branch = None
        recorder = Recorder(self.conversation.store, path, self._cost)
        reply: LiveReply | None = None
        is_over = False
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    await recorder.note(event)
                    match event:
                        case Routed():
                            reply = event.reply
                        case Finished(cut=cut):
                            is_over, path.cut = True, cut
                        case Unanswered():
                            is_over = True
                        case _:
                            pass
                    yield event
        finally:
            recorder.end_turn()
            if reply is not None and not is_over and reply.streamed:
                path.cut = reply.cut()


async def title_by(local: LocalBackend, prompt: Conversation) -> str:
    """Return a title for a conversation; empty where the model gives none that is one.

    It is asked for as the conversation's next question, so that the model reads no more than that
    question, and what it has read of the conversation stays. Cancelling ends it at once.
    """
    asked = (*prompt, Message(Role.USER, _WISH))
    if local.options.enable_thinking:
        # Where the title has begun there is nothing left to think of.
        asked = (*asked, Message(Role.ASSISTANT, _BEGINNING))
    length = local.context_length
    if length is not None and not leaves_room(estimate_tokens(asked), length):
        return ""
    options: ReplyOptions = replace(local.options, max_tokens=TITLE_TOKENS, is_aside=True)
    text = ""
    try:
        async with local.lease, aclosing(local.backend.reply(asked, options)) as events:
            async for event in events:
                match event:
                    case TextDelta(piece):
                        text += piece
                    case TextWasThought():
                        text = ""
                    case _:
                        pass
    except BackendError as error:
        log.info("No title: %s", error.problem)
        return ""
    return title_from_reply(text)
