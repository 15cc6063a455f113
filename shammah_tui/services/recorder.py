"""Writes down a conversation while it happens."""

from shammah_tui.core.pins import Side
from shammah_tui.core.records import Receipt
from shammah_tui.ports import ConversationStore


class Recorder:
    """Keeps one conversation's newest branch in the store.

    Nothing is shown before ``piece`` has returned: then it survives the death of this process
    (about 50 µs a piece on SQLite).

    Args:
        store: Where to.
        conversation_id: The conversation to go on with; None begins one with its first question.
        leaf_id: The message that the next question follows.
    """

    def __init__(
        self,
        store: ConversationStore,
        conversation_id: int | None = None,
        leaf_id: int | None = None,
    ) -> None:
        self._store = store
        self.conversation_id = conversation_id
        self.leaf_id = leaf_id
        self._question_id: int | None = None
        self._reply_id: int | None = None
        self._receipt: Receipt | None = None
        self._is_again = False

    @property
    def question_id(self) -> int | None:
        """The question asked last."""
        return self._question_id

    @property
    def reply_id(self) -> int | None:
        """The reply begun last."""
        return self._reply_id

    @property
    def receipt(self) -> Receipt | None:
        """That of the reply begun last, once it is over."""
        return self._receipt

    def question(self, text: str) -> None:
        """A question is sent; one that is asked again is there already."""
        self._receipt = None
        if self._is_again:
            return
        if self.conversation_id is None:
            self.conversation_id = self._store.new_id()
        self._question_id = self._store.add_question(self.conversation_id, self.leaf_id, text)
        self._reply_id = None

    def again(self, question_id: int) -> None:
        """The same question is asked once more: its next reply is a branch."""
        self._question_id, self._reply_id = question_id, None
        self._is_again = True

    def reply(self, side: Side, label: str) -> None:
        """A side begins to reply; a second reply to the same question is a branch."""
        assert self.conversation_id is not None
        assert self._question_id is not None
        self._reply_id = self._store.begin_reply(
            self.conversation_id, self._question_id, side, label
        )

    async def piece(self, text: str) -> None:
        """The next piece came; on return it is kept."""
        assert self._reply_id is not None
        self._store.append(self._reply_id, text)
        await self._store.written()

    def finished(self, receipt: Receipt) -> None:
        """The reply is over, by itself or by the user's wish."""
        if self._reply_id is not None:
            self._store.finish_reply(self._reply_id, receipt)
            self.leaf_id = self._reply_id
            self._receipt = receipt
            self._is_again = False

    def unanswered(self) -> None:
        """Nobody said anything: the question goes back to the composer and is forgotten here."""
        if self._question_id is not None and self._reply_id is None and not self._is_again:
            self._store.discard(self._question_id)
            self._question_id = None
