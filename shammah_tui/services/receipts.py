"""What is kept of how a reply came about."""

from collections.abc import Callable

from shammah_tui.core.labels import ReplyOrigin
from shammah_tui.core.pins import Side
from shammah_tui.core.records import Receipt
from shammah_tui.core.reply import StopReason, Usage
from shammah_tui.core.routing import Forward, ForwardReason, Local
from shammah_tui.services.turn_events import Finished

Cost = Callable[[str, Usage], int | None]
"""Returns the price of a reply by a model, in millionths of a dollar; None when not known."""

PINNED = "Pinned"
"""``Receipt.reason`` of a reply whose side the user chose."""


def receipt_of(origin: ReplyOrigin, finished: Finished, cost: Cost) -> Receipt:
    """Return the receipt of a reply that is over."""
    model = finished.model or origin.model
    is_claude = origin.side is Side.CLAUDE
    return Receipt(
        side=origin.side,
        label=finished.label,
        reason=reason_of(origin),
        model=model,
        usage=finished.usage,
        cost_microusd=cost(model, finished.usage) if is_claude else None,
        stop_reason=finished.stop_reason,
        interrupted=finished.interrupted,
    )


def stopped_receipt(origin: ReplyOrigin, label: str) -> Receipt:
    """Return the receipt of a reply that the user stopped."""
    return Receipt(
        side=origin.side,
        label=label,
        reason=reason_of(origin),
        model=origin.model,
        stop_reason=StopReason.STOPPED,
    )


def reason_of(origin: ReplyOrigin) -> str:
    """Return why this side replied, as the short word that searches know."""
    if origin.other_problem is not None:
        return origin.other_problem.value
    match origin.decision:
        case Forward(ForwardReason.UserPinned) | Local(pinned=True):
            return PINNED
        case Forward(reason):
            return reason.value
        case Local():
            return "Default"


def is_pinned_here(receipt: Receipt) -> bool:
    """Return whether the user had this machine reply, and nobody else."""
    # A reply whose program was killed keeps its label alone.
    told = receipt.reason == PINNED or receipt.label.startswith("Local · you asked")
    return receipt.side is Side.LOCAL and told
