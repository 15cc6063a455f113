"""Writes a turn into the store while it happens."""

import time
from dataclasses import dataclass, field

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt, StoredMessage
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    StopReason,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
    Usage,
)
from shammah_tui.core.routing.context_window import estimate_text_tokens
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.ports import ConversationStore
from shammah_tui.services.turn.live_reply import CutReply, LiveReply
from shammah_tui.services.turn.receipts import Cost, begun_receipt, receipt_of
from shammah_tui.services.turn.turn_events import (
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    TurnEvent,
    Unanswered,
)


@dataclass(slots=True)
class _Asked:
    """The side that is asked now, and when its pieces came: a stopped reply has no other pace."""

    origin: ReplyOrigin
    label: str
    counted: ReplyBegun | None = None
    asked_s: float = field(default_factory=time.monotonic)
    first_s: float | None = None
    last_s: float = 0.0

    def note_piece(self) -> None:
        """Take the time of a piece."""
        self.last_s = time.monotonic()
        if self.first_s is None:
            self.first_s = self.last_s

    def stopped(self, came: str) -> Finished:
        """Return the end of a reply that was stopped, with an estimate of what ``came`` took."""
        tokens, counted = estimate_text_tokens(came), self.counted
        first_token_s = tokens_per_s = None
        if self.first_s is not None:
            first_token_s = self.first_s - self.asked_s
            if tokens > 1 and self.last_s > self.first_s:
                tokens_per_s = (tokens - 1) / (self.last_s - self.first_s)
        return Finished(
            came,
            self.label,
            StopReason.STOPPED,
            Usage(
                None if counted is None else counted.prompt_tokens,
                tokens,
                tokens_per_s,
                first_token_s,
                is_estimated=True,
            ),
            "" if counted is None else counted.model,
            left_out=self.origin.left_out,
        )


