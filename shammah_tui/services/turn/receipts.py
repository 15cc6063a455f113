"""How fast a reply comes, as far as can be seen from here."""

import time
from collections.abc import Callable
from dataclasses import replace

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import PINNED, SENT_ON, Receipt
from shammah_tui.core.conversation.reply import ReplyBegun, StopReason, Usage
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.services.turn.turn_events import Finished


class Stopwatch:
    """Takes the time of one reply, for one that is stopped: its side tells the pace at the end.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Somebody is being asked."""
        self._asked_s = self._clock()
        self._first_s: float | None = None
        self._last_s = self._asked_s

    def note(self) -> None:
        """A piece came."""
        self._last_s = self._clock()
        if self._first_s is None:
            self._first_s = self._last_s

    def first_token_s(self) -> float | None:
        """Return the seconds from asking to the first piece; None without one."""
        return None if self._first_s is None else self._first_s - self._asked_s

    def tokens_per_s(self, tokens: int) -> float | None:
        """Return the pace of so many tokens; None with fewer than two, or all at once."""
        spent_s = 0.0 if self._first_s is None else self._last_s - self._first_s
        return (tokens - 1) / spent_s if tokens > 1 and spent_s > 0 else None


Cost = Callable[[str, Usage], int | None]
"""Returns the price of a reply by a model, in millionths of a dollar; None when not known."""


def begun_receipt(origin: ReplyOrigin, label: str) -> Receipt:
    """Return what is known of a reply when it begins."""
    return _receipt(origin, label, "", Usage(), lambda _model, _usage: None)


def receipt_of(origin: ReplyOrigin, finished: Finished, cost: Cost) -> Receipt:
    """Return the receipt of a reply that is over."""
    return replace(
        _receipt(origin, finished.label, finished.model, finished.usage, cost),
        stop_reason=finished.stop_reason,
        interrupted=finished.interrupted,
        left_out=finished.left_out,
    )


def stopped_receipt(
    origin: ReplyOrigin,
    label: str,
    counted: ReplyBegun | None,
    reply_tokens: int,
    cost: Cost,
    watch: Stopwatch | None = None,
) -> Receipt:
    """Return the receipt of a reply that the user stopped.

    Args:
        origin: Where it came from.
        label: The line shown by it.
        counted: What its side counted of the conversation; None where it did not.
        reply_tokens: About how many tokens came.
        cost: Prices it.
        watch: What took its time.
    """
    usage = Usage(
        None if counted is None else counted.prompt_tokens,
        reply_tokens,
        None if watch is None else watch.tokens_per_s(reply_tokens),
        None if watch is None else watch.first_token_s(),
        is_estimated=True,
    )
    model = "" if counted is None else counted.model
    return replace(
        _receipt(origin, label, model, usage, cost),
        stop_reason=StopReason.STOPPED,
    )


def _receipt(origin: ReplyOrigin, label: str, reported: str, usage: Usage, cost: Cost) -> Receipt:
    model = reported or origin.model
    is_claude = origin.side is Side.CLAUDE
    return Receipt(
        side=origin.side,
        label=label,
        reason=reason_of(origin),
        model=model,
        # The API answers with the name of the snapshot, which is the revision.
        revision=reported if is_claude else origin.revision,
        usage=usage,
        cost_microusd=cost(model, usage) if is_claude else None,
        kept_here=origin.kept_here,
        left_out=origin.left_out,
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
            return "Default"
