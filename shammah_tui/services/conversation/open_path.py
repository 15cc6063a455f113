"""The messages of the open conversation that are shown, the one being written included."""

from collections.abc import Sequence
from dataclasses import replace

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt, StoredMessage, cut_end
from shammah_tui.ports import ConversationStore
from shammah_tui.services.turn.live_reply import CutReply


class OpenPath:
    """One path through a conversation, from its first message to the newest one.

    What is asked and replied is stored first and then added here, as the store has it.

    Args:
        asks_again: Whether the next turn answers the last of ``messages`` once more.

    Attributes:
        messages: The path; of a reply that streams, the text is added when it is over.
        question: The question of the newest turn since the path was opened.
        reply: The newest reply to it; None before its first piece.
        end: The question and the reply at the end, where that was cut before the path was opened.
        cut: What it takes to go on with the newest reply, where its turn has left it cut.
    """

    def __init__(
        self,
        store: ConversationStore,
        conversation_id: int | None = None,
        messages: Sequence[StoredMessage] = (),
        *,
        asks_again: bool = False,
    ) -> None:
        self._store = store
        self.conversation_id = conversation_id
        self.messages = tuple(messages)
        self.question: StoredMessage | None = self.messages[-1] if asks_again else None
        self.reply: StoredMessage | None = None
        self.cut: CutReply | None = None
        self.end = cut_end(self.messages)
        self._cut: StoredMessage | None = None
        self._asks_again = asks_again
        self._has_begun = False

    @property
    def leaf_id(self) -> int | None:
        return self.messages[-1].id if self.messages else None

    @property
    def is_unanswered(self) -> bool:
        """Whether the question asked last is kept here, and nobody has said anything."""
        return self.question is not None and self.reply is None and not self._asks_again

    def ask(self, text: str, pin: Side | None, *, is_private: bool) -> None:
        """Add a question; one that is asked again is there already."""
        if self._asks_again:
            return
        if self.is_unanswered:
            # It was stopped and not taken back: it stays where it is, beside the new one.
            self.messages = self.messages[:-1]
        self._has_begun = self.conversation_id is None
        if self.conversation_id is None:
            self.conversation_id = self._store.new_id()
        self.question = self._store.add_question(
            self.conversation_id, self.leaf_id, text, pin, is_private=is_private
        )
        self.reply = None
        self.messages += (self.question,)

    def begin_reply(self, receipt: Receipt, *, is_private: bool, is_rest: bool = False) -> int:
        """Add a reply to the newest question and return its id; a second one is a branch.

        ``is_rest`` is whether it goes on with the last reply, and takes its place.
        """
        if is_rest and self.question is None:
            self.question, self.reply = self.messages[-2:]
        assert self.conversation_id is not None
        assert self.question is not None
        self._cut = self.reply if is_rest else None
        reply = self._store.begin_reply(
            self.conversation_id, self.question.id, receipt, is_private=is_private
        )
        self._end_with(reply)
        return reply.id

    def end_reply(self, text: str, thought: str, receipt: Receipt, *, keeps_cut: bool) -> None:
        """End the newest reply; ``text`` and ``thought`` are all of it, as its pieces were stored.

        ``keeps_cut`` is whether the reply that it goes on with stays one of its versions.
        """
        assert self.reply is not None
        self._store.finish_reply(self.reply.id, receipt)
        self._end_with(
            replace(self.reply, text=text, thought=thought, receipt=receipt, is_complete=True)
        )
        self._asks_again = False
        if self._cut is not None and not keeps_cut:
            self._store.discard(self._cut.id)
        self._cut = None

    def take_back_reply(self) -> None:
        """Remove the newest reply: nothing but thoughts came, and they led to nothing."""
        if self.reply is None:
            return
        self._store.discard(self.reply.id)
        before, self._cut = self._cut, None
        self._end_with(before)
        if before is not None and self.conversation_id is not None:
            self._store.show_branch(self.conversation_id, before.id)

    def take_back_question(self) -> None:
        """Remove a question that nobody answered: its writer has it back."""
        if not self.is_unanswered or self.question is None:
            return
        self._store.discard(self.question.id)
        self.question, self.messages = None, self.messages[:-1]
        if self._has_begun:
            # There is no conversation any more, in which a draft could be kept.
            self.conversation_id = None
            self._has_begun = False

    def _end_with(self, reply: StoredMessage | None) -> None:
        self.reply = reply
        is_asked = self.messages[-1].role is Role.USER
        before = self.messages if is_asked else self.messages[:-1]
        self.messages = before if reply is None else (*before, reply)
