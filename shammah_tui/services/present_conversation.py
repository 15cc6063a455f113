"""The conversation that is open: which one it is, where it is kept, and its branches."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from shammah_tui.core.conversation import Conversation, Role
from shammah_tui.core.records import (
    OpenedConversation,
    Receipt,
    StoredMessage,
    TitleSource,
    to_conversation,
)
from shammah_tui.ports import ConversationStore
from shammah_tui.services.recorder import Recorder
from shammah_tui.services.turn_events import CutReply


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


class PresentConversation:
    """Opens conversations one after the other, and changes their trees.

    Args:
        store: Where conversations are kept.
        make_private: Makes a store that keeps nothing, for a private conversation; None makes
            none.
    """

    def __init__(
        self,
        store: ConversationStore,
        make_private: Callable[[], ConversationStore] | None = None,
    ) -> None:
        self._kept = self._store = store
        self._make_private = make_private
        self._closing: set[asyncio.Task[None]] = set()
        self._conversation: Conversation = ()
        self._cut: CutReply | None = None
        self._recorder = Recorder(store)
        self._deleted: list[DeletedTurn] = []
        self._title_source = TitleSource.WORDS

    @property
    def store(self) -> ConversationStore:
        """Where conversations are kept, those that are private excepted."""
        return self._kept

    @property
    def present_store(self) -> ConversationStore:
        """Where the present conversation is: ``store``, or memory where it is private."""
        return self._store

    @property
    def is_private(self) -> bool:
        """Whether nothing of the present conversation is kept, and only the local side asked."""
        return self._store is not self._kept

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
        """Leave the present conversation for an empty one; a private one is forgotten."""
        self._leave_private()
        self._begin(Recorder(self._store))

    def begin_private(self) -> bool:
        """Begin a conversation of which nothing is kept, and that only the local side answers.

        Where it is left, by ``begin_new`` or ``open``, it is forgotten. What stood unsent in the
        present one is not kept any more either. Returns False where there is no such thing.
        """
        if self._make_private is None:
            return False
        self._store.save_draft(self.conversation_id, "")
        self._leave_private()
        self._store = self._make_private()
        self._begin(Recorder(self._store))
        return True

    async def open(self, conversation_id: int, at: int | None = None) -> OpenedConversation | None:
        """Go on with a conversation that was kept; None when it is not there any more.

        Args:
            conversation_id: Which one.
            at: A message of it that shall be shown, on whichever branch it is: then it is the
                ``place_id`` of what is returned. None is where it was left.

        Raises:
            StoreError: The disk cannot be read; the present conversation stays.
        """
        store = self._store
        opened = await store.open(conversation_id)
        if opened is None and self.is_private:
            store = self._kept
            opened = await store.open(conversation_id)
        if opened is None:
            return None
        if at is not None:
            if not _is_on(opened, at):
                store.show_branch(conversation_id, at)
                opened = await store.open(conversation_id) or opened
            if _is_on(opened, at):
                opened = replace(opened, place_id=at)
        if store is self._kept:
            self._leave_private()
        leaf_id = opened.path[-1].id if opened.path else None
        self._begin(Recorder(store, conversation_id, leaf_id), to_conversation(opened.path))
        self._title_source = opened.summary.title_source
        return opened

    def save_place(self, message_id: int | None) -> None:
        """Keep which message is at the top of the screen, for ``open``; None is the end."""
        if self.conversation_id is not None:
            self._store.save_place(self.conversation_id, message_id)

    def save_draft(self, text: str) -> None:
        """Keep what stands in the composer; what stands in a private one is not kept."""
        self._store.save_draft(self.conversation_id, text)

    def _begin(self, recorder: Recorder, conversation: Conversation = ()) -> None:
        self._conversation, self._cut, self._recorder = conversation, None, recorder
        self._title_source = TitleSource.WORDS

    def _leave_private(self) -> None:
        if self.is_private:
            task = asyncio.get_running_loop().create_task(self._store.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            self._store = self._kept

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


def _is_on(opened: OpenedConversation, message_id: int) -> bool:
    return any(message.id == message_id for message in opened.path)
