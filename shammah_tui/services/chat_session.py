"""The conversation as a record: what is shown comes from here, and stays here."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from shammah_tui.core.conversation import Conversation, Message, Role
from shammah_tui.core.labels import ReplyOrigin
from shammah_tui.core.pins import Side
from shammah_tui.core.records import OpenedConversation, Receipt, StoredMessage, to_conversation
from shammah_tui.core.reply import Usage, Warming
from shammah_tui.ports import ConversationStore
from shammah_tui.services.chat_turn import ChatTurn
from shammah_tui.services.receipts import Cost, is_pinned_here, receipt_of, stopped_receipt
from shammah_tui.services.recorder import Recorder
from shammah_tui.services.turn_events import (
    CutReply,
    Delta,
    Finished,
    Relabelled,
    Routed,
    TurnEvent,
    Unanswered,
)

GONE = "This message is not kept any more: open the conversation again"


def no_cost(_model: str, _usage: Usage) -> int | None:
    """Prices are not known."""
    return None


@dataclass(frozen=True, slots=True)
class DeletedTurn:
    """A turn that can be brought back.

    Attributes:
        conversation_id: Where it was.
        question_id: Its question.
        message_ids: All that was deleted with it.
        leaf_id: The end of the path that was shown.
    """

    conversation_id: int
    question_id: int
    message_ids: frozenset[int]
    leaf_id: int


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
        self._deleted: list[DeletedTurn] = []

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
    def question_id(self) -> int | None:
        """The question asked last since the conversation was opened, while it is kept."""
        return self._recorder.question_id

    @property
    def reply_id(self) -> int | None:
        """The reply to it; None before its first piece."""
        return self._recorder.reply_id

    @property
    def receipt(self) -> Receipt | None:
        """The receipt of that reply; None before it is over."""
        return self._recorder.receipt

    @property
    def can_undo(self) -> bool:
        """Whether a turn of this conversation was deleted."""
        return any(each.conversation_id == self.conversation_id for each in self._deleted)

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

    async def again(
        self, question_id: int, side: Side | None = None
    ) -> AsyncGenerator[TurnEvent, None]:
        """Ask a question of this conversation once more; the reply is a branch beside the others.

        What followed the other replies stays on their branches. Where nobody replies, everything
        is as it was. As ``ask`` otherwise.

        Args:
            question_id: The question.
            side: Who is to reply, whatever the router thinks; None asks the router. A question
                that was first sent with ``@local`` stays on this machine unless Claude is named.
        """
        path = await self._path_to(question_id)
        conversation_id = self.conversation_id
        if not path or conversation_id is None:
            yield Unanswered(GONE, None)
            return
        if side is None and await self._is_private(question_id):
            side = Side.LOCAL
        text = path[-1].text if side is None else _pinned(side, path[-1].text)
        recorder = Recorder(self._store, conversation_id, question_id)
        recorder.again(question_id)
        async with aclosing(self._branch(recorder, path[:-1], text)) as events:
            async for event in events:
                yield event

    async def edit(self, question_id: int, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Ask ``text`` in place of a question; the old question and what followed stay a branch.

        Where nobody replies, everything is as it was. As ``ask`` otherwise.
        """
        path = await self._path_to(question_id)
        if not path:
            yield Unanswered(GONE, None)
            return
        parent_id = path[-2].id if len(path) > 1 else None
        recorder = Recorder(self._store, self.conversation_id, parent_id)
        async with aclosing(self._branch(recorder, path[:-1], text)) as events:
            async for event in events:
                yield event

    async def text_to_edit(self, question_id: int) -> str:
        """Return a question as it was sent: with ``@local`` if it had that pin.

        Empty when it is not there any more.
        """
        path = await self._path_to(question_id)
        if not path:
            return ""
        text = path[-1].text
        return _pinned(Side.LOCAL, text) if await self._is_private(question_id) else text

    async def branches(self) -> Mapping[int, tuple[int, ...]]:
        """Return ``OpenedConversation.siblings`` of what is shown now."""
        opened = await self._opened()
        return {} if opened is None else opened.siblings

    def show_branch(self, message_id: int) -> None:
        """Have ``open`` show the branch of a message of this conversation, to its newest end."""
        if self.conversation_id is not None:
            self._store.show_branch(self.conversation_id, message_id)

    def fork(self, message_id: int) -> int | None:
        """Copy the path to a message into a new conversation and return its id, to be opened."""
        conversation_id = self.conversation_id
        return None if conversation_id is None else self._store.fork(conversation_id, message_id)

    async def delete_turn(self, message_id: int) -> bool:
        """Delete the turn of a message: its question and all replies to it; what follows stays.

        ``open`` then shows what is left. Returns False when the message is not there any more.
        """
        opened = await self._opened()
        path = () if opened is None else opened.path
        at = next((n for n, message in enumerate(path) if message.id == message_id), None)
        if opened is None or at is None:
            return False
        if at > 0 and path[at].role is Role.ASSISTANT and path[at - 1].role is Role.USER:
            at -= 1
        gone, later = {path[at].id}, path[at + 1 :]
        if path[at].role is Role.USER and later and later[0].role is Role.ASSISTANT:
            gone.update(opened.siblings.get(later[0].id, (later[0].id,)))
            later = later[1:]
        others = set(opened.siblings.get(path[at].id, ())) - gone
        self._deleted.append(
            DeletedTurn(opened.summary.id, path[at].id, frozenset(gone), path[-1].id)
        )
        self._store.delete_messages(gone)
        if others and not later:
            # Nothing that is shown would lead to them.
            self._store.show_branch(opened.summary.id, max(others))
        return True

    def undo(self) -> int | None:
        """Bring back the turn of this conversation that was deleted last, to be opened.

        Returns its question; None when there is none.
        """
        for turn in reversed(self._deleted):
            if turn.conversation_id == self.conversation_id:
                self._deleted.remove(turn)
                self._store.restore_messages(turn.message_ids)
                self._store.show_branch(turn.conversation_id, turn.leaf_id)
                return turn.question_id
        return None

    async def _opened(self) -> OpenedConversation | None:
        conversation_id = self.conversation_id
        return None if conversation_id is None else await self._store.open(conversation_id)

    async def _path_to(self, message_id: int) -> tuple[StoredMessage, ...]:
        """Return what is shown up to a message; nothing when it is not there."""
        opened = await self._opened()
        path = () if opened is None else opened.path
        end = next((n for n, message in enumerate(path, 1) if message.id == message_id), 0)
        return path[:end]

    async def _is_private(self, question_id: int) -> bool:
        """Return whether a question was sent with ``@local``: the reply given first knows."""
        conversation_id = self.conversation_id
        if conversation_id is None:
            return False
        async with aclosing(self._store.records((conversation_id,))) as records:
            async for record in records:
                for message in sorted(record.messages, key=lambda message: message.id):
                    if message.parent_id == question_id and message.role is Role.ASSISTANT:
                        receipt = message.receipt
                        return receipt is not None and is_pinned_here(receipt)
        return False

    async def _branch(
        self, recorder: Recorder, path: Sequence[StoredMessage], text: str
    ) -> AsyncGenerator[TurnEvent, None]:
        """Ask ``text`` after ``path``; where nobody replies, go back to what was shown."""
        before = self._recorder, self._conversation, self._cut
        leaf_id = self._recorder.leaf_id
        self._recorder, self._conversation = recorder, to_conversation(path)
        try:
            async with aclosing(self.ask(text)) as events:
                async for event in events:
                    yield event
        finally:
            if recorder.reply_id is None:
                self._recorder, self._conversation, self._cut = before
                if leaf_id is not None:
                    self.show_branch(leaf_id)

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
        # Of a cut in the thoughts nothing was kept, the question neither.
        is_new = goes_on is None or not goes_on.text
        origin: ReplyOrigin | None = None
        label = ""
        has_text = is_over = False
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    match event:
                        case Routed() | Relabelled():
                            origin, label = event.origin, event.label
                            if isinstance(event, Routed) and is_new:
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
            elif not has_text and is_new:
                recorder.unanswered()


def _pinned(side: Side, text: str) -> str:
    return f"@{side.value.lower()} {text}"