class Recorder:
    """Keeps one conversation's newest branch in the store.

    It is told each event of a turn with ``note`` before that is shown: so what is shown survives
    the death of this process (about 50 µs a piece on SQLite). ``end_turn`` is called when the turn
    is over, or was stopped.

    Kept is a turn that somebody answered, be it by nothing, or of which something was shown, be it
    a thought. A question that nobody could answer goes back to whoever wrote it and is forgotten.
    Where nothing came yet and the turn is stopped, the question stays, as it does after a crash;
    ``take_back`` forgets it.

    Args:
        store: Where to.
        cost: Prices replies.
        conversation_id: The conversation to go on with; None begins one with its first question.
        leaf_id: The message that the next question follows.

    Attributes:
        question_id: The question asked last.
        reply_id: The reply begun last.
        receipt: The receipt of that reply, once it is over.
    """

    def __init__(
        self,
        store: ConversationStore,
        cost: Cost,
        conversation_id: int | None = None,
        leaf_id: int | None = None,
    ) -> None:
        self._store = store
        self._cost = cost
        self.conversation_id = conversation_id
        self.leaf_id = leaf_id
        self.question_id: int | None = None
        self.reply_id: int | None = None
        self.receipt: Receipt | None = None
        self._is_again = False
        self._has_begun = False
        # Of the turn under way:
        self._asked: _Asked | None = None
        self._reply: LiveReply | None = None
        self._goes_on: CutReply | None = None
        self._cut_id: int | None = None
        self._is_replying = self._is_taken_over = self._is_refused = False

    def resume(self, question_id: int, reply: StoredMessage) -> None:
        """Have the next turn be the rest of a reply that was kept."""
        self.question_id, self.reply_id, self.receipt = question_id, reply.id, reply.receipt

    def again(self, question_id: int) -> None:
        """Have the next turn ask the same question once more: its reply is a branch."""
        self.question_id, self.reply_id = question_id, None
        self._is_again = True

    async def note(self, event: TurnEvent) -> None:
        """Write down what happened; on return it is kept."""
        asked = self._asked
        match event:
            case Routed() | Relabelled():
                self._count_for_nothing()
                self._take_back_reply()
                self._expect(event.origin, event.label)
                if isinstance(event, Routed):
                    self._begin_turn(event)
            case TakenOver() if asked is not None:
                # What broke off is a version by itself, whatever Claude says.
                self._end(asked, event.broken)
                self._expect(event.origin, event.label)
                self._goes_on, self._is_taken_over = None, True
            case ReplyBegun() if asked is not None:
                asked.counted, asked.label = event, event.label or asked.label
            case TextDelta() | ThinkingDelta() | TextWasThought() if asked is not None:
                asked.note_piece()
                await self._keep(event, self._begin_reply(asked))
            case Finished() if asked is not None and not self._is_taken_over:
                if self._goes_on is None:
                    # An empty reply is one: it was asked for, and paid for.
                    self._begin_reply(asked)
                if self._is_replying:
                    self._end(asked, event)
                else:
                    self._count_for_nothing(event)
            case Unanswered():
                self._take_back_reply()
                self._is_refused = True
            case _:
                pass

    def end_turn(self) -> None:
        """Write down the end of a turn that was stopped; forget what only the turn needed."""
        if self._is_replying and self._asked is not None and self._reply is not None:
            self._end(self._asked, self._asked.stopped(self._reply.streamed))
        self._count_for_nothing()
        if self._is_refused and self._goes_on is None:
            self.take_back()
        self._asked = self._reply = self._goes_on = None
        self._is_taken_over = self._is_refused = False

    def _begin_turn(self, routed: Routed) -> None:
        """Write down the question, unless it is there already."""
        self._reply = reply = routed.reply
        if reply is not None and (reply.begun.text or reply.begun.thought):
            self._goes_on = reply.begun
            return
        self.receipt = None
        if self._is_again:
            return
        self._has_begun = self.conversation_id is None
        if self.conversation_id is None:
            self.conversation_id = self._store.new_id()
        self.question_id = self._store.add_question(
            self.conversation_id,
            self.leaf_id,
            routed.question,
            routed.pin,
            is_private=routed.origin is not None and routed.origin.is_private,
        )
        self.reply_id = None

    def _expect(self, origin: ReplyOrigin | None, label: str) -> None:
        self._asked = None if origin is None else _Asked(origin, label)

    async def _keep(self, piece: TextDelta | ThinkingDelta | TextWasThought, reply_id: int) -> None:
        match piece:
            case TextDelta(text):
                self._store.append(reply_id, text)
            case ThinkingDelta(text):
                self._store.append_thought(reply_id, text)
            case TextWasThought():
                self._store.text_was_thought(reply_id)
        await self._store.written()

    def _begin_reply(self, asked: _Asked) -> int:
        """Begin the reply unless it has begun; return its id. A second one makes a branch."""
        if self._is_replying and self.reply_id is not None:
            return self.reply_id
        assert self.conversation_id is not None
        assert self.question_id is not None
        begun = self._goes_on
        self._cut_id = None if begun is None else self.reply_id
        self.reply_id = self._store.begin_reply(
            self.conversation_id,
            self.question_id,
            begun_receipt(asked.origin, asked.label),
            is_private=asked.origin.stays_here,
        )
        self._is_replying, self._is_taken_over = True, False
        if begun is not None:
            if begun.thought and begun.side is asked.origin.side:
                self._store.append_thought(self.reply_id, begun.thought)
            if begun.text:
                self._store.append(self.reply_id, begun.text)
        return self.reply_id

    def _end(self, asked: _Asked, finished: Finished) -> None:
        """Write down that the reply is over."""
        if self.reply_id is not None:
            self.receipt = receipt_of(asked.origin, finished, self._cost)
            self._store.finish_reply(self.reply_id, self.receipt)
            self.leaf_id = self.reply_id
            self._is_again = False
            if self._cut_id is not None and self._goes_on is not None and not self._goes_on.text:
                # A thought that nothing followed is no version of a reply.
                self._store.discard(self._cut_id)
        self._is_replying, self._asked, self._cut_id = False, None, None

    def _count_for_nothing(self, finished: Finished | None = None) -> None:
        """Count what Claude has read where nothing came of it: it is paid for all the same."""
        asked, self._asked = self._asked, None
        if asked is None or asked.origin.side is not Side.CLAUDE:
            return
        if finished is None and asked.counted is not None:
            finished = asked.stopped("")
        if finished is not None:
            self._store.count(receipt_of(asked.origin, finished, self._cost))

    def _take_back_reply(self) -> None:
        """Forget a reply of which only thoughts came, since its side then failed."""
        if self._is_replying and self.reply_id is not None:
            self._store.discard(self.reply_id)
            self.reply_id, self._cut_id = self._cut_id, None
            if self.reply_id is not None and self.conversation_id is not None:
                self._store.show_branch(self.conversation_id, self.reply_id)
        self._is_replying = False

    @property
    def is_unanswered(self) -> bool:
        """Whether the question asked last is kept here, and nobody has said anything."""
        return self.question_id is not None and self.reply_id is None and not self._is_again

    def take_back(self) -> None:
        """Forget a question that nobody answered: its writer has it back."""
        if not self.is_unanswered or self.question_id is None:
            return
        self._store.discard(self.question_id)
        self.question_id = None
        if self._has_begun:
            # There is no conversation any more, in which a draft could be kept.
            self.conversation_id = self.leaf_id = None
            self._has_begun = False
