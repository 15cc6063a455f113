"""A reply's receipt: what is known of it when it begins, and when it is over."""

from collections.abc import Callable

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import PINNED, SENT_ON, Receipt
from shammah_tui.core.conversation.reply import Usage
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.services.turn.turn_events import Finished

Cost = Callable[[str, Usage], int | None]
"""Returns the price of a reply by a model, in millionths of a dollar; None when not known."""


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
            return "Default"
