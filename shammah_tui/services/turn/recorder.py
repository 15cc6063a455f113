"""Writes down a conversation while it happens."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt, StoredMessage
from shammah_tui.core.conversation.reply import ReplyBegun, TextDelta, TextWasThought, ThinkingDelta
from shammah_tui.core.routing.context_window import estimate_text_tokens
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.ports import ConversationStore
from shammah_tui.services.turn.receipts import (
    Cost,
    Stopwatch,
    begun_receipt,
    receipt_of,
    stopped_receipt,
)
from shammah_tui.services.turn.turn_events import (
    CutReply,
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    TurnEvent,
    Unanswered,
)


class Recorder:
    """Keeps one conversation's newest branch in the store.

    Nothing is shown before ``follow`` passes it on: then it survives the death of this process
    (about 50 µs a piece on SQLite).

    Args:
        store: Where to.
        conversation_id: The conversation to go on with; None begins one with its first question.
        leaf_id: The message that the next question follows.
        clock: Seconds, for the pace of what is stopped.
    """

    def __init__(
        self,
        store: ConversationStore,
        conversation_id: int | None = None,
        leaf_id: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._store = store
        self.conversation_id = conversation_id
        self.leaf_id = leaf_id
        self._question_id: int | None = None
        self._reply_id: int | None = None
        self._cut_id: int | None = None
        self._keeps_cut = True
        self._receipt: Receipt | None = None
        self._is_again = False
        self._has_begun = False

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

    def resume(self, question_id: int, reply: StoredMessage) -> None:
        """The next that is followed is the rest of a reply that was kept."""
        self._question_id, self._reply_id, self._receipt = question_id, reply.id, reply.receipt

    def again(self, question_id: int) -> None:
        """The same question is asked once more: its next reply is a branch."""
        self._question_id, self._reply_id = question_id, None
        self._is_again = True

    async def follow(
        self, turn: AsyncGenerator[TurnEvent, None], cost: Cost, goes_on: CutReply | None = None
    ) -> AsyncGenerator[TurnEvent, None]:
        """Pass events on, each after it was written down.

        Kept is a turn that somebody answered, be it by nothing, or of which something was shown,
        be it a thought. A question that nobody could answer goes back to whoever wrote it and is
        forgotten. Where nothing came yet and the turn is closed, the question stays, as it does
        after a crash; ``take_back`` forgets it.

        Args:
            turn: What happens.
            cost: Prices replies.
            goes_on: The reply that it is the rest of; the two are kept as one.
        """
        had_text = goes_on is not None and bool(goes_on.text)
        is_new = goes_on is None or not (had_text or goes_on.thought)
        origin: ReplyOrigin | None = None
        counted: ReplyBegun | None = None
        label, said, thought = "", "", ""
        has_reply = is_over = is_broken = is_unanswered = False
        watch = Stopwatch(self._clock)
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    match event:
                        case Routed() | Relabelled():
                            # What the other side read and thought led to nothing.
                            self._count(origin, counted, thought, cost)
                            if has_reply:
                                self._take_back()
                                has_reply, thought = False, ""
                            origin, label, counted = event.origin, event.label, None
                            watch.begin()
                            if isinstance(event, Routed) and is_new:
                                self._ask(event)
                        case TakenOver() if origin is not None:
                            # What broke off is a version by itself, whatever Claude says.
                            self._end(receipt_of(origin, event.broken, cost))
                            origin, label, counted = event.origin, event.label, None
                            watch.begin()
                            has_reply, is_broken, said, thought = False, True, "", ""
                            goes_on = None
                        case ReplyBegun():
                            counted, label = event, event.label or label
                        case ThinkingDelta(piece) | TextDelta(piece) if origin is not None:
                            watch.note()
                            if not has_reply:
                                has_reply, is_broken = True, False
                                self._begin(origin, label, goes_on)
                            if isinstance(event, ThinkingDelta):
                                thought += piece
                                await self._keep_thought(piece)
                            else:
                                said += piece
                                await self._keep(piece)
                        case TextWasThought():
                            thought, said = thought + said, ""
                            self._text_was_thought()
                        case Finished() if has_reply and origin is not None:
                            is_over = True
                            self._end(receipt_of(origin, event, cost))
                        case Unanswered():
                            is_unanswered = True
                            if has_reply:
                                self._take_back()
                                has_reply = False
                        case Finished() if is_broken:
                            pass
                        case Finished() if origin is not None and is_new:
                            # An empty reply is one: it was asked for, and paid for.
                            has_reply = is_over = True
                            self._begin(origin, label, goes_on)
                            self._end(receipt_of(origin, event, cost))
                        case Finished():
                            if origin is not None and origin.side is Side.CLAUDE:
                                self._store.count(receipt_of(origin, event, cost))
                            counted = None
                    yield event
        finally:
            if has_reply and not is_over and origin is not None:
                tokens = estimate_text_tokens(thought + said)
                self._end(stopped_receipt(origin, label, counted, tokens, cost, watch))
            elif not has_reply:
                self._count(origin, counted, thought, cost)
                if is_new and is_unanswered:
                    self.take_back()

    def _ask(self, asked: Routed) -> None:
        """A question is sent; one that is asked again is there already."""
        self._receipt = None
        if self._is_again:
            return
        self._has_begun = self.conversation_id is None
        if self.conversation_id is None:
            self.conversation_id = self._store.new_id()
        self._question_id = self._store.add_question(
            self.conversation_id,
            self.leaf_id,
            asked.question,
            asked.pin,
            is_private=asked.origin is not None and asked.origin.is_private,
        )
        self._reply_id = None

    def _begin(self, origin: ReplyOrigin, label: str, goes_on: CutReply | None) -> None:
        """A side begins to reply; a second reply to the same question is a branch."""
        assert self.conversation_id is not None
        assert self._question_id is not None
        self._cut_id = None if goes_on is None else self._reply_id
        self._reply_id = self._store.begin_reply(
            self.conversation_id,
            self._question_id,
            begun_receipt(origin, label),
            is_private=origin.stays_here,
        )
        if goes_on is None:
            return
        # A thought that nothing followed is no version of a reply.
        self._keeps_cut = bool(goes_on.text)
        if goes_on.thought and goes_on.side is origin.side:
            self._store.append_thought(self._reply_id, goes_on.thought)
        if goes_on.text:
            self._store.append(self._reply_id, goes_on.text)

    def _count(
        self, origin: ReplyOrigin | None, counted: ReplyBegun | None, thought: str, cost: Cost
    ) -> None:
        """Count what Claude has read for nothing."""
        if origin is not None and counted is not None and origin.side is Side.CLAUDE:
            tokens = estimate_text_tokens(thought)
            self._store.count(stopped_receipt(origin, "", counted, tokens, cost))

    async def _keep(self, text: str) -> None:
        """The next piece came; on return it is kept."""
        assert self._reply_id is not None
        self._store.append(self._reply_id, text)
        await self._store.written()

    async def _keep_thought(self, text: str) -> None:
        assert self._reply_id is not None
        self._store.append_thought(self._reply_id, text)
        await self._store.written()

    def _text_was_thought(self) -> None:
        assert self._reply_id is not None
        self._store.text_was_thought(self._reply_id)

    def _end(self, receipt: Receipt) -> None:
        """The reply is over, by itself or by the user's wish."""
        if self._reply_id is not None:
            self._store.finish_reply(self._reply_id, receipt)
            self.leaf_id = self._reply_id
            self._receipt = receipt
            self._is_again = False
            if self._cut_id is not None and not self._keeps_cut:
                self._store.discard(self._cut_id)
            self._cut_id = None

    def _take_back(self) -> None:
        """Of the reply that had begun there is nothing but thoughts, and they led to nothing."""
        if self._reply_id is not None:
            self._store.discard(self._reply_id)
            self._reply_id, self._cut_id = self._cut_id, None
            if self._reply_id is not None and self.conversation_id is not None:
                self._store.show_branch(self.conversation_id, self._reply_id)

    @property
    def is_unanswered(self) -> bool:
        """Whether the question asked last is kept here, and nobody has said anything."""
        return self._question_id is not None and self._reply_id is None and not self._is_again

    def take_back(self) -> int | None:
        """Forget a question that nobody answered: whoever wrote it has it back.

        Returns its id, by which the store has forgotten it; None where there is none.
        """
        if not self.is_unanswered or self._question_id is None:
            return None
        taken, self._question_id = self._question_id, None
        self._store.discard(taken)
        if self._has_begun:
            # There is no conversation any more, in which a draft could be kept.
            self.conversation_id = self.leaf_id = None
            self._has_begun = False
        return taken
