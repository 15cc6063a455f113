"""A reply's receipt, from what really happened."""

from shammah_tui.core.labels import ReplyOrigin
from shammah_tui.core.pins import Side
from shammah_tui.core.prices import PriceList
from shammah_tui.core.records import Receipt
from shammah_tui.core.reply import StopReason, Usage
from shammah_tui.core.routing import Forward, ForwardReason

DEFAULT, PINNED = "Default", "Pinned"


def reason_of(origin: ReplyOrigin) -> str:
    """Return why this side replied, in one short word; see ``Receipt.reason``."""
    if origin.other_problem is not None:
        return origin.other_problem.value
    match origin.decision:
        case Forward(ForwardReason.UserPinned):
            return PINNED
        case Forward(reason):
            return reason.value
        case local:
            return PINNED if local.pinned else DEFAULT


def receipt_of(
    origin: ReplyOrigin,
    label: str,
    prices: PriceList,
    *,
    model: str = "",
    revision: str = "",
    usage: Usage | None = None,
    stop_reason: StopReason | None = None,
    interrupted: str = "",
) -> Receipt:
    """Return the receipt of a reply that is over.

    Args:
        origin: Where it came from.
        label: The line shown by it.
        prices: What Claude's models cost; what this machine says costs nothing that is known.
        model: Which model, as the backend reports it.
        revision: Which revision or quantization of it.
        usage: Tokens and pace, where the backend told them.
        stop_reason: Why it ended; None when it broke off.
        interrupted: What broke it off, as a sentence.
    """
    usage = usage or Usage()
    cost = prices.cost_microusd(model, usage) if origin.side is Side.CLAUDE else None
    return Receipt(
        origin.side,
        label,
        reason_of(origin),
        model,
        revision,
        usage,
        cost,
        stop_reason,
        interrupted,
    )
