"""The conversation as a record: what is shown comes from here, and stays here."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from shammah_tui.core.conversation import Conversation, Message, Role
from shammah_tui.core.labels import ReplyOrigin
from shammah_tui.core.records import OpenedConversation, to_conversation
from shammah_tui.core.reply import Usage, Warming
from shammah_tui.ports import ConversationStore
from shammah_tui.services.chat_turn import ChatTurn
from shammah_tui.services.receipts import Cost, receipt_of, stopped_receipt
from shammah_tui.services.recorder import Recorder
from shammah_tui.services.turn_events import (
    CutReply,
    Delta,
    Finished,
    Relabelled,
    Routed,
    TurnEvent,
)


def no_cost(_model: str, _usage: Usage) -> int | None:
    """Prices are not known."""
    return None


class ChatSession:
    """Asks questions one after the other and keeps both sides of the conversation.

    Args:
        turn: Who has a question answered.
        store: Where conversations are kept.
        cost: Prices Claude's replies.
    """

    def __init__(self, turn: ChatTurn, store: ConversationStore, cost: Cost = no_cost) -> None:
        self._turn = turn
        self._store = store
        self._cost = cost
        self._conversation: Conversation = ()
        self._cut: CutReply | None = None
        self._recorder = Recorder(store)

    @property
    def store(self) -> ConversationStore:
        """Where conversations are kept."""
        return self._store

    @property
    def conversation(self) -> Conversation:
        """Questions and replies so far, without the system prompt."""
        return self._conversation

    @property
    def conversation_id(self) -> int | None:
        """The present conversation; None before its first question."""
        return self._recorder.conversation_id

    @property
    def can_go_on(self) -> bool:
        """Whether the last reply was cut by a limit."""
        return self._cut is not None

    def begin_new(self) -> None:
        """Leave the present conversation for an empty one."""
        self._conversation, self._cut = (), None
        self._recorder = Recorder(self._store)

    async def open(self, conversation_id: int) -> OpenedConversation | None:
        """Go on with a conversation that was kept; None when it is not there any more.

        Raises:
            StoreError: The disk cannot be read; the present conversation stays.
        """
        opened = await self._store.open(conversation_id)
        if opened is not None:
            self._cut = None
            self._conversation = to_conversation(opened.path)
            leaf_id = opened.path[-1].id if opened.path else None
            self._recorder = Recorder(self._store, conversation_id, leaf_id)
        return opened

    async def ask(self, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question, and record it.

        A reply that was stopped or broke off stays in the conversation as far as it came; a
        question that nobody answered does not. What was thought is no part of it.
        """
        self._cut = None
        question = ""
        pieces: list[str] = []
        try:
            async with aclosing(self._recorded(self._turn.run(self._conversation, text))) as events:
                async for event in events:
                    match event:
                        case Delta(piece):
                            pieces.append(piece)
                        case Routed(question=asked):
                            question = asked
                    yield event
        finally:
            if pieces:
                self._conversation += (
                    Message(Role.USER, question),
                    Message(Role.ASSISTANT, "".join(pieces)),
                )

    async def go_on(self) -> AsyncGenerator[TurnEvent, None]:
        """Stream the rest of the reply that was cut, and record the two as one.

        Nothing happens when none was cut. Where nobody gives the rest, it can be asked for again.
        """
        cut = self._cut
        if cut is None:
            return
        pieces: list[str] = []
        try:
            turn = self._recorded(self._turn.go_on(cut), goes_on=cut)
            async with aclosing(turn) as events:
                async for event in events:
                    if isinstance(event, Delta):
                        pieces.append(event.text)
                    yield event
        finally:
            if pieces:
                # Where the cut was in the thoughts, there was no reply to be recorded yet.
                before = self._conversation[:-2] if cut.text else self._conversation
                self._conversation = (
                    *before,
                    Message(Role.USER, cut.question),
                    Message(Role.ASSISTANT, cut.text + "".join(pieces)),
                )

    async def warm(self) -> AsyncGenerator[Warming, None]:
        """Have the local model read the conversation ahead of its next question.

        A cut reply is let alone: what the model has of it is what it takes to go on.
        """
        if self._cut is not None:
            return
        async with aclosing(self._turn.warm(self._conversation)) as steps:
            async for step in steps:
                yield step

    async def _recorded(
        self, turn: AsyncGenerator[TurnEvent, None], goes_on: CutReply | None = None
    ) -> AsyncGenerator[TurnEvent, None]:
        """Pass events on, each after it was written down."""
        recorder = self._recorder
        origin: ReplyOrigin | None = None
        label = ""
        has_text = is_over = False
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    match event:
                        case Routed() | Relabelled():
                            origin, label = event.origin, event.label
                            if isinstance(event, Routed) and goes_on is None:
                                recorder.question(event.question)
                        case Delta(piece):
                            if not has_text and origin is not None:
                                recorder.reply(origin.side, label)
                                piece = (goes_on.text if goes_on is not None else "") + piece
                                self._cut = None
                            has_text = True
                            await recorder.piece(piece)
                        case Finished():
                            is_over = True
                            self._cut = event.cut
                            if has_text and origin is not None:
                                recorder.finished(receipt_of(origin, event, self._cost))
                    yield event
        finally:
            if has_text and not is_over and origin is not None:
                recorder.finished(stopped_receipt(origin, label))
            elif not has_text and goes_on is None:
                recorder.unanswered()
