"""Writes a turn into the store while it happens, with the receipts of its replies."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import DEFAULT, PINNED, SENT_ON, Receipt
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    StopReason,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
    Usage,
)
from shammah_tui.core.routing.context_window import estimate_text_tokens
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.ports import ConversationStore
from shammah_tui.services.conversation.open_path import OpenPath
from shammah_tui.services.turn.live_reply import CutReply, LiveReply
from shammah_tui.services.turn.turn_events import (
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    TurnEvent,
    Unanswered,
)

Cost = Callable[[str, Usage], int | None]
"""Returns the price of a reply by a model, in millionths of a dollar; None when not known."""


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
        self.last_s = time.monotonic()
        if self.first_s is None:
            self.first_s = self.last_s

    def stopped(self, came: str) -> Finished:
        """Return the end of a reply that was stopped, with an estimate of what ``came`` took."""
        counted = self.counted
        read, model = (None, "") if counted is None else (counted.prompt_tokens, counted.model)
        usage = Usage(read, estimate_text_tokens(came), is_estimated=True)
        return Finished(
            came,
            self.label,
            StopReason.STOPPED,
            usage.timed(self.asked_s, self.first_s, self.last_s),
            model,
            left_out=self.origin.left_out,
        )


class Recorder:
    """Writes down one turn, in the store and in the open path.

    It is told each event with ``note`` before that is shown: so what is shown survives the death
    of this process (about 50 µs a piece on SQLite). ``end_turn`` is called when the turn is over,
    or was stopped.

    Kept is a turn that somebody answered, be it by nothing, or of which something was shown, be it
    a thought. A question that nobody could answer goes back to whoever wrote it and is forgotten.
    Where nothing came yet and the turn is stopped, the question stays, as it does after a crash;
    ``OpenPath.take_back_question`` forgets it.
    """

    def __init__(
        self,
        store: ConversationStore,
        path: OpenPath,
        cost: Cost,
    ) -> None:
        self._store = store
        self._path = path
        self._cost = cost
        self._asked: _Asked | None = None
        self._reply: LiveReply | None = None
        self._goes_on: CutReply | None = None
        self._is_replying = self._is_taken_over = self._is_refused = False

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
            self._path.take_back_question()

    def _begin_turn(self, routed: Routed) -> None:
        """Write down the question, unless it is there already."""
        self._reply = reply = routed.reply
        if reply is not None and (reply.begun.text or reply.begun.thought):
            self._goes_on = reply.begun
        else:
            is_private = routed.origin is not None and routed.origin.is_private
            self._path.ask(routed.question, routed.pin, is_private=is_private)

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
        """Return the id of the reply, which begins here; a second one to a question is a branch."""
        if self._is_replying and self._path.reply is not None:
            return self._path.reply.id
        begun = self._goes_on
        reply_id = self._path.begin_reply(
            begun_receipt(asked.origin, asked.label),
            is_private=asked.origin.stays_here,
            is_rest=begun is not None,
        )
        self._is_replying, self._is_taken_over = True, False
        if begun is not None:
            if begun.thought and begun.side is asked.origin.side:
                self._store.append_thought(reply_id, begun.thought)
            if begun.text:
                self._store.append(reply_id, begun.text)
        return reply_id

    def _end(self, asked: _Asked, finished: Finished) -> None:
        if self._is_replying and self._reply is not None:
            # A thought that nothing followed is no version of a reply.
            keeps_cut = self._goes_on is None or bool(self._goes_on.text)
            so_far, receipt = self._reply.cut(), receipt_of(asked.origin, finished, self._cost)
            self._path.end_reply(so_far.text, so_far.thought, receipt, keeps_cut=keeps_cut)
        self._is_replying, self._asked = False, None

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
        """Forget the reply that has begun: there is nothing but thoughts, which led to nothing."""
        if self._is_replying:
            self._path.take_back_reply()
        self._is_replying = False


def begun_receipt(origin: ReplyOrigin, label: str) -> Receipt:
    """Return what is known of a reply when it begins."""
    begun = Finished("", label, None, Usage(), "", left_out=origin.left_out)
    return receipt_of(origin, begun, lambda _model, _usage: None)


def receipt_of(origin: ReplyOrigin, finished: Finished, cost: Cost) -> Receipt:
    """Return the receipt of a reply that is over."""
    is_claude = origin.side is Side.CLAUDE
    model = finished.model or origin.model
    return Receipt(
        side=origin.side,
        label=finished.label,
        reason=reason_of(origin),
        model=model,
        # The API answers with the name of the snapshot, which is the revision.
        revision=finished.model if is_claude else origin.revision,
        stop_reason=finished.stop_reason,
        interrupted=finished.interrupted,
        usage=finished.usage,
        cost_microusd=cost(model, finished.usage) if is_claude else None,
        kept_here=origin.kept_here,
        left_out=finished.left_out,
    )


def reason_of(origin: ReplyOrigin) -> str:
    """Return why this side replied, as the short word that searches know."""
    if origin.other_problem is not None:
        return origin.other_problem.value
    match origin.decision:
        case Forward(ForwardReason.UserPinned) | Local(pinned=True):
            return PINNED
        case Forward(ForwardReason.Crisis):
            return SENT_ON
        case Forward(reason):
            return reason.value
        case Local():
            return DEFAULT
