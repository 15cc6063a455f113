"""One question from the command line: asked, and kept while the reply comes."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from shammah_tui.core.conversation import Conversation
from shammah_tui.core.labels import ReplyOrigin
from shammah_tui.core.pins import Side
from shammah_tui.core.prices import PriceList
from shammah_tui.core.receipts import receipt_of
from shammah_tui.core.records import Receipt
from shammah_tui.core.reply import StopReason
from shammah_tui.services.chat_turn import ChatTurn
from shammah_tui.services.recorder import Recorder
from shammah_tui.services.turn_events import (
    Delta,
    Finished,
    Relabelled,
    Routed,
    TurnEvent,
    Unanswered,
)


class AskedTurn:
    """Has one question answered and writes both down.

    Args:
        turn: Who has it answered.
        recorder: Who writes it down.
        prices: What Claude's models cost.
        revision: Returns which revision or quantization the local model is.

    Attributes:
        receipt: The reply's, once it is over or was stopped; None before, and without a reply.
    """

    def __init__(
        self,
        turn: ChatTurn,
        recorder: Recorder,
        prices: PriceList,
        revision: Callable[[], str],
    ) -> None:
        self._turn = turn
        self._recorder = recorder
        self._prices = prices
        self._revision = revision
        self._origin: ReplyOrigin | None = None
        self._label = ""
        self._has_text = False
        self.receipt: Receipt | None = None

    async def run(self, conversation: Conversation, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens, as ``ChatTurn.run``; what is streamed is kept already.

        Closing the iterator stops the reply: what came is kept as stopped. A question to which
        nothing came is not kept.
        """
        is_over = False
        try:
            async with aclosing(self._turn.run(conversation, text)) as events:
                async for event in events:
                    is_over = isinstance(event, Finished | Unanswered)
                    await self._keep(event)
                    yield event
        finally:
            if not is_over:
                self._stop()

    async def _keep(self, event: TurnEvent) -> None:
        match event:
            case Routed():
                self._recorder.question(event.question)
                self._begin(event)
            case Relabelled():
                self._begin(event)
            case Delta(piece):
                self._has_text = True
                await self._recorder.piece(piece)
            case Finished():
                assert self._origin is not None
                self.receipt = receipt_of(
                    self._origin,
                    event.label,
                    self._prices,
                    model=event.model,
                    revision=self._revision_of(self._origin),
                    usage=event.usage,
                    stop_reason=event.stop_reason,
                    interrupted=event.interrupted,
                )
                self._recorder.finished(self.receipt)
            case Unanswered():
                self._recorder.unanswered()

    def _begin(self, event: Routed | Relabelled) -> None:
        assert event.origin is not None
        self._origin, self._label = event.origin, event.label
        self._recorder.reply(event.origin.side, event.label)

    def _stop(self) -> None:
        if self._origin is None or not self._has_text:
            self._recorder.unanswered()
            return
        self.receipt = receipt_of(
            self._origin,
            self._label,
            self._prices,
            revision=self._revision_of(self._origin),
            stop_reason=StopReason.STOPPED,
        )
        self._recorder.finished(self.receipt)

    def _revision_of(self, origin: ReplyOrigin) -> str:
        return self._revision() if origin.side is Side.LOCAL else ""
