"""The conversation that is open: which one it is, where it is kept, and its branches."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from shammah_tui.core.conversation.conversation import Conversation, Role
from shammah_tui.core.conversation.records import (
    ConversationSummary,
    HiddenTurns,
    OpenedConversation,
    Receipt,
    StoredMessage,
    TitleSource,
    to_conversation,
)
from shammah_tui.ports import ConversationStore
from shammah_tui.services.conversation.open_path import OpenPath


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back: a turn, or a whole conversation, without ``question_id``.

    ``text`` is what the question says, or the conversation's title.
    """

    conversation_id: int
    question_id: int | None
    text: str


class OpenConversation:
    """The conversation that is open and where it is stored; another can be opened in its place."""

    def __init__(
        self,
        store: ConversationStore,
        make_private: Callable[[], ConversationStore] | None = None,
    ) -> None:
        self._kept = self.store = store
        self._make_private = make_private
        self._closing: set[asyncio.Task[None]] = set()
        self.path = OpenPath(store)
        self.siblings: Mapping[int, tuple[int, ...]] = {}
        self.hidden: HiddenTurns | None = None
        self._told: tuple[tuple[StoredMessage, ...], Conversation] | None = None
        # The conversations that were deleted since the start, each with its time.
        self._deleted: dict[int, int] = {}
        self._has_deleted = False
        self.title_source = TitleSource.WORDS

    @property
    def is_private(self) -> bool:
        """Whether nothing of the present conversation is kept, and only the local side asked."""
        return self.store is not self._kept

    @property
    def id(self) -> int | None:
        return self.path.conversation_id

    @property
    def question_id(self) -> int | None:
        """The question asked last since the conversation was opened, while it is kept."""
        return None if self.path.question is None else self.path.question.id

    @property
    def reply_id(self) -> int | None:
        return None if self.path.reply is None else self.path.reply.id

    @property
    def receipt(self) -> Receipt | None:
        reply = self.path.reply
        return None if reply is None or not reply.is_complete else reply.receipt

    @property
    def can_undo(self) -> bool:
        """Whether a turn of this conversation, or since the start a conversation, was deleted."""
        return self._has_deleted or bool(self._deleted)

    @property
    def has_deleted_conversations(self) -> bool:
        """Whether one was deleted since the start, and not restored."""
        return bool(self._deleted)

    @property
    def can_go_on(self) -> bool:
        """Whether the last reply did not come to its end: cut by a limit, stopped or broken off."""
        return self.path.cut is not None or self.path.end is not None

    @property
    def unanswered_id(self) -> int | None:
        """The question at the end, where nobody has answered it."""
        end = self.path.messages[-1:]
        return end[0].id if end and end[0].role is Role.USER else None

    @property
    def history(self) -> Conversation:
        """Questions and replies so far as backends are told them, without the system prompt."""
        messages = self.path.messages
        if self._told is None or self._told[0] is not messages:
            self._told = messages, to_conversation(messages)
        return self._told[1]

    def begin_new(self) -> None:
        """Leave the present conversation for an empty one; a private one is forgotten."""
        self._leave_private()
        self._begin(OpenPath(self.store))

    def begin_private(self) -> bool:
        """Begin a conversation of which nothing is kept, and that only the local side answers.

        Where it is left, by ``begin_new`` or ``open``, it is forgotten. What stood unsent in the
        present one is not kept any more either. Returns False where there is no such thing.
        """
        if self._make_private is None:
            return False
        self.store.save_draft(self.id, "")
        self._leave_private()
        self.store = self._make_private()
        self._begin(OpenPath(self.store))
        return True

    async def open(self, conversation_id: int, at: int | None = None) -> OpenedConversation | None:
        """Go on with a conversation that was kept; None when it is not there any more.

        ``at`` is a message of it that shall be shown, on whichever branch it is: then it is the
        ``place_id`` of what is returned. None is where it was left.

        Raises:
            StoreError: The disk cannot be read; the present conversation stays.
        """
        store = self.store
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
        self._begin(OpenPath(store, conversation_id, opened.path))
        self.siblings, self.hidden = opened.siblings, opened.hidden
        self.title_source = opened.summary.title_source
        self._has_deleted = opened.can_undo
        return opened

    def save_place(self, message_id: int | None) -> None:
        if self.id is not None:
            self.store.save_place(self.id, message_id)

    def save_draft(self, text: str) -> None:
        self.store.save_draft(self.id, text)

    def _begin(self, path: OpenPath) -> None:
        self.path, self.siblings, self.hidden = path, {}, None
        self.title_source = TitleSource.WORDS
        self._has_deleted = False

    def begin_branch(
        self, messages: Sequence[StoredMessage], *, asks_again: bool
    ) -> Callable[[], None]:
        """Have the next turn follow ``messages``; what is returned shows what was there before."""
        before = self.path

        def undo() -> None:
            self.path = before
            if before.leaf_id is not None:
                self.show_branch(before.leaf_id)

        self.path = OpenPath(self.store, self.id, messages, asks_again=asks_again)
        return undo

    def _leave_private(self) -> None:
        if self.is_private:
            task = asyncio.get_running_loop().create_task(self.store.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            self.store = self._kept

    async def read_branches(self) -> None:
        """Find out which messages have versions now, and which turns follow another version."""
        opened = await self._opened()
        if opened is not None:
            self.siblings, self.hidden = opened.siblings, opened.hidden

    def show_branch(self, message_id: int) -> None:
        if self.id is not None:
            self.store.show_branch(self.id, message_id)

    async def text_to_edit(self, question_id: int) -> str:
        """Return a question as it was written, with its pin; empty when it is not there."""
        path = await self.path_to(question_id)
        return path[-1].written if path else ""

    async def fork(self, message_id: int) -> int | None:
        """Copy the path to a reply, or to what comes before a question, into a new conversation.

        Returns its id, to be opened; None where nothing comes before the question, and where the
        message is not there any more.
        """
        path = await self.path_to(message_id)
        if path and path[-1].role is Role.USER:
            path = path[:-1]
        conversation_id = self.id
        if conversation_id is None or not path:
            return None
        return self.store.fork(conversation_id, path[-1].id)

    async def delete_turn(self, message_id: int) -> StoredMessage | None:
        """Delete the turn of a message: its question and all replies to it; what follows stays.

        ``open`` then shows what is left. Returns the question, or the message where there is none;
        None when the message is not there any more.
        """
        opened = await self._opened()
        path = () if opened is None else opened.path
        at = next((n for n, message in enumerate(path) if message.id == message_id), None)
        if opened is None or at is None:
            return None
        if at > 0 and path[at].role is Role.ASSISTANT and path[at - 1].role is Role.USER:
            at -= 1
        gone, later = {path[at].id}, path[at + 1 :]
        if path[at].role is Role.USER and later and later[0].role is Role.ASSISTANT:
            gone.update(opened.siblings.get(later[0].id, (later[0].id,)))
            later = later[1:]
        others = set(opened.siblings.get(path[at].id, ())) - gone
        self.store.delete_messages(gone)
        if others and not later:
            # Nothing that is shown would lead to them.
            self.store.show_branch(opened.summary.id, max(others))
        self._has_deleted = True
        return path[at]

    async def undo(self) -> Restored | None:
        """Bring back what was deleted last: a turn of this conversation, or another conversation.

        A turn is known also after a restart; of the conversations those deleted since the start.
        None when there is nothing.
        """
        turn = None
        if self.id is not None and self._has_deleted:
            turn = await self.store.last_deleted(self.id)
        if self._deleted and (turn is None or turn.deleted_ms < max(self._deleted.values())):
            return await self.restore_conversation()
        if turn is None or self.id is None:
            return None
        self.store.restore_messages(turn.message_ids)
        self.store.show_branch(self.id, turn.question_id)
        return Restored(self.id, turn.question_id, turn.text)

    async def delete_conversation(self, conversation_id: int) -> ConversationSummary | None:
        """Put a conversation into the bin; return what the list showed of it.

        The present one is left first, for an empty one. None when it is not there any more.
        """
        if conversation_id == self.id and not self.is_private:
            self.begin_new()
        summary = await self._kept.summary(conversation_id)
        if summary is None:
            return None
        self._kept.delete_conversation(conversation_id)
        for each in await self._kept.deleted_conversations():
            if each.id == conversation_id:
                self._deleted[conversation_id] = each.deleted_ms or 0
        return summary

    async def restore_conversation(self, conversation_id: int | None = None) -> Restored | None:
        """Take a conversation out of the bin, by itself the one deleted last; None without one."""
        in_bin = await self._kept.deleted_conversations()
        found = next((each for each in in_bin if conversation_id in (None, each.id)), None)
        if found is None:
            return None
        self._kept.restore_conversation(found.id)
        self._deleted.pop(found.id, None)
        return Restored(found.id, None, found.title)

    async def _opened(self) -> OpenedConversation | None:
        conversation_id = self.id
        return None if conversation_id is None else await self.store.open(conversation_id)

    async def path_to(self, message_id: int) -> tuple[StoredMessage, ...]:
        """Return what is shown up to a message; nothing when it is not there."""
        opened = await self._opened()
        path = () if opened is None else opened.path
        end = next((n for n, message in enumerate(path, 1) if message.id == message_id), 0)
        return path[:end]


def _is_on(opened: OpenedConversation, message_id: int) -> bool:
    return any(message.id == message_id for message in opened.path)
